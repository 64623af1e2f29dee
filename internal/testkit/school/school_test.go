package school_test

import (
	"os"
	"slices"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

func TestASchoolHoldsWhomItsBuilderNames(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		s := school.New(t, h, "0759001B")
		c, g := s.Class("4E3"), s.Group("4ALL2")
		lea := c.Pupil("Léa", "DUPONT").Writes("Lea.Dupont@gmail.com")
		g.Add(lea)
		lea.Guardian("Anne", "anne@example.net")
		lea.Contact("Jules", "jules@example.net")
		head := s.Head("Hélène", "PETIT")
		s.Teacher("Claire", "MARTIN", c).Principal(c)
		s.Teacher("Claire", "MARTIN")
		school.New(t, h, "0750654D")
		for query, want := range map[string][]string{
			`SELECT mail_key FROM pupil`: {"leadupont@gmail.com"},
			`SELECT d.name FROM division_pupil x JOIN division d ON d.division_id = x.division_id ORDER BY d.name`:                                      {"4ALL2", "4E3"},
			`SELECT g.mail FROM guardianship x JOIN guardian g ON g.guardian_id = x.guardian_id WHERE x.legal = 1`:                                      {"anne@example.net"},
			`SELECT a.login FROM box_member m JOIN account a ON a.account_id = m.member_id WHERE m.role = 'owner'`:                                      {head.Login},
			`SELECT a.address FROM teaching x JOIN staff s ON s.staff_id = x.staff_id JOIN address a ON a.account_id = s.account_id`:                    {"claire.martin@ac-paris.example"},
			`SELECT address FROM address WHERE address LIKE 'claire%' ORDER BY address`:                                                                 {"claire.martin1@ac-paris.example", "claire.martin@ac-paris.example"},
			`SELECT CAST(year AS TEXT) FROM school_year WHERE state = 1`:                                                                                {"2026"},
			`SELECT c.login FROM box b JOIN account c ON c.account_id = b.account_id ORDER BY c.login`:                                                  {"ce.0750654d", "ce.0759001b"},
			`SELECT f.function FROM function f JOIN account a ON a.person_id = f.person_id WHERE f.uai = '0759001B' AND a.login = '` + head.Login + `'`: {"DIR"},
		} {
			if got := stores.Column(t, db, query); !slices.Equal(got, want) {
				t.Errorf("%s\n gives %q, want %q", query, got, want)
			}
		}
	})
}
