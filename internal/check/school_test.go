package check_test

import (
	"slices"
	"testing"

	"navette/internal/check"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

// Each damage is done to a sound school of its own, and gives exactly its own finding.
func TestDamageInSchoolDataIsFound(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		s := school.New(t, h, "0759001B")
		c := s.Class("4E3")
		c.Pupil("Léa", "DUPONT").Guardian("Anne", "anne@example.net")
		s.Teacher("Claire", "MARTIN", c)
		checker := check.Checker{DB: db, Blobs: h.Blobs, Contents: h.Contents}
		kinds := func() (found []check.Kind) {
			t.Helper()
			report, err := checker.Verify(t.Context(), check.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				found = append(found, f.Kind)
			}
			return found
		}
		before := kinds() // the builder's accounts are nobody's of the HR file, or all is well
		for _, d := range []struct {
			what, damage, repair string
			kind                 check.Kind
		}{
			{"two current years", `INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES (2030, 1, '2030-09-01', '', 0)`,
				`DELETE FROM school_year WHERE year = 2030`, check.SchoolYear},
			{"a class of no year", `INSERT INTO division (division_id, year, uai, kind, name, label, gone) VALUES (9999, 1999, '0759001B', 1, 'X', '', 0)`,
				`DELETE FROM division WHERE division_id = 9999`, check.SchoolYear},
			{"a guardianship of nobody", `INSERT INTO guardianship (year, pupil_id, guardian_id, link, legal, contact) VALUES (2026, 9999, 9999, 10, 1, 1)`,
				`DELETE FROM guardianship WHERE pupil_id = 9999`, check.Guardianship},
			{"nobody attends", `INSERT INTO enrolment (year, uai, pupil_id) VALUES (2026, '0759001B', 9999)`, `DELETE FROM enrolment WHERE pupil_id = 9999`, check.Enrolment},
			{"a class without its pupil", `INSERT INTO division_pupil (division_id, pupil_id) SELECT min(division_id), 9999 FROM division`,
				`DELETE FROM division_pupil WHERE pupil_id = 9999`, check.Enrolment},
			{"a class of another school", `UPDATE enrolment SET uai = '0759002C'`, `UPDATE enrolment SET uai = '0759001B'`, check.Enrolment},
			{"a teacher who is not there", `INSERT INTO teaching (division_id, staff_id, principal, subjects) SELECT min(division_id), 9999, 0, '' FROM division`,
				`DELETE FROM teaching WHERE staff_id = 9999`, check.Teaching},
			{"a post of nobody", `INSERT INTO staff_post (year, uai, staff_id, function, post, post_label) VALUES (2026, '0759001B', 9999, 'ENS', '', '')`,
				`DELETE FROM staff_post WHERE staff_id = 9999`, check.Teaching},
			{"matched with a box", `INSERT INTO staff (staff_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, account_id, matched, absent_at, fingerprint)
				SELECT 9999, 2, 'x', '', '', '', '', '', account_id, 1, 0, 1 FROM account WHERE kind = 'functional'`, `DELETE FROM staff WHERE staff_id = 9999`, check.Teaching},
			{"a structure that is no establishment", `INSERT INTO structure (degree, jointure, uai, name, nature, city, fingerprint) VALUES (1, '1', '0750654D', '', '', '', 1)`,
				`DELETE FROM structure WHERE degree = 1`, check.Structure},
		} {
			damage(t, h, d.damage)
			if found := kinds(); len(found) != len(before)+1 || !slices.Contains(found, d.kind) {
				t.Errorf("%s: found %v beside %v, want one %q", d.what, found, before, d.kind)
			}
			damage(t, h, d.repair)
		}
		if after := kinds(); len(after) != len(before) || len(before) != 0 {
			t.Errorf("repaired, %v is found; before any damage %v", after, before)
		}
	})
}
