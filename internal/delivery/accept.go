package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/fault"
	"navette/internal/guard"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// States of a delivery row.
const (
	statePlacing = 0
	stateDone    = 1
)

// settleFor is how long Accept looks for the outcome of a lost COMMIT: senders wait 10 minutes after the end of data
// (RFC 5321 §4.5.3.2.6).
const settleFor = 20 * time.Second

// accepting is one message on its way into the database.
type accepting struct {
	delivery, message int64
	kept              int64 // message of the sender's copy
	outbound          int64 // id of the first outbound row
	origin            guard.Door
	sender            int64
	env               Envelope
	body              *content.Prepared
	prefix            []byte
	size              int64
	lifetime          time.Duration // of outbound rows
}

// Accept makes a message durable for all its recipients (see the package comment), and returns when it is. The
// prefix is put before the content in every copy but the one that the sender keeps. Recipients must have been cleared:
// as many as the envelope has.
//
// failure.CommitUnknown says that nobody knows: the door answers a temporary error, and the sender may double.
func (s *Service) Accept(ctx context.Context, cleared guard.Cleared, env Envelope, body *content.Prepared, prefix []byte) (Receipt, error) {
	if n := len(env.Local) + len(env.Remote); n == 0 || len(cleared.Recipients()) != n {
		return Receipt{}, failure.New(failure.Permanent, "%d recipients were cleared for %d", len(cleared.Recipients()), n)
	}
	a := accepting{origin: cleared.Door(), sender: cleared.Sender(), env: env, body: body, prefix: prefix, size: body.Size + int64(len(prefix)),
		lifetime: s.cfg.Lifetime}
	a.env.Local = distinct(env.Local)
	var err error
	if a.delivery, err = s.db.NewIDs(ctx, "delivery", 1); err != nil {
		return Receipt{}, err
	}
	messages := int64(1)
	if env.Keep != nil {
		messages++
	}
	if a.message, err = s.db.NewIDs(ctx, "message", messages); err != nil {
		return Receipt{}, err
	}
	a.kept = a.message + 1
	if len(env.Remote) > 0 {
		if a.outbound, err = s.db.NewIDs(ctx, "outbound", int64(len(env.Remote))); err != nil {
			return Receipt{}, err
		}
	}
	if err := s.write(ctx, &a); err != nil {
		return Receipt{}, fmt.Errorf("accept message: %w", err)
	}
	fault.Point("delivery.after-accept")
	if len(a.env.Local) > PlaceNow {
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}
	if len(env.Remote) > 0 {
		s.onOutbound()
	}
	return Receipt{a.delivery}, nil
}

// distinct sorts targets by account and drops doubles.
func distinct(ts []Target) []Target {
	out := slices.Clone(ts)
	slices.SortFunc(out, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Mailbox, b.Mailbox))
	})
	return slices.Compact(out)
}

// write commits, and where the outcome is unknown finds it out by the delivery's id.
func (s *Service) write(ctx context.Context, a *accepting) error {
	err := s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error { return a.insert(ctx, tx) })
	if !failure.Is(err, failure.CommitUnknown) || errors.Is(err, store.ErrNotReplicated) {
		return err
	}
	s.cfg.Log.Warn("outcome of a delivery unknown", "delivery", a.delivery, "error", err)
	there, lookErr := s.settled(ctx, a.delivery)
	if lookErr != nil || !there {
		return errors.Join(err, lookErr)
	}
	return nil
}

// settled looks whether a delivery was committed, until the database answers or patience ends. It looks by a write:
// one that commits after the delivery is, like it, on the standby too (the log is replicated in order).
func (s *Service) settled(ctx context.Context, delivery int64) (there bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `UPDATE delivery SET recipients = recipients WHERE delivery_id = $1`, delivery)
			there = n > 0
			return err
		})
		if err == nil || errors.Is(err, store.ErrNotReplicated) {
			return there && err == nil, err
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return false, err
		case <-t.C:
		}
	}
}

