package group_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/group"
	"navette/internal/guard"
)

func (w *world) find(account int64, words string) []group.Pupil {
	w.t.Helper()
	out, err := w.FindPupils(w.t.Context(), account, words)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// said gives what a search offers, a line each.
func said(found []group.Pupil) (out []string) {
	for _, p := range found {
		out = append(out, p.French())
	}
	return out
}

func TestSearchingAPupilOffersWhoAnswersForThem(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c4, c3 := s.Class("4E3"), s.Class("3E1")
		lea := c4.Pupil("Léa", "DUPONT")
		lea.Guardian("Anne", "anne@example.net")
		lea.Guardian("Paul", "")
		lea.Contact("Rosa", "rosa@example.net")
		c3.Pupil("Élodie", "DUPONT-LÉGER").Guardian("Karim", "karim@example.net")
		c3.Pupil("Anne", "ÉTIENNE")
		c4.Pupil("Leandre", "PARTI").Leaves()
		other.Class("4E3").Pupil("Léa", "DUPOND").Guardian("Loin", "loin@example.net")
		head, teacher, aed := s.Head("Hélène", "PETIT").Account, s.Teacher("Eva", "SIMON", c4).Account, s.Agent("Tom", "PION", "AED").Account
		for _, c := range []struct {
			account int64
			words   string
			want    []string
		}{
			{head, "lea", []string{"Responsables de Léa D. (4e3) — 2 personnes"}},
			{head, "DUPONT", []string{"Responsables de Léa D. (4e3) — 2 personnes", "Responsables d'Élodie D. (3e1) — 1 personne"}},
			{head, "leger élo", []string{"Responsables d'Élodie D. (3e1) — 1 personne"}},
			{head, "dup 4e3", []string{"Responsables de Léa D. (4e3) — 2 personnes"}},
			{head, "etienne", []string{"Responsables d'Anne É. (3e1) — 0 personne"}},
			{head, "upont", nil},
			{head, "leandre", nil},
			{head, "l", nil},
			{head, " %", nil},
			{teacher, "dupont", []string{"Responsables de Léa D. (4e3) — 2 personnes"}},
			{aed, "dupont", nil},
			{0, "dupont", nil},
		} {
			if got := said(w.find(c.account, c.words)); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(c.want))) {
				t.Errorf("%q finds %q, want %q", c.words, got, c.want)
			}
		}
	})
}

// The address that a search gives is issued once, cannot be guessed, and lets nobody in who could not find it.
func TestThePupilsGroupIsOneForAllWhoMayWriteToIt(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c := s.Class("4E3")
		lea := c.Pupil("Léa", "DUPONT")
		lea.Guardian("Anne", "anne@example.net")
		head, teacher, colleague, stranger := s.Head("Hélène", "PETIT").Account, s.Teacher("Eva", "SIMON", c).Account, s.Teacher("Guy", "NOIR").Account, other.Head("Marc", "VIAL").Account
		first := w.find(head, "léa dupont")[0].Group
		if again := w.find(teacher, "dupont")[0].Group; again.ID != first.ID || again.Address != first.Address {
			t.Errorf("%+v and %+v", first, again)
		}
		local, _, _ := strings.Cut(first.Address, "@")
		if !strings.HasPrefix(local, "responsables.") || len(local) < 30 || !directory.Reserved(local) {
			t.Errorf("the address is %s", first.Address)
		}
		for account, want := range map[int64]bool{head: true, teacher: true, colleague: false, stranger: false, 0: false} {
			if got := w.mayWrite(account, local); got != want {
				t.Errorf("account %d may write: %t", account, got)
			}
			err := w.Right(t.Context(), account, first.ID)
			if want && err != nil || !want && !failure.Is(err, failure.NotFound) {
				t.Errorf("account %d may look: %v", account, err)
			}
		}
		if got := w.in(local); !slices.Equal(got, []string{"anne@example.net"}) {
			t.Errorf("it holds %q", got)
		}
		if n := w.column(`SELECT CAST(count(*) AS TEXT) FROM school_group WHERE pupil_id <> 0`); n[0] != "1" {
			t.Errorf("%s groups of pupils", n[0])
		}
	})
}

func TestASearchGivesTwentyAtMost(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		c := s.Class("4E3")
		for i := range 23 {
			c.Pupil(fmt.Sprintf("Léa%c", 'a'+i), "DUPONT")
		}
		if n := len(w.find(s.Secretary("Claire", "ROUX").Account, "dupont")); n != 20 {
			t.Errorf("%d pupils", n)
		}
	})
}

// Who may write to which group: GUARD.md, read as the guard is told.
func TestWhoMayWriteToWhichGroup(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c4, g := s.Class("4E3"), s.Group("4ALL2")
		s.Class("3E1")
		rectorat := w.school("0752744A").Rename("Rectorat", directory.NatureRectorat)
		w.derive()
		all := []string{"parents", "parents.4e3", "parents.3e1", "parents.4all2", "eleves", "eleves.4e3", "enseignants", "enseignants.4e3", "personnels",
			"professeurs-principaux", "direction"}
		staff := []string{"enseignants", "enseignants.4e3", "personnels", "professeurs-principaux", "direction"}
		for who, c := range map[string]struct {
			account int64
			want    []string
		}{
			"the head":               {s.Head("Hélène", "PETIT").Account, all},
			"the secretary":          {s.Secretary("Claire", "ROUX").Account, all},
			"the box":                {s.Box, all},
			"a teacher of the 4e3":   {s.Teacher("Eva", "SIMON", c4).Account, append([]string{"parents.4e3", "eleves.4e3"}, staff...)},
			"a teacher of 4ALL2":     {s.Teacher("Hans", "MEYER", g).Account, append([]string{"parents.4all2"}, staff...)},
			"an AED":                 {s.Agent("Tom", "PION", "AED").Account, staff},
			"the rectorat":           {rectorat.Agent("Rita", "HAUT", "INF").Account, staff},
			"the head of the other":  {other.Head("Marc", "VIAL").Account, nil},
			"who has left":           {s.Agent("Bob", "PARTI", "DIR").Ends(s, "2026-11-23").Account, nil},
			"nobody, as from a door": {0, nil},
		} {
			for _, name := range all {
				want := slices.Contains(c.want, name)
				if got := w.mayWrite(c.account, name+".0759001b"); got != want {
					t.Errorf("%s may write to %s: %t", who, name, got)
				}
			}
		}
	})
}

func TestTheGuardIsToldWhatAGroupHolds(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		s.Class("4E3")
		w.derive()
		for name, want := range map[string]guard.Holds{"parents": guard.Guardians, "eleves.4e3": guard.Pupils, "personnels": guard.Staff, "direction": guard.Staff} {
			out, err := w.reach.Standings(t.Context(), 0, []string{at(name + ".0759001b")})
			if err != nil || out[0].Class != guard.Group || out[0].Holds != want || !slices.Equal(out[0].Schools, []string{"0759001B"}) {
				t.Errorf("%s: %+v, %v", name, out, err)
			}
		}
	})
}
