package check_test

import (
	"testing"

	"navette/internal/check"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// Each damage is done to a sound directory of its own, and gives exactly its own findings.
func TestDamageInTheDirectoryIsFound(t *testing.T) {
	t.Parallel()
	for _, d := range []struct {
		name, query string
		kinds       []check.Kind
	}{
		{"no mailboxes", `INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
			VALUES (9999, NULL, 'functional', 'ce', 'active', 'ce', 1, 0, 0)`, []check.Kind{check.AccountHalf}},
		{"no person", `UPDATE account SET person_id = 77`, []check.Kind{check.AccountPerson}},
		{"two primary addresses", `INSERT INTO address (address, account_id, kind, issued_at, reference)
			SELECT 'autre@ac-paris.example', account_id, 'primary', 0, '' FROM account`, []check.Kind{check.AccountAddresses}},
		{"address of nobody", `INSERT INTO address (address, account_id, kind, issued_at, reference)
			VALUES ('personne@ac-paris.example', 8888, 'alias', 0, '')`, []check.Kind{check.AddressAccount}},
		{"function of nobody", `INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
			VALUES (66, 1, '', '', '', '', '', '', '', 0)`, []check.Kind{check.FunctionPerson}},
		{"secret of nobody", `INSERT INTO credential (account_id, credential_id, kind, hash, label, created_at)
			VALUES (8888, 1, 'password', 'x', '', 0)`, []check.Kind{check.CredentialAccount}},
		{"NUMEN of nobody", `INSERT INTO numen (account_id, hash) VALUES (8888, 'x')`, []check.Kind{check.CredentialAccount}},
		{"suspended without a suspension", `UPDATE account SET state = 'suspended'`, []check.Kind{check.Suspension}},
	} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			stores.Each(t, func(t *testing.T, db *store.DB) {
				h := house.New(t, db)
				h.Accounts(t, 1)
				damage(t, h, d.query)
				c := check.Checker{DB: db, Blobs: h.Blobs, Contents: h.Contents}
				report, err := c.Verify(t.Context(), check.Options{})
				if err != nil {
					t.Fatal(err)
				}
				var kinds []check.Kind
				for _, f := range report.Findings {
					kinds = append(kinds, f.Kind)
				}
				if len(kinds) != len(d.kinds) || kinds[0] != d.kinds[0] {
					t.Errorf("found %v, want %v", report.Findings, d.kinds)
				}
			})
		})
	}
}
