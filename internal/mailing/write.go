package mailing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"navette/internal/delivery"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// rowsAtOnce is how many copies one statement writes.
const rowsAtOnce = 1000

// subjectMax is how much of a subject is kept, in octets.
const subjectMax = 200

// mailing turns a plan into what delivery needs.
func (p *plan) mailing(ctx context.Context, l delivery.Letter) (delivery.Mailing, error) {
	m := delivery.Mailing{Plain: p.plain, Seqs: int64(len(p.rows))}
	if len(p.rows) == 0 {
		return m, nil
	}
	owner, err := p.s.owner(ctx, l.From)
	if err != nil {
		return delivery.Mailing{}, err
	}
	subject := oneLine(l.Body.Facts.SubjectText)
	m.Write = func(ctx context.Context, tx *store.Tx, n delivery.Numbers) error {
		return p.write(ctx, tx, head{numbers: n, owner: owner, author: l.From.Account, subject: subject})
	}
	// Reverse-paths bear the mailing's number, which is not known yet: delivery asks for them in Paths.
	for seq, r := range p.rows {
		if r.state == waiting {
			m.Copies = append(m.Copies, delivery.Copy{Seq: int64(seq), To: r.to, Address: r.address})
		}
	}
	m.Paths = func(n delivery.Numbers) {
		for i := range m.Copies {
			c := &m.Copies[i]
			c.ReversePath = p.s.pathOf(p.rows[c.Seq].kind, delivery.Return{Mailing: n.Mailing, Seq: c.Seq}, l.From.ReversePath)
		}
	}
	return m, nil
}

// pathOf is the reverse-path of a copy; one in silence comes back to the sender as any message does.
func (s *Service) pathOf(k kind, c delivery.Return, sender string) string {
	if k == silent {
		return sender
	}
	return s.reversePath(c)
}

// owner is the account that is told: that of the reverse-path, which is a box where the sender writes as one.
func (s *Service) owner(ctx context.Context, from delivery.Sender) (int64, error) {
	if from.ReversePath == "" {
		return from.Account, nil
	}
	to, err := s.cfg.Delivery.Resolve(ctx, from.ReversePath)
	if err == nil && to.Local && to.Target.IsMailbox() {
		return to.Target.Account, nil
	}
	return from.Account, nil // a full mailbox, or none of ours: reports wait for the submitter
}

// head is what the row of a mailing says.
type head struct {
	numbers       delivery.Numbers
	owner, author int64
	subject       string
}

// write notes a mailing and its copies, in the transaction that accepts it.
func (p *plan) write(ctx context.Context, tx *store.Tx, h head) error {
	state, total := underWay, 0
	for _, r := range p.rows {
		if r.kind != silent {
			total++
		}
	}
	if total == 0 {
		state = closed
	}
	if _, err := tx.Exec(ctx, `INSERT INTO mailing (mailing_id, owner, author, subject, accepted_at, first_message, first_delivery, first_outbound, seqs,
			state, look_at, told, total, reached, failed, missing, answered, recalled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0, 0, 0, 0, 0)`,
		h.numbers.Mailing, h.owner, h.author, h.subject, tx.NowMicros(), h.numbers.Message, h.numbers.Delivery, h.numbers.Outbound, len(p.rows),
		state, tx.Now().Add(firstLook).UnixMicro(), total); err != nil {
		return fmt.Errorf("insert mailing: %w", err)
	}
	seq := int64(0)
	for part := range slices.Chunk(p.rows, rowsAtOnce) {
		records := make([]store.Record, len(part))
		for i, r := range part {
			records[i] = r.record(seq, h.numbers.Queued)
			seq++
		}
		staged, arg := tx.Dialect().Records(2, []string{"seq", "kind", "person", "target", "mailbox_id", "mark", "state"}, []string{"pupils", "address", "status"}, records)
		if _, err := tx.Exec(ctx, `INSERT INTO mailing_copy (mailing_id, seq, kind, person, pupils, target, mailbox_id, address, mark, state, answered, status)
			SELECT $1, seq, kind, person, pupils, target, mailbox_id, address, mark, state, 0, status FROM (`+staged+`) AS r`, h.numbers.Mailing, arg); err != nil {
			return fmt.Errorf("insert copies of a mailing: %w", err)
		}
	}
	return nil
}

// record is a copy as it is stored; the address of whom the sender did not write goes when the copy is queued.
func (r *row) record(seq int64, isQueued bool) store.Record {
	state, address := r.state, r.address
	if state == waiting && isQueued {
		state = queued
		if r.kind != typed {
			address = ""
		}
	}
	return store.Record{Ints: []int64{seq, int64(r.kind), r.person, r.to.Account, r.to.Mailbox, r.mark, int64(state)},
		Texts: []string{joinIDs(r.pupils), address, r.status}}
}

// Take implements delivery.Mailings.
func (s *Service) Take(ctx context.Context, tx *store.Tx, mailing int64, limit int) (delivery.Numbers, []delivery.Copy, error) {
	n := delivery.Numbers{Mailing: mailing}
	var sender string
	err := tx.QueryRow(ctx, `SELECT m.first_message, m.first_delivery, m.first_outbound, d.reverse_path FROM mailing m
		JOIN delivery d ON d.delivery_id = m.mailing_id WHERE m.mailing_id = $1`, mailing).Scan(&n.Message, &n.Delivery, &n.Outbound, &sender)
	if err != nil {
		return n, nil, fmt.Errorf("read mailing %d: %w", mailing, err)
	}
	rows, err := tx.Query(ctx, `SELECT seq, kind, target, mailbox_id, address FROM mailing_copy
		WHERE mailing_id = $1 AND state = 0 ORDER BY seq LIMIT $2`, mailing, limit)
	if err != nil {
		return n, nil, fmt.Errorf("read copies of mailing %d: %w", mailing, err)
	}
	defer rows.Close()
	var copies []delivery.Copy
	for rows.Next() {
		var c delivery.Copy
		var k kind
		if err := rows.Scan(&c.Seq, &k, &c.To.Account, &c.To.Mailbox, &c.Address); err != nil {
			return n, nil, err
		}
		c.ReversePath = s.pathOf(k, delivery.Return{Mailing: mailing, Seq: c.Seq}, sender)
		copies = append(copies, c)
	}
	if err := rows.Err(); err != nil || len(copies) == 0 {
		return n, nil, err
	}
	rows.Close()
	_, err = tx.Exec(ctx, `UPDATE mailing_copy SET state = 1, address = CASE WHEN kind = 1 THEN address ELSE '' END
		WHERE mailing_id = $1 AND state = 0 AND seq <= $2`, mailing, copies[len(copies)-1].Seq)
	if err != nil {
		return n, nil, fmt.Errorf("mark copies of mailing %d: %w", mailing, err)
	}
	return n, copies, nil
}

// oneLine is a subject as it is kept: one line of text, of subjectMax octets at most.
func oneLine(subject string) string {
	s := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(subject, "\uFFFD"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) <= subjectMax {
		return s
	}
	end := subjectMax
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// inboxOf is the usual target in an account.
func inboxOf(account int64) delivery.Target {
	return delivery.Target{Account: account, Mailbox: mailbox.Inbox}
}

// firstLook is how long after its acceptance a mailing is looked at first.
const firstLook = time.Minute
