package annuaire_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"navette/internal/annuaire"
	"navette/internal/failure"
)

// crowd is 120 people of the lycée, whom those of the collège do not know, and Guy ROUX of the collège.
func crowd(f *fixture) annuaire.Asker {
	people := []person{{id: "0", surname: "ROUX", forenames: "Guy"}}
	for i := range 120 {
		people = append(people, person{id: fmt.Sprint(1000 + i), surname: fmt.Sprintf("%c%cMARTIN", 'A'+i/26, 'A'+i%26), forenames: "Anne", uai: lycee})
	}
	f.imports(people...)
	return f.as("groux")
}

// extract pages through everybody, and gives how many entries came until a refusal.
func extract(t *testing.T, s *annuaire.Service, who annuaire.Asker, limit int) (n int, err error) {
	t.Helper()
	q := annuaire.Query{Text: "anne", Limit: limit}
	for {
		page, err := s.Search(t.Context(), who, q)
		if err != nil {
			return n, err
		}
		n += len(page.Entries)
		if q.After = page.Next; q.After == "" {
			return n, nil
		}
	}
}

func TestWhoPagesThroughTheDirectoryIsStoppedAndTheJournalKnowsOnce(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		guy := crowd(f)
		f.Service = f.node(annuaire.Limits{Hour: 40, Day: 60})
		n, err := extract(f.t, f.Service, guy, 10)
		if n != 40 || !failure.Is(err, failure.Policy) {
			f.t.Fatalf("%d entries, %v", n, err)
		}
		text := failure.TextOf(err, "")
		if !strings.Contains(text, "réessayez à partir de 11 h 00") || !strings.Contains(text, "try again from 11:00") {
			f.t.Errorf("told: %q", text)
		}
		for range 3 {
			if _, err := f.Search(f.t.Context(), guy, annuaire.Query{Text: "z"}); !failure.Is(err, failure.Policy) {
				f.t.Errorf("again: %v", err)
			}
			if _, err := f.Get(f.t.Context(), guy, 1, 2); !failure.Is(err, failure.Policy) {
				f.t.Errorf("by number: %v", err)
			}
		}
		if n := f.journal("annuaire.excess"); n != 1 {
			f.t.Errorf("%d entries of the journal", n)
		}
		// Others go on; so do commands of the DSI; and in the next hour Guy does too, to the limit of the day.
		if _, err := f.Search(f.t.Context(), stranger(), annuaire.Query{Text: "anne"}); err != nil {
			f.t.Error(err)
		}
		if n, err := extract(f.t, f.Service, annuaire.Asker{Operator: true}, 50); n != 120 || err != nil {
			f.t.Errorf("an operator: %d, %v", n, err)
		}
		f.clock.Add(time.Hour)
		n, err = extract(f.t, f.Service, guy, 10)
		if n != 60 || !strings.Contains(failure.TextOf(err, ""), "réessayez demain") { // 40 that were seen, and 20 more
			f.t.Errorf("the next hour: %d, %v", n, err)
		}
		f.clock.Add(24 * time.Hour)
		if n, err = extract(f.t, f.Service, guy, 10); n < 40 || !failure.Is(err, failure.Policy) {
			f.t.Errorf("the next day: %d, %v", n, err)
		}
	})
}

func TestEveryNodeKnowsWhatTheOthersShowed(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		guy := crowd(f)
		limits := annuaire.Limits{Hour: 100, Day: 1000}
		one, two := f.node(limits), f.node(limits)
		if n, err := extract(f.t, one, guy, 50); n != 100 || !failure.Is(err, failure.Policy) {
			f.t.Fatalf("%d, %v", n, err)
		}
		if n, err := extract(f.t, two, guy, 50); n != 0 || !failure.Is(err, failure.Policy) {
			f.t.Errorf("on the other node: %d, %v", n, err)
		}
		if _, err := one.Search(f.t.Context(), guy, annuaire.Query{Text: "z"}); !failure.Is(err, failure.Policy) {
			f.t.Errorf("on the first: %v", err)
		}
		if n := f.journal("annuaire.excess"); n != 1 {
			f.t.Errorf("%d entries of the journal", n)
		}
	})
}

// Who types names, letter by letter, as fast as anybody does, is never hindered; nor is who looks up colleagues.
func TestTypingNamesIsNeverHindered(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		guy := crowd(f)
		f.Service = f.node(annuaire.Limits{Hour: 121, Day: 200})
		for range 3 {
			for i := range 120 {
				name := fmt.Sprintf("%c%cmartin anne", 'a'+i/26, 'a'+i%26)
				for k := range name {
					if _, err := f.Search(f.t.Context(), guy, annuaire.Query{Text: name[:k+1]}); err != nil {
						f.t.Fatalf("%q: %v", name[:k+1], err)
					}
				}
				f.clock.Add(time.Second)
			}
		}
		f.Service = f.node(annuaire.Limits{Hour: 1, Day: 1})
		colleague := f.as("aaamartin")
		for range 3 {
			if n, err := extract(f.t, f.Service, colleague, 50); n != 120 || err != nil {
				f.t.Errorf("colleagues: %d, %v", n, err)
			}
		}
	})
}

// To ask each question twice, with another between, takes nothing back: what was shown counts.
func TestAskingTwiceIsNoWayAroundTheLimit(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		guy := crowd(f)
		f.Service = f.node(annuaire.Limits{Hour: 40, Day: 400})
		shown := map[int64]bool{}
		for i := range 120 {
			name := fmt.Sprintf("%c%cmartin", 'a'+i/26, 'a'+i%26)
			for _, q := range []annuaire.Query{{Text: name}, {Text: name}, {Text: name, UAI: lycee}, {Text: "zz"}} {
				page, err := f.Search(f.t.Context(), guy, q)
				if failure.Is(err, failure.Policy) {
					if len(shown) > 40 {
						f.t.Errorf("%d people were shown before the refusal", len(shown))
					}
					return
				}
				if err != nil {
					f.t.Fatal(err)
				}
				for _, e := range page.Entries {
					shown[e.Account] = true
				}
			}
		}
		f.t.Errorf("all %d were shown", len(shown))
	})
}
