package group_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/group"
	"navette/internal/guard"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// digester hashes former addresses; these tests have none.
type digester struct{}

func (digester) FormerDigest(key string) []byte { return []byte(key) }

// world is the groups on a database, on 24 November 2026.
type world struct {
	*group.Service
	t     testing.TB
	reach *reach.Service
	house *house.House
	clock *clock.Clock
}

// worlds runs a test on both engines.
func worlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	stores.Each(t, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, house: house.New(t, db), clock: clock.New(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))}
	w.reach = reach.New(reach.Config{DB: db, Former: digester{}, Now: w.clock.Now})
	w.Service = group.New(group.Config{DB: db, Reach: w.reach, Domain: house.Domain, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	w.reach.OnGroups(w.Service)
	return w
}

func (w *world) school(uai string) *school.School {
	w.t.Helper()
	return school.New(w.t, w.house, uai)
}

// derive issues what lacks, and gives how many.
func (w *world) derive() int {
	w.t.Helper()
	n, err := w.Derive(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// id gives the group of an address, which must be there.
func (w *world) id(local string) int64 {
	w.t.Helper()
	id, found, err := w.ByAddress(w.t.Context(), at(local))
	if err != nil || !found {
		w.t.Fatalf("%s: found %t, %v", local, found, err)
	}
	return id
}

func at(local string) string { return local + "@" + house.Domain }

// in gives who is in a group: the addresses of guardians and pupils, the accounts of staff.
func (w *world) in(local string) (out []string) {
	w.t.Helper()
	members, err := w.Members(w.t.Context(), w.id(local))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range members {
		if m.Holds == guard.Staff {
			out = append(out, fmt.Sprintf("account %d", m.Account))
		} else {
			out = append(out, m.Address)
		}
	}
	slices.Sort(out)
	return out
}

// accounts names staff as in does.
func accounts(agents ...*school.Agent) (out []string) {
	for _, a := range agents {
		out = append(out, fmt.Sprintf("account %d", a.Account))
	}
	slices.Sort(out)
	return out
}

// delivery is the one that knows the groups.
func (w *world) delivery() *delivery.Service {
	w.house.Delivery.OnGroups(w.Service)
	return w.house.Delivery
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	err := w.house.DB.Write(w.t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(w.t.Context(), query, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) column(query string, args ...any) []string {
	w.t.Helper()
	return stores.Column(w.t, w.house.DB, query, args...)
}

// mayWrite tells whether somebody may write to a group, by what the guard is told.
func (w *world) mayWrite(account int64, local string) bool {
	w.t.Helper()
	out, err := w.reach.Standings(w.t.Context(), account, []string{strings.ToUpper(at(local))})
	if err != nil || out[0].Class != guard.Group {
		w.t.Fatalf("%s: %+v, %v", local, out, err)
	}
	return out[0].Entitled
}
