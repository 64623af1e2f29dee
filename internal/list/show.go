package list

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Summary is a list as a table of lists shows it.
type Summary struct {
	List    int64
	Address string
	Kind    Kind
	Settings
	Owners []string // logins; none: an alarm
}

// Find gives the account of the list that its name or one of its addresses names; failure.NotFound where none does.
func (s *Service) Find(ctx context.Context, name string) (list int64, err error) {
	name = strings.ToLower(strings.TrimSpace(name))
	address := name
	if normal, err := directory.Normalize(name); err == nil {
		address = normal
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT l.account_id FROM list l JOIN account c ON c.account_id = l.account_id
			WHERE c.login = $1 OR l.account_id = (SELECT account_id FROM address WHERE address = $2)`, name, address).Scan(&list)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, failure.New(failure.NotFound, "aucune liste ne s'appelle %q", name)
	}
	if err != nil {
		return 0, fmt.Errorf("find list: %w", err)
	}
	return list, nil
}

// FindMember gives the member that a text names: an account of ours by login or address, or an address outside.
func (s *Service) FindMember(ctx context.Context, name string) (Member, error) {
	name = strings.TrimSpace(name)
	l, err := directory.ParseLookup(name)
	if err == nil && l.Domain != s.cfg.Domain {
		return Member{Outside: outsideForm(l)}, nil
	}
	key := strings.ToLower(name)
	if err == nil {
		key = l.Key()
	}
	var m Member
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT account_id FROM account WHERE login = $1 OR account_id = (SELECT account_id FROM address WHERE address = $1)`, key).Scan(&m.Account)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, failure.New(failure.NotFound, "personne ne porte ce nom de compte ou cette adresse : %q", name)
	}
	return m, err
}

// Lists gives all lists by address.
func (s *Service) Lists(ctx context.Context) (out []Summary, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out, err = s.summaries(ctx, tx, `SELECT account_id FROM list`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lists: %w", err)
	}
	return out, nil
}

// Orphans gives the lists that have no owner who could do anything: an alarm.
func (s *Service) Orphans(ctx context.Context) (out []Summary, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out, err = s.summaries(ctx, tx, `SELECT l.account_id FROM list l WHERE NOT EXISTS (SELECT 1 FROM list_owner o
			JOIN account c ON c.account_id = o.owner_id WHERE o.account_id = l.account_id AND `+openAccount+`)`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lists without an owner: %w", err)
	}
	s.orphans.Store(int64(len(out)))
	return out, nil
}

// OrphanCount is how many lists had no owner when this process last looked: a metric.
func (s *Service) OrphanCount() int64 { return s.orphans.Load() }

// summaries gives the lists of a query, by address.
func (s *Service) summaries(ctx context.Context, tx *store.Tx, query string) (out []Summary, err error) {
	lists, err := ids(ctx, tx, query)
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		r, err := s.read(ctx, tx, list)
		if err != nil {
			return nil, err
		}
		one := Summary{List: list, Kind: r.kind, Settings: r.Settings}
		one.Address, _ = s.addresses(r.local)
		if one.Owners, err = logins(ctx, tx, list); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Summary) int { return strings.Compare(a.Address, b.Address) })
	return out, nil
}

// logins gives those of the owners who can do something.
func logins(ctx context.Context, tx *store.Tx, list int64) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT c.login FROM list_owner o JOIN account c ON c.account_id = o.owner_id
		WHERE o.account_id = $1 AND `+openAccount+` ORDER BY c.login`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var login string
		if err := rows.Scan(&login); err != nil {
			return nil, err
		}
		out = append(out, login)
	}
	return out, rows.Err()
}

// Show tells of one list.
func (s *Service) Show(ctx context.Context, list int64) (one Summary, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := s.summaries(ctx, tx, fmt.Sprintf(`SELECT account_id FROM list WHERE account_id = %d`, list))
		if err == nil && len(all) == 0 {
			err = failure.New(failure.NotFound, "cette liste n'existe pas / no such list")
		}
		if err == nil {
			one = all[0]
		}
		return err
	})
	return one, err
}

// Listed is a member as others may see them.
type Listed struct {
	Display string
	Address string
}

// Count gives how many people and boxes a list reaches now, and how many addresses outside: to everybody, for whoever
// writes to it should know.
func (s *Service) Count(ctx context.Context, list int64) (accounts, outside int, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		a, o, err := s.members(ctx, tx, list)
		accounts, outside = len(a), len(o)
		return err
	})
	return accounts, outside, err
}

// Members gives whom a list reaches now, by address. Who does not own it is shown nobody of a hidden list
// (failure.Denied), and no address outside. What is hidden elsewhere stays so for an owner too: the members of a hidden
// list within it that is another's, and agents on the liste rouge, whom only an operator sees.
func (s *Service) Members(ctx context.Context, a Actor, list int64) (out []Listed, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out = nil
		r, err := s.read(ctx, tx, list)
		if err != nil {
			return err
		}
		denied := mayChange(ctx, tx, a, list)
		if denied != nil && (r.Hidden || !failure.Is(denied, failure.Denied)) {
			return denied
		}
		accounts, outside, err := s.membersFor(ctx, tx, a, list)
		if err != nil {
			return err
		}
		if out, err = listed(ctx, tx, accounts, a.Account == 0); err != nil || denied != nil {
			return err
		}
		for _, address := range outside {
			out = append(out, Listed{Address: address})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("members of list %d: %w", list, err)
	}
	return out, nil
}

// membersFor is members, without those of lists within it that are hidden from who asks.
func (s *Service) membersFor(ctx context.Context, tx *store.Tx, a Actor, list int64) (accounts []int64, outside []string, err error) {
	return s.gather(ctx, list, &membership{s: s, tx: tx, shown: func(ctx context.Context, r *row) (bool, error) {
		if !r.Hidden || r.account == list {
			return true, nil
		}
		err := mayChange(ctx, tx, a, r.account)
		if failure.Is(err, failure.Denied) {
			return false, nil
		}
		return err == nil, err
	}})
}

// listed gives accounts with the addresses that may be shown, by address; those on the liste rouge only where all are to be.
func listed(ctx context.Context, tx *store.Tx, accounts []int64, all bool) (out []Listed, err error) {
	hidden := ` AND NOT EXISTS (SELECT 1 FROM annuaire_hidden h WHERE h.account_id = c.account_id)`
	if all {
		hidden = ""
	}
	set, arg := tx.Dialect().IntSet(1, accounts)
	rows, err := tx.Query(ctx, `SELECT c.display_name, d.address FROM account c JOIN address d ON d.account_id = c.account_id AND d.kind = 'primary'
		WHERE c.account_id IN (`+set+`)`+hidden+` ORDER BY d.address`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l Listed
		if err := rows.Scan(&l.Display, &l.Address); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}
