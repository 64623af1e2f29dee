package mailing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/fault"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// RecallWithin is how long after it was sent a message can be taken back.
const RecallWithin = 14 * 24 * time.Hour

// recallAtOnce is how many mailboxes one transaction of a recall opens.
const recallAtOnce = 100

// deliveriesMost is how many numbers the plain deliveries of a message take at most.
const deliveriesMost = 1000

// Recalled is what became of the copies of a message that its sender takes back.
type Recalled struct {
	Taken     int `json:"taken"`     // out of mailboxes here, unread
	Kept      int `json:"kept"`      // here: read, marked, moved or removed already
	Cancelled int `json:"cancelled"` // waiting to go outside, and stopped
	Outside   int `json:"outside"`   // gone outside: these cannot come back
}

// sending is the deliveries of one message as it was accepted.
type sending struct {
	deliveries []int64 // to whom the sender named, and to lists
	messages   []int64 // of these
	mailing    int64   // 0: no copies apart
	first      struct{ message, delivery, outbound int64 }
	seqs       int64
}

// run is deliveries that follow each other, whose messages do too.
type run struct {
	first, last, message int64 // message of the first
	mailing              int64 // whose copies they are, or 0
}

func (m *sending) runs() (out []run) {
	for i, id := range m.deliveries {
		out = append(out, run{first: id, last: id, message: m.messages[i]})
	}
	if m.seqs > 0 {
		out = append(out, run{first: m.first.delivery, last: m.first.delivery + m.seqs - 1, message: m.first.message, mailing: m.mailing})
	}
	return out
}

// Recall takes a message back (« Rappeler »): what is waiting to go outside does not go, and copies here that nobody has
// touched leave their mailboxes, as a change that mail programs see. What was read, marked, moved or copied stays: it
// is its reader's. delivery is what the message was accepted as (delivery.Receipt), or its mailing: both take all of it back;
// failure.NotFound where the account
// has sent none of that number, failure.Policy once RecallWithin is over. Called again it goes on where it stopped, and
// counts what it takes then.
func (s *Service) Recall(ctx context.Context, by identity.By, account, delivery int64) (r Recalled, err error) {
	m, err := s.sending(ctx, account, delivery)
	if err != nil {
		return Recalled{}, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		r = Recalled{}
		if err := s.stop(ctx, tx, m, &r); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "message.recall", Subject: fmt.Sprintf("delivery:%d", delivery), Reason: by.Reason,
			Detail: fmt.Sprintf(`{"cancelled":%d,"outside":%d}`, r.Cancelled, r.Outside)})
	})
	if err != nil {
		return Recalled{}, fmt.Errorf("recall delivery %d: %w", delivery, err)
	}
	for _, some := range m.runs() {
		if err := s.takeBack(ctx, some, &r); err != nil {
			return r, fmt.Errorf("recall delivery %d: %w", some.first, err)
		}
	}
	return r, nil
}

