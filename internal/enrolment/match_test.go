package enrolment_test

import (
	"fmt"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/failure"
	"navette/internal/roster"
	"navette/internal/store"
)

// Who is who, by what AAF and the HR file say.
func TestWhoStaffAreByAddressNameAndBirthDate(t *testing.T) {
	t.Parallel()
	agents := []string{
		"1;Mme;PETIT;MARTIN;Claire, Anne;06/05/1982;" + clgUAI, // claire.martin
		"2;M.;DURAND;;Jean;12/11/1971;" + clgUAI,               // jean.durand
		"3;M.;DURAND;;Jean;01/02/1990;" + lycUAI,               // jean.durand1
		"4;Mme;LEROY;;Zoé;03/03/1985;" + lycUAI,                // zoe.leroy
		"5;Mme;LEROY;;Zoé;03/03/1985;" + clgUAI,                // zoe.leroy1: born on the same day
		"6;Mme;ROUX;;Marie Claude, Anne;04/04/1984;" + clgUAI,
	}
	cases := []struct {
		why                         string
		forename, name, birth, mail string
		login, match                string
	}{
		{"address, birth date and name", "CLAIRE", "MARTIN", "06/05/1982", "claire.martin@ac-paris.example", "cmartin", "règle"},
		{"the address however it is written", "Claire", "MARTIN", "06/05/1982", "Claire.MARTIN@AC-PARIS.example", "cmartin", "règle"},
		{"the login is an address too", "Claire", "MARTIN", "06/05/1982", "cmartin@ac-paris.example", "cmartin", "règle"},
		{"the birth name, no address", "Claire", "PETIT", "06/05/1982", "", "cmartin", "règle"},
		{"a new usage name, the address and the date agree", "Claire", "BERNARD", "06/05/1982", "claire.martin@ac-paris.example", "cmartin", "règle"},
		{"homonyms told apart by the address", "Jean", "DURAND", "01/02/1990", "jean.durand1@ac-paris.example", "jdurand1", "règle"},
		{"homonyms told apart by the birth date", "Jean", "DURAND", "12/11/1971", "", "jdurand", "règle"},
		{"same name and day, told apart by the address", "Zoé", "LEROY", "03/03/1985", "zoe.leroy1@ac-paris.example", "zleroy1", "règle"},
		{"address and whole name, no birth date", "Claire", "MARTIN", "", "claire.martin@ac-paris.example", "cmartin", "règle"},
		{"a compound forename", "MARIE CLAUDE", "ROUX", "04/04/1984", "", "mroux", "règle"},
		{"the address says one, the birth date another", "Jean", "DURAND", "01/02/1990", "jean.durand@ac-paris.example", "-", "douteux"},
		{"address and birth date of somebody with another name", "Paul", "BERNARD", "06/05/1982", "claire.martin@ac-paris.example", "-", "douteux"},
		{"the address of somebody with another name, no date", "Paul", "MARTIN", "", "claire.martin@ac-paris.example", "-", "douteux"},
		{"several candidates", "Zoé", "LEROY", "03/03/1985", "", "-", "douteux"},
		{"only a name", "Claire", "MARTIN", "", "", "-", "douteux"},
		{"same name and school, another date", "Claire", "MARTIN", "06/05/1983", "", "-", "douteux"},
		{"same name in another school, another date", "Jean", "DURAND", "05/05/1955", "", "-", "douteux"},
		{"nobody", "Noé", "BLANC", "05/05/1955", "noe.blanc@ac-paris.example", "-", "personne"},
		{"a box's address is nobody's", "Noé", "BLANC", "05/05/1955", "dsi@ac-paris.example", "-", "personne"},
	}
	each(t, func(f *fixture) {
		f.hires(agents...)
		x := f.collège("20260901")
		for i, c := range cases {
			x.teacher(fmt.Sprintf("s%02d", i), c.forename, c.name, c.birth, c.mail, clg)
		}
		report := f.takes(x.export())
		doubts := map[string]enrolment.Doubt{}
		for _, d := range report.Doubts {
			doubts[d.Key] = d
		}
		for i, got := range f.staffing() {
			c := cases[i]
			if want := c.forename + "|" + c.login + "|" + c.match; got != want {
				t.Errorf("%s: %s, want %s", c.why, got, want)
			}
			d, doubtful := doubts[fmt.Sprintf("s%02d", i)]
			if doubtful != (c.match == "douteux") || doubtful && (d.Why == "" || len(d.Could) == 0 || strings.Contains(d.Why, "sûres")) {
				t.Errorf("%s: the doubt says %v", c.why, d)
			}
		}
		f.want("accounts are as many as before", f.query(`SELECT count(*) FROM account`), "6")
	})
}