// insert is the transaction of ACCEPT. It may run again.
func (a *accepting) insert(ctx context.Context, tx *store.Tx) error {
	if err := a.body.Insert(ctx, tx); err != nil {
		return err
	}
	if err := content.InsertMessage(ctx, tx, a.message, a.body.ID, a.prefix, a.size); err != nil {
		return err
	}
	state := statePlacing
	if len(a.env.Local) <= PlaceNow {
		state = stateDone
	}
	if _, err := tx.Exec(ctx, `INSERT INTO delivery (delivery_id, message_id, origin, sender, reverse_path, accepted_at, recipients, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.delivery, a.message, originName(a.origin), a.sender, a.env.ReversePath, tx.NowMicros(), len(a.env.Local), state); err != nil {
		return fmt.Errorf("insert delivery: %w", err)
	}
	if err := a.insertRecipients(ctx, tx); err != nil {
		return err
	}
	for i, r := range a.env.Remote {
		if _, err := tx.Exec(ctx, `INSERT INTO outbound (outbound_id, delivery_id, message_id, reverse_path, recipient,
			state, attempts, next_at, expires_at, status, lease_until) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, '', 0)`,
			a.outbound+int64(i), a.delivery, a.message, a.env.ReversePath, r, tx.NowMicros(), tx.Now().Add(a.lifetime).UnixMicro()); err != nil {
			return fmt.Errorf("insert outbound: %w", err)
		}
	}
	if a.env.Keep != nil {
		if err := a.keep(ctx, tx, state != statePlacing); err != nil {
			return err
		}
	}
	if a.env.Within != nil {
		if err := a.env.Within(ctx, tx); err != nil {
			return err
		}
	}
	if state == statePlacing || len(a.env.Local) == 0 {
		return nil
	}
	d := mailbox.Delivered{Delivery: a.delivery, Message: a.message, Size: a.size, ReceivedAt: tx.NowMicros(), Threads: mailbox.ThreadHashes(a.body.Facts)}
	inboxes := !slices.ContainsFunc(a.env.Local, func(t Target) bool { return t.Mailbox != mailbox.Inbox })
	for _, sp := range spans(a.env.Local, PlaceNow) {
		if err := placeSpan(ctx, tx, d, sp, inboxes); err != nil {
			return err
		}
	}
	return nil
}

// keep places the sender's copy. Where recipients are placed in the same transaction, all accounts are locked together
// first: in ascending order, whichever is whose.
func (a *accepting) keep(ctx context.Context, tx *store.Tx, placing bool) error {
	k := a.env.Keep
	if placing {
		accounts := []int64{k.Account}
		for _, t := range a.env.Local {
			accounts = append(accounts, t.Account)
		}
		if _, err := tx.LockAccounts(ctx, accounts...); err != nil {
			return err
		}
	}
	size := a.body.Size + int64(len(k.Prefix))
	if err := content.InsertMessage(ctx, tx, a.kept, a.body.ID, k.Prefix, size); err != nil {
		return err
	}
	_, err := mailbox.Keep(ctx, tx, k.Account, mailbox.Kept{Role: k.Role, Message: a.kept, Size: size, Flags: k.Flags,
		Threads: mailbox.ThreadHashes(a.body.Facts)})
	if err != nil {
		return fmt.Errorf("keep the sender's copy: %w", err)
	}
	return nil
}

func (a *accepting) insertRecipients(ctx context.Context, tx *store.Tx) error {
	const page = 1000
	for part := range slices.Chunk(a.env.Local, page) {
		rows := make([][]int64, len(part))
		for i, t := range part {
			rows[i] = []int64{t.Account, t.Mailbox}
		}
		staged, arg := tx.Dialect().Rows(2, []string{"account_id", "mailbox_id"}, rows)
		if _, err := tx.Exec(ctx, `INSERT INTO delivery_recipient (delivery_id, account_id, mailbox_id, placed)
			SELECT $1, account_id, mailbox_id, 0 FROM (`+staged+`) AS r`, a.delivery, arg); err != nil {
			return fmt.Errorf("insert recipients: %w", err)
		}
	}
	return nil
}

func originName(d guard.Door) string {
	switch d {
	case guard.Reception:
		return "reception"
	case guard.LMTP:
		return "lmtp"
	case guard.Submission:
		return "submission"
	case guard.Webmail:
		return "webmail"
	}
	return "system"
}
