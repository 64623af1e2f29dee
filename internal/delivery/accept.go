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
	copies   []outCopy
	mailing  Mailing // copies apart; Seqs is 0 where there are none
	numbers  Numbers // of the mailing
	template int64   // message of the mailing
	kept     int64   // message of the sender's copy
	origin   guard.Door
	sender   int64
	env      Envelope // Alone, Keep, Locks and Within; its recipients are in copies and mailing
	trace    []byte   // the prefix that Accept was given
	body     *content.Prepared
	lifetime time.Duration // of outbound rows
}

// first is the delivery that tells whether all of it was committed.
func (a *accepting) first() int64 {
	if len(a.copies) > 0 {
		return a.copies[0].delivery
	}
	return a.numbers.Mailing
}

// outCopy is a delivery of the content under one prefix: to those whom the sender named, or to those of a list.
type outCopy struct {
	delivery, message int64
	outbound          int64 // id of the first outbound row
	reversePath       string
	prefix            []byte
	local             []Target // sorted and distinct
	remote            []string
}

// Accept makes a message durable for all its recipients (see the package comment), and returns when it is. The
// prefix is put before the content in every copy but the one that the sender keeps; copies of lists and copies apart
// bear a reverse-path and fields of their own in it. Recipients must have been cleared: as many as the envelope has,
// a group being one.
//
// failure.CommitUnknown says that nobody knows: the door answers a temporary error, and the sender may double.
func (s *Service) Accept(ctx context.Context, cleared guard.Cleared, env Envelope, body *content.Prepared, prefix []byte) (Receipt, error) {
	if err := checkCleared(cleared, &env); err != nil {
		return Receipt{}, err
	}
	notes, err := s.returns(ctx, cleared, &env, body)
	if err != nil {
		return Receipt{}, err
	}
	env.Within = within(notes, env.Within)
	if len(env.Local)+len(env.Remote)+len(env.Apart) == 0 {
		return Receipt{}, s.noteOnly(ctx, &env)
	}
	a := accepting{origin: cleared.Door(), sender: cleared.Sender(), env: env, trace: prefix, body: body, lifetime: s.cfg.Lifetime}
	if a.mailing, err = s.plan(ctx, cleared, &env, body); err != nil {
		return Receipt{}, err
	}
	if a.copies, err = s.copies(ctx, cleared, env, a.mailing, body.Size, prefix); err != nil {
		return Receipt{}, err
	}
	if len(a.copies) == 0 && a.mailing.Seqs == 0 {
		return Receipt{}, failure.New(failure.Policy, "ces groupes n'ont aucun membre / these groups have no members")
	}
	if err := s.number(ctx, &a); err != nil {
		return Receipt{}, err
	}
	if err := s.write(ctx, &a); err != nil {
		return Receipt{}, fmt.Errorf("accept message: %w", err)
	}
	fault.Point("delivery.after-accept")
	s.wake(&a)
	return Receipt{Delivery: a.first(), Mailing: a.numbers.Mailing}, nil
}

// wake tells whoever works off what was accepted.
func (s *Service) wake(a *accepting) {
	if !a.placesNow() {
		select {
		case s.kick <- struct{}{}:
		default:
		}
	}
	if slices.ContainsFunc(a.copies, func(c outCopy) bool { return len(c.remote) > 0 }) || a.mailing.Seqs > 0 {
		s.onOutbound()
	}
}

// number takes the ids of everything that is about to be written.
func (s *Service) number(ctx context.Context, a *accepting) error {
	n, apart, remote := int64(len(a.copies)), int64(0), a.mailing.Seqs
	if a.mailing.Seqs > 0 {
		apart = 1 + a.mailing.Seqs // the mailing itself comes first
	}
	for _, c := range a.copies {
		remote += int64(len(c.remote))
	}
	delivery, err := s.db.NewIDs(ctx, "delivery", n+apart)
	if err != nil {
		return err
	}
	message, err := s.db.NewIDs(ctx, "message", n+1+apart) // and the sender's
	if err != nil {
		return err
	}
	var outbound int64
	if remote > 0 {
		if outbound, err = s.db.NewIDs(ctx, "outbound", remote); err != nil {
			return err
		}
	}
	for i := range a.copies {
		c := &a.copies[i]
		c.delivery, c.message, c.outbound = delivery+int64(i), message+int64(i), outbound
		outbound += int64(len(c.remote))
	}
	a.kept, a.template = message+n, message+n+1
	if apart > 0 {
		a.numbers = Numbers{Mailing: delivery + n, Delivery: delivery + n + 1, Message: message + n + 2, Outbound: outbound, Queued: a.placesNow()}
		a.mailing.Paths(a.numbers)
	}
	return nil
}

