package list_test

import (
	"testing"

	"navette/internal/check"
	"navette/internal/list"
)

// What lists do holds together, and what is damaged is found: each damage alone.
func TestListsAreVerified(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct {
		query string
		kind  check.Kind
	}{
		"sound":                          {`UPDATE list SET hidden = 1`, ""},
		"no owner":                       {`DELETE FROM list_owner WHERE account_id = (SELECT min(account_id) FROM list)`, check.ListOwner},
		"a member who is not there":      {`INSERT INTO list_member (account_id, member_id) SELECT account_id, 9999 FROM list WHERE kind = 'static'`, check.ListMember},
		"an owner who is not there":      {`INSERT INTO list_owner (account_id, owner_id) SELECT account_id, 9999 FROM list WHERE kind = 'static'`, check.ListMember},
		"a static list with a rule":      {`UPDATE list SET expression = 'tous' WHERE kind = 'static'`, check.ListRule},
		"a rule with a member":           {`INSERT INTO list_member (account_id, member_id) SELECT account_id, account_id FROM list WHERE kind = 'rule'`, check.ListRule},
		"a rule with an outside address": {`INSERT INTO list_outside (account_id, address) SELECT account_id, 'x@y.example' FROM list WHERE kind = 'rule'`, check.ListRule},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEngines(t, 3, func(f *fixture) {
				f.moderated()
				f.holds(f.agents[1], 1, "ENS2D", "", "ENS", "0750001U", "2020-09-01", "")
				f.create(f.rule("regle", "catégorie = enseignant"))
				f.agent(1, at("profs"), at("regle"))
				f.agent(2, at("profs"))
				id, err := f.Find(f.t.Context(), "profs")
				f.done("find", err)
				f.done("approve", f.Approve(f.t.Context(), list.AsOperator(by), id, 1))
				f.write(damage.query)
				c := check.Checker{DB: f.DB, Blobs: f.Blobs, Contents: f.Contents}
				report, err := c.Verify(f.t.Context(), check.Options{})
				f.done("verify", err)
				switch {
				case damage.kind == "" && len(report.Findings) == 0:
				case damage.kind != "" && len(report.Findings) == 1 && report.Findings[0].Kind == damage.kind:
				default:
					f.t.Errorf("found %v, want %q", report.Findings, damage.kind)
				}
			})
		})
	}
}
