package enrolment

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
)

// A report is written for the manager who answers for the export: French, complete in itself, without a name or an
// address of a pupil or a guardian. As a page it opens in any browser, without network; as a table in any spreadsheet.

//go:embed report.html
var reportPage string

// Figure is one line of the summary.
type Figure struct {
	Name string
	Tally
	Means string
}

// Figures are what the report counts.
func (r Report) Figures() []Figure {
	return []Figure{
		{"Établissements", r.Structures, ""},
		{"Élèves", r.Pupils, "absents : l'export complet ne les nomme plus, ou un delta les retire"},
		{"Responsables", r.Guardians, fmt.Sprintf("%d sans adresse de courriel ; %d liens légaux, %d autres", r.NoMail, r.Legal, r.Contacts)},
		{"Classes", r.Classes, ""},
		{"Groupes", r.Groups, ""},
		{"Personnels", r.Staff, fmt.Sprintf("%d rapprochés d'un agent, %d douteux, %d inconnus du fichier RH", r.Matched, r.Doubtful, r.Unknown)},
	}
}

// Title says what the report is of.
func (r Report) Title() string {
	switch {
	case r.Known:
		return "Export AAF déjà importé : rien n'est changé"
	case braked(r.Falls) != nil:
		return "Export AAF arrêté : rien n'est changé"
	case r.DryRun:
		return "Essai de l'export AAF : rien n'est changé"
	}
	return "Export AAF importé"
}

// Subtitle says of what the export tells.
func (r Report) Subtitle() string {
	kind, degree := "delta", "1er degré"
	if r.Complete {
		kind = "complet"
	}
	if r.Degree == 2 {
		degree = "2d degré"
	}
	return fmt.Sprintf("%s, export %s, %s, année %v (%v), %s", r.Name, kind, degree, r.Year, r.Year.State, r.Year.Standing())
}

// Reports are of the exports of one folder or archive, in the order in which they were imported.
type Reports []Report

// WriteHTML writes the reports as a page. refusal is the text of the error that stopped the last one, or "".
func (all Reports) WriteHTML(w io.Writer, refusal string) error {
	page, err := template.New("report").Parse(reportPage)
	if err != nil {
		return fmt.Errorf("read the page of reports: %w", err)
	}
	title := "Export AAF refusé"
	if refusal == "" && len(all) > 0 {
		title = all[len(all)-1].Title()
	}
	return page.Execute(w, map[string]any{"Title": title, "Refusal": refusal, "Reports": all})
}

// WriteCSV writes the reports as a table for French spreadsheets: semicolons, a byte order mark, CRLF. A text that a
// spreadsheet would take for a formula begins with an apostrophe.
func (all Reports) WriteCSV(w io.Writer, refusal string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	put := func(cells ...string) {
		for i, cell := range cells {
			if strings.IndexAny(cell, "=+-@\t\r") == 0 {
				cells[i] = "'" + cell
			}
		}
		out.Write(cells) //nolint:errcheck // Error tells
	}
	put("rubrique", "fichier", "ligne", "clé", "texte")
	for _, r := range all {
		r.cells(put)
	}
	if refusal != "" {
		put("refus", "", "", "", refusal)
	}
	out.Flush()
	return out.Error()
}

// cells gives the lines of one report to put.
func (r Report) cells(put func(cells ...string)) {
	put("résultat", "", "", "", r.Title())
	put("export", "", "", "", r.Subtitle())
	for _, f := range r.Figures() {
		put("compte", "", "", f.Name, fmt.Sprintf("%d lus, %d nouveaux, %d modifiés, %d inchangés, %d absents", f.Named, f.New, f.Changed, f.Unchanged, f.Absent))
	}
	for _, f := range r.Falls {
		put("disparition", "", "", f.Name, f.String())
	}
	for _, s := range r.Schools {
		put("établissement", "", "", s.UAI, s.String())
	}
	for _, uai := range r.Untouched {
		put("établissement absent de l'export", "", "", uai, "inchangé")
	}
	for _, d := range r.Doubts {
		put("personnel douteux", "", "", d.Key, d.String())
	}
	for _, x := range r.Rejections {
		put("rejet", x.File, strconv.Itoa(x.Line), x.Category+" "+x.Key, x.Reason)
	}
	for _, x := range r.Warnings {
		put("avertissement", x.File, strconv.Itoa(x.Line), x.Category+" "+x.Key, x.Text+" ("+strconv.Itoa(x.Count)+" fiches)")
	}
}

// String says it in French.
func (s SchoolCount) String() string {
	return fmt.Sprintf("%d élèves, %d responsables légaux, %d classes, %d groupes, %d personnels", s.Pupils, s.Guardians, s.Classes, s.Groups, s.Staff)
}
