package reach_test

import (
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/reach"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

var dsi = identity.By{Actor: "cli:dsi", Reason: "demande du rectorat"}

func day(t *testing.T, s string) directory.Date {
	t.Helper()
	d, err := directory.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// GUARD.md: « replacement -> by delegation of the head ».
func TestAReplacementWritesToTheClassesOfWhomTheyReplaceWhileItLasts(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c4, c3, far := s.Class("4E3"), s.Class("3E1"), other.Class("2DE1")
		c4.Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		c3.Pupil("Sami", "BENALI").Guardian("Karim", "karim@example.net")
		far.Pupil("Max", "ROY").Guardian("Zoé", "zoe@example.net")
		head := s.Head("Hélène", "PETIT").Account
		absent := s.Teacher("Claire", "MARTIN", c4, far).Ends(s, "2026-11-30") // on leave: her classes go on
		ana := other.Teacher("Ana", "TZR").Account
		id, err := w.Delegate(t.Context(), reach.AsHead(head, "congé"), reach.Delegation{UAI: s.UAI, Receiver: ana, Teacher: absent.Account,
			From: day(t, "2026-12-01"), To: day(t, "2026-12-18")})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ day, anne, karim, zoe string }{
			{"2026-11-30", none, none, there}, {"2026-12-01", may, there, there}, {"2026-12-18", may, there, there}, {"2026-12-19", none, none, there},
		} {
			w.on(c.day)
			for address, want := range map[string]string{"anne@example.net": c.anne, "karim@example.net": c.karim, "zoe@example.net": c.zoe} {
				if got := what(w.standing(ana, address)); got != want {
					t.Errorf("on %s %s is %s, want %s", c.day, address, got, want)
				}
			}
		}
		w.on("2026-12-10")
		list, err := w.Delegations(t.Context(), reach.AsHead(head, ""), s.UAI)
		if err != nil || len(list) != 1 || list[0].ReceiverName != "Ana TZR" || list[0].Of != "Claire MARTIN" || list[0].ID != id {
			t.Errorf("%+v, %v", list, err)
		}
		if err := w.Withdraw(t.Context(), reach.AsHead(head, "retour"), id); err != nil {
			t.Fatal(err)
		}
		if got := what(w.standing(ana, "anne@example.net")); got != none {
			t.Errorf("after it was withdrawn: %s", got)
		}
		if err := w.Withdraw(t.Context(), reach.AsHead(head, "retour"), id); !failure.Is(err, failure.NotFound) {
			t.Errorf("withdrawn twice: %v", err)
		}
		if got := stores.Column(t, w.house.DB, `SELECT action || ' by ' || actor || ': ' || reason FROM journal ORDER BY seq`); strings.Join(got, "; ") !=
			"delegation.give by hpetit: congé; delegation.withdraw by hpetit: retour" {
			t.Errorf("journal: %q", got)
		}
	})
}

func TestADelegationOfOneClass(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s := w.school("0759001B")
		c4, c3 := s.Class("4E3"), s.Class("3E1")
		c4.Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		c3.Pupil("Sami", "BENALI").Guardian("Karim", "karim@example.net")
		aed := s.Agent("Tom", "PION", "AED").Account
		division, err := w.FindDivision(t.Context(), s.UAI, " classe 4e3 ")
		if err != nil || division != c4.ID {
			t.Fatalf("%d, %v", division, err)
		}
		if _, err := w.Delegate(t.Context(), reach.AsOperator(dsi), reach.Delegation{UAI: s.UAI, Receiver: aed, Division: division,
			From: day(t, "2026-11-24"), To: day(t, "2026-11-24")}); err != nil {
			t.Fatal(err)
		}
		if anne, karim := what(w.standing(aed, "anne@example.net")), what(w.standing(aed, "karim@example.net")); anne != may || karim != there {
			t.Errorf("anne is %s, karim %s", anne, karim)
		}
	})
}

func TestDelegationsThatAreRefused(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c, old := s.Class("4E3"), s.Division(school.Year-1, 1, "5E3")
		s.Group("4E3")
		head, deputy, farHead := s.Head("Hélène", "PETIT").Account, s.Deputy("Jean", "LEROY").Account, other.Head("Marc", "VIAL").Account
		claire, ana, gone := s.Teacher("Claire", "MARTIN", c).Account, other.Teacher("Ana", "TZR").Account, s.Agent("Bob", "PARTI", "ENS").Becomes(directory.StateDeparted).Account
		right := reach.Delegation{UAI: s.UAI, Receiver: ana, Teacher: claire, From: day(t, "2026-11-24"), To: day(t, "2027-08-31")}
		for name, c := range map[string]struct {
			by   int64
			with func(d *reach.Delegation)
			want failure.Kind
		}{
			"by the deputy":            {deputy, func(*reach.Delegation) {}, failure.Denied},
			"by another school's head": {farHead, func(*reach.Delegation) {}, failure.Denied},
			"by the teacher":           {claire, func(*reach.Delegation) {}, failure.Denied},
			"beyond the school year":   {head, func(d *reach.Delegation) { d.To = day(t, "2027-09-01") }, failure.Policy},
			"over already":             {head, func(d *reach.Delegation) { d.From, d.To = day(t, "2026-11-01"), day(t, "2026-11-23") }, failure.Policy},
			"backwards":                {head, func(d *reach.Delegation) { d.From = day(t, "2027-09-01") }, failure.Policy},
			"without days":             {head, func(d *reach.Delegation) { d.To = directory.Date{} }, failure.Policy},
			"of nothing":               {head, func(d *reach.Delegation) { d.Teacher = 0 }, failure.Policy},
			"of two things":            {head, func(d *reach.Delegation) { d.Division = c.ID }, failure.Policy},
			"to oneself":               {head, func(d *reach.Delegation) { d.Receiver = claire }, failure.Policy},
			"to somebody who left":     {head, func(d *reach.Delegation) { d.Receiver = gone }, failure.Policy},
			"to a box":                 {head, func(d *reach.Delegation) { d.Receiver = s.Box }, failure.Policy},
			"of who teaches nothing":   {head, func(d *reach.Delegation) { d.Teacher = deputy }, failure.Policy},
			"of last year's class":     {head, func(d *reach.Delegation) { d.Teacher, d.Division = 0, old.ID }, failure.Policy},
		} {
			d := right
			c.with(&d)
			if _, err := w.Delegate(t.Context(), reach.AsHead(c.by, "essai"), d); !failure.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if _, err := w.Delegate(t.Context(), reach.AsHead(head, "essai"), right); err != nil {
			t.Errorf("the right one: %v", err)
		}
		if _, err := w.FindDivision(t.Context(), s.UAI, "4e3"); !failure.Is(err, failure.Conflict) {
			t.Errorf("a class and a group of one name: %v", err)
		}
		if _, err := w.FindDivision(t.Context(), s.UAI, "5E3"); !failure.Is(err, failure.NotFound) {
			t.Errorf("last year's class: %v", err)
		}
	})
}
