package reach_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/testkit/house"
)

// GUARD.md, « Who is protected »: an address is the same however somebody writes it.
func TestAnAddressIsKnownHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s := w.school("0759001B")
		lea := s.Class("4E3").Pupil("Léa", "DUPONT").Writes("lea@école.example")
		lea.Guardian("Anne", "Anne.Dupont@gmail.com")
		lea.Guardian("Karim", "karim.b@example.net")
		lea.Contact("Rosa", "rosa@example.net")
		secretary := s.Secretary("Claire", "ROUX").Account
		for address, want := range map[string]string{
			"anne.dupont@gmail.com": may, "ANNEDUPONT@googlemail.com": may, "a.n.n.e.dupont+ecole@gmail.com": may,
			"Karim.B@Example.NET": may, "karim.b+x@example.net.": may, `"karim.b"@example.net`: may, "karimb@example.net": none,
			"LEA@xn--cole-9oa.example": may, "lea@ÉCOLE.example": may,
			"rosa@example.net":     may, // a contact's address is nobody else's business either
			"maire@mairie.example": none, "": none, "Mme Dupont": none, "anne@": none,
		} {
			if got := what(w.standing(secretary, address)); got != want {
				t.Errorf("%q is %s, want %s", address, got, want)
			}
		}
	})
}

func TestFormerAndMarkedAddressesAreProtectedWhereTheyWere(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c := s.Class("4E3")
		anne := c.Pupil("Léa", "DUPONT").Guardian("Anne", "old@example.net")
		anne.Moves("new@example.net")
		s.Former(pepper{}.FormerDigest("old@example.net"), "2027-08-31")
		s.Mark("Marked+tag@example.net")
		zoe := c.Pupil("Max", "ROY").Guardian("Zoé", "zoe@example.net")
		zoe.Leaves()
		secretary, teacher, stranger := s.Secretary("Claire", "ROUX").Account, s.Teacher("Eva", "SIMON", c).Account, other.Head("Marc", "VIAL").Account
		for _, c := range []struct {
			address                      string
			secretary, teacher, stranger string
		}{
			{"old@example.net", may, there, none}, // of which pupil nobody knows any more
			{"new@example.net", may, may, none},
			{"marked@example.net", may, there, none},
			{"zoe@example.net", none, none, none}, // AAF names her no more; the import keeps the hash
		} {
			for sender, want := range map[int64]string{secretary: c.secretary, teacher: c.teacher, stranger: c.stranger} {
				if got := what(w.standing(sender, c.address)); got != want {
					t.Errorf("%s is %s, want %s", c.address, got, want)
				}
			}
		}
		w.on("2027-08-31")
		if got := what(w.standing(secretary, "old@example.net")); got != may {
			t.Errorf("on the last day the old address is %s", got)
		}
		w.on("2027-09-01")
		if got := what(w.standing(secretary, "old@example.net")); got != none {
			t.Errorf("on the day after the old address is %s", got)
		}
	})
}

func TestAnAddressOfTheDirectoryIsWhatTheDirectorySays(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c := s.Class("4E3")
		claire := s.Teacher("Claire", "MARTIN", c).Alias("cmartin@" + house.Domain)
		c.Pupil("Tim", "MARTIN").Guardian("Claire", claire.Address) // she is a parent at her own school, too
		head := s.Head("Hélène", "PETIT")
		dsden := w.school("0752744A").Rename("DSDEN", directory.NatureDSDEN).Agent("Rita", "HAUT", "INF")
		far := w.school("0930001A").Rename("DSDEN", directory.NatureDSDEN).Agent("Remi", "LOIN", "INF")
		for address, want := range map[string]guard.Standing{
			claire.Address:                         {Class: guard.Agent, Schools: []string{"0759001B"}},
			"Cmartin@" + house.Domain:              {Class: guard.Agent, Schools: []string{"0759001B"}},
			head.Address:                           {Class: guard.Agent, Own: true, Schools: []string{"0759001B"}},
			"ce.0759001B@" + house.Domain:          {Class: guard.Functional, Own: true, Schools: []string{"0759001B"}},
			"ce.0750654d@" + house.Domain:          {Class: guard.Functional, Schools: []string{"0750654D"}},
			other.Teacher("Ana", "TZR", c).Address: {Class: guard.Agent, Schools: []string{"0750654D", "0759001B"}},
			dsden.Address:                          {Class: guard.Agent, Schools: []string{"0752744A", "0759001B"}}, // it answers for the sender's
			far.Address:                            {Class: guard.Agent, Schools: []string{"0930001A"}},
			other.Teacher("Pat", "ICI").Ends(other, "2026-11-23").Address: {Class: guard.Agent},
			"nobody@" + house.Domain: {},
		} {
			got := w.standing(head.Account, address)
			if !slices.Equal(got.Schools, want.Schools) || got.Class != want.Class || got.Own != want.Own || got.Entitled || got.Frames != nil {
				t.Errorf("%s: %+v, want %+v", address, got, want)
			}
		}
	})
}

