package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"navette/internal/fault"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// How the placer works: chunks small enough that a person's write between two of them waits a few milliseconds,
// several at once so that the committer can put them into one commit.
const (
	chunkSQLite   = 100
	chunkPostgres = 500
	placersAtOnce = 8
	pageSize      = 4000 // recipients read at a time
	sweepEvery    = 30 * time.Second
)

// spans cuts targets, sorted and distinct, into spans in which no account stands twice: an account with several
// targets gets a span for each.
func spans(ts []Target, size int) []mailbox.Span {
	double := func(i int) bool {
		return i > 0 && ts[i-1].Account == ts[i].Account || i+1 < len(ts) && ts[i+1].Account == ts[i].Account
	}
	var out []mailbox.Span
	for i := 0; i < len(ts); {
		if double(i) {
			out = append(out, mailbox.Span{FirstAccount: ts[i].Account, LastAccount: ts[i].Account,
				FirstMailbox: ts[i].Mailbox, LastMailbox: ts[i].Mailbox})
			i++
			continue
		}
		j := i + 1
		for j < len(ts) && j-i < size && !double(j) {
			j++
		}
		out = append(out, mailbox.Span{FirstAccount: ts[i].Account, LastAccount: ts[j-1].Account, LastMailbox: math.MaxInt64})
		i = j
	}
	return out
}

// placeSpan first leads recipients whose mailbox is gone to INBOX (invariant 4), then places.
func placeSpan(ctx context.Context, tx *store.Tx, d mailbox.Delivered, sp mailbox.Span) error {
	gone, err := goneMailboxes(ctx, tx, d.Delivery, sp)
	if err != nil {
		return err
	}
	for _, t := range gone {
		if err := redirectToInbox(ctx, tx, d.Delivery, t); err != nil {
			return err
		}
		if sp.FirstMailbox == t.Mailbox {
			sp.FirstMailbox, sp.LastMailbox = mailbox.Inbox, mailbox.Inbox
		}
	}
	_, err = mailbox.Deliver(ctx, tx, d, sp)
	return err
}

