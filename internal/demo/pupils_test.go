package demo_test

import (
	"testing"

	"navette/internal/demo"
	"navette/internal/directory"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestEverySchoolHasPupilsWhoseGuardiansHaveAddresses(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		b := services(t, db)
		if err := demo.Build(t.Context(), b.Services, options(dir, 600)); err != nil {
			t.Fatal(err)
		}
		addresses := map[string]map[string]bool{}
		for _, row := range table(t, dir, demo.FileGuardians, "address,uai,class,pupil") {
			if addresses[row[1]] == nil {
				addresses[row[1]] = map[string]bool{}
			}
			addresses[row[1]][directory.MatchKey(row[0])] = true
			if row[2] == "" || row[3] == "" || directory.MatchKey(row[0]) == "" {
				t.Fatalf("row %q", row)
			}
		}
		for _, row := range table(t, dir, demo.FileAccounts, "login,address,password,category,uai,role") {
			if row[5] == "head" && len(addresses[row[4]]) < 6 {
				t.Errorf("the school %s of a head has %d guardians", row[4], len(addresses[row[4]]))
			}
		}
		for what, query := range map[string]string{
			"a guardian of guardians.csv is not in the database": `SELECT 'x' FROM guardian WHERE mail_key <> '' GROUP BY mail_key HAVING count(*) > 50`,
			"a school without a teacher of a class":              `SELECT d.name FROM division d WHERE d.kind = 1 AND NOT EXISTS (SELECT 1 FROM teaching x WHERE x.division_id = d.division_id)`,
			"staff who is no agent":                              `SELECT s.jointure FROM staff s WHERE s.account_id = 0 AND s.matched = 0`,
			"an establishment that AAF renamed":                  `SELECT e.name FROM establishment e WHERE e.name LIKE 'CLG%'`,
		} {
			if got := stores.Column(t, db, query); len(got) > 0 {
				t.Errorf("%s: %q", what, got)
			}
		}
		for uai, known := range addresses {
			query := `SELECT DISTINCT g.mail_key FROM guardian g JOIN guardianship x ON x.guardian_id = g.guardian_id JOIN enrolment e ON e.pupil_id = x.pupil_id
				AND e.year = x.year JOIN school_year y ON y.year = e.year WHERE y.state = 1 AND x.legal = 1 AND g.mail_key <> '' AND e.uai = $1`
			if got := stores.Column(t, db, query, uai); len(got) != len(known) {
				t.Errorf("%s: %d addresses in the database, %d in guardians.csv", uai, len(got), len(known))
			}
		}
	})
}
