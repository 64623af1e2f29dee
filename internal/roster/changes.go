package roster

import (
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/history"
)

// changes tells what a plan does to one person: the rows of the history, and the details of a report. source says where
// a line stands.
func (s *subject) changes(domain string, source func(line int) string) []history.Row {
	if s.isNew {
		return []history.Row{s.appointment(domain, source)}
	}
	var rows []history.Row
	add := func(row history.Row, line int) {
		row.Account, row.Actor, row.Source = s.account, actor, source(line)
		rows = append(rows, row)
	}
	if s.before != nil {
		add(history.Row{Kind: history.Identity, Before: identityText(*s.before), After: identityText(s.person), Reference: s.reference}, s.line)
	}
	if s.primary != "" {
		kind := history.AddressNew
		if s.takenBack {
			kind = history.AddressBack
		}
		add(history.Row{Kind: kind, Subject: s.primary + "@" + domain, Before: s.primaryBefore, Reference: s.reference}, s.line)
	}
	for _, h := range s.functions {
		row := history.Row{After: functionText(h.Function), Reference: h.Reference}
		switch {
		case h.isNew:
			row.Kind = history.FunctionStart
		case h.dirty && h.was.ended:
			row.Kind = history.FunctionAgain
		case h.dirty:
			row.Kind, row.Before = history.FunctionChange, functionText(h.was.Function)
		default:
			continue
		}
		add(row, h.line)
	}
	if s.adopted {
		add(history.Row{Kind: history.Confirmed, After: s.person.HRID, Reference: s.reference}, s.line)
	}
	if s.newNumen {
		add(history.Row{Kind: history.Numen}, s.line)
	}
	return rows
}

// appointment tells of a joiner.
func (s *subject) appointment(domain string, source func(line int) string) history.Row {
	parts := []string{identityText(s.person)}
	for _, h := range s.functions {
		parts = append(parts, functionText(h.Function))
	}
	return history.Row{Account: s.account, Kind: history.Appointed, Actor: actor, Source: source(s.line), Reference: s.reference,
		After: strings.Join(parts, " ; "), Subject: s.primary + "@" + domain + ", " + s.login + "@" + domain}
}

// identityText is a civil identity in words: « Mme Claire Anne PETIT, nom d'usage MARTIN, 06/05/1982 ».
func identityText(p directory.Person) string {
	words := slices.DeleteFunc([]string{p.Civility, p.Forenames, p.BirthName}, func(s string) bool { return s == "" })
	text := strings.Join(words, " ")
	if p.UsageName != "" {
		text += ", nom d'usage " + p.UsageName
	}
	if !p.Birth.IsZero() {
		text += ", " + p.Birth.French()
	}
	return text
}

// functionText is a function in words: « ENS à 0759001B, Professeur certifié (ENS2D), du 01/09/2020 au 31/08/2021 ».
func functionText(f directory.Function) string {
	text := f.Fonction
	if f.UAI != "" {
		text += " à " + f.UAI
	}
	text += fmt.Sprintf(", %s (%s)", f.Corps, f.Category)
	if f.Discipline != "" {
		text += ", " + f.Discipline
	}
	text += ", du " + f.Start.French()
	if !f.End.IsZero() {
		text += " au " + f.End.French()
	}
	return text
}

// Detail is one change of one person, for the report that a manager reads.
type Detail struct {
	Line   int // of the file; 0 for what the file does not name
	HRID   string
	Name   string
	Change history.Row // as the history has it, without account
}

// maxDetails bounds a report; its counts are always of all.
const maxDetails = 20_000

// tell keeps the details of a plan for the report, where one is asked for.
func (r *run) tell(p *plan) {
	if !r.opt.Details {
		return
	}
	for _, s := range p.subjects {
		for _, row := range s.changes(r.cfg.Domain, func(int) string { return "" }) {
			row.Account, row.Actor = 0, ""
			r.detail(Detail{Line: s.line, HRID: strings.Clone(s.person.HRID), Name: s.display, Change: row})
		}
	}
}

func (r *run) detail(d Detail) {
	if len(r.report.Details) < maxDetails {
		r.report.Details = append(r.report.Details, d)
	} else {
		r.report.Untold++
	}
}

// source names a line of the file that is imported, in the history.
func (r *run) source(line int) string {
	if r.by.Actor != "" {
		return ""
	}
	if line == 0 {
		return fmt.Sprintf("fichier RH n° %d", r.fileID)
	}
	return fmt.Sprintf("fichier RH n° %d, ligne %d", r.fileID, line)
}
