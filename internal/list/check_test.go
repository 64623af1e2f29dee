package list_test

import (
	"testing"

	"navette/internal/check"
	"navette/internal/list"
)

// What lists do holds together, and each damage is found by its name alone.
func TestListsAreVerified(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		id := f.moderated()
		f.holds(f.agents[1], 1, "ENS2D", "", "ENS", "0750001U", "2020-09-01", "")
		f.create(f.rule("regle", "catégorie = enseignant"))
		f.agent(1, at("profs"), at("regle"))
		f.agent(2, at("profs"))
		f.done("approve", f.Approve(f.t.Context(), list.AsOperator(by), id, 1))
		for _, damage := range []struct {
			name, query, undo string
			kind              check.Kind
		}{
			{"none", `UPDATE list SET told_uid = 1`, `UPDATE list SET told_uid = 0`, ""},
			{"no owner", `UPDATE list_owner SET account_id = account_id + 100000`, `UPDATE list_owner SET account_id = account_id - 100000`, check.ListOwner},
			{"a member who is not there", `INSERT INTO list_member (account_id, member_id) SELECT account_id, 9999 FROM list WHERE kind = 'static'`,
				`DELETE FROM list_member WHERE member_id = 9999`, check.ListMember},
			{"an owner who is not there", `INSERT INTO list_owner (account_id, owner_id) SELECT account_id, 9999 FROM list WHERE kind = 'static'`,
				`DELETE FROM list_owner WHERE owner_id = 9999`, check.ListMember},
			{"a static list with a rule", `UPDATE list SET expression = 'tous' WHERE kind = 'static'`, `UPDATE list SET expression = '' WHERE kind = 'static'`, check.ListRule},
			{"a rule with a member", `INSERT INTO list_member (account_id, member_id) SELECT account_id, account_id FROM list WHERE kind = 'rule'`,
				`DELETE FROM list_member WHERE member_id = account_id`, check.ListRule},
			{"a rule with an address outside", `INSERT INTO list_outside (account_id, address) SELECT account_id, 'x@y.example' FROM list WHERE kind = 'rule'`,
				`DELETE FROM list_outside`, check.ListRule},
		} {
			f.write(damage.query)
			c := check.Checker{DB: f.DB, Blobs: f.Blobs, Contents: f.Contents}
			report, err := c.Verify(f.t.Context(), check.Options{})
			f.done("verify", err)
			f.write(damage.undo)
			found := map[check.Kind]bool{}
			for _, finding := range report.Findings {
				found[finding.Kind] = true
			}
			if damage.kind == check.ListOwner {
				delete(found, check.ListMember) // the owners of lists that are not there
			}
			if !found[damage.kind] && damage.kind != "" || len(found) > 1 || damage.kind == "" && len(found) > 0 {
				f.t.Errorf("%s: found %v, want %q", damage.name, report.Findings, damage.kind)
			}
		}
	})
}
