package mailbox

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// Place is a mailbox of any account.
type Place struct{ Account, Mailbox int64 }

// Unsubscribed returns the mailboxes of shared boxes that a member has unsubscribed from. Those of boxes that the
// member has left, and those that were deleted, may be among them.
func (s *Service) Unsubscribed(ctx context.Context, member int64) (out map[Place]bool, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		out = map[Place]bool{}
		rows, err := tx.Query(ctx, `SELECT box_id, mailbox_id FROM unsubscribed WHERE account_id = $1`, member)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p Place
			if err := rows.Scan(&p.Account, &p.Mailbox); err != nil {
				return err
			}
			out[p] = true
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read subscriptions to shared boxes: %w", err)
	}
	return out, nil
}

// SubscribeShared sets whether a member is shown a mailbox of a shared box; the other members are not concerned.
// failure.NotFound where the box has no mailbox of that name.
func (s *Service) SubscribeShared(ctx context.Context, member, box int64, name string, subscribed bool) error {
	err := s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		m, err := byName(ctx, tx, box, name)
		if err != nil {
			return err
		}
		query := `INSERT INTO unsubscribed (account_id, box_id, mailbox_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
		if subscribed {
			query = `DELETE FROM unsubscribed WHERE account_id = $1 AND box_id = $2 AND mailbox_id = $3`
		}
		_, err = tx.Exec(ctx, query, member, box, m.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("subscribe to a mailbox of a shared box: %w", err)
	}
	return nil
}
