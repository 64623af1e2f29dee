package annuaire

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// sees tells which hidden entries somebody is entitled to, nil for none: their own, those of people who work in an
// establishment that they direct, and all for an operator.
func (v *view) sees(who Asker, self *record) func(*record) bool {
	var directs []string
	if self != nil && self.kind == Person {
		for _, p := range self.posts {
			if isHead(p.code) && p.from.IsZero() && p.school.UAI != "" {
				directs = append(directs, p.school.UAI)
			}
		}
	}
	switch {
	case who.Operator:
		return func(*record) bool { return true }
	case len(directs) > 0 || self != nil && self.hidden:
		return func(r *record) bool {
			return r == self || slices.ContainsFunc(r.posts, func(p post) bool { return slices.Contains(directs, p.school.UAI) })
		}
	}
	return nil
}

// Hide puts an account on the liste rouge; Show takes it off. Both need an actor and a reason (failure.Policy), which go
// into the journal; failure.Conflict where the account is so already, failure.NotFound where there is none.
func (s *Service) Hide(ctx context.Context, by identity.By, account int64) error {
	return s.list(ctx, by, account, "annuaire.hide", history.Hidden, `INSERT INTO annuaire_hidden (account_id) VALUES ($1) ON CONFLICT (account_id) DO NOTHING`)
}

// Show takes an account off the liste rouge: see Hide.
func (s *Service) Show(ctx context.Context, by identity.By, account int64) error {
	return s.list(ctx, by, account, "annuaire.show", history.Shown, `DELETE FROM annuaire_hidden WHERE account_id = $1`)
}

func (s *Service) list(ctx context.Context, by identity.By, account int64, action string, kind history.Kind, statement string) error {
	if by.Actor == "" || by.Reason == "" {
		return failure.New(failure.Policy, "la liste rouge demande un auteur et un motif")
	}
	row, err := s.cfg.DB.NewIDs(ctx, history.IDs, 1)
	if err != nil {
		return err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if _, err := tx.NextMeta(ctx, "directory"); err != nil {
			return err
		}
		var known int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM account WHERE account_id = $1`, account).Scan(&known); err != nil {
			return err
		}
		if known == 0 {
			return failure.New(failure.NotFound, "Ce compte n'existe pas. / There is no such account.")
		}
		n, err := tx.Exec(ctx, statement, account)
		if err != nil {
			return err
		}
		if n == 0 {
			return failure.New(failure.Conflict, "rien à changer : le compte est déjà ainsi")
		}
		if err := history.Append(ctx, tx, row, []history.Row{{Account: account, Kind: kind, Actor: by.Actor}}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: fmt.Sprintf("account:%d", account), Reason: by.Reason})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return s.CatchUp(ctx)
}
