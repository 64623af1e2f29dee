package annuaire_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/annuaire"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// world is what HR knows of a few people whom much happens to.
type world struct {
	*fixture
	r      *rand.Rand
	people []person
	hidden map[string]bool // logins
	next   int
}

func (w *world) pick(words string) string {
	list := strings.Split(words, "|")
	return list[w.r.IntN(len(list))]
}

func (w *world) joins() {
	w.next++
	w.people = append(w.people, person{id: fmt.Sprint(1000 + w.next), surname: w.pick("MARTIN|MARTINEZ|D'AUBIGNÉ|LE GUÉN|MÜLLER|王"), forenames: w.pick("Jean|Zoé|Thị Hồng|Marie-Françoise|李"),
		function: w.pick("ENS|DIR|GES"), corps: w.pick("Professeur certifié|AESH|Attaché"), uai: w.pick(college + "|" + lycee + "|" + ecole)})
}

// passes lets some weeks happen.
func (w *world) passes() {
	w.clock.Add(time.Duration(1+w.r.IntN(40)) * 24 * time.Hour)
	w.check(w.CatchUp(w.t.Context())) // of the new day everything is read; what follows is caught up with
	w.joins()
	w.people = slices.DeleteFunc(w.people, func(person) bool { return w.r.IntN(6) == 0 })
	for i := range w.people {
		p := &w.people[i]
		switch w.r.IntN(8) {
		case 0:
			p.usage = w.pick("ROUX|NOËL|MARTIN")
		case 1:
			p.to, p.uai, p.from = "", w.pick(college+"|"+lycee), w.clock.Now().AddDate(0, 0, w.r.IntN(60)-30).Format("02/01/2006")
		case 2:
			p.to = w.clock.Now().AddDate(0, 0, 30+w.r.IntN(60)).Format("02/01/2006")
		}
	}
	w.importOnly(w.people...)
	switch w.r.IntN(4) {
	case 0:
		w.check(w.hr.PutEstablishments(w.t.Context(), []directory.Establishment{{UAI: ecole, Name: w.pick("École de la Poire|École de la Prune"), Nature: "151"}}))
	case 1:
		w.hides()
	}
	w.settle()
}

// hides puts somebody on the liste rouge, or takes them off.
func (w *world) hides() {
	var logins []string
	w.check(w.db.ReadOne(w.t.Context(), func(tx *store.Tx) error {
		logins = nil
		rows, err := tx.Query(w.t.Context(), `SELECT login FROM account WHERE kind = 'person' ORDER BY login`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var login string
			if err := rows.Scan(&login); err != nil {
				return err
			}
			logins = append(logins, login)
		}
		return rows.Err()
	}))
	login := logins[w.r.IntN(len(logins))]
	act := w.Hide
	if w.hidden[login] {
		act = w.Show
	}
	w.hidden[login] = !w.hidden[login]
	w.check(act(w.t.Context(), by(), w.account(login)))
}

// tells gives all that a service says, to a stranger and to an operator.
func (w *world) tells(s *annuaire.Service) string {
	var b strings.Builder
	for _, who := range []annuaire.Asker{{}, {Operator: true}} {
		for _, q := range []annuaire.Query{{Text: "m", Limit: 50}, {Text: "martin jean"}, {Text: "prof"}, {UAI: college, Limit: 50}, {UAI: lycee, Limit: 50},
			{UAI: ecole, Limit: 50}, {Text: "vacant", Limit: 50}, {Text: "direct"}, {Kinds: []annuaire.Kind{annuaire.Person}, Limit: 50}} {
			page, err := s.Search(w.t.Context(), who, q)
			w.check(err)
			fmt.Fprintf(&b, "%+v\n", q)
			for _, e := range page.Entries {
				fmt.Fprintf(&b, "  %+v\n", e)
			}
		}
	}
	return b.String()
}

// Invariant 2: a node that has caught up step by step says what one says that reads everything now, and both engines say the
// same.
func TestANodeThatCaughtUpSaysWhatOneSaysThatStartsNow(t *testing.T) {
	t.Parallel()
	said := make(chan string, 2)
	t.Run("engines", func(t *testing.T) {
		each(t, func(f *fixture) {
			w := &world{fixture: f, r: rand.New(rand.NewPCG(7, 7)), hidden: map[string]bool{}}
			f.Service = f.node(annuaire.Limits{Hour: 1 << 40, Day: 1 << 40})
			for range 12 {
				w.joins()
			}
			var all strings.Builder
			for step := range 15 {
				w.passes()
				got, want := w.tells(w.Service), w.tells(f.node(annuaire.Limits{Hour: 1 << 40, Day: 1 << 40}))
				if got != want {
					f.t.Fatalf("step %d:\n%s", step, firstDifference(got, want))
				}
				all.WriteString(got)
			}
			said <- all.String()
		})
	})
	if len(said) < 2 {
		t.Skip("one engine ran, or failed")
	}
	if one, other := <-said, <-said; one != other {
		t.Errorf("the engines differ:\n%s", firstDifference(one, other))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(g), len(w))
}

