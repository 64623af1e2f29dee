package group_test

import (
	"crypto/rand"
	"log/slog"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/box"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/list"
	"navette/internal/testkit/house"
)

// Nobody else is ever given the address of a group, whether the group is there already or not.
func TestAddressesOfGroupsAreKeptFromListsAndBoxes(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		w.school("0759001B").Class("4E3")
		w.derive()
		lists := list.New(list.Config{DB: w.house.DB, Contents: w.house.Contents, Mailboxes: w.house.Mailboxes, Delivery: w.house.Delivery, Domain: house.Domain,
			Now: w.clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		boxes := box.New(box.Config{DB: w.house.DB, Domain: house.Domain, Now: w.clock.Now, Log: slog.New(slog.DiscardHandler)})
		owner := w.house.Accounts(t, 1)
		for _, local := range []string{"parents.4e3.0759001b", "Parents.5E3.0759001B", "responsables.x.0750654d"} {
			_, err := lists.Create(t.Context(), identity.By{Actor: "cli:dsi"}, list.List{Local: local, Kind: list.Static, Owners: owner, Settings: list.Settings{Posting: list.ByAgents}})
			if !failure.Is(err, failure.Policy) {
				t.Errorf("a list %s: %v", local, err)
			}
			if _, err := boxes.Create(t.Context(), identity.By{Actor: "cli:dsi"}, []box.Box{{Local: local, Display: "Parents"}}); !failure.Is(err, failure.Policy) {
				t.Errorf("a box %s: %v", local, err)
			}
		}
	})
}

// Whatever classes and people are called, no group and no person share an address.
func TestGroupsAndPeopleNeverShareAnAddress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"parents", "eleves", "enseignants", "personnels", "professeurs-principaux", "direction", "responsables"}).Draw(t, "word")
		class := rapid.OneOf(rapid.StringMatching(`[0-9]?[A-Z]{0,3} ?[0-9A-Zé.+-]{0,40}`), rapid.String()).Draw(t, "class")
		local := directory.GroupLocal(word, directory.Slug(class), directory.MakeUAI(rapid.IntRange(0, 9_999_999).Draw(t, "uai")), rapid.IntRange(0, 12).Draw(t, "n"))
		if !directory.IsGroupLocal(local) || !directory.Reserved(local) || len(local) > directory.MaxLocal {
			t.Fatalf("%q is no address that is kept for groups", local)
		}
		if normal, err := directory.Normalize(local + "@" + house.Domain); err != nil || normal != local+"@"+house.Domain {
			t.Fatalf("%q is looked up as %q, %v", local, normal, err)
		}
	})
}

func TestListingAndSearchingAskAsOftenForALargeSchoolAsForASmallOne(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		small, large := w.school("0759001B"), w.school("0750654D")
		small.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		for _, name := range []string{"6E1", "6E2", "5E1", "5E2", "4E1"} {
			large.Class(name).Pupil("Tom", "DUPONT").Guardian("Paul", "paul@example.net")
		}
		w.derive()
		cost := func(account int64) (n int64) {
			before := w.house.DB.Stats().Queries
			if _, err := w.For(t.Context(), account, ""); err != nil {
				t.Fatal(err)
			}
			w.find(account, "dupont")
			return w.house.DB.Stats().Queries - before
		}
		head, other := small.Head("Hélène", "PETIT").Account, large.Head("Marc", "VIAL").Account
		if a, b := cost(head), cost(other); a != b || a > 12 {
			t.Errorf("%d queries for a small school, %d for a large one", a, b)
		}
	})
}
