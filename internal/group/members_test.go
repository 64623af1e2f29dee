package group_test

import (
	"slices"
	"testing"

	"navette/internal/directory"
	"navette/internal/testkit/school"
)

func TestWhoIsInTheGroupsOfASchool(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c4, c3, g := s.Class("4E3"), s.Class("3E1"), s.Group("4ALL2")
		lea, tom, sami := c4.Pupil("Léa", "DUPONT").Writes("lea@example.net"), c4.Pupil("Tom", "DUPONT"), c3.Pupil("Sami", "BENALI")
		g.Add(lea, sami)
		anne := lea.Guardian("Anne", "anne@example.net")
		tom.AnsweredFor(anne, school.Year, true) // brother and sister: one of them, once
		lea.Guardian("Paul", "paul@example.net") // separated: each their own
		lea.Contact("Rosa", "rosa@example.net")  // pays, and is no guardian
		sami.Guardian("Karim", "")               // no address
		sami.Guardian("Old", "old@example.net").Leaves()
		left := c3.Pupil("Max", "PARTI")
		left.Guardian("Zoé", "zoe@example.net")
		left.Leaves()
		former := s.Division(school.Year-1, 1, "5E3").Pupil("Ana", "GRANDE")
		former.AnsweredFor(anne, school.Year-1, true)
		other.Class("4E3").Pupil("Lou", "LOIN").Guardian("Loin", "loin@example.net")

		claire, hans := s.Teacher("Claire", "MARTIN", c4).Principal(c4), s.Teacher("Hans", "MEYER", g)
		tzr := other.Teacher("Ana", "TZR", c3)
		gone := s.Teacher("Bob", "PARTI", c4).Ends(s, "2026-11-23")
		s.Teacher("Lou", "FLOU", c4).Unmatched()
		s.Teacher("Dan", "DEPART", c4).Becomes(directory.StateDeparted)
		suspended := s.Teacher("Sue", "SUSPEND", c3).Becomes(directory.StateSuspended)
		doc := s.Agent("Dora", "LIVRE", "DOC")
		head, deputy, secretary := s.Head("Hélène", "PETIT"), s.Agent("Jean", "LEROY", "TEC").Posted(s, "D0011"), s.Secretary("Claire", "ROUX")
		chat := other.Agent("Ali", "SERVICE", "AED").Posted(s, "-")
		_, _ = gone, chat
		w.derive()
		lou := accounts(s.Agent("Lou", "FLOU2", "SUR")) // matched nowhere else: by function alone
		flou := w.column(`SELECT 'account ' || CAST(account_id AS TEXT) FROM account WHERE login = 'lflou'`)
		for local, want := range map[string][]string{
			"parents.4e3.0759001b":                {"anne@example.net", "paul@example.net"},
			"parents.3e1.0759001b":                {""},
			"parents.4all2.0759001b":              {"", "anne@example.net", "paul@example.net"},
			"parents.0759001b":                    {"", "anne@example.net", "paul@example.net"},
			"parents.4e3.0750654d":                {"loin@example.net"},
			"eleves.4e3.0759001b":                 {"", "lea@example.net"},
			"eleves.0759001b":                     {"", "", "lea@example.net"},
			"enseignants.4e3.0759001b":            accounts(claire),
			"enseignants.4all2.0759001b":          accounts(hans),
			"enseignants.3e1.0759001b":            accounts(tzr, suspended),
			"enseignants.0759001b":                slices.Sorted(slices.Values(append(accounts(claire, hans, tzr, suspended, doc), flou...))),
			"professeurs-principaux.4e3.0759001b": accounts(claire),
			"professeurs-principaux.3e1.0759001b": nil,
			"professeurs-principaux.0759001b":     accounts(claire),
			"direction.0759001b":                  accounts(head, deputy),
			"personnels.0759001b":                 slices.Sorted(slices.Values(append(append(accounts(claire, hans, tzr, suspended, doc, head, deputy, secretary), flou...), lou...))),
		} {
			if got := w.in(local); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", local, got, want)
			}
		}
	})
}

func TestAMemberSaysForWhomTheyAreThere(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w *world) {
		s := w.school("0759001B")
		c := s.Class("4E3")
		lea, tom := c.Pupil("Léa", "DUPONT"), c.Pupil("Tom", "DUPONT")
		anne := lea.Guardian("Anne", "Anne@Example.net")
		tom.AnsweredFor(anne, school.Year, true)
		w.derive()
		members, err := w.Members(t.Context(), w.id("parents.0759001b"))
		if err != nil || len(members) != 1 {
			t.Fatalf("%+v, %v", members, err)
		}
		m := members[0]
		if m.Person != anne.ID || m.Account != 0 || m.Address != "Anne@Example.net" || !slices.Equal(m.Pupils, []int64{lea.ID, tom.ID}) || !slices.Equal(m.Schools, []string{"0759001B"}) {
			t.Errorf("%+v", m)
		}
	})
}
