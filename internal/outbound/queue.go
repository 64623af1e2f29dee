package outbound

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/store"
)

// States of a row.
const (
	stateWaiting = 0
	stateSent    = 1
	stateFailed  = 2
	// 3 is what its sender took back before it went (package mailing): nobody looks at it any more.
)

// item is one leased row.
type item struct {
	id          int64
	delivery    int64
	message     int64
	reversePath string
	recipient   string
	attempts    int
	acceptedAt  time.Time
	expiresAt   time.Time
	told        bool
	lease       int64 // the token of whoever holds it
}

// lease takes up to limit due rows, the longest due first, for leaseFor. Rows that another worker is leasing at this
// instant are passed over.
func (s *Service) lease(ctx context.Context, limit int) ([]item, error) {
	var items []item
	err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		items = nil
		now := s.cfg.Now().UnixMicro()
		token := s.cfg.Now().Add(leaseFor).UnixMicro()
		skip := ""
		if tx.Dialect() == store.PostgreSQL {
			skip = " FOR UPDATE OF o SKIP LOCKED"
		}
		rows, err := tx.Query(ctx, `SELECT o.outbound_id, o.delivery_id, o.message_id, o.reverse_path, o.recipient, o.attempts,
				d.accepted_at, o.expires_at, o.told
			FROM outbound o JOIN delivery d ON d.delivery_id = o.delivery_id
			WHERE o.state = 0 AND o.next_at <= $1 AND o.lease_until <= $1
			ORDER BY o.next_at, o.outbound_id LIMIT $2`+skip, now, limit)
		if err != nil {
			return fmt.Errorf("look for due rows: %w", err)
		}
		defer rows.Close()
		var ids []int64
		for rows.Next() {
			it := item{lease: token}
			var accepted, expires int64
			if err := rows.Scan(&it.id, &it.delivery, &it.message, &it.reversePath, &it.recipient, &it.attempts, &accepted, &expires, &it.told); err != nil {
				return fmt.Errorf("read due rows: %w", err)
			}
			it.acceptedAt, it.expiresAt = time.UnixMicro(accepted), time.UnixMicro(expires)
			items = append(items, it)
			ids = append(ids, it.id)
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("read due rows: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		set, arg := tx.Dialect().IntSet(2, ids)
		if _, err := tx.Exec(ctx, `UPDATE outbound SET lease_until = $1 WHERE outbound_id IN (`+set+`)`, token, arg); err != nil {
			return fmt.Errorf("lease rows: %w", err)
		}
		return nil
	})
	return items, err
}

// releaseAll ends the leases of workers that are gone: those of this program's last run, where it is the only one
// that writes (SQLite). On PostgreSQL other nodes may be at work, and leases end by themselves.
func (s *Service) releaseAll(ctx context.Context) error {
	if s.db.Dialect() != store.SQLite {
		return nil
	}
	return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE outbound SET lease_until = 0 WHERE state = 0 AND lease_until > 0`); err != nil {
			return fmt.Errorf("release rows: %w", err)
		}
		return nil
	})
}

// nextDue tells when the first waiting row is due; ok is false when none waits.
func (s *Service) nextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	var next sql.NullInt64
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		// Leased rows count when their lease ends. There are few: one worker's batch at a time.
		return tx.QueryRow(ctx, `SELECT min(CASE WHEN lease_until > next_at THEN lease_until ELSE next_at END) FROM outbound WHERE state = 0`).Scan(&next)
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look when rows are due: %w", err)
	}
	return time.UnixMicro(next.Int64), next.Valid, nil
}

// errLeaseLost says that another worker has taken the rows meanwhile.
var errLeaseLost = errors.New("the lease of outbound rows was lost")

// verdictOn is what one row becomes.
type verdictOn struct {
	item    item
	outcome Outcome
	nextAt  time.Time // where it waits on
	told    bool
}

// settle writes verdicts within a transaction, all of them or errLeaseLost.
func settle(ctx context.Context, tx *store.Tx, verdicts []verdictOn) error {
	for _, v := range verdicts {
		state, told := stateWaiting, 0
		switch v.outcome.Verdict {
		case Sent:
			state = stateSent
		case Failed:
			state = stateFailed
		}
		if v.told {
			told = 1
		}
		n, err := tx.Exec(ctx, `UPDATE outbound SET state = $1, attempts = attempts + 1, next_at = $2, status = $3, told = $4, lease_until = 0
			WHERE outbound_id = $5 AND state = 0 AND lease_until = $6`,
			state, v.nextAt.UnixMicro(), v.outcome.status(), told, v.item.id, v.item.lease)
		if err != nil {
			return fmt.Errorf("settle outbound row %d: %w", v.item.id, err)
		}
		if n != 1 {
			return errLeaseLost
		}
	}
	return nil
}
