package group_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/directory"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func (w *world) locals() []string {
	w.t.Helper()
	return w.column(`SELECT local FROM school_group ORDER BY local`)
}

func TestGroupsAreIssuedOnceForEver(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		s.Class("4E3")
		s.Group("4ALL2")
		s.Division(school.Year-1, 1, "5E3")
		w.school("0752744A").Rename("Rectorat", directory.NatureRectorat)
		if n := w.derive(); n != 6+4+3+2 {
			t.Errorf("%d groups: %q", n, w.locals())
		}
		before := w.locals()
		if n := w.derive(); n != 0 || !slices.Equal(w.locals(), before) {
			t.Errorf("the second time %d groups", n)
		}
		want := w.id("parents.4e3.0759001b")
		w.exec(`UPDATE school_year SET state = 2`)
		w.exec(`INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES ($1, 1, '2027-09-01', '', 0)`, school.Year+1)
		next := s.Division(school.Year+1, 1, "4E3")
		next.Pupil("Tom", "NEUF").Guardian("Nina", "nina@example.net")
		w.exec(`UPDATE guardianship SET year = $1`, school.Year+1)
		if n := w.derive(); n != 0 || w.id("parents.4e3.0759001b") != want {
			t.Errorf("next year's class of the same name had %d groups issued", n)
		}
		if got := w.in("parents.4e3.0759001b"); !slices.Equal(got, []string{"nina@example.net"}) {
			t.Errorf("next year it holds %q", got)
		}
	})
}

func TestNamesThatMakeTheSameSlugAreNumbered(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		s.Class("T S1")
		s.Class("T-S1")
		s.Group("T S1")
		s.Class("+")
		w.exec(`INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ('eleves.t-s1.0759001b@`+house.Domain+`', $1, 'alias', 0, '')`, s.Box)
		w.derive()
		var got []string
		for _, l := range w.locals() {
			if strings.HasPrefix(l, "parents.") || strings.HasPrefix(l, "eleves.t") {
				got = append(got, l)
			}
		}
		want := []string{"eleves.t-s1-2.0759001b", "eleves.t-s1-3.0759001b", "eleves.t-s1-4.0759001b", // the bare one was somebody's
			"parents.0759001b", "parents.classe.0759001b", "parents.t-s1-2.0759001b", "parents.t-s1-3.0759001b", "parents.t-s1.0759001b"}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestTwoNodesIssueEachGroupOnce(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		for i := range 20 {
			s.Class(fmt.Sprintf("4E%d", i))
		}
		errs := make(chan error, 4)
		for range 4 {
			go func() {
				_, err := w.Derive(t.Context())
				errs <- err
			}()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if n := len(w.locals()); n != 6+20*4 {
			t.Errorf("%d groups", n)
		}
	})
}

func TestUpkeepFollowsImports(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		upkeep := func(want int) {
			t.Helper()
			if err := w.Upkeep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(w.locals()); n != want {
				t.Errorf("%d groups, want %d", n, want)
			}
		}
		upkeep(2)
		s.Class("4E3")
		upkeep(6 + 4)
		w.exec(`INSERT INTO establishment (uai, name, nature, department, city, created_at) VALUES ('0752744A', 'Rectorat', '802', '075', '', 0)`)
		upkeep(6 + 4) // by an HR file: it has an hour
	})
}

func TestOneQueryTellsThatNothingCameIn(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		w.school("0759001B").Class("4E3")
		for _, want := range []int64{2, 1} {
			before := w.house.DB.Stats().Queries
			if err := w.Upkeep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := w.house.DB.Stats().Queries - before; n != want {
				t.Errorf("%d queries, want %d", n, want)
			}
		}
	})
}

func TestAddressesAreFoundHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		w.school("0759001B").Class("4E3")
		w.derive()
		for _, address := range []string{"parents.4e3.0750654d@" + house.Domain, "parents.4e3.0759001b@example.net", "parents@" + house.Domain, "x"} {
			if id, found, err := w.ByAddress(t.Context(), address); found || err != nil {
				t.Errorf("%s is group %d, %v", address, id, err)
			}
		}
		r, err := w.delivery().Resolve(t.Context(), "Parents.4E3.0759001B+x@AC-Paris.example")
		if err != nil || !r.Local || r.Target.Group != w.id("parents.4e3.0759001b") {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// An académie's worth of classes is issued in a few transactions of bounded size.
func BenchmarkDeriveAnAcademie(b *testing.B) {
	for range b.N {
		b.StopTimer()
		w := newWorld(b, stores.SQLite(b))
		fill(b, w.house.DB, 1100, 27)
		b.StartTimer()
		start := time.Now()
		b.ReportMetric(float64(w.derive()), "groups")
		b.ReportMetric(time.Since(start).Seconds(), "s")
		b.StopTimer()
		again := time.Now()
		w.derive()
		b.ReportMetric(time.Since(again).Seconds(), "s-again")
	}
}

// fill makes schools with classes of the current year.
func fill(tb testing.TB, db *store.DB, schools, classes int) {
	tb.Helper()
	err := db.Write(tb.Context(), store.Bulk, func(tx *store.Tx) error {
		if _, err := tx.Exec(tb.Context(), `INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES (2026, 1, '2026-09-01', '', 0)`); err != nil {
			return err
		}
		var records, divisions []store.Record
		for i := range schools {
			uai := benchUAI(i)
			records = append(records, store.Record{Ints: []int64{0}, Texts: []string{uai}})
			for k := range classes {
				divisions = append(divisions, store.Record{Ints: []int64{int64(i*classes + k + 1), int64(k%3/2 + 1)}, Texts: []string{uai, fmt.Sprintf("%dE%d", k%4+3, k)}})
			}
		}
		staged, arg := tx.Dialect().Records(1, []string{"n"}, []string{"uai"}, records)
		if _, err := tx.Exec(tb.Context(), `INSERT INTO establishment (uai, name, nature, department, city, created_at)
			SELECT uai, 'Collège ' || uai, '340', '075', 'Paris', n FROM (`+staged+`) AS s`, arg); err != nil {
			return err
		}
		staged, arg = tx.Dialect().Records(1, []string{"id", "kind"}, []string{"uai", "name"}, divisions)
		_, err := tx.Exec(tb.Context(), `INSERT INTO division (division_id, year, uai, kind, name, label, gone)
			SELECT id, 2026, uai, kind, name, '', 0 FROM (`+staged+`) AS s`, arg)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}
