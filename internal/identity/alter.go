package identity

import (
	"context"
	"fmt"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Alteration is a change of what proves the holder of an account, made by a package that keeps such things (factor,
// session, activation, signin).
type Alteration struct {
	By      By
	Account int64
	Action  string // for the journal
	Detail  string
	// Ends tells that whatever was given before ends, on every node, within a second; sessions of the pages with it, but
	// for those of Keep.
	Ends bool
	Keep Keep
}

// Keep says which sessions of the pages outlive a change that ends everything else.
type Keep int64

// KeepNone is the zero Keep. Any positive Keep is the id of the one session that goes on.
const (
	KeepNone Keep = 0
	KeepAll  Keep = -1
)

// Altered is the account that an alteration is about, locked.
type Altered struct {
	Login, Display string
	State          directory.AccountState
	Epoch          int64 // after the change
}

// Alter locks an account, has fn make the change, and notes it in the journal: all in one transaction. fn may run again.
func (s *Service) Alter(ctx context.Context, a Alteration, fn func(context.Context, *store.Tx, Altered) error) error {
	return s.change(ctx, func(tx *store.Tx) (*accountRow, error) {
		r, err := lockAccount(ctx, tx, a.Account)
		if err != nil {
			return nil, err
		}
		err = r.alter(ctx, tx, a, fn)
		return r, err
	})
}

func (r *accountRow) alter(ctx context.Context, tx *store.Tx, a Alteration, fn func(context.Context, *store.Tx, Altered) error) error {
	if r.state == directory.StateAppointed {
		a.Ends = false // nothing was given to who has not been activated
	}
	altered := Altered{Login: r.login, Display: r.display, State: r.state, Epoch: r.epoch}
	if a.Ends {
		altered.Epoch++
	}
	if err := fn(ctx, tx, altered); err != nil {
		return err
	}
	if !a.Ends {
		return audit.Append(ctx, tx, audit.Entry{Actor: a.By.Actor, Action: a.Action, Subject: subject(r.id), Reason: a.By.Reason, Detail: a.Detail})
	}
	if err := keepSessions(ctx, tx, r, a.Keep); err != nil {
		return err
	}
	return r.finish(ctx, tx, a.By, a.Action, a.Detail)
}

// keepSessions carries sessions, and with all of them the remembered devices, over to the epoch that begins.
func keepSessions(ctx context.Context, tx *store.Tx, r *accountRow, keep Keep) (err error) {
	switch {
	case keep == KeepAll:
		_, err = tx.Exec(ctx, `UPDATE session SET auth_epoch = $3 WHERE account_id = $1 AND auth_epoch = $2`, r.id, r.epoch, r.epoch+1)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE device SET auth_epoch = $3 WHERE account_id = $1 AND auth_epoch = $2`, r.id, r.epoch, r.epoch+1)
		}
	case keep > 0:
		_, err = tx.Exec(ctx, `UPDATE session SET auth_epoch = $3 WHERE account_id = $1 AND auth_epoch = $2 AND session_id = $4`,
			r.id, r.epoch, r.epoch+1, int64(keep))
	}
	if err != nil {
		return fmt.Errorf("keep sessions of account %d: %w", r.id, err)
	}
	return nil
}

// ChangePassword is SetPassword with a change of within in the same transaction, and sessions that go on.
func (s *Service) ChangePassword(ctx context.Context, a Alteration, secret string, within func(context.Context, *store.Tx, Altered) error) error {
	a.Ends = true
	return s.choose(ctx, a.By, a.Account, secret, func(tx *store.Tx, r *accountRow) error {
		if r.beneath() == directory.StateAppointed {
			return failure.New(failure.Conflict, "Le compte n'est pas encore activé. / The account is not activated yet.")
		}
		return r.alter(ctx, tx, a, within)
	})
}

// HashChosen checks a password for an account, and returns what is stored of it: the first half of an activation.
func (s *Service) HashChosen(ctx context.Context, account int64, secret string) (string, error) {
	if err := s.mayChoose(ctx, account, secret); err != nil {
		return "", err
	}
	normal, _ := normalPassword(secret)
	return s.hasher.hash(ctx, normal)
}

// ActivateChosen opens an appointed account with what HashChosen gave, and erases its NUMEN for good; within is part of
// the transaction.
func (s *Service) ActivateChosen(ctx context.Context, by By, account int64, hash string, within func(context.Context, *store.Tx, Altered) error) error {
	if !isPHC(hash) {
		return errPHC
	}
	id, err := s.db.NewIDs(ctx, "credential", 1)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) (*accountRow, error) {
		r, err := lockAccount(ctx, tx, account)
		if err != nil {
			return nil, err
		}
		if err := r.move(ctx, tx, actActivate); err != nil {
			return nil, err
		}
		if err := EraseNumen(ctx, tx, account); err != nil {
			return nil, err
		}
		if err := insertCredential(ctx, tx, account, proof{id, kindPassword}, nil, hash, ""); err != nil {
			return nil, err
		}
		err = r.alter(ctx, tx, Alteration{By: by, Account: account, Action: string(actActivate), Ends: true}, within)
		return r, err
	})
}