func TestAChangeElsewhereIsSeenAtTheNextLook(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy"}, person{id: "2", surname: "ROUX", forenames: "Ève"})
		other := f.node(annuaire.Limits{})
		f.check(other.CatchUp(f.t.Context()))
		f.check(f.Hide(f.t.Context(), by(), f.account("groux")))
		f.wants("roux", "Ève ROUX") // here at once
		f.check(other.CatchUp(f.t.Context()))
		if got := names(f.t, other, stranger(), annuaire.Query{Text: "roux"}); !slices.Equal(got, []string{"Ève ROUX"}) {
			f.t.Errorf("the other node: %q", got)
		}
		// A node that nobody has caught up looks by itself before ten seconds are over.
		f.check(f.Hide(f.t.Context(), by(), f.account("eroux")))
		f.clock.Add(10 * time.Second)
		if got := names(f.t, other, stranger(), annuaire.Query{Text: "roux"}); got != nil {
			f.t.Errorf("ten seconds later: %q", got)
		}
	})
}

// Invariant 3: what may be hidden by now is not shown.
func TestANodeThatCannotReadTheDatabaseStopsAnswering(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy"})
		operator := annuaire.Asker{Operator: true}
		cut := newCut(f)
		if _, err := cut.Search(f.t.Context(), operator, annuaire.Query{Text: "roux"}); err != nil {
			f.t.Fatal(err)
		}
		f.clock.Add(11 * time.Second)
		_, err := cut.Search(f.t.Context(), operator, annuaire.Query{Text: "roux"})
		if !failure.Is(err, failure.Temporary) || !strings.Contains(failure.TextOf(err, ""), "momentanément indisponible") {
			f.t.Errorf("%v", err)
		}
	})
}

// newCut gives a service that knows everything, and whose database has been taken away since.
func newCut(f *fixture) *annuaire.Service {
	f.t.Helper()
	s := f.node(annuaire.Limits{})
	f.check(s.CatchUp(f.t.Context()))
	f.check(f.db.Write(f.t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(f.t.Context(), `ALTER TABLE establishment RENAME TO lost`)
		if err == nil {
			_, err = tx.NextMeta(f.t.Context(), "directory")
		}
		return err
	}))
	return s
}

// A restored database goes on from an earlier number, under another epoch.
func TestARestoredDatabaseIsReadAnew(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy"})
		f.wants("guy", "Guy ROUX")
		f.check(f.db.Write(f.t.Context(), store.Bulk, func(tx *store.Tx) error {
			for _, q := range []string{`UPDATE store_meta SET value = value + 1 WHERE name = 'epoch'`, `UPDATE store_meta SET value = 1 WHERE name = 'directory'`,
				`UPDATE person SET usage_name = 'BLANC'`} {
				if _, err := tx.Exec(f.t.Context(), q); err != nil {
					return err
				}
			}
			return nil
		}))
		f.check(f.CatchUp(f.t.Context()))
		f.wants("guy", "Guy BLANC")
	})
}

// People search while imports come and Run catches up with them: each answer is one of a moment, and the last is there.
func TestRunCatchesUpBesidePeopleWhoSearch(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		ctx, cancel := context.WithCancel(f.t.Context())
		ran := make(chan error, 1)
		go func() { ran <- f.Run(ctx) }()
		guy := person{id: "1", surname: "ROUX", forenames: "Guy"}
		eve := person{id: "2", surname: "ROUX", forenames: "Ève"}
		f.importOnly(guy)
		f.await("roux", "Guy ROUX")
		f.importOnly(guy, eve)
		f.await("roux", "Ève ROUX", "Guy ROUX")
		cancel()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			f.t.Errorf("Run: %v", err)
		}
	})
}

// await searches until the answer is there, as several people at once do; until then it is an earlier one.
func (f *fixture) await(text string, want ...string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	defer cancel()
	var searching sync.WaitGroup
	for i := range 4 {
		searching.Go(func() {
			for ctx.Err() == nil {
				page, err := f.Search(ctx, annuaire.Asker{Account: int64(i)}, annuaire.Query{Text: text})
				if err != nil {
					f.t.Error(err)
					return
				}
				if got := entryNames(page); slices.Equal(got, want) {
					return
				} else if len(got) > len(want) {
					f.t.Errorf("%q", got)
					return
				}
			}
			f.t.Errorf("%q is not there after a minute", want)
		})
	}
	searching.Wait()
}
