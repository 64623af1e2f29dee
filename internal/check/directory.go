package check

import (
	"context"

	"navette/internal/store"
)

// directory looks at people, accounts, addresses, functions, credentials and school data, in one snapshot: they are few beside mail.
func (r *run) directory(ctx context.Context) error {
	return r.snapshot(ctx, func(tx *store.Tx) error {
		if err := r.apply(ctx, tx, directoryRules); err != nil {
			return err
		}
		return r.apply(ctx, tx, schoolRules)
	})
}

// directoryRules are what the tables of people promise each other.
var directoryRules = []rule{
	{AccountHalf, `SELECT c.account_id FROM account c WHERE NOT EXISTS (SELECT 1 FROM account_state s WHERE s.account_id = c.account_id)
		UNION ALL SELECT s.account_id FROM account_state s WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = s.account_id)`,
		accountOnly, "its row in the directory or its mailboxes are missing"},
	{AccountPerson, `SELECT c.account_id, c.person_id FROM account c WHERE c.person_id IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM person p WHERE p.person_id = c.person_id)`,
		accountOnly, "person %[2]d is not there"},
	{AccountAddresses, `SELECT a.account_id, count(*) FROM address a WHERE a.kind = 'primary' GROUP BY a.account_id HAVING count(*) > 1`,
		accountOnly, "it has %[2]d primary addresses"},
	{AddressAccount, `SELECT a.account_id, count(*) FROM address a
		WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = a.account_id) GROUP BY a.account_id`,
		accountOnly, "%[2]d addresses lead to an account that is not there"},
	{FunctionPerson, `SELECT f.person_id, f.function_id FROM function f
		WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.person_id = f.person_id)`,
		func(*Finding, []int64) {}, "function %[2]d is that of person %[1]d, who is not there"},
	{CredentialAccount, `SELECT k.account_id FROM credential k WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = k.account_id)
		UNION ALL SELECT n.account_id FROM numen n WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = n.account_id)`,
		accountOnly, "a secret opens an account that is not there"},
	{ListAccount, `SELECT l.account_id FROM list l WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = l.account_id AND c.kind = 'list')
		UNION ALL SELECT c.account_id FROM account c WHERE c.kind = 'list' AND NOT EXISTS (SELECT 1 FROM list l WHERE l.account_id = c.account_id)`,
		accountOnly, "a list and its account do not belong together"},
	{ListOwner, `SELECT l.account_id FROM list l WHERE NOT EXISTS (SELECT 1 FROM list_owner o WHERE o.account_id = l.account_id)`,
		accountOnly, "nobody was ever named its owner"},
	{ListMember, `SELECT m.account_id, m.member_id FROM (SELECT account_id, member_id FROM list_member
			UNION ALL SELECT account_id, owner_id FROM list_owner UNION ALL SELECT account_id, account_id FROM list_outside) AS m
		WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = m.member_id) OR NOT EXISTS (SELECT 1 FROM list l WHERE l.account_id = m.account_id)`,
		accountOnly, "account %[2]d is its member or owner, and one of both is not there"},
	{ListRule, `SELECT l.account_id FROM list l WHERE (l.kind = 'rule') <> (l.expression <> '') OR l.kind = 'rule'
			AND (EXISTS (SELECT 1 FROM list_member m WHERE m.account_id = l.account_id) OR EXISTS (SELECT 1 FROM list_outside o WHERE o.account_id = l.account_id))`,
		accountOnly, "it has both members and a rule, or neither"},
	{Suspension, `SELECT c.account_id FROM account c
		WHERE (c.state = 'suspended') <> EXISTS (SELECT 1 FROM suspension s WHERE s.account_id = c.account_id)`,
		accountOnly, "its state and its suspension disagree"},
	{BoxHalf, `SELECT c.account_id FROM account c WHERE c.kind = 'functional' AND NOT EXISTS (SELECT 1 FROM box k WHERE k.account_id = c.account_id)
		UNION ALL SELECT k.account_id FROM box k WHERE NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = k.account_id AND c.kind = 'functional')`,
		accountOnly, "its account or its row among the boxes is missing"},
	{BoxMember, `SELECT m.account_id, m.member_id FROM box_member m WHERE NOT EXISTS (SELECT 1 FROM box k WHERE k.account_id = m.account_id)
			OR NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = m.member_id AND c.kind = 'person')`,
		accountOnly, "account %[2]d is no person, or opens what is no box"},
	{BoxMember, `SELECT m.account_id, m.member_id FROM box_member m WHERE m.role NOT IN ('owner', 'member', 'reader')
			OR m.source NOT IN ('function', 'interim', 'hand') OR (m.source = 'interim' AND m.until = '') OR m.since = '' OR (m.until <> '' AND m.until < m.since)`,
		accountOnly, "the role of account %[2]d, or its days, are none"},
	{BoxAnswer, `SELECT r.account_id, r.email_id, r.author_id FROM box_answer r WHERE NOT EXISTS (SELECT 1 FROM box k WHERE k.account_id = r.account_id)
			OR NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = r.author_id AND c.kind = 'person')`,
		accountAndEmail, "account %[3]d, who answered, is no person, or answered from what is no box"},
}
