package reach_test

import (
	"slices"
	"testing"

	"navette/internal/directory"
	"navette/internal/testkit/school"
)

const (
	none  = "external"                          // an address like any other
	there = "protected"                         // protected, and not theirs to write to
	may   = "protected, to whom they may write" // GUARD.md, « Who may write to protected people »
)

// GUARD.md, « Who may write to protected people », read line by line: Anne answers for Léa, of the 4e3; Karim for Sami, of
// the 3e1; Zoé for Max, of another school.
func TestWhoMayWriteToWhom(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c4, c3, g := s.Class("4E3"), s.Class("3E1"), s.Group("4ALL2")
		lea, sami, max := c4.Pupil("Léa", "DUPONT"), c3.Pupil("Sami", "BENALI"), other.Class("2DE1").Pupil("Max", "ROY")
		g.Add(lea)
		lea.Guardian("Anne", "anne@example.net")
		sami.Guardian("Karim", "karim@example.net")
		max.Guardian("Zoé", "zoe@example.net")
		stranger := other.Agent("Paul", "LOIN", "ENS").Ends(other, "2021-08-31")
		rectorat := w.school("0752744A").Rename("Rectorat", directory.NatureRectorat)
		for who, c := range map[string]struct {
			sender          int64
			anne, karim, zo string
		}{
			"the head":                      {s.Head("Hélène", "PETIT").Account, may, may, none},
			"the deputy":                    {s.Deputy("Jean", "LEROY").Account, may, may, none},
			"the secretary":                 {s.Secretary("Claire", "ROUX").Account, may, may, none},
			"the CPE":                       {s.CPE("Ali", "SAÏD").Account, may, may, none},
			"the Psy-EN":                    {s.Psychologist("Nora", "BLANC").Account, may, may, none},
			"the nurse":                     {s.Nurse("Ines", "FAURE").Account, may, may, none},
			"the head by the code of AAF":   {s.Agent("Luc", "PRIN", "D0010").Account, may, may, none},
			"a teacher of the 4e3":          {s.Teacher("Claire", "MARTIN", c4).Account, may, there, none},
			"a teacher of group 4ALL2":      {s.Teacher("Hans", "MEYER", g).Account, may, there, none},
			"a teacher of both classes":     {s.Teacher("Eva", "SIMON", c4, c3).Account, may, may, none},
			"a teacher without classes":     {s.Teacher("Guy", "NOIR").Account, there, there, none},
			"an AED":                        {s.Agent("Tom", "PION", "AED").Account, there, there, none},
			"whom AAF does not match":       {s.Teacher("Lou", "FLOU", c4).Unmatched().Account, there, there, none},
			"whom AAF names no more":        {s.Teacher("Zac", "PASSE", c4).Forgotten().Account, there, there, none},
			"a teacher here and there":      {s.Teacher("Ana", "DEUX", c4).Serves(other, "ADF", school.Since, "").Account, may, there, may},
			"the head of the other":         {other.Head("Marc", "VIAL").Account, none, none, may},
			"who has left":                  {stranger.Account, none, none, none},
			"the rectorat":                  {rectorat.Agent("Rita", "HAUT", "INF").Account, none, none, none},
			"a head who is suspended":       {s.Head("Sus", "PENDU").Becomes(directory.StateSuspended).Account, none, none, none},
			"the box of the school":         {s.Box, may, may, none},
			"a member of the box, by name":  {s.Agent("Max", "BOITE", "AED").Opens(s, "member").Account, there, there, none},
			"nobody":                        {0, none, none, none},
			"a replacement without account": {-1, none, none, none},
		} {
			for address, want := range map[string]string{"anne@example.net": c.anne, "karim@example.net": c.karim, "zoe@example.net": c.zo} {
				if got := what(w.standing(c.sender, address)); got != want {
					t.Errorf("%s: %s is %s, want %s", who, address, got, want)
				}
			}
		}
	})
}

func TestRightsFollowTheDays(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s := w.school("0759001B")
		c := s.Class("4E3")
		c.Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		secretary := s.Agent("Claire", "ROUX", "TEC").Serves(s, "ADF", "2026-12-01", "2026-12-31").Account
		teacher := s.Teacher("Eva", "SIMON", c).Ends(s, "2026-12-15").Account
		visitor := w.school("0750654D").Teacher("Ana", "TZR", c).Account // HR knows her where her post is
		dropped := s.Secretary("Bob", "PARTI").Dropped(s).Account
		for _, c := range []struct{ day, secretary, teacher, visitor, dropped string }{
			{"2026-11-30", there, may, may, none},
			{"2026-12-01", may, may, may, none},
			{"2026-12-15", may, may, may, none},
			{"2026-12-16", may, none, may, none},
			{"2026-12-31", may, none, may, none},
			{"2027-01-01", there, none, may, none},
		} {
			w.on(c.day)
			for who, one := range map[string]struct {
				sender int64
				want   string
			}{"secretary": {secretary, c.secretary}, "teacher": {teacher, c.teacher}, "visitor": {visitor, c.visitor}, "dropped": {dropped, c.dropped}} {
				if got := what(w.standing(one.sender, "anne@example.net")); got != one.want {
					t.Errorf("on %s the %s sees %s, want %s", c.day, who, got, one.want)
				}
			}
		}
	})
}

func TestClassesOfAnotherYearGiveNoRights(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s := w.school("0759001B")
		last, gone := s.Division(school.Year-1, 1, "5E3"), s.Class("4E9")
		lea := s.Class("4E3").Pupil("Léa", "DUPONT")
		last.Add(lea)
		gone.Add(lea)
		gone.Goes()
		lea.Guardian("Anne", "anne@example.net")
		if got := what(w.standing(s.Teacher("Eva", "SIMON", last, gone).Account, "anne@example.net")); got != there {
			t.Errorf("the teacher of last year, and of a class that is gone, sees %s", got)
		}
	})
}

func TestSchoolsAreWhereSomebodyWorks(t *testing.T) {
	t.Parallel()
	worlds(t, func(w *world) {
		s, other := w.school("0759001B"), w.school("0750654D")
		c := s.Class("4E3")
		for who, one := range map[string]struct {
			account int64
			want    []string
		}{
			"by function":          {s.Agent("Tom", "PION", "AED").Account, []string{"0759001B"}},
			"by class":             {other.Teacher("Ana", "TZR", c).Account, []string{"0750654D", "0759001B"}},
			"by box, even to read": {other.Agent("Lia", "LIRE", "TEC").Opens(s, "reader").Account, []string{"0750654D", "0759001B"}},
			"a box":                {s.Box, []string{"0759001B"}},
			"no longer":            {s.Agent("Bob", "PARTI", "TEC").Ends(s, "2026-11-23").Account, nil},
			"nobody":               {0, nil},
		} {
			got, err := w.Schools(t.Context(), one.account)
			if err != nil || !slices.Equal(got, one.want) {
				t.Errorf("%s: %q, %v; want %q", who, got, err, one.want)
			}
		}
	})
}
