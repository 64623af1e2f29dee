package roster_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"navette/internal/roster"
	"navette/internal/testkit/stores"
)

// managed gives the report of a dry run in which something of every kind happens.
func managed(t *testing.T) roster.Report {
	t.Helper()
	f := newFixture(t, stores.SQLite(t))
	f.imports(append(staff(0, 40, "INS", ""), claire+teaches, jean+teaches)...)
	lines := []string{strings.Replace(claire, "MARTIN", "DURAND", 1) + directs, jeanne + teaches, "1002;oops;01E9501234ZZZ",
		"2001;;Mme;<b>LAM</b>;;=HYPERLINK(1);12/11/1971;" + teaches}
	report, err := f.Import(t.Context(), strings.NewReader(file(lines...)), roster.Options{DryRun: true, Details: true})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// elements visits a page.
func elements(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		elements(c, visit)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestThePageOfAReportIsCompleteAndAccessible(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	if err := managed(t).WriteHTML(&page, "fichier arrêté"); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, want := range []string{"Arrivées", "nomination : Mme Jeanne MARTIN", "jeanne.martin@ac-paris.example", "Lignes rejetées", "14 champs attendus",
		"claire.martin@ac-paris.example reçoit encore", "fin de fonction : ENS à 0759001B", "--force INS", "&lt;b&gt;LAM", "fichier arrêté"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, never := range []string{"01E9501234", "01E0201234", "http:", "https:", "<script", "src=", "href="} {
		if strings.Contains(text, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	root, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	elements(root, func(n *html.Node) {
		count[n.Data]++
		switch n.Data {
		case "html":
			if attribute(n, "lang") != "fr" {
				t.Error("the page has no language")
			}
		case "th":
			if s := attribute(n, "scope"); s != "col" && s != "row" {
				t.Errorf("a heading cell of scope %q", s)
			}
		case "table":
			if first := n.FirstChild.NextSibling; first == nil || first.Data != "caption" {
				t.Error("a table without a caption")
			}
		}
	})
	if count["h1"] != 1 || count["main"] != 1 || count["title"] != 1 || count["table"] < 6 || count["caption"] != count["table"] {
		t.Errorf("elements %v", count)
	}
}

func TestTheTableOfAReportOpensInASpreadsheetAndRunsNothing(t *testing.T) {
	t.Parallel()
	var table bytes.Buffer
	if err := managed(t).WriteCSV(&table, ""); err != nil {
		t.Fatal(err)
	}
	text, bom := strings.CutPrefix(table.String(), "\ufeff")
	in := csv.NewReader(strings.NewReader(text))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil || !bom {
		t.Fatalf("byte order mark %v, %v", bom, err)
	}
	kinds := map[string]int{}
	for _, row := range rows {
		kinds[row[0]]++
		for _, cell := range row {
			if strings.IndexAny(cell, "=+-@") == 0 {
				t.Errorf("a formula: %q", cell)
			}
			if strings.Contains(cell, "01E9501234") {
				t.Errorf("a NUMEN: %q", cell)
			}
		}
	}
	for _, kind := range []string{"résultat", "compte", "baisse", "rejet", "avertissement", "arrivées", "identités et adresses", "fonctions terminées"} {
		if kinds[kind] == 0 {
			t.Errorf("no row of %s in %v", kind, kinds)
		}
	}
}
