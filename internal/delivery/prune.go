package delivery

import (
	"context"
	"fmt"
	"time"

	"navette/internal/store"
)

// pruneAtOnce is how many deliveries, and how many recipients of one, a transaction forgets.
const (
	pruneAtOnce           = 200
	pruneRecipientsAtOnce = 1000
)

// old is a delivery whose time may be over.
type old struct {
	id, message, recipients, acceptedAt int64
	open                                bool // or something of it waits to go outside
}

// Prune forgets deliveries that were accepted longer than keep ago and are worked off, with their recipients and what
// went outside; it returns how many. Emails do not need them: who was sent what is their owners' to keep. It walks from
// the oldest on and stops at the first page of young ones, for numbers ascend with time, but for the blocks in which
// they are taken.
func (s *Service) Prune(ctx context.Context, keep time.Duration) (pruned int, err error) {
	before := s.cfg.Now().Add(-keep).UnixMicro()
	for after := int64(0); ; {
		page, err := s.oldest(ctx, after)
		if err != nil || len(page) == 0 {
			return pruned, err
		}
		after = page[len(page)-1].id
		young := true
		var done []old
		for _, d := range page {
			young = young && d.acceptedAt > before
			if d.acceptedAt <= before && !d.open {
				done = append(done, d)
			}
		}
		if err := s.forget(ctx, done); err != nil {
			return pruned, err
		}
		if pruned += len(done); young {
			return pruned, nil
		}
	}
}

func (s *Service) oldest(ctx context.Context, after int64) (page []old, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		page = nil
		rows, err := tx.Query(ctx, `SELECT d.delivery_id, d.message_id, d.recipients, d.accepted_at, CASE WHEN d.state IN (0, 2) OR EXISTS (
				SELECT 1 FROM outbound o WHERE o.message_id = d.message_id AND o.state = 0) THEN 1 ELSE 0 END
			FROM delivery d WHERE d.delivery_id > $1 ORDER BY d.delivery_id LIMIT $2`, after, pruneAtOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d old
			if err := rows.Scan(&d.id, &d.message, &d.recipients, &d.acceptedAt, &d.open); err != nil {
				return err
			}
			page = append(page, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for old deliveries: %w", err)
	}
	return page, nil
}

// forget deletes deliveries that are done: recipients of letters first, some at a time, so that nobody's write waits
// for those of thirty thousand.
func (s *Service) forget(ctx context.Context, done []old) error {
	if len(done) == 0 {
		return nil
	}
	ids, messages := make([]int64, len(done)), make([]int64, len(done))
	for i, d := range done {
		ids[i], messages[i] = d.id, d.message
		for more := d.recipients > pruneRecipientsAtOnce; more; {
			var n int64
			err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
				n, err = tx.Exec(ctx, `DELETE FROM delivery_recipient WHERE delivery_id = $1 AND account_id IN (
					SELECT account_id FROM delivery_recipient WHERE delivery_id = $1 ORDER BY account_id LIMIT $2)`, d.id, pruneRecipientsAtOnce)
				return err
			})
			if err != nil {
				return fmt.Errorf("forget recipients of delivery %d: %w", d.id, err)
			}
			more = n > 0
		}
	}
	err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		for _, one := range []struct {
			query string
			set   []int64
		}{
			{`DELETE FROM delivery_recipient WHERE delivery_id IN `, ids},
			{`DELETE FROM outbound WHERE state <> 0 AND message_id IN `, messages},
			{`DELETE FROM delivery WHERE delivery_id IN `, ids},
		} {
			set, arg := tx.Dialect().IntSet(1, one.set)
			if _, err := tx.Exec(ctx, one.query+`(`+set+`)`, arg); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget deliveries: %w", err)
	}
	return nil
}
