package reach

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/store"
)

// holder is the account behind an address of the directory.
type holder struct {
	account int64
	kind    string
	schools []string // where it works, sorted, and the sender's schools that it answers for
	outside bool     // of a list: some of its members have no account
}

// known gives what the addresses of the directory are for a sender, closed ones left out.
func known(ctx context.Context, tx *store.Tx, r Rights, addresses []string) (map[string]guard.Standing, error) {
	holders, byAddress, err := holders(ctx, tx, addresses)
	if err != nil {
		return nil, fmt.Errorf("holders of addresses: %w", err)
	}
	if err := addSchools(ctx, tx, r, holders); err != nil {
		return nil, fmt.Errorf("schools of agents: %w", err)
	}
	if err := addOutside(ctx, tx, holders); err != nil {
		return nil, fmt.Errorf("members of lists outside: %w", err)
	}
	out := make(map[string]guard.Standing, len(byAddress))
	for address, account := range byAddress {
		out[address] = holders[account].standing(r)
	}
	return out, nil
}

func (h *holder) standing(r Rights) guard.Standing {
	_, own := slices.BinarySearch(r.Voices, h.account)
	switch h.kind {
	case directory.KindFunctional.String():
		return guard.Standing{Class: guard.Functional, Own: own, Schools: h.schools}
	case directory.KindList.String():
		return guard.Standing{Class: guard.Group, Holds: guard.Members, Entitled: true, Outside: h.outside}
	}
	return guard.Standing{Class: guard.Agent, Own: own, Schools: h.schools}
}

func holders(ctx context.Context, tx *store.Tx, addresses []string) (map[int64]*holder, map[string]int64, error) {
	set, arg := tx.Dialect().TextSet(1, addresses)
	rows, err := tx.Query(ctx, `SELECT d.address, a.account_id, a.kind FROM address d JOIN account a ON a.account_id = d.account_id
		WHERE d.address IN (`+set+`) AND d.kind <> 'closed'`, arg)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	holders, byAddress := map[int64]*holder{}, map[string]int64{}
	for rows.Next() {
		var address string
		var h holder
		if err := rows.Scan(&address, &h.account, &h.kind); err != nil {
			return nil, nil, err
		}
		byAddress[address] = h.account
		if holders[h.account] == nil {
			holders[h.account] = &h
		}
	}
	return holders, byAddress, rows.Err()
}

// schoolsQuery gives where the accounts of a set work on the day of parameter 2, or whose boxes they are: account, UAI,
// function, nature of the establishment.
func schoolsQuery(set string) string {
	return `SELECT a.account_id, f.uai, f.function, COALESCE(e.nature, '') FROM account a CROSS JOIN function f
			LEFT JOIN establishment e ON e.uai = f.uai
		WHERE a.account_id IN (` + set + `) AND f.person_id = a.person_id AND f.uai <> '' AND ` + runs + `
		UNION ALL SELECT k.account_id, k.uai, '', COALESCE(e.nature, '') FROM box k LEFT JOIN establishment e ON e.uai = k.uai
		WHERE k.account_id IN (` + set + `) AND k.uai <> ''
		UNION ALL SELECT s.account_id, d.uai, '', '' FROM account a CROSS JOIN staff s CROSS JOIN teaching t CROSS JOIN division d
		WHERE a.account_id IN (` + set + `) AND s.account_id = a.account_id AND s.account_id <> 0 AND s.absent_at = 0
			AND t.staff_id = s.staff_id AND d.division_id = t.division_id AND ` + current + ` AND ` + stays
}

// addSchools tells of agents where they work on the day, of boxes whose they are, and of both which of the sender's
// schools their services answer for.
func addSchools(ctx context.Context, tx *store.Tx, r Rights, holders map[int64]*holder) error {
	set, arg := tx.Dialect().IntSet(1, ids(holders))
	rows, err := tx.Query(ctx, schoolsQuery(set), arg, r.Day)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		var at service
		if err := rows.Scan(&account, &at.uai, &at.fonction, &at.nature); err != nil {
			return err
		}
		h := holders[account]
		h.schools = append(h.schools, at.uai)
		for _, uai := range r.Schools {
			if at.supervises(uai) {
				h.schools = append(h.schools, uai)
			}
		}
	}
	for _, h := range holders {
		slices.Sort(h.schools)
		h.schools = slices.Compact(h.schools)
	}
	return rows.Err()
}

// addOutside tells of lists whether members without an account are in them, or in lists within them.
func addOutside(ctx context.Context, tx *store.Tx, holders map[int64]*holder) error {
	set, arg := tx.Dialect().IntSet(1, ids(holders))
	rows, err := tx.Query(ctx, `WITH RECURSIVE within (list, part) AS (
			SELECT l.account_id, l.account_id FROM list l WHERE l.account_id IN (`+set+`)
			UNION SELECT w.list, m.member_id FROM within w JOIN list_member m ON m.account_id = w.part JOIN list l ON l.account_id = m.member_id)
		SELECT DISTINCT w.list FROM within w JOIN list_outside o ON o.account_id = w.part`, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var list int64
		if err := rows.Scan(&list); err != nil {
			return err
		}
		holders[list].outside = true
	}
	return rows.Err()
}

func ids(holders map[int64]*holder) []int64 {
	out := make([]int64, 0, len(holders))
	for id := range holders {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}
