package enrolment_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"navette/internal/enrolment"
)

// full is a report in which everything is told.
func full() enrolment.Report {
	return enrolment.Report{Name: "ENT2DVA", File: 7, Degree: 2, Complete: true, Year: enrolment.Year{Year: 2026, State: enrolment.Current},
		Pupils: enrolment.Tally{Named: 642, New: 3}, Former: 12, Rejected: 1,
		Falls:      []enrolment.Fall{{Name: clgUAI, What: "élèves", Before: 642, Lost: 400, Forced: true}},
		Rejections: []enrolment.Rejection{{File: "ENT_Eleve_0000.xml", Line: 5, Category: "Eleve", Key: "=1+1", Reason: "aucun établissement <connu>"}},
		Warnings:   []enrolment.Warning{{File: "ENT_Eleve_0001.xml", Line: 9, Category: "Eleve", Key: "748220", Text: "responsable cité sans fiche", Count: 4}},
		Doubts:     []enrolment.Doubt{{Degree: 2, Key: "2397000", Name: "Zoé LEROY", Schools: []string{clgUAI}, Why: "plusieurs agents", Could: []string{"zleroy (Zoé Leroy)"}}},
		Schools:    []enrolment.SchoolCount{{UAI: clgUAI, Pupils: 642, Guardians: 1100, Classes: 24}}, Untouched: []string{lycUAI}}
}

func TestThePageOfAReportIsCompleteAndAccessible(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (enrolment.Reports{full()}).WriteHTML(&out, "rien n'a été <changé>"); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, told := range []string{`<html lang="fr">`, `role="alert"`, "rien n&#39;a été &lt;changé&gt;", "642", "748220", "2397000", "zleroy", lycUAI, "aucun établissement &lt;connu&gt;",
		"12 adresses", "forcée", "SIECLE au "} {
		if !strings.Contains(page, told) {
			t.Errorf("the page does not hold %q", told)
		}
	}
	if strings.Contains(page, "http:") || strings.Contains(page, "https:") || strings.Contains(page, "<script") {
		t.Error("the page asks the network or runs something")
	}
	if _, err := html.Parse(&out); err != nil {
		t.Error(err)
	}
	if n, m := strings.Count(page, "<table"), strings.Count(page, "<caption>"); n != m || n < 6 {
		t.Errorf("%d tables have %d captions", n, m)
	}
}

func TestTheTableOfAReportOpensInASpreadsheetAndRunsNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (enrolment.Reports{full()}).WriteCSV(&out, "arrêté"); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), "\ufeff")
	if !marked {
		t.Error("no byte order mark")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.IndexAny(cell, "=+-@") == 0 {
				t.Errorf("a spreadsheet runs %q", cell)
			}
		}
	}
	for _, want := range [][]string{{"refus", "", "", "", "arrêté"}, {"disparition", "", "", clgUAI, clgUAI + " : 400 élèves sur 642 disparaissent"},
		{"établissement", "", "", clgUAI, "642 élèves, 1100 responsables légaux, 24 classes, 0 groupes, 0 personnels"}} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("no row %q", want)
		}
	}
}
