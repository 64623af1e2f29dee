package delivery

import (
	"bytes"
	"context"
	"fmt"

	"navette/internal/content"
	"navette/internal/fault"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// apartChunk is how many copies apart one later transaction queues.
const apartChunk = 500

// mailingOf is what the copies of a mailing have in common.
type mailingOf struct {
	n          Numbers
	content    int64
	size       int64  // octets of the content
	tail       []byte // their prefix after Return-Path: the trace, and To
	origin     string
	sender     int64
	acceptedAt int64
	expiresAt  int64 // of outbound rows
}

// copyPrefix is the prefix of the copy that goes out under a reverse-path.
func (m *mailingOf) copyPrefix(reversePath string) []byte {
	return append(fmt.Appendf(nil, "%s%s>\r\n", returnPath, reversePath), m.tail...)
}

const returnPath = "Return-Path: <"

// withoutReturnPath is a prefix after the Return-Path that it begins with.
func withoutReturnPath(prefix []byte) []byte {
	if bytes.HasPrefix(prefix, []byte("Return-Path:")) {
		_, prefix, _ = bytes.Cut(prefix, []byte("\r\n"))
	}
	return prefix
}

// queue writes copies: a message, a delivery, and a recipient or an outbound row for each, in four statements however
// many they are. Deliveries within are open where they are placed later.
func (m *mailingOf) queue(ctx context.Context, tx *store.Tx, copies []Copy, open bool) error {
	records := make([]store.Record, len(copies))
	local := 0
	for i, c := range copies {
		size := m.size + int64(len(returnPath)+len(c.ReversePath)+len(">\r\n")+len(m.tail))
		records[i] = store.Record{Ints: []int64{c.Seq, size, c.To.Account, c.To.Mailbox}, Texts: []string{c.ReversePath, c.Address}}
		if c.To.Account != 0 {
			local++
		}
	}
	staged := func(n int) (string, any) {
		sql, arg := tx.Dialect().Records(n, []string{"seq", "size", "account_id", "mailbox_id"}, []string{"path", "address"}, records)
		return `(` + sql + `) AS r`, arg
	}
	from, arg := staged(6)
	if _, err := tx.Exec(ctx, `INSERT INTO message (message_id, content_id, size, created_at, prefix)
		SELECT $1 + r.seq, $2, r.size, $3, `+tx.Dialect().Octets("$4", "r.path", "$5")+` FROM `+from,
		m.n.Message, m.content, tx.NowMicros(), []byte(returnPath), append([]byte(">\r\n"), m.tail...), arg); err != nil {
		return fmt.Errorf("insert messages of copies: %w", err)
	}
	state := stateDone
	if open {
		state = statePlacing
	}
	from, arg = staged(7)
	if _, err := tx.Exec(ctx, `INSERT INTO delivery (delivery_id, message_id, origin, sender, reverse_path, accepted_at, recipients, state)
		SELECT $1 + r.seq, $2 + r.seq, $3, $4, r.path, $5, CASE WHEN r.account_id = 0 THEN 0 ELSE 1 END,
			CASE WHEN r.account_id = 0 THEN 1 ELSE $6 END FROM `+from,
		m.n.Delivery, m.n.Message, m.origin, m.sender, m.acceptedAt, state, arg); err != nil {
		return fmt.Errorf("insert deliveries of copies: %w", err)
	}
	if local > 0 {
		from, arg = staged(2)
		if _, err := tx.Exec(ctx, `INSERT INTO delivery_recipient (delivery_id, account_id, mailbox_id, placed)
			SELECT $1 + r.seq, r.account_id, r.mailbox_id, 0 FROM `+from+` WHERE r.account_id <> 0`, m.n.Delivery, arg); err != nil {
			return fmt.Errorf("insert recipients of copies: %w", err)
		}
	}
	if local == len(copies) {
		return nil
	}
	from, arg = staged(6)
	if _, err := tx.Exec(ctx, `INSERT INTO outbound (outbound_id, delivery_id, message_id, reverse_path, recipient, state, attempts, next_at, expires_at, status, lease_until)
		SELECT $1 + r.seq, $2 + r.seq, $3 + r.seq, r.path, r.address, 0, 0, $4, $5, '', 0 FROM `+from+` WHERE r.account_id = 0`,
		m.n.Outbound, m.n.Delivery, m.n.Message, tx.NowMicros(), m.expiresAt, arg); err != nil {
		return fmt.Errorf("insert outbound rows of copies: %w", err)
	}
	return nil
}

// place puts the copies that stay here before their recipients; the accounts are locked.
func (m *mailingOf) place(ctx context.Context, tx *store.Tx, copies []Copy, threads []int64) error {
	for _, c := range copies {
		if c.To.Account == 0 {
			continue
		}
		d := mailbox.Delivered{Delivery: m.n.Delivery + c.Seq, Message: m.n.Message + c.Seq, Size: m.size + int64(len(m.copyPrefix(c.ReversePath))),
			ReceivedAt: m.acceptedAt, Threads: threads}
		for _, sp := range spans([]Target{c.To}, 1) {
			if err := placeSpan(ctx, tx, d, sp, c.To.Mailbox == mailbox.Inbox); err != nil {
				return err
			}
		}
	}
	return nil
}

// mailing is what the copies of the message being accepted have in common.
func (a *accepting) mailingOf(tx *store.Tx) *mailingOf {
	return &mailingOf{n: a.numbers, content: a.body.ID, size: a.body.Size, tail: a.tail(), origin: originName(a.origin), sender: a.sender,
		acceptedAt: tx.NowMicros(), expiresAt: tx.Now().Add(a.lifetime).UnixMicro()}
}

// tail is the prefix of copies apart after their Return-Path.
func (a *accepting) tail() []byte {
	trace := withoutReturnPath(a.trace)
	return append(trace[:len(trace):len(trace)], a.env.Alone...)
}

// insertMailing writes the delivery as which a message with copies apart is accepted, which has no recipient of its
// own, and the copies where they are few. Its message keeps the content until all are queued.
func (a *accepting) insertMailing(ctx context.Context, tx *store.Tx) error {
	m := a.mailingOf(tx)
	prefix := m.copyPrefix(a.env.ReversePath)
	if err := content.InsertMessage(ctx, tx, a.template, a.body.ID, prefix, a.body.Size+int64(len(prefix))); err != nil {
		return err
	}
	state := statePlacing
	if a.placesNow() {
		state = stateDone
	}
	if _, err := tx.Exec(ctx, `INSERT INTO delivery (delivery_id, message_id, origin, sender, reverse_path, accepted_at, recipients, state)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`,
		m.n.Mailing, a.template, m.origin, m.sender, a.env.ReversePath, m.acceptedAt, state); err != nil {
		return fmt.Errorf("insert delivery of a mailing: %w", err)
	}
	if err := a.mailing.Write(ctx, tx, m.n); err != nil {
		return err
	}
	if !a.placesNow() {
		return nil
	}
	return m.queue(ctx, tx, a.mailing.Copies, false)
}

// expand queues the copies of a mailing that are not queued yet, in transactions of a chunk each, and closes it. It
// goes on where another, or an earlier run, stopped.
func (s *Service) expand(ctx context.Context, mailing int64) error {
	if s.mailings == nil {
		return errNoMailings()
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
			more, err = s.expandChunk(ctx, tx, mailing)
			return err
		})
		if err != nil {
			return err
		}
		fault.Point("delivery.between-copies")
		s.onOutbound()
	}
	return nil
}