// sending finds the deliveries of a message: they were accepted in one transaction, under numbers that follow each
// other, and share its content. A mailing's comes after the others.
func (s *Service) sending(ctx context.Context, account, delivery int64) (m sending, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		m = sending{}
		var sender, at, owner int64
		err := tx.QueryRow(ctx, `SELECT d.sender, d.accepted_at, COALESCE((SELECT g.owner FROM mailing g WHERE g.mailing_id = d.delivery_id), 0)
			FROM delivery d WHERE d.delivery_id = $1`, delivery).Scan(&sender, &at, &owner)
		if errors.Is(err, sql.ErrNoRows) || err == nil && (account == 0 || account != sender && account != owner) {
			return failure.New(failure.NotFound, "aucun message de ce numéro / no such message")
		}
		if err != nil {
			return err
		}
		if s.cfg.Now().Sub(time.UnixMicro(at)) > RecallWithin {
			return failure.New(failure.Policy, "un message se rappelle pendant 14 jours / a message can be taken back for 14 days")
		}
		first := delivery
		if owner != 0 {
			if first, err = firstOf(ctx, tx, delivery); err != nil {
				return err
			}
		}
		rows, err := tx.Query(ctx, `SELECT d.delivery_id, d.message_id, COALESCE(g.mailing_id, 0), COALESCE(g.first_message, 0), COALESCE(g.first_delivery, 0), COALESCE(g.first_outbound, 0), COALESCE(g.seqs, 0)
			FROM delivery d JOIN message m ON m.message_id = d.message_id LEFT JOIN mailing g ON g.mailing_id = d.delivery_id
			WHERE d.delivery_id BETWEEN $1 AND $1 + $4 AND d.sender = $2 AND d.accepted_at = $3
			AND m.content_id = (SELECT o.content_id FROM delivery f JOIN message o ON o.message_id = f.message_id WHERE f.delivery_id = $1)
			ORDER BY d.delivery_id`, first, sender, at, deliveriesMost)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, message int64
			if err := rows.Scan(&id, &message, &m.mailing, &m.first.message, &m.first.delivery, &m.first.outbound, &m.seqs); err != nil {
				return err
			}
			if m.mailing != 0 {
				break // its copies follow
			}
			m.deliveries, m.messages = append(m.deliveries, id), append(m.messages, message)
		}
		return rows.Err()
	})
	return m, err
}

// firstOf finds the first delivery of the message that a mailing is of.
func firstOf(ctx context.Context, tx *store.Tx, mailing int64) (first int64, err error) {
	err = tx.QueryRow(ctx, `SELECT MIN(d.delivery_id) FROM delivery g JOIN message o ON o.message_id = g.message_id
		JOIN delivery d ON d.delivery_id BETWEEN $2 AND $1 AND d.sender = g.sender AND d.accepted_at = g.accepted_at
		JOIN message m ON m.message_id = d.message_id AND m.content_id = o.content_id
		WHERE g.delivery_id = $1`, mailing, mailing-deliveriesMost).Scan(&first)
	if err != nil {
		return 0, fmt.Errorf("look for the deliveries before mailing %d: %w", mailing, err)
	}
	return first, nil
}

// stop ends what is under way: nothing more of the message is placed, queued or sent.
func (s *Service) stop(ctx context.Context, tx *store.Tx, m sending, r *Recalled) error {
	set, arg := tx.Dialect().IntSet(1, append(slices.Clone(m.deliveries), m.mailing))
	// Whoever queues copies holds the same rows.
	if _, err := tx.Exec(ctx, `SELECT delivery_id FROM delivery WHERE delivery_id IN (`+set+`) ORDER BY delivery_id`+tx.Dialect().ForUpdate(), arg); err != nil {
		return err
	}
	set, arg = tx.Dialect().IntSet(1, m.deliveries)
	if _, err := tx.Exec(ctx, `UPDATE delivery SET state = 3 WHERE delivery_id IN (`+set+`) AND state IN (0, 2)`, arg); err != nil {
		return err
	}
	messages, arg := tx.Dialect().IntSet(1, m.messages)
	if err := cancel(ctx, tx, r, `message_id IN (`+messages+`)`, arg); err != nil || m.mailing == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE delivery SET state = 3 WHERE delivery_id BETWEEN $1 AND $2 AND state = 0`,
		m.first.delivery, m.first.delivery+m.seqs-1); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE mailing_copy SET state = 5, address = '' WHERE mailing_id = $1 AND state = 0`, m.mailing)
	if err != nil {
		return err
	}
	r.Cancelled += int(n)
	last := m.first.outbound + m.seqs - 1
	if err := cancel(ctx, tx, r, `outbound_id BETWEEN $1 AND $2`, m.first.outbound, last); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE mailing_copy SET state = 5, address = '' WHERE mailing_id = $1 AND state = 1 AND target = 0
		AND EXISTS (SELECT 1 FROM outbound o WHERE o.outbound_id = $2 + mailing_copy.seq AND o.state = 3)`, m.mailing, m.first.outbound)
	return err
}

// cancel stops rows of the queue that no worker is sending at this moment, and counts what is gone.
func cancel(ctx context.Context, tx *store.Tx, r *Recalled, which string, args ...any) error {
	now := fmt.Sprintf("$%d", len(args)+1)
	n, err := tx.Exec(ctx, `UPDATE outbound SET state = 3 WHERE `+which+` AND state = 0 AND lease_until <= `+now, append(slices.Clone(args), tx.NowMicros())...)
	if err != nil {
		return fmt.Errorf("stop what waits to go outside: %w", err)
	}
	r.Cancelled += int(n)
	var gone int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM outbound WHERE `+which+` AND state IN (0, 1)`, args...).Scan(&gone); err != nil {
		return fmt.Errorf("count what is gone outside: %w", err)
	}
	r.Outside += gone
	return nil
}

