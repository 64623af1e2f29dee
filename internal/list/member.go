package list

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/store"
)

// addOwner tells whether it changed anything. Only people own lists.
func addOwner(ctx context.Context, tx *store.Tx, list, owner int64) (bool, error) {
	kind, err := kindOf(ctx, tx, owner)
	if err == nil && kind != directory.KindPerson.String() {
		err = failure.New(failure.Policy, "une liste appartient à des personnes")
	}
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO list_owner (account_id, owner_id) VALUES ($1, $2) ON CONFLICT (account_id, owner_id) DO NOTHING`, list, owner)
	return n > 0, err
}

// kindOf gives the kind of an account; failure.NotFound where there is none.
func kindOf(ctx context.Context, tx *store.Tx, account int64) (kind string, err error) {
	err = tx.QueryRow(ctx, `SELECT kind FROM account WHERE account_id = $1`, account).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return "", failure.New(failure.NotFound, "aucun compte n'a le numéro %d", account)
	}
	return kind, err
}

// addMember tells whether it changed anything.
func (s *Service) addMember(ctx context.Context, tx *store.Tx, list int64, m Member) (bool, error) {
	if m.Account == 0 {
		return s.addOutside(ctx, tx, list, m.Outside)
	}
	if _, err := kindOf(ctx, tx, m.Account); err != nil {
		return false, err
	}
	if m.Account == list {
		return false, failure.New(failure.Policy, "une liste n'est pas membre d'elle-même")
	}
	n, err := tx.Exec(ctx, `INSERT INTO list_member (account_id, member_id) VALUES ($1, $2) ON CONFLICT (account_id, member_id) DO NOTHING`, list, m.Account)
	return n > 0, err
}

// addOutside takes an address of another domain; those of ours are accounts.
func (s *Service) addOutside(ctx context.Context, tx *store.Tx, list int64, address string) (bool, error) {
	l, err := directory.ParseLookup(address)
	switch {
	case err != nil:
		return false, failure.Wrap(failure.Policy, err, err.Error())
	case l.Domain == s.cfg.Domain:
		return false, failure.New(failure.Policy, "l'adresse est de notre domaine, et personne ne la porte")
	}
	n, err := tx.Exec(ctx, `INSERT INTO list_outside (account_id, address) VALUES ($1, $2) ON CONFLICT (account_id, address) DO NOTHING`, list, outsideForm(l))
	return n > 0, err
}

// outsideForm keeps the tag: outside it may be what the address is about.
func outsideForm(l directory.Lookup) string {
	if l.Tag == "" {
		return l.Key()
	}
	return l.Local + "+" + l.Tag + "@" + l.Domain
}

func removeMember(ctx context.Context, tx *store.Tx, list int64, m Member) (bool, error) {
	if m.Account != 0 {
		n, err := tx.Exec(ctx, `DELETE FROM list_member WHERE account_id = $1 AND member_id = $2`, list, m.Account)
		return n > 0, err
	}
	address := m.Outside
	if l, err := directory.ParseLookup(address); err == nil {
		address = outsideForm(l)
	}
	n, err := tx.Exec(ctx, `DELETE FROM list_outside WHERE account_id = $1 AND address = $2`, list, address)
	return n > 0, err
}

// change runs fn on a list, under its lock, and writes its history and the journal where fn has changed something: the
// rows that it gives, whose Account and Actor are filled in here.
func (s *Service) change(ctx context.Context, a Actor, list int64, action string, ids int, fn func(tx *store.Tx, r *row) (rows []history.Row, detail any, err error)) error {
	told, err := s.cfg.DB.NewIDs(ctx, history.IDs, int64(max(1, ids)))
	if err != nil {
		return err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if _, err := tx.LockAccounts(ctx, list); err != nil {
			return err
		}
		r, err := s.read(ctx, tx, list)
		if err != nil {
			return err
		}
		if err := mayChange(ctx, tx, a, list); err != nil {
			return err
		}
		rows, detail, err := fn(tx, r)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			rows[i].Account, rows[i].Actor = list, a.By.Actor
		}
		if err := history.Append(ctx, tx, told, rows); err != nil {
			return err
		}
		return s.journal(ctx, tx, a.By, list, action, detail)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

// mayChange refuses an agent who does not own the list.
func mayChange(ctx context.Context, tx *store.Tx, a Actor, list int64) error {
	if a.Account == 0 {
		return nil
	}
	owns, err := isOwner(ctx, tx, list, a.Account)
	if err == nil && !owns {
		err = failure.New(failure.Denied, "seuls les propriétaires de la liste le peuvent / only its owners may")
	}
	return err
}

// AddMembers puts members into a static list, and gives how many were not there. An agent who puts a list into theirs
// must own both.
func (s *Service) AddMembers(ctx context.Context, a Actor, list int64, members []Member) (added int, err error) {
	err = s.change(ctx, a, list, "list.add-members", len(members), func(tx *store.Tx, r *row) ([]history.Row, any, error) {
		if r.kind == Rule {
			return nil, nil, failure.New(failure.Policy, "les membres d'une liste par règle sont ceux de sa règle")
		}
		for _, m := range members {
			if err := mayNest(ctx, tx, a, m); err != nil {
				return nil, nil, err
			}
		}
		return s.alter(ctx, tx, list, members, "", "membre", s.addMember, &added)
	})
	return added, err
}

// mayNest refuses a list of which the agent is no owner.
func mayNest(ctx context.Context, tx *store.Tx, a Actor, m Member) error {
	if m.Account == 0 || a.Account == 0 {
		return nil
	}
	kind, err := kindOf(ctx, tx, m.Account)
	if err != nil || kind != directory.KindList.String() {
		return err
	}
	return mayChange(ctx, tx, a, m.Account)
}

// RemoveMembers takes members out of a static list, and gives how many were there.
func (s *Service) RemoveMembers(ctx context.Context, a Actor, list int64, members []Member) (removed int, err error) {
	err = s.change(ctx, a, list, "list.remove-members", len(members), func(tx *store.Tx, _ *row) ([]history.Row, any, error) {
		return s.alter(ctx, tx, list, members, "membre", "", func(ctx context.Context, tx *store.Tx, list int64, m Member) (bool, error) {
			return removeMember(ctx, tx, list, m)
		}, &removed)
	})
	return removed, err
}

// Leave takes an agent out of a static list that lets its members leave: failure.Policy where it does not, or they are
// no member by themselves.
func (s *Service) Leave(ctx context.Context, a Actor, list int64) error {
	member, removed := a.Account, 0
	return s.change(ctx, AsOperator(a.By), list, "list.leave", 1, func(tx *store.Tx, r *row) ([]history.Row, any, error) {
		if !r.Leaving {
			return nil, nil, failure.New(failure.Policy, "on ne quitte pas cette liste soi-même ; écrivez à ses propriétaires / ask its owners to take you out")
		}
		rows, detail, err := s.alter(ctx, tx, list, []Member{{Account: member}}, "membre", "", func(ctx context.Context, tx *store.Tx, list int64, m Member) (bool, error) {
			return removeMember(ctx, tx, list, m)
		}, &removed)
		if err == nil && removed == 0 {
			err = failure.New(failure.Policy, "vous n'êtes pas membre de cette liste / you are not a member of this list")
		}
		return rows, detail, err
	})
}

// alter does one thing with each member, and tells of those with whom it changed something.
func (s *Service) alter(ctx context.Context, tx *store.Tx, list int64, members []Member, before, after string,
	do func(context.Context, *store.Tx, int64, Member) (bool, error), n *int) (rows []history.Row, detail any, err error) {
	*n = 0
	var done []Member
	for _, m := range members {
		changed, err := do(ctx, tx, list, m)
		if err != nil {
			return nil, nil, err
		}
		if !changed {
			continue
		}
		*n++
		name, err := nameOf(ctx, tx, m)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, history.Row{Kind: history.ListMember, Subject: name, Before: before, After: after})
		done = append(done, m)
	}
	return rows, done, nil
}

// nameOf gives a member as the history names it.
func nameOf(ctx context.Context, tx *store.Tx, m Member) (string, error) {
	if m.Account == 0 {
		return strings.ToLower(m.Outside), nil
	}
	var display, login string
	err := tx.QueryRow(ctx, `SELECT display_name, login FROM account WHERE account_id = $1`, m.Account).Scan(&display, &login)
	return display + " (" + login + ")", err
}

// AddOwner makes somebody an owner; RemoveOwner takes that away, but not from the last one: failure.Policy.
func (s *Service) AddOwner(ctx context.Context, a Actor, list, owner int64) error {
	var n int
	return s.change(ctx, a, list, "list.add-owner", 1, func(tx *store.Tx, _ *row) ([]history.Row, any, error) {
		return s.alter(ctx, tx, list, []Member{{Account: owner}}, "", "propriétaire", func(ctx context.Context, tx *store.Tx, list int64, m Member) (bool, error) {
			return addOwner(ctx, tx, list, m.Account)
		}, &n)
	})
}

// RemoveOwner is AddOwner undone.
func (s *Service) RemoveOwner(ctx context.Context, a Actor, list, owner int64) error {
	var n int
	return s.change(ctx, a, list, "list.remove-owner", 1, func(tx *store.Tx, _ *row) ([]history.Row, any, error) {
		others, err := openOwners(ctx, tx, list)
		if err != nil {
			return nil, nil, err
		}
		if len(others) == 1 && others[0] == owner {
			return nil, nil, failure.New(failure.Policy, "une liste a au moins un propriétaire : nommez d'abord l'autre")
		}
		return s.alter(ctx, tx, list, []Member{{Account: owner}}, "propriétaire", "", func(ctx context.Context, tx *store.Tx, list int64, m Member) (bool, error) {
			n, err := tx.Exec(ctx, `DELETE FROM list_owner WHERE account_id = $1 AND owner_id = $2`, list, m.Account)
			return n > 0, err
		}, &n)
	})
}
