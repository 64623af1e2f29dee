package aaf_test

import (
	"context"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// sample is the export of DOMAIN §1.6: one collège with a pupil, her three people in charge, a teacher and a head.
func sample() fs.FS { return os.DirFS("testdata/sample") }

// open gives the exports of a folder.
func open(t testing.TB, name string, fsys fs.FS) []*aaf.Export {
	t.Helper()
	c, err := aaf.Folder(name, fsys, aaf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	exports, err := aaf.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return exports
}

// read gives all records of an export, which has no error.
func read(t testing.TB, x *aaf.Export) []*aaf.Record {
	t.Helper()
	var records []*aaf.Record
	for rec, err := range x.Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, rec)
	}
	return records
}

func TestTheSampleIsReadAsItIsMeant(t *testing.T) {
	t.Parallel()
	exports := open(t, "aaf-sample", sample())
	if len(exports) != 2 || !exports[0].Complete || exports[1].Complete {
		t.Fatalf("exports: %+v", exports)
	}
	for _, x := range exports {
		if x.Degree != aaf.Second || x.Date != (directory.Date{Year: 2026, Month: 9, Day: 1}) || x.Name != "ENT_0759001B" {
			t.Errorf("export %q of degree %d, %v", x.Name, x.Degree, x.Date)
		}
		if len(x.Gaps) > 0 {
			t.Errorf("it misses %v", x.Gaps)
		}
	}
	complete := read(t, exports[0])
	for _, r := range complete {
		if r.Action != aaf.Add || len(r.Doubts) > 0 || r.Line == 0 || r.File == "" {
			t.Errorf("%s %s: %v, doubts %q, in %q line %d", r.Category, r.Key, r.Action, r.Doubts, r.File, r.Line)
		}
	}
	if diff := cmp.Diff(theCollege(), bodies(complete)); diff != "" {
		t.Errorf("complete (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(theDelta(), bare(read(t, exports[1]))); diff != "" {
		t.Errorf("delta (-want +got):\n%s", diff)
	}
}

// bodies gives what complete records hold, by their keys.
func bodies(records []*aaf.Record) map[string]any {
	held := map[string]any{}
	for _, r := range records {
		switch r.Category {
		case aaf.EtabEducNat:
			held[r.Key] = r.Structure
		case aaf.MatiereEducNat:
			held[r.Key] = r.Subject
		case aaf.MefEducNat:
			held[r.Key] = r.Mef
		case aaf.Eleve:
			held[r.Key] = r.Pupil
		case aaf.PersRelEleve:
			held[r.Key] = r.Guardian
		case aaf.PersEducNat:
			held[r.Key] = r.Staff
		}
	}
	return held
}

// bare leaves out where records stand.
func bare(records []*aaf.Record) []*aaf.Record {
	for _, r := range records {
		r.File, r.Line = "", 0
	}
	return records
}

func day(d, m, y int) directory.Date { return directory.Date{Year: y, Month: time.Month(m), Day: d} }

// theCollege is what the complete export of the sample says.
func theCollege() map[string]any {
	of4e3 := aaf.Division{Structure: "4100", Name: "4E3"}
	return map[string]any{
		"4100": &aaf.Structure{
			UAI: "0759001B", Name: "CLG JEAN EXEMPLE PARIS", Type: "COLLEGE", Nature: "340", Contract: "PU", SIREN: "19750001000017",
			City: "PARIS 19", Mail: "ce.0759001B@ac-paris.example", Bassin: "07501", Academy: "01",
			Classes: []aaf.Class{
				{Name: "4E3", Label: "QUATRIEME 3", MEFs: []string{"10210001110"}},
				{Name: "3E1", Label: "TROISIEME 1", MEFs: []string{"10310019110"}},
			},
			Groups: []aaf.Group{{Name: "4ALL2", Label: "ALLEMAND LV2 4EME", Classes: []string{"4E3", "4E4"}}},
		},
		"062900":      &aaf.Subject{Label: "SCIENCES DE LA VIE ET DE LA TERRE"},
		"10210001110": &aaf.Mef{Label: "4EME", Parent: "10210001110", STAT11: "21120010001"},
		"748220": &aaf.Pupil{
			Identity: aaf.Identity{Civility: "Mme", BirthName: "RODRIGUEZ", UsageName: "RODRIGUEZ", Forename: "Michèle",
				Forenames: []string{"Michèle", "Roberte"}, Birth: day(6, 6, 2012)},
			INE: "999999999ZZ", Structures: []string{"4100"},
			Links: []aaf.Link{
				{Guardian: "2345678", Code: 10, Rank: 1, Financial: true},
				{Guardian: "2345679", Code: 20, Rank: 1},
				{Guardian: "2345680", Code: 38, Contact: true},
			},
			Classes: []aaf.Division{of4e3}, Groups: []aaf.Division{{Structure: "4100", Name: "4ALL2"}},
			MEFs: []string{"10210001110"}, Level: "4EME GENERALE", Stream: "4EME GENERALE",
			Subjects: []string{"030201", "030102"}, Status: "SCOLAIRE",
			Entries: []aaf.Passage{{Division: of4e3, Day: day(1, 9, 2026)}},
		},
		"2345678": &aaf.Guardian{Identity: aaf.Identity{Civility: "Mme", BirthName: "DUPONT", UsageName: "RODRIGUEZ", Forename: "Anne",
			Mail: "anne.rodriguez@example.net"}},
		"2345679": &aaf.Guardian{Identity: aaf.Identity{Civility: "M.", BirthName: "RODRIGUEZ", UsageName: "RODRIGUEZ", Forename: "Paul",
			Mail: "p.rodriguez@example.org"}, PassedOn: true},
		"2397000": &aaf.Staff{
			Identity: aaf.Identity{Civility: "Mme", BirthName: "CLAVIER", UsageName: "LE GUÉN", Forename: "MARIE-FRANÇOISE", Birth: day(6, 5, 1982),
				Mail: "marie-francoise.le-guen@ac-paris.example"},
			Structure: "4100",
			Posts:     []aaf.Post{{Structure: "4100", Function: "ENS", Label: "ENSEIGNEMENT", Code: "L1600", CodeLabel: "SCIENCES DE LA VIE ET DE LA TERRE"}},
			Classes:   []aaf.Teaching{{Division: of4e3, Subject: "062900"}},
			Principal: []aaf.Division{of4e3}, Discipline: aaf.Labelled{Code: "16", Label: "BIOLOGIE - GEOLOGIE"},
			Taught:       []aaf.Taught{{Structure: "4100", Label: "SCIENCES DE LA VIE ET DE LA TERRE"}},
			BeforePupils: "O",
		},
		"2397001": &aaf.Staff{
			Identity: aaf.Identity{Civility: "M.", BirthName: "MARTIN", UsageName: "MARTIN", Forename: "JEAN", Birth: day(12, 11, 1971),
				Mail: "jean.martin1@ac-paris.example"},
			Structure:  "4100",
			Posts:      []aaf.Post{{Structure: "4100", Function: "DIR", Label: "DIRECTION", Code: "D0010", CodeLabel: "DIRECTION CHEF D'ETABLISSEMENT"}},
			Discipline: aaf.Labelled{Code: "00", Label: "NON SPECIALISE"}, BeforePupils: "N",
		},
	}
}

// theDelta is what the delta of the sample says: a new address, whose old mobile number is nothing to us; a new name and
// no class any more of which she is professeur principal; a head who is gone.
func theDelta() []*aaf.Record {
	return []*aaf.Record{
		{Action: aaf.Modify, Category: aaf.PersRelEleve, Key: "2345678", Set: aaf.FieldMail,
			Guardian: &aaf.Guardian{Identity: aaf.Identity{Mail: "anne.r@example.net"}}},
		{Action: aaf.Modify, Category: aaf.PersEducNat, Key: "2397000", Set: aaf.FieldUsageName | aaf.FieldPrincipal,
			Staff: &aaf.Staff{Identity: aaf.Identity{UsageName: "CLAVIER"}}},
		{Action: aaf.Delete, Category: aaf.PersEducNat, Key: "2397001"},
	}
}
