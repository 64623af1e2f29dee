package check_test

import (
	"strings"
	"testing"

	"navette/internal/check"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// Each damage is done to a sound directory of its own, and gives exactly its own findings.
func TestDamageInTheDirectoryIsFound(t *testing.T) {
	t.Parallel()
	// What is done to the first of two accounts; the second stays a person's.
	const (
		first  = ` WHERE account_id = (SELECT min(account_id) FROM account)`
		box    = `UPDATE account SET kind = 'functional'` + first + `; INSERT INTO box (account_id, uai, orphan_since, told, seen_email) SELECT account_id, '', '', 0, 0 FROM account` + first + `;`
		member = `INSERT INTO box_member (account_id, member_id, source, role, since, until) SELECT min(account_id), max(account_id), `
	)
	for _, d := range []struct {
		name, query string
		kind        check.Kind
	}{
		{"no mailboxes", `INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
			VALUES (9999, NULL, 'person', 'ce', 'active', 'ce', 1, 0, 0)`, check.AccountHalf},
		{"no person", `UPDATE account SET person_id = 77` + first, check.AccountPerson},
		{"two primary addresses", `INSERT INTO address (address, account_id, kind, issued_at, reference)
			SELECT 'autre@ac-paris.example', account_id, 'primary', 0, '' FROM account` + first, check.AccountAddresses},
		{"address of nobody", `INSERT INTO address (address, account_id, kind, issued_at, reference)
			VALUES ('personne@ac-paris.example', 8888, 'alias', 0, '')`, check.AddressAccount},
		{"function of nobody", `INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
			VALUES (66, 1, '', '', '', '', '', '', '', 0)`, check.FunctionPerson},
		{"secret of nobody", `INSERT INTO credential (account_id, credential_id, kind, hash, label, created_at)
			VALUES (8888, 1, 'password', 'x', '', 0)`, check.CredentialAccount},
		{"NUMEN of nobody", `INSERT INTO numen (account_id, hash) VALUES (8888, 'x')`, check.CredentialAccount},
		{"a list that is no account", `INSERT INTO list (account_id, kind, expression, posting, hidden, archive, leaving, max_size, waiting_id, told_uid, told_at)
			VALUES (8888, 'static', '', 'owners', 0, 0, 0, 0, 7, 0, 0); INSERT INTO list_owner (account_id, owner_id) SELECT 8888, min(account_id) FROM account`, check.ListAccount},
		{"an account that is no list", `UPDATE account SET kind = 'list'` + first, check.ListAccount},
		{"a member of no list", `INSERT INTO list_member (account_id, member_id) SELECT 8888, min(account_id) FROM account`, check.ListMember},
		{"suspended without a suspension", `UPDATE account SET state = 'suspended'` + first, check.Suspension},
		{"functional, and no box", `UPDATE account SET kind = 'functional'` + first, check.BoxHalf},
		{"a person's account as a box", `INSERT INTO box (account_id, uai, orphan_since, told, seen_email) SELECT account_id, '', '', 0, 0 FROM account` + first, check.BoxHalf},
		{"member of what is no box", member + `'hand', 'owner', '2026-01-01', '' FROM account`, check.BoxMember},
		{"a box that is a member of itself", box + `INSERT INTO box_member (account_id, member_id, source, role, since, until)
			SELECT account_id, account_id, 'hand', 'owner', '2026-01-01', '' FROM account` + first, check.BoxMember},
		{"an interim without an end", box + member + `'interim', 'owner', '2026-01-01', '' FROM account`, check.BoxMember},
		{"a role that ends before it begins", box + member + `'hand', 'owner', '2026-01-02', '2026-01-01' FROM account`, check.BoxMember},
		{"a role that is none", box + member + `'hand', 'admin', '2026-01-01', '' FROM account`, check.BoxMember},
		{"answer of nobody", box + `INSERT INTO box_answer (account_id, email_id, at, author_id) SELECT account_id, 1, 0, 7777 FROM account` + first, check.BoxAnswer},
	} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			stores.Each(t, func(t *testing.T, db *store.DB) {
				h := house.New(t, db)
				h.Accounts(t, 2)
				for query := range strings.SplitSeq(d.query, ";") {
					damage(t, h, query)
				}
				c := check.Checker{DB: db, Blobs: h.Blobs, Contents: h.Contents}
				report, err := c.Verify(t.Context(), check.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Findings) != 1 || report.Findings[0].Kind != d.kind {
					t.Errorf("found %v, want one %q", report.Findings, d.kind)
				}
			})
		})
	}
}
