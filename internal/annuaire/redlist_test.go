package annuaire_test

import (
	"slices"
	"testing"
	"time"

	"navette/internal/annuaire"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
)

// threatened is an académie in which Zoé MARTIN of the collège is on the liste rouge.
func threatened(f *fixture) {
	f.imports(person{id: "1", surname: "MARTIN", forenames: "Zoé"}, person{id: "2", surname: "MARTIN", forenames: "Anne"},
		person{id: "3", surname: "ARNAUD", forenames: "Luc", function: "DIR"}, person{id: "4", surname: "BLANC", forenames: "Ève", function: "DIR", uai: lycee})
	f.check(f.Hide(f.t.Context(), by(), f.account("zmartin")))
}

func TestTheListeRougeIsShownToThoseEntitledAlone(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		threatened(f)
		both, one := []string{"Anne MARTIN", "Zoé MARTIN"}, []string{"Anne MARTIN"}
		for name, c := range map[string]struct {
			who  annuaire.Asker
			want []string
		}{
			"a stranger":                 {stranger(), one},
			"nobody":                     {annuaire.Asker{}, one},
			"a colleague":                {f.as("amartin"), one},
			"who directs another school": {f.as("eblanc"), one},
			"who directs their school":   {f.as("larnaud"), both},
			"themselves":                 {f.as("zmartin"), both},
			"an operator":                {annuaire.Asker{Operator: true}, both},
		} {
			if got := f.finds(c.who, annuaire.Query{Text: "martin"}); !slices.Equal(got, c.want) {
				f.t.Errorf("%s finds %q, want %q", name, got, c.want)
			}
		}
		e := f.entry(f.as("larnaud"), "zoe")
		if !e.Hidden || !e.Colleague {
			f.t.Errorf("to the head: %+v", e)
		}
		f.check(f.Show(f.t.Context(), identity.By{Actor: "cli:durand", Reason: "menace levée"}, f.account("zmartin")))
		f.wants("martin", "Anne MARTIN", "Zoé MARTIN")
	})
}

// What holds of searches for names holds of every question: the answers are those of an académie without the person.
func TestNothingTellsThatSomebodyIsHidden(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		threatened(f)
		for _, q := range []annuaire.Query{{Text: "zoe"}, {Text: "zoe.martin@" + domain}, {Text: "zm"}, {Text: "zoe prevert"}, {Text: "oé"}, {Text: "ens", UAI: college, Limit: 50},
			{UAI: college, Limit: 50}, {Department: "075", Limit: 50}, {Function: "ENS", Limit: 50}} {
			if slices.Contains(f.finds(stranger(), q), "Zoé MARTIN") {
				f.t.Errorf("%+v finds her", q)
			}
		}
		page, err := f.Search(f.t.Context(), stranger(), annuaire.Query{Text: "martin", Limit: 1})
		f.check(err)
		if page.Next != "" {
			f.t.Error("a page of one promises another")
		}
		if got, err := f.Get(f.t.Context(), stranger(), f.account("zmartin")); len(got) != 0 || err != nil {
			f.t.Errorf("by number: %+v, %v", got, err)
		}
	})
}

// A post that a hidden person leaves was never held, and one that only a hidden person takes stays vacant.
func TestVacantPostsTellNothingOfWhoIsHidden(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		before := person{id: "1", surname: "ARNAUD", forenames: "Luc", function: "DIR"}
		after := person{id: "2", surname: "BLANC", forenames: "Ève", function: "DIR", from: "01/09/2026"}
		nurse := person{id: "3", surname: "COSTE", forenames: "Ida", function: "MDS"}
		f.imports(before, after, nurse)
		f.check(f.Hide(f.t.Context(), by(), f.account("eblanc")))
		f.check(f.Hide(f.t.Context(), by(), f.account("icoste")))
		f.clock.Add(24 * time.Hour)
		f.imports(after)
		if got, want := f.finds(stranger(), vacant(college)), []string{"Principal — poste vacant"}; !slices.Equal(got, want) {
			f.t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestHidingNeedsAReasonAndIsInTheJournalAndTheHistory(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "MARTIN", forenames: "Zoé"})
		id := f.account("zmartin")
		ctx := f.t.Context()
		for name, c := range map[string]struct {
			do   func() error
			want failure.Kind
		}{
			"no reason":       {func() error { return f.Hide(ctx, identity.By{Actor: "cli:durand"}, id) }, failure.Policy},
			"no actor":        {func() error { return f.Hide(ctx, identity.By{Reason: "menaces"}, id) }, failure.Policy},
			"nobody":          {func() error { return f.Hide(ctx, by(), 424242) }, failure.NotFound},
			"nobody, to show": {func() error { return f.Show(ctx, by(), 424242) }, failure.NotFound},
			"not hidden":      {func() error { return f.Show(ctx, by(), id) }, failure.Conflict},
		} {
			if err := c.do(); !failure.Is(err, c.want) {
				f.t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		f.wants("zoe", "Zoé MARTIN")
		f.check(f.Hide(ctx, by(), id))
		if err := f.Hide(ctx, by(), id); !failure.Is(err, failure.Conflict) {
			f.t.Errorf("twice: %v", err)
		}
		f.check(f.Show(ctx, by(), id))
		if hidden, shown := f.journal("annuaire.hide"), f.journal("annuaire.show"); hidden != 1 || shown != 1 {
			f.t.Errorf("journal: %d hidden, %d shown", hidden, shown)
		}
		events, err := f.hr.History(ctx, "zmartin")
		f.check(err)
		var kinds []history.Kind
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		if !slices.Equal(kinds, []history.Kind{history.Appointed, history.Hidden, history.Shown}) {
			f.t.Errorf("history: %q", kinds)
		}
	})
}
