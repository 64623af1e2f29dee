package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/directory"
	"navette/internal/store"
)

// Owner is the holder of an account who has just proved to be it: what changes of one's own account ask for. One comes
// from session.Session.Owner, which refuses where the proof is too old, and from activation.State while an account is
// being activated.
type Owner struct {
	Account int64
	Login   string
	Display string // as beside the account's address in From
}

// By names the owner in the journal.
func (o Owner) By(reason string) By { return By{Actor: o.Login, Reason: reason} }

// Holder is what a row of a session said of its account when it was read.
type Holder struct {
	Account int64
	Login   string
	Display string
	State   directory.AccountState
	Epoch   int64
	Narrow  bool // only its own pages: something is to be done first
}

// Admit makes the principal of a session of the pages. read must read the session with its account in one snapshot, and
// fail where it does not hold; what is revoked while it runs voids the result.
func (s *Service) Admit(ctx context.Context, read func(context.Context) (Holder, error)) (Principal, error) {
	generation := s.registry.current()
	if s.blind() {
		return Principal{}, errUnavailable(errNotSeen)
	}
	h, err := read(ctx)
	if err != nil {
		return Principal{}, err
	}
	return grantSession(h, generation)
}

// HasSecondFactor tells whether an account has a second factor, so that its password alone opens no mail program. One
// look-up by key. Setting the first and taking off the last begin another epoch, so a caller may remember the answer
// with the epoch at which it was given.
func (s *Service) HasSecondFactor(ctx context.Context, account int64) (has bool, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT second = 1 FROM protection WHERE account_id = $1`, account).Scan(&has)
		if errors.Is(err, sql.ErrNoRows) {
			has = false
			return nil
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for a second factor of account %d: %w", account, err)
	}
	return has, nil
}
