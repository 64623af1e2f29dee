package roster

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"navette/internal/history"
)

// A report is written for the manager who answers for the file: French, complete in itself, without a NUMEN. As a page
// it opens in any browser, without network; as a table in any spreadsheet.

//go:embed report.html
var reportPage string

// section is one table of the page.
type section struct {
	Title   string
	Details []Detail
}

// figure is one line of the summary.
type figure struct {
	Name  string
	Count int
	Means string
}

// figures are what the report counts.
func (r Report) figures() []figure {
	return []figure{
		{"Lignes du fichier", r.Lines, "sans l'en-tête ni la dernière ligne"},
		{"Arrivées", r.Joiners, "une personne, un compte et une adresse de plus"},
		{"Personnes modifiées", r.Changes, "identité, fonction nouvelle, changée ou reprise"},
		{"Personnes inchangées", r.Unchanged, ""},
		{"Nouvelles adresses", r.NewAddresses, "l'ancienne reçoit encore, sans être montrée"},
		{"Fonctions terminées", r.Ended, "le fichier ne les nomme plus ; le compte reste ouvert"},
		{"NUMEN tardifs ou corrigés", r.NewNumens, "de comptes qui ne sont pas encore activés"},
		{"Lignes rejetées", r.Rejected, "elles ne changent rien et ne terminent rien"},
	}
}

// sections parts the details.
func (r Report) sections() []section {
	list := []section{{Title: "Arrivées"}, {Title: "Identités et adresses"}, {Title: "Fonctions commencées ou modifiées"}, {Title: "Fonctions terminées"}}
	for _, d := range r.Details {
		at := 2
		switch d.Change.Kind {
		case history.Appointed:
			at = 0
		case history.Identity, history.AddressNew, history.AddressBack, history.Numen:
			at = 1
		case history.FunctionEnd:
			at = 3
		}
		list[at].Details = append(list[at].Details, d)
	}
	return list
}

// Title says what the report is of.
func (r Report) Title() string {
	switch {
	case braked(r.Falls) != nil:
		return "Fichier RH arrêté : rien n'est changé"
	case r.DryRun:
		return "Essai du fichier RH : rien n'est changé"
	}
	return "Fichier RH importé"
}

// WriteHTML writes the report as a page. refusal is the text of the error that stopped the file, or "".
func (r Report) WriteHTML(w io.Writer, refusal string) error {
	page, err := template.New("report").Parse(reportPage)
	if err != nil {
		return fmt.Errorf("read the page of reports: %w", err)
	}
	title := r.Title()
	if refusal != "" {
		title = "Fichier RH refusé : rien n'est changé"
	}
	return page.Execute(w, map[string]any{"Title": title, "Refusal": refusal, "Report": r, "Figures": r.figures(), "Sections": r.sections(),
		"Stops": braked(r.Falls) != nil})
}

// WriteCSV writes the report as a table for French spreadsheets: semicolons, a byte order mark, CRLF. A text that a
// spreadsheet would take for a formula begins with an apostrophe.
func (r Report) WriteCSV(w io.Writer, refusal string) error {
	if _, err := io.WriteString(w, bomUTF8); err != nil {
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
	put("rubrique", "ligne", "id_rh", "nom", "texte")
	put("résultat", "", "", "", r.Title())
	if refusal != "" {
		put("refus", "", "", "", refusal)
	}
	for _, f := range r.figures() {
		put("compte", "", "", f.Name, strconv.Itoa(f.Count))
	}
	for _, f := range r.Falls {
		put("baisse", "", "", f.Name, f.String())
	}
	for _, x := range r.Rejections {
		put("rejet", strconv.Itoa(x.Line), x.HRID, "", x.Reason)
	}
	for _, x := range r.Warnings {
		put("avertissement", strconv.Itoa(x.Line), x.HRID, "", x.Text+" ("+strconv.Itoa(x.Count)+" lignes)")
	}
	for _, s := range r.sections() {
		for _, d := range s.Details {
			put(strings.ToLower(s.Title), lineNumber(d.Line), d.HRID, d.Name, d.Change.Sentence())
		}
	}
	if r.Untold > 0 {
		put("suite", "", "", "", strconv.Itoa(r.Untold)+" autres changements ne sont pas énumérés")
	}
	out.Flush()
	return out.Error()
}

func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
