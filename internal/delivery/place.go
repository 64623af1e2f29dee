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

// placeSpan first leads recipients whose mailbox is gone to INBOX (invariant 4), then places. Under the lock no
// mailbox goes meanwhile. inboxes says that every recipient of the span is an INBOX, which never goes.
func placeSpan(ctx context.Context, tx *store.Tx, d mailbox.Delivered, sp mailbox.Span, inboxes bool) error {
	if err := mailbox.LockSpan(ctx, tx, d.Delivery, sp); err != nil {
		return err
	}
	if inboxes {
		_, err := mailbox.Deliver(ctx, tx, d, sp)
		return err
	}
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

// placeOpen works off every open delivery, the oldest first. One that fails waits for the next round, and holds up no
// other.
func (s *Service) placeOpen(ctx context.Context) error {
	var failed []error
	for after := int64(0); ; {
		d, err := s.nextOpen(ctx, after)
		if errors.Is(err, sql.ErrNoRows) {
			return errors.Join(failed...)
		}
		if err != nil {
			return errors.Join(append(failed, fmt.Errorf("next delivery: %w", err))...)
		}
		after = d.Delivery
		if err := s.workOff(ctx, d); err != nil {
			failed = append(failed, fmt.Errorf("delivery %d: %w", d.Delivery, err))
		}
	}
}

// open is a delivery that is not worked off.
type open struct {
	mailbox.Delivered
	recipients int64 // 0: a mailing, whose copies are to be queued
}

// workOff places what is left of a delivery, or queues what is left of a mailing.
func (s *Service) workOff(ctx context.Context, d open) error {
	if d.recipients == 0 {
		return s.expand(ctx, d.Delivery)
	}
	return s.placeOne(ctx, d.Delivered)
}

// nextOpen returns the oldest open delivery whose id is greater than after, or sql.ErrNoRows.
func (s *Service) nextOpen(ctx context.Context, after int64) (d open, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT d.delivery_id, d.message_id, d.accepted_at, m.size, d.recipients FROM delivery d
			JOIN message m ON m.message_id = d.message_id
			WHERE d.state = 0 AND d.delivery_id > $1 ORDER BY d.delivery_id LIMIT 1`, after).
			Scan(&d.Delivery, &d.Message, &d.ReceivedAt, &d.Size, &d.recipients)
	})
	return d, err
}

// threads returns what threads the message belongs to. Facts that cannot be read cost it its thread, not its way.
func (s *Service) threads(ctx context.Context, message int64) (hashes []int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		loaded, err := s.contents.Load(ctx, tx, []int64{message}, true, false)
		if err != nil {
			return err
		}
		m, ok := loaded[message]
		if !ok {
			s.cfg.Log.Error("a delivery's message has no facts", "message", message)
			return nil
		}
		f, err := m.Facts()
		if err != nil {
			s.cfg.Log.Error("a delivery's facts cannot be read", "message", message, "error", err)
			return nil
		}
		hashes = mailbox.ThreadHashes(f)
		return nil
	})
	return hashes, err
}

// placeOne places what is left of a delivery, several spans at once, and closes it.
func (s *Service) placeOne(ctx context.Context, d mailbox.Delivered) error {
	size := chunkSQLite
	if s.db.Dialect() == store.PostgreSQL {
		size = chunkPostgres
	}
	var err error
	if d.Threads, err = s.threads(ctx, d.Message); err != nil {
		return err
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
		if rest := slices.IndexFunc(out, func(t Target) bool { return t.Account == last }); rest > 0 {
			out = out[:rest]
		}
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
				err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error { return placeSpan(ctx, tx, d, sp, false) })
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
