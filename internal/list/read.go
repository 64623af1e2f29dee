package list

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// row is a list as its table has it.
type row struct {
	account int64
	local   string
	kind    Kind
	Settings
	waiting int64 // mailbox
}

// read gives a list; failure.NotFound where the account is none.
func (s *Service) read(ctx context.Context, tx *store.Tx, list int64) (*row, error) {
	r := &row{account: list}
	var hidden, archive, leaving int
	err := tx.QueryRow(ctx, `SELECT c.login, c.display_name, l.kind, l.expression, l.posting, l.hidden, l.archive, l.leaving, l.max_size, l.waiting_id
		FROM list l JOIN account c ON c.account_id = l.account_id WHERE l.account_id = $1`, list).
		Scan(&r.local, &r.Display, &r.kind, &r.Expression, &r.Posting, &hidden, &archive, &leaving, &r.MaxSize, &r.waiting)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, failure.New(failure.NotFound, "cette liste n'existe pas / no such list")
	}
	if err != nil {
		return nil, fmt.Errorf("read list %d: %w", list, err)
	}
	r.Hidden, r.Archive, r.Leaving = hidden == 1, archive == 1, leaving == 1
	return r, nil
}

// openAccount is the clause that the account c may act: not suspended, not departed.
const openAccount = `c.state IN ('appointed', 'active')`

func isOwner(ctx context.Context, tx *store.Tx, list, account int64) (bool, error) {
	owners, err := openOwners(ctx, tx, list)
	return slices.Contains(owners, account), err
}

// openOwners gives the owners who can do something, ascending.
func openOwners(ctx context.Context, tx *store.Tx, list int64) ([]int64, error) {
	return ids(ctx, tx, `SELECT o.owner_id FROM list_owner o JOIN account c ON c.account_id = o.owner_id
		WHERE o.account_id = $1 AND `+openAccount+` ORDER BY o.owner_id`, list)
}

func ids(ctx context.Context, tx *store.Tx, query string, args ...any) (out []int64, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// nobody is an account that does not exist.
const nobody int64 = -1

// membership gathers whom a list reaches, through the lists within it, each visited once.
type membership struct {
	s        *Service
	tx       *store.Tx
	today    string
	only     int64                                              // the one account that is asked for; 0 for all, nobody for addresses outside alone
	shown    func(ctx context.Context, list *row) (bool, error) // whether the members of a list within it count; nil: always
	visited  map[int64]bool
	accounts []int64
	outside  []string
}

// members gives the accounts of a list's members, ascending, and the addresses outside, sorted; each once.
func (s *Service) members(ctx context.Context, tx *store.Tx, list int64) (accounts []int64, outside []string, err error) {
	return s.membersAmong(ctx, tx, list, 0)
}

// membersAmong is members; of one account alone where only is not 0, so that who writes is soon known in a large list.
func (s *Service) membersAmong(ctx context.Context, tx *store.Tx, list, only int64) (accounts []int64, outside []string, err error) {
	return s.gather(ctx, list, &membership{s: s, tx: tx, only: only})
}

func (s *Service) gather(ctx context.Context, list int64, m *membership) (accounts []int64, outside []string, err error) {
	m.today, m.visited = s.today(), map[int64]bool{}
	if err := m.add(ctx, list); err != nil {
		return nil, nil, fmt.Errorf("members of list %d: %w", list, err)
	}
	slices.Sort(m.accounts)
	slices.Sort(m.outside)
	return slices.Compact(m.accounts), slices.Compact(m.outside), nil
}

func (m *membership) add(ctx context.Context, list int64) error {
	if m.visited[list] {
		return nil
	}
	m.visited[list] = true
	r, err := m.s.read(ctx, m.tx, list)
	if err != nil {
		return err
	}
	if m.shown != nil {
		if shown, err := m.shown(ctx, r); err != nil || !shown {
			return err
		}
	}
	if r.kind == Rule && m.only == nobody {
		return nil
	}
	if r.kind == Rule {
		e, err := stored(r.Expression)
		if err != nil {
			return err
		}
		accounts, err := accountsOf(ctx, m.tx, e, m.today, m.only)
		m.accounts = append(m.accounts, accounts...)
		return err
	}
	accounts, lists, err := m.direct(ctx, list)
	if err != nil {
		return err
	}
	m.accounts = append(m.accounts, accounts...)
	outside, err := outsideOf(ctx, m.tx, list)
	if err != nil {
		return err
	}
	m.outside = append(m.outside, outside...)
	for _, inner := range lists {
		if err := m.add(ctx, inner); err != nil {
			return err
		}
	}
	return nil
}

// direct gives the members of a static list who have an account, and the lists among them apart.
func (m *membership) direct(ctx context.Context, list int64) (accounts, lists []int64, err error) {
	rows, err := m.tx.Query(ctx, `SELECT m.member_id, c.kind FROM list_member m JOIN account c ON c.account_id = m.member_id
		WHERE m.account_id = $1 AND c.state <> 'departed' AND ($2 = 0 OR m.member_id = $2 OR c.kind = 'list') ORDER BY m.member_id`, list, m.only)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var kind string
		if err := rows.Scan(&id, &kind); err != nil {
			return nil, nil, err
		}
		if kind == directory.KindList.String() {
			lists = append(lists, id)
		} else {
			accounts = append(accounts, id)
		}
	}
	return accounts, lists, rows.Err()
}

func outsideOf(ctx context.Context, tx *store.Tx, list int64) (out []string, err error) {
	rows, err := tx.Query(ctx, `SELECT address FROM list_outside WHERE account_id = $1 ORDER BY address`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return nil, err
		}
		out = append(out, address)
	}
	return out, rows.Err()
}