// delivered is a recipient of a delivery.
type delivered struct{ delivery, account, mailbox int64 }

// takeBack goes through the recipients of a run of deliveries.
func (s *Service) takeBack(ctx context.Context, some run, r *Recalled) error {
	for after := (delivered{delivery: some.first}); ; {
		page, err := s.recipients(ctx, after, some.last)
		if err != nil || len(page) == 0 {
			return err
		}
		var taken int
		err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
			taken, err = takePage(ctx, tx, some, page)
			return err
		})
		if err != nil {
			return err
		}
		fault.Point("mailing.between-recalls")
		r.Taken += taken
		r.Kept += len(page) - taken
		after = page[len(page)-1]
	}
}

// takePage takes a message back from some recipients, and notes it with their copies.
func takePage(ctx context.Context, tx *store.Tx, some run, page []delivered) (taken int, err error) {
	accounts := make([]int64, len(page))
	for i, one := range page {
		accounts[i] = one.account
	}
	if _, err := tx.LockAccounts(ctx, accounts...); err != nil {
		return 0, err
	}
	var seqs []int64
	for _, one := range page {
		seq := one.delivery - some.first
		ok, err := takeOne(ctx, tx, one, some.message+seq)
		if err != nil {
			return 0, err
		}
		if ok {
			seqs = append(seqs, seq)
		}
	}
	if some.mailing == 0 || len(seqs) == 0 {
		return len(seqs), nil
	}
	set, arg := tx.Dialect().IntSet(2, seqs)
	_, err = tx.Exec(ctx, `UPDATE mailing_copy SET state = 5 WHERE mailing_id = $1 AND seq IN (`+set+`)`, some.mailing, arg)
	return len(seqs), err
}

// takeOne takes a message back from one recipient; one who has not got it yet gets it no more.
func takeOne(ctx context.Context, tx *store.Tx, one delivered, message int64) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM delivery_recipient WHERE delivery_id = $1 AND account_id = $2 AND mailbox_id = $3 AND placed = 0`,
		one.delivery, one.account, one.mailbox)
	if err != nil || n > 0 {
		return n > 0, err
	}
	return mailbox.TakeBack(ctx, tx, one.account, message, one.mailbox)
}

// recipients gives the next ones, in the order of deliveries.
func (s *Service) recipients(ctx context.Context, after delivered, last int64) (page []delivered, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		page = nil
		rows, err := tx.Query(ctx, `SELECT delivery_id, account_id, mailbox_id FROM delivery_recipient
			WHERE delivery_id >= $1 AND delivery_id <= $2 AND (delivery_id > $1 OR account_id > $3 OR account_id = $3 AND mailbox_id > $4)
			ORDER BY delivery_id, account_id, mailbox_id LIMIT $5`, after.delivery, last, after.account, after.mailbox, recallAtOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one delivered
			if err := rows.Scan(&one.delivery, &one.account, &one.mailbox); err != nil {
				return err
			}
			page = append(page, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("recipients of delivery %d: %w", after.delivery, err)
	}
	return page, nil
}
