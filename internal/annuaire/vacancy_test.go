package annuaire_test

import (
	"slices"
	"testing"
	"time"

	"navette/internal/annuaire"
)

// vacant are the vacant posts of an establishment.
func vacant(uai string) annuaire.Query {
	return annuaire.Query{UAI: uai, Kinds: []annuaire.Kind{annuaire.Vacancy}}
}

func TestAPostThatSomebodyHeldAndNobodyHoldsIsVacantWithTheBoxToWriteTo(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		head := person{id: "1", surname: "ARNAUD", forenames: "Luc", corps: "Personnel de direction", function: "DIR"}
		bursar := person{id: "2", surname: "BLANC", forenames: "Ève", function: "GES"}
		teacher := person{id: "3", surname: "COSTE", forenames: "Ida"}
		f.imports(head, bursar, teacher)
		if got := f.finds(stranger(), vacant(college)); got != nil {
			f.t.Errorf("all posts held: %q", got)
		}
		f.clock.Add(24 * time.Hour)
		f.imports(teacher)
		f.wants("principal vacant", "Principal — poste vacant")
		if got, want := f.finds(stranger(), vacant(college)), []string{"Principal — poste vacant", "Gestion et intendance — poste vacant"}; !slices.Equal(got, want) {
			f.t.Errorf("%q, want %q: headship first", got, want)
		}
		e := f.entry(stranger(), "principal vacant prevert")
		if e.Kind != annuaire.Vacancy || e.Account != 0 || e.Address != "ce.0759001b@"+domain || e.Functions[0].Code != "DIR" || e.Guarantee.Sentence() != "" {
			f.t.Errorf("%+v", e)
		}
		f.imports(teacher, person{id: "4", surname: "DIALLO", forenames: "Awa", function: "DIR", from: "20/09/2026"})
		f.wants("principal vacant", "Principal — poste vacant") // she has not begun
		f.clock.Set(time.Date(2026, 9, 20, 8, 0, 0, 0, time.UTC))
		f.settle()
		f.wants("principal vacant")
		f.clock.Set(time.Date(2027, 9, 16, 8, 0, 0, 0, time.UTC))
		f.settle()
		if got := f.finds(stranger(), vacant(college)); len(got) != 1 { // for a year, its last day included
			f.t.Errorf("after a year: %q", got)
		}
		f.clock.Add(24 * time.Hour)
		f.settle()
		if got := f.finds(stranger(), vacant(college)); len(got) != 0 {
			f.t.Errorf("after more than a year: %q", got)
		}
	})
}

func TestAFunctionOfWhichAnotherGoesOnIsNotVacant(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ARNAUD", forenames: "Luc", to: "16/09/2026"}, person{id: "2", surname: "BLANC", forenames: "Ève"})
		f.clock.Add(72 * time.Hour)
		f.settle()
		if got := f.finds(stranger(), vacant(college)); len(got) != 0 {
			f.t.Errorf("%q", got)
		}
	})
}
