package reach_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"os"
	"testing"

	"navette/internal/directory"
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

// pepper hashes former addresses, as identity.Pepper does under another key.
type pepper struct{}

func (pepper) FormerDigest(matchKey string) []byte {
	mac := hmac.New(sha256.New, []byte("a pepper of tests"))
	mac.Write([]byte(matchKey))
	return mac.Sum(nil)
}

// world is the services on a database, on a morning.
type world struct {
	*reach.Service
	t     *testing.T
	house *house.House
	clock *clock.Clock
}

// worlds runs a test on both engines, on 24 November 2026.
func worlds(t *testing.T, test func(w *world)) {
	t.Helper()
	stores.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, house: house.New(t, db), clock: &clock.Clock{}}
	w.on("2026-11-24")
	w.Service = reach.New(reach.Config{DB: db, Former: pepper{}, Now: w.clock.Now})
	return w
}

// on passes to the morning of a day.
func (w *world) on(day string) {
	w.t.Helper()
	d, err := directory.ParseDate(day)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.Set(d.UTC().Add(8 * 3600e9))
}

func (w *world) school(uai string) *school.School {
	w.t.Helper()
	return school.New(w.t, w.house, uai)
}

// standing gives what one address is for a sender.
func (w *world) standing(sender int64, address string) guard.Standing {
	w.t.Helper()
	out, err := w.Standings(w.t.Context(), sender, []string{address})
	if err != nil || len(out) != 1 {
		w.t.Fatalf("%d standings, %v", len(out), err)
	}
	return out[0]
}

// what says a standing in a word.
func what(s guard.Standing) string {
	word := map[guard.Class]string{guard.External: "external", guard.Agent: "agent", guard.Functional: "box", guard.Group: "group",
		guard.Protected: "protected"}[s.Class]
	if s.Class == guard.Protected && s.Entitled {
		word += ", to whom they may write"
	}
	if s.Own {
		word = "their own " + word
	}
	return word
}