// placesNow tells whether all recipients here, and all copies apart, are few enough to be placed in the transaction that
// accepts.
func (a *accepting) placesNow() bool {
	n := len(a.mailing.Copies)
	for _, c := range a.copies {
		n += len(c.local)
	}
	return n <= PlaceNow
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
	s.cfg.Log.Warn("outcome of a delivery unknown", "delivery", a.first(), "error", err)
	there, lookErr := s.settled(ctx, a.first())
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
	for i := range a.copies {
		if err := a.insertCopy(ctx, tx, &a.copies[i]); err != nil {
			return err
		}
	}
	if a.mailing.Seqs > 0 {
		if err := a.insertMailing(ctx, tx); err != nil {
			return err
		}
	}
	if err := a.lock(ctx, tx); err != nil {
		return err
	}
	if a.env.Keep != nil {
		if err := a.keep(ctx, tx); err != nil {
			return err
		}
	}
	if a.env.Within != nil {
		if err := a.env.Within(ctx, tx); err != nil {
			return err
		}
	}
	if !a.placesNow() {
		return nil
	}
	for i := range a.copies {
		if err := a.place(ctx, tx, &a.copies[i]); err != nil {
			return err
		}
	}
	return a.mailingOf(tx).place(ctx, tx, a.mailing.Copies, mailbox.ThreadHashes(a.body.Facts))
}

// insertCopy writes a copy's message, its delivery with its recipients, and its outbound rows.
func (a *accepting) insertCopy(ctx context.Context, tx *store.Tx, c *outCopy) error {
	if err := content.InsertMessage(ctx, tx, c.message, a.body.ID, c.prefix, a.size(c)); err != nil {
		return err
	}
	state := statePlacing
	if a.placesNow() || len(c.local) == 0 {
		state = stateDone
	}
	if _, err := tx.Exec(ctx, `INSERT INTO delivery (delivery_id, message_id, origin, sender, reverse_path, accepted_at, recipients, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.delivery, c.message, originName(a.origin), a.sender, c.reversePath, tx.NowMicros(), len(c.local), state); err != nil {
		return fmt.Errorf("insert delivery: %w", err)
	}
	if err := c.insertRecipients(ctx, tx); err != nil {
		return err
	}
	for i, r := range c.remote {
		if _, err := tx.Exec(ctx, `INSERT INTO outbound (outbound_id, delivery_id, message_id, reverse_path, recipient,
			state, attempts, next_at, expires_at, status, lease_until) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, '', 0)`,
			c.outbound+int64(i), c.delivery, c.message, c.reversePath, r, tx.NowMicros(), tx.Now().Add(a.lifetime).UnixMicro()); err != nil {
			return fmt.Errorf("insert outbound: %w", err)
		}
	}
	return nil
}

func (a *accepting) size(c *outCopy) int64 { return a.body.Size + int64(len(c.prefix)) }

// lock locks together what several writers of this transaction would lock each for itself: the recipients of all
// copies that are placed here, the sender who keeps one, and what Within needs. So accounts are locked in ascending
// order, whichever is whose.
func (a *accepting) lock(ctx context.Context, tx *store.Tx) error {
	accounts := slices.Clone(a.env.Locks)
	if a.env.Keep != nil {
		accounts = append(accounts, a.env.Keep.Account)
	}
	if a.placesNow() && (len(accounts) > 0 || len(a.copies) > 1 || a.mailing.Seqs > 0) {
		for _, c := range a.copies {
			for _, t := range c.local {
				accounts = append(accounts, t.Account)
			}
		}
		for _, c := range a.mailing.Copies {
			if c.To.Account != 0 {
				accounts = append(accounts, c.To.Account)
			}
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	_, err := tx.LockAccounts(ctx, accounts...)
	return err
}

// place puts a copy before its recipients.
func (a *accepting) place(ctx context.Context, tx *store.Tx, c *outCopy) error {
	d := mailbox.Delivered{Delivery: c.delivery, Message: c.message, Size: a.size(c), ReceivedAt: tx.NowMicros(), Threads: mailbox.ThreadHashes(a.body.Facts)}
	inboxes := !slices.ContainsFunc(c.local, func(t Target) bool { return t.Mailbox != mailbox.Inbox })
	for _, sp := range spans(c.local, PlaceNow) {
		if err := placeSpan(ctx, tx, d, sp, inboxes); err != nil {
			return err
		}
	}
	return nil
}

// keep places the sender's copy; the account is locked.
func (a *accepting) keep(ctx context.Context, tx *store.Tx) error {
	k := a.env.Keep
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

func (c *outCopy) insertRecipients(ctx context.Context, tx *store.Tx) error {
	const page = 1000
	for part := range slices.Chunk(c.local, page) {
		rows := make([][]int64, len(part))
		for i, t := range part {
			rows[i] = []int64{t.Account, t.Mailbox}
		}
		staged, arg := tx.Dialect().Rows(2, []string{"account_id", "mailbox_id"}, rows)
		if _, err := tx.Exec(ctx, `INSERT INTO delivery_recipient (delivery_id, account_id, mailbox_id, placed)
			SELECT $1, account_id, mailbox_id, 0 FROM (`+staged+`) AS r`, c.delivery, arg); err != nil {
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