func TestAHumanDecidesADoubtAndNoImportChangesIt(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.hires("1;Mme;LEROY;;Zoé;03/03/1985;"+clgUAI, "2;Mme;LEROY;;Zoé;03/03/1985;"+clgUAI)
		f.takes(f.collège("20260901").teacher("s1", "Zoé", "LEROY", "03/03/1985", "", clg).export())
		f.want("a doubt", f.staffing(), "Zoé|-|douteux")
		if err := f.Decide(t.Context(), dsi, 2, "s1", "zleroy1"); err != nil {
			t.Fatal(err)
		}
		f.takes(f.collège("20260902").teacher("s1", "Zoé", "LEROY", "03/03/1985", "zoe.leroy@ac-paris.example", clg, clg+"$4E3$1").export())
		f.want("decided", f.staffing(), "Zoé|zleroy1|décidé")
		if err := f.Decide(t.Context(), dsi, 2, "s1", ""); err != nil {
			t.Fatal(err)
		}
		if err := f.Upkeep(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.want("nobody of the HR file, says somebody", f.staffing(), "Zoé|-|décidé")
		f.want("the journal", f.query(`SELECT actor, action, subject, reason FROM journal WHERE action = 'aaf.match' ORDER BY seq`),
			"dsi|aaf.match|staff:2:s1|note du 1er septembre", "dsi|aaf.match|staff:2:s1|note du 1er septembre")
		for login, kind := range map[string]failure.Kind{"nobody": failure.NotFound} {
			if err := f.Decide(t.Context(), dsi, 2, "s1", login); !failure.Is(err, kind) {
				t.Errorf("matched with %s: %v", login, err)
			}
		}
		if err := f.Decide(t.Context(), dsi, 1, "s1", "zleroy"); !failure.Is(err, failure.NotFound) {
			t.Errorf("matched a key of the other degree: %v", err)
		}
	})
}

func TestStaffWhomTheHRFileNamesLaterAreFound(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").teacher("s1", "Claire", "MARTIN", "06/05/1982", "", clg).export())
		f.want("before", f.staffing(), "Claire|-|personne")
		f.hires("1;Mme;MARTIN;;Claire;06/05/1982;" + clgUAI)
		if err := f.Upkeep(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.want("after", f.staffing(), "Claire|cmartin|règle")
		writes := f.db.Stats().Writes
		if err := f.Upkeep(t.Context()); err != nil || f.db.Stats().Writes != writes {
			t.Errorf("nothing was due: %v, %d writes", err, f.db.Stats().Writes-writes)
		}
	})
}

func TestAnEstablishmentOfTheDirectoryIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		list := []directory.Establishment{{UAI: clgUAI, Name: "Collège Jean-Exemple", Department: "075"}}
		if err := f.db.Write(t.Context(), store.Bulk, func(tx *store.Tx) error { return roster.WriteEstablishments(t.Context(), tx, list) }); err != nil {
			t.Fatal(err)
		}
		f.takes(f.collège("20260901").export())
		f.want("the name stays; what was empty is filled in", f.query(`SELECT name, nature, city FROM establishment WHERE uai = $1`, clgUAI),
			"Collège Jean-Exemple|340|PARIS 19")
	})
}
