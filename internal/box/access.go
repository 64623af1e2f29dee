package box

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// Role is what somebody may do in a box.
type Role string

// The roles, each with what the one before may do. They are stored under these names.
const (
	Reader Role = "reader" // reads
	Member Role = "member" // reads, files, deletes, answers, writes as the box
	Owner  Role = "owner"  // and says who else may
)

// rank orders the roles; 0 for what is none.
func (r Role) rank() int {
	switch r {
	case Reader:
		return 1
	case Member:
		return 2
	case Owner:
		return 3
	}
	return 0
}

// Allows reports that somebody with the role may do what another one may.
func (r Role) Allows(other Role) bool { return r.rank() >= other.rank() && other.rank() > 0 }

// Access is a box that an account may open.
type Access struct {
	Box     int64  // the box's own account
	Login   string // « ce.0750001a »
	Display string // « Collège Mathilde-Vauquelin »
	Role    Role
}

// running is the clause that a row m of box_member counts on the day of parameter n: its days hold it, and the
// accounts of the member, a, and of the box, b, are open. Who is suspended or has departed opens nothing.
func running(n string) string {
	return `m.since <= ` + n + ` AND (m.until = '' OR m.until >= ` + n + `) AND a.state IN ('appointed', 'active') AND b.state = 'active'`
}

const members = `box_member m JOIN account a ON a.account_id = m.member_id JOIN account b ON b.account_id = m.account_id`

// AccessOf gives the boxes that an account may open now, by login.
func (s *Service) AccessOf(ctx context.Context, account int64) (list []Access, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT b.account_id, b.login, b.display_name, m.role FROM `+members+`
			WHERE m.member_id = $1 AND `+running("$2")+` ORDER BY b.login`, account, s.today().String())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a Access
			if err := rows.Scan(&a.Box, &a.Login, &a.Display, &a.Role); err != nil {
				return err
			}
			switch n := len(list); {
			case n == 0 || list[n-1].Box != a.Box:
				list = append(list, a)
			case a.Role.Allows(list[n-1].Role):
				list[n-1].Role = a.Role
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("boxes of account %d: %w", account, err)
	}
	return list, nil
}

// RoleIn gives an account's role in a box now, and whether it has one.
func (s *Service) RoleIn(ctx context.Context, account, box int64) (role Role, has bool, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		role, err = s.roleIn(ctx, tx, account, box)
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("role of account %d in box %d: %w", account, box, err)
	}
	return role, role != "", nil
}

// roleIn is RoleIn in a transaction; "" for none.
func (s *Service) roleIn(ctx context.Context, tx *store.Tx, account, box int64) (role Role, err error) {
	rows, err := tx.Query(ctx, `SELECT m.role FROM `+members+` WHERE m.account_id = $1 AND m.member_id = $2 AND `+running("$3"),
		box, account, s.today().String())
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var r Role
		if err := rows.Scan(&r); err != nil {
			return "", err
		}
		if r.Allows(role) || role == "" {
			role = r
		}
	}
	return role, rows.Err()
}
