package roster_test

import (
	"slices"
	"strings"
	"testing"

	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// withDiscipline is a file with a column more than the canonical ones, put first.
func withDiscipline(lines ...string) string {
	rows := strings.SplitAfter(file(lines...), "\n")
	rows[0] = "discipline;" + rows[0]
	return strings.Join(rows, "")
}

// disciplines gives « function discipline » of somebody.
func (f *fixture) disciplines(idRH string) []string {
	f.t.Helper()
	return f.query(`SELECT f.function, f.discipline FROM function f JOIN person p ON p.person_id = f.person_id WHERE p.id_rh = $1 ORDER BY f.function_id`, idRH)
}

// HR tools that know what somebody teaches add a column; those that do not say nothing about it, and take nothing away.
func TestADisciplineIsTakenFromTheFilesThatTellIt(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		imports := func(text string) roster.Report {
			t.Helper()
			report, err := f.Import(t.Context(), strings.NewReader(text), roster.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		demand := func(when, want string) {
			t.Helper()
			if got := f.disciplines("1001"); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %q, expected %q", when, got, want)
			}
		}
		imports(file(claire + teaches))
		demand("a file without the column", "ENS ")
		if r := imports(withDiscipline("Anglais;" + claire + teaches)); r.FunctionsMoved != 1 || len(r.Rejections) != 0 {
			t.Errorf("the first file with the column: %+v", r)
		}
		demand("a file with it", "ENS Anglais")
		if r := imports(withDiscipline("Anglais;" + claire + teaches)); r.FunctionsMoved != 0 {
			t.Errorf("the same again: %+v", r)
		}
		if r := imports(file(claire + teaches)); r.FunctionsMoved != 0 {
			t.Errorf("without the column again: %+v", r)
		}
		demand("a file that says nothing", "ENS Anglais")
		imports(withDiscipline(";" + claire + teaches))
		demand("a file that says that there is none", "ENS ")
		told := f.query(`SELECT before, after FROM history WHERE kind = 'function.change' ORDER BY history_id`)
		if len(told) != 2 || !strings.Contains(told[0], "Anglais") || !strings.Contains(told[1], "Anglais") {
			t.Errorf("the history tells %q", told)
		}
	})
}