func goneMailboxes(ctx context.Context, tx *store.Tx, delivery int64, sp mailbox.Span) ([]Target, error) {
	rows, err := tx.Query(ctx, `SELECT r.account_id, r.mailbox_id FROM delivery_recipient r
		WHERE r.delivery_id = $1 AND r.account_id BETWEEN $2 AND $3 AND r.mailbox_id BETWEEN $4 AND $5 AND r.mailbox_id <> 1 AND r.placed = 0
		AND NOT EXISTS (SELECT 1 FROM mailbox_state m WHERE m.account_id = r.account_id AND m.mailbox_id = r.mailbox_id)`,
		delivery, sp.FirstAccount, sp.LastAccount, sp.FirstMailbox, sp.LastMailbox)
	if err != nil {
		return nil, fmt.Errorf("look for recipients' mailboxes: %w", err)
	}
	defer rows.Close()
	var out []Target
	for rows.Next() {
		var t Target
		if err := rows.Scan(&t.Account, &t.Mailbox); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

func redirectToInbox(ctx context.Context, tx *store.Tx, delivery int64, t Target) error {
	if _, err := tx.Exec(ctx, `DELETE FROM delivery_recipient WHERE delivery_id = $1 AND account_id = $2 AND mailbox_id = $3`,
		delivery, t.Account, t.Mailbox); err != nil {
		return fmt.Errorf("redirect recipient: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO delivery_recipient (delivery_id, account_id, mailbox_id, placed) VALUES ($1, $2, $3, 0)
		ON CONFLICT (delivery_id, account_id, mailbox_id) DO NOTHING`, delivery, t.Account, mailbox.Inbox); err != nil {
		return fmt.Errorf("redirect recipient: %w", err)
	}
	return nil
}

// Start runs the placer until Stop; it begins with what was accepted and not placed before.
func (s *Service) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		for ctx.Err() == nil {
			if err := s.placeOpen(ctx); err != nil && ctx.Err() == nil {
				s.cfg.Log.Error("place deliveries", "error", err)
			}
			t := time.NewTimer(sweepEvery)
			select {
			case <-ctx.Done():
			case <-s.kick:
			case <-t.C:
			}
			t.Stop()
		}
	}()
}

// Stop ends the placer after the transactions under way.
func (s *Service) Stop() {
	if s.stop != nil {
		s.stop()
		s.wg.Wait()
	}
}

// placeOpen works off every open delivery, the oldest first.
func (s *Service) placeOpen(ctx context.Context) error {
	for after := int64(0); ; {
		d, err := s.nextOpen(ctx, after)
		if err != nil {
			return err
		}
		if d == nil {
			return nil
		}
		after = d.Delivery
		if err := s.placeOne(ctx, *d); err != nil {
			return fmt.Errorf("delivery %d: %w", d.Delivery, err)
		}
	}
}

// nextOpen returns the oldest open delivery whose id is greater than after, or nil.
func (s *Service) nextOpen(ctx context.Context, after int64) (*mailbox.Delivered, error) {
	var d mailbox.Delivered
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT delivery_id, message_id, accepted_at FROM delivery
			WHERE state = 0 AND delivery_id > $1 ORDER BY delivery_id LIMIT 1`, after).Scan(&d.Delivery, &d.Message, &d.ReceivedAt)
		if err != nil {
			return err
		}
		loaded, err := s.contents.Load(ctx, tx, []int64{d.Message}, true, false)
		if err != nil {
			return err
		}
		m, ok := loaded[d.Message]
		if !ok {
			return fmt.Errorf("delivery %d: message %d is not there", d.Delivery, d.Message)
		}
		f, err := m.Facts()
		if err != nil {
			return err
		}
		d.Size, d.Threads = m.Size, mailbox.ThreadHashes(f)
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("next delivery: %w", err)
	}
	return &d, nil
}

// placeOne places what is left of a delivery, several spans at once, and closes it.
func (s *Service) placeOne(ctx context.Context, d mailbox.Delivered) error {
	size := chunkSQLite
	if s.db.Dialect() == store.PostgreSQL {
		size = chunkPostgres
	}
	for {
		waiting, err := s.waiting(ctx, d.Delivery)
		if err != nil {
			return err
		}
		if len(waiting) == 0 {
			return s.finish(ctx, d.Delivery)
		}
		if err := s.placeSpans(ctx, d, spans(waiting, size)); err != nil {
			return err
		}
	}
}

func (s *Service) waiting(ctx context.Context, delivery int64) (out []Target, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		rows, err := tx.Query(ctx, `SELECT account_id, mailbox_id FROM delivery_recipient
			WHERE delivery_id = $1 AND placed = 0 ORDER BY account_id, mailbox_id LIMIT $2`, delivery, pageSize)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t Target
			if err := rows.Scan(&t.Account, &t.Mailbox); err != nil {
				return err
			}
			out = append(out, t)
		}
		return rows.Err()
	})
	if len(out) == pageSize {
		// The page may cut an account that stands twice: leave the last one for the next page.
		last := out[len(out)-1].Account
		out = slices.DeleteFunc(out, func(t Target) bool { return t.Account == last })
	}
	return out, err
}

func (s *Service) placeSpans(ctx context.Context, d mailbox.Delivered, list []mailbox.Span) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	work := make(chan mailbox.Span)
	for range min(placersAtOnce, len(list)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for sp := range work {
				err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error { return placeSpan(ctx, tx, d, sp) })
				fault.Point("delivery.between-chunks")
				if err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		}()
	}
	for _, sp := range list {
		if ctx.Err() != nil {
			break
		}
		work <- sp
	}
	close(work)
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}

// finish closes a delivery whose recipients are all placed.
func (s *Service) finish(ctx context.Context, delivery int64) error {
	return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE delivery SET state = 1 WHERE delivery_id = $1 AND state = 0
			AND NOT EXISTS (SELECT 1 FROM delivery_recipient r WHERE r.delivery_id = delivery.delivery_id AND r.placed = 0)`, delivery)
		return err
	})
}