func TestListsAreGroupsWhoseOwnRuleDecides(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		a := w.house.Accounts(t, 1)[0]
		for id, name := range map[int64]string{901: "dedans", 902: "dehors", 903: "emboite"} {
			exec(t, w.house.DB, `INSERT INTO account (account_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
				VALUES ($1, 'list', $2, 'active', '', 1, 0, 0)`, id, name)
			exec(t, w.house.DB, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, 'primary', 0, '')`, name+"@"+house.Domain, id)
			exec(t, w.house.DB, `INSERT INTO list (account_id, kind, expression, posting, hidden, archive, leaving, max_size, waiting_id, told_uid, told_at)
				VALUES ($1, 'static', '', 'agents', 0, 0, 0, 0, 0, 0, 0)`, id)
		}
		exec(t, w.house.DB, `INSERT INTO list_member (account_id, member_id) VALUES (901, $1), (903, 902), (902, 903)`, a)
		exec(t, w.house.DB, `INSERT INTO list_outside (account_id, address) VALUES (902, 'un@dehors.example')`)
		for name, outside := range map[string]bool{"dedans": false, "dehors": true, "emboite": true} {
			want := guard.Standing{Class: guard.Group, Holds: guard.Members, Entitled: true, Outside: outside}
			if got := w.standing(0, name+"@"+house.Domain); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
	})
}

// Invariant 1: nothing tells an address that is a guardian's somewhere from one that is nobody's.
func TestStrangersGetTheSameAnswerAtTheSameCost(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		s.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		s.Former(pepper{}.FormerDigest("old@example.net"), "2027-08-31")
		s.Mark("marked@example.net")
		colleague, stranger := s.Secretary("Claire", "ROUX").Account, other.Secretary("Rose", "AUTRE").Account
		cost := func(sender int64, addresses ...string) (queries int64, out []guard.Standing) {
			before := w.house.DB.Stats().Queries
			out, err := w.Standings(t.Context(), sender, addresses)
			if err != nil {
				t.Fatal(err)
			}
			return w.house.DB.Stats().Queries - before, out
		}
		want, nobody := cost(stranger, "nobody@example.net")
		if want > 10 {
			t.Errorf("%d queries", want)
		}
		for _, address := range []string{"anne@example.net", "old@example.net", "marked@example.net", "a@b"} {
			if n, out := cost(stranger, address); n != want || fmt.Sprint(out) != fmt.Sprint(nobody) {
				t.Errorf("%s: %d queries and %+v, where nobody's address has %d and %+v", address, n, out, want, nobody)
			}
			if n, _ := cost(colleague, address); n != want {
				t.Errorf("%s: %d queries for a colleague, want %d", address, n, want)
			}
		}
		var many []string
		for i := range 3000 {
			many = append(many, fmt.Sprintf("somebody%d@example.net", i))
		}
		if n, out := cost(colleague, append(many, "anne@example.net", "anne@example.net")...); n != want || len(out) != 3002 || what(out[3001]) != may {
			t.Errorf("%d queries for 3,002 addresses, want %d; the last is %s", n, want, what(out[3001]))
		}
	})
}

// Computed groups and consent frames are told by whoever keeps them, in the same snapshot.
func TestGroupsAndFramesAreAskedOnce(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s := w.school("0759001B")
		s.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "Anne+x@example.net")
		keeper := &keeper{}
		w.OnGroups(keeper)
		w.OnFrames(keeper)
		out, err := w.Standings(t.Context(), s.Secretary("Claire", "ROUX").Account, []string{"Parents@" + house.Domain, "anne+y@example.net"})
		if err != nil || out[0].Class != guard.Group || out[0].Holds != guard.Guardians || !slices.Equal(out[1].Frames, []int64{7}) || out[1].Class != guard.Protected {
			t.Errorf("%+v, %v", out, err)
		}
		if keeper.asked != 2 {
			t.Errorf("asked %d times", keeper.asked)
		}
	})
}

// keeper knows one group and one frame.
type keeper struct{ asked int }

func (k *keeper) Standings(_ context.Context, _ *store.Tx, _ reach.Rights, _ []string) (map[string]guard.Standing, error) {
	k.asked++
	return map[string]guard.Standing{"parents@" + house.Domain: {Class: guard.Group, Holds: guard.Guardians}}, nil
}

func (k *keeper) InForce(_ context.Context, _ *store.Tx, _ reach.Rights, _ []string) (map[string][]int64, error) {
	k.asked++
	return map[string][]int64{"anne@example.net": {7}}, nil
}

func exec(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	err := db.Write(t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A program of ours is nobody, and exposes nobody of any school.
func TestEverywhereWhoeverIsProtectedAnywhereIs(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		first, second := w.school("0759001B"), w.school("0750654D")
		first.Class("4E3").Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		second.Class("2A").Pupil("Max", "ROY").Guardian("Zoé", "zoe@example.net")
		head := first.Head("Claire", "ROUX")
		got, err := w.StandingsEverywhere(t.Context(), []string{"Anne+x@example.net", "zoe@example.net", "maire@mairie.example", head.Address})
		if err != nil {
			t.Fatal(err)
		}
		want := []guard.Standing{
			{Class: guard.Protected, Schools: []string{"0759001B"}}, {Class: guard.Protected, Schools: []string{"0750654D"}}, {Class: guard.External},
			{Class: guard.Agent, Schools: []string{"0759001B"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-expected +got)\n%s", diff)
		}
	})
}
