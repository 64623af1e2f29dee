package ticket

import (
	"context"
	"fmt"
	"time"

	"navette/internal/store"
)

// nameOf is the key of the one ticket of an account for a purpose. It is of no form that hashOf gives: no token leads to it.
func nameOf(account int64, purpose string) string { return fmt.Sprintf("%s:%d", purpose, account) }

// Claim stores the one ticket that t.Account has for t.Purpose, which has no token, in the caller's transaction. false where
// there is one whose time is not over, used up or not; one of an earlier epoch gives way.
func Claim(ctx context.Context, tx *store.Tx, t Ticket, life time.Duration, data any) (bool, error) {
	name := nameOf(t.Account, t.Purpose)
	_, err := tx.Exec(ctx, `DELETE FROM ticket WHERE hash = $1 AND (expires_at <= $2 OR epoch < $3)`, name, tx.NowMicros(), t.Epoch)
	if err != nil {
		return false, fmt.Errorf("make room for a ticket for %s: %w", t.Purpose, err)
	}
	text, err := encode(t.Purpose, data)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO ticket (hash, account_id, purpose, epoch, data, tries, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6)
		ON CONFLICT (hash) DO NOTHING`, name, t.Account, t.Purpose, t.Epoch, text, tx.Now().Add(life).UnixMicro())
	if err != nil {
		return false, fmt.Errorf("issue a ticket for %s: %w", t.Purpose, err)
	}
	return n == 1, nil
}

// GetClaimed is Get for the one ticket of an account.
func (s *Service) GetClaimed(ctx context.Context, account int64, purpose string) (t Ticket, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		t, err = get(ctx, tx, nameOf(account, purpose), purpose)
		return err
	})
	return t, err
}

// KeepClaimed is Keep for the one ticket of an account.
func KeepClaimed(ctx context.Context, tx *store.Tx, account int64, purpose string, data any) error {
	return keep(ctx, tx, nameOf(account, purpose), purpose, data)
}