// expandChunk queues one chunk, or closes the mailing where none is left.
func (s *Service) expandChunk(ctx context.Context, tx *store.Tx, mailing int64) (more bool, err error) {
	m := mailingOf{}
	var state int
	var prefix []byte
	err = tx.QueryRow(ctx, `SELECT d.state, d.origin, d.sender, d.accepted_at, m.content_id, m.size, m.prefix FROM delivery d
		JOIN message m ON m.message_id = d.message_id WHERE d.delivery_id = $1`+tx.Dialect().ForUpdate(), mailing).
		Scan(&state, &m.origin, &m.sender, &m.acceptedAt, &m.content, &m.size, &prefix)
	if err != nil {
		return false, fmt.Errorf("read mailing %d: %w", mailing, err)
	}
	if state != statePlacing {
		return false, nil // another node has closed it
	}
	m.size -= int64(len(prefix))
	m.tail = withoutReturnPath(prefix)
	m.expiresAt = tx.Now().Add(s.cfg.Lifetime).UnixMicro()
	n, copies, err := s.mailings.Take(ctx, tx, mailing, apartChunk)
	if err != nil {
		return false, err
	}
	if m.n = n; len(copies) > 0 {
		return true, m.queue(ctx, tx, copies, true)
	}
	if _, err := tx.Exec(ctx, `UPDATE delivery SET state = 1 WHERE delivery_id = $1 AND state = 0`, mailing); err != nil {
		return false, fmt.Errorf("close mailing %d: %w", mailing, err)
	}
	return false, nil
}
