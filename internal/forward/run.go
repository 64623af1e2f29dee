package forward

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/store"
)

// How much one round takes.
const (
	accountsAtOnce = 200
	emailsAtOnce   = 100
	headerMax      = 256 << 10
)

// Run forwards what waits, in rounds, until a round finds nothing; it returns how many copies it made. An account whose
// mail cannot be forwarded waits for the next call, and holds up no other: the errors of all are joined. Call it again
// and again, from one goroutine.
func (s *Service) Run(ctx context.Context) (copied int, err error) {
	var failed []int64 // accounts
	var failures []error
	for {
		waiting, err := s.waiting(ctx, failed)
		if err != nil || len(waiting) == 0 {
			return copied, errors.Join(append(failures, err)...)
		}
		for _, d := range waiting {
			n, err := s.account(ctx, d)
			copied += n
			if err != nil {
				s.cfg.Log.WarnContext(ctx, "the mail of an account is not forwarded", "account", d.Account, "error", err)
				failed = append(failed, d.Account)
				failures = append(failures, fmt.Errorf("forward the mail of account %d: %w", d.Account, err))
			}
			if ctx.Err() != nil {
				return copied, errors.Join(append(failures, ctx.Err())...)
			}
		}
	}
}

// due is an account with a forward and email that nobody looked at.
type due struct {
	Forward
	seen int64
	mailbox
}

// mailbox is whose mail it is.
type mailbox struct {
	primary string
	own     []string // all addresses
}

// waiting finds them, but for some accounts. Only an account in use forwards: what a suspended one holds, whoever suspended it will want to see.
func (s *Service) waiting(ctx context.Context, without []int64) (list []due, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		set, arg := tx.Dialect().IntSet(2, without)
		rows, err := tx.Query(ctx, `SELECT f.account_id, f.target, f.outside, f.seen_email FROM forward f
			JOIN account_state s ON s.account_id = f.account_id JOIN account a ON a.account_id = f.account_id
			WHERE s.next_email_id > f.seen_email + 1 AND a.state = 'active' AND f.account_id NOT IN (`+set+`)
			ORDER BY f.account_id LIMIT $1`, accountsAtOnce, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d due
			var outside int64
			if err := rows.Scan(&d.Account, &d.Target, &outside, &d.seen); err != nil {
				return err
			}
			d.Outside = outside == 1
			list = append(list, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for what to forward: %w", err)
	}
	return list, nil
}

// arrival is an email that came by a delivery.
type arrival struct{ email, message int64 }

// account forwards the email of one account, some of it.
func (s *Service) account(ctx context.Context, d due) (copied int, err error) {
	list, next, err := s.arrivals(ctx, &d)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		ok, err := s.one(ctx, d, a)
		if err != nil {
			return copied, err
		}
		if ok {
			copied++
		}
	}
	return copied, s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := advance(ctx, tx, d, next)
		return err
	})
}

// advance moves the mark, never back; moved is false where it is there already, or the forward is another or gone.
func advance(ctx context.Context, tx *store.Tx, d due, email int64) (moved bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE forward SET seen_email = $3 WHERE account_id = $1 AND target = $2 AND seen_email < $3`, d.Account, d.Target, email)
	return n > 0, err
}

// arrivals reads whose mailbox it is, the deliveries after the mark that are still there and are neither junk nor what
// the holder wrote, and the next mark.
func (s *Service) arrivals(ctx context.Context, d *due) (list []arrival, next int64, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		if d.mailbox, err = whose(ctx, tx, d.Account); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT next_email_id - 1 FROM account_state WHERE account_id = $1`, d.Account).Scan(&next); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT DISTINCT e.email_id, e.message_id, m.prefix FROM email e JOIN message m ON m.message_id = e.message_id
			JOIN placement p ON p.account_id = e.account_id AND p.email_id = e.email_id
			JOIN mailbox b ON b.account_id = p.account_id AND b.mailbox_id = p.mailbox_id
			WHERE e.account_id = $1 AND e.email_id > $2 AND b.role NOT IN ('junk', 'trash', 'sent', 'drafts')
			ORDER BY e.email_id LIMIT $3`, d.Account, d.seen, emailsAtOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for ; rows.Next(); n++ {
			var a arrival
			var prefix []byte
			if err := rows.Scan(&a.email, &a.message, &prefix); err != nil {
				return err
			}
			if n == emailsAtOnce-1 {
				next = a.email
			}
			if isDelivery(prefix) {
				list = append(list, a)
			}
		}
		return rows.Err()
	})
	return list, next, err
}

// whose reads the addresses of an account.
func whose(ctx context.Context, tx *store.Tx, account int64) (m mailbox, err error) {
	rows, err := tx.Query(ctx, `SELECT address, kind FROM address WHERE account_id = $1 ORDER BY address`, account)
	if err != nil {
		return m, err
	}
	defer rows.Close()
	for rows.Next() {
		var address, kind string
		if err := rows.Scan(&address, &kind); err != nil {
			return m, err
		}
		if m.own = append(m.own, address); kind == directory.AddressPrimary.String() {
			m.primary = address
		}
	}
	return m, rows.Err()
}

// errConsidered says that somebody else has considered the message meanwhile, or the forward is gone.
var errConsidered = errors.New("considered")

// one forwards one message, if it may go.
func (s *Service) one(ctx context.Context, d due, a arrival) (bool, error) {
	m, err := s.load(ctx, a.message)
	if err != nil || m == nil {
		return false, err
	}
	header, err := s.header(ctx, m)
	if err != nil {
		return false, err
	}
	in := read(header, d.own, "postmaster@"+s.cfg.Domain)
	if !in.mayGo(d.own, d.Target) {
		return false, nil
	}
	if d.Outside {
		names, err := s.namesProtected(ctx, d.Account, in.named)
		if err != nil {
			return false, err
		}
		if names {
			return false, s.withhold(ctx, d, a)
		}
	}
	return s.copy(ctx, d, a, m, in)
}

// namesProtected tells that a guardian or pupil of the holder's schools is among addresses.
func (s *Service) namesProtected(ctx context.Context, account int64, addresses []string) (bool, error) {
	list, err := s.cfg.Standings.Standings(ctx, account, addresses)
	if err != nil {
		return false, err
	}
	for _, standing := range list {
		if standing.Class == guard.Protected {
			return true, nil
		}
	}
	return false, nil
}

// copy hands a copy over. The copy, the mark and the count are one transaction.
func (s *Service) copy(ctx context.Context, d due, a arrival, m *content.Message, in received) (bool, error) {
	to, err := s.cfg.Delivery.Resolve(ctx, d.Target)
	if err != nil || to.Local == d.Outside || to.Local && !to.Target.IsMailbox() {
		s.cfg.Log.WarnContext(ctx, "a message is not forwarded", "account", d.Account, "error", err)
		return false, nil // it is in the mailbox; the address may be full for a moment, or gone
	}
	env := delivery.Envelope{ReversePath: in.reversePath, Locks: []int64{d.Account},
		Within: func(ctx context.Context, tx *store.Tx) error { return s.count(ctx, tx, d, a) }}
	if to.Local {
		env.Local = []delivery.Target{to.Target}
	} else {
		env.Remote = []string{d.Target}
		if env.ReversePath != "" {
			env.ReversePath = tagged(d.primary)
		}
	}
	cleared, err := guard.Decide(guard.Message{Door: guard.System, Recipients: []guard.Recipient{{Address: d.Target, Standing: guard.Standing{Class: to.Class}, Field: guard.To}}}).Clear(true)
	if err != nil {
		return false, err
	}
	body, err := m.Again()
	if err != nil {
		return false, err
	}
	prefix := onward(m.Prefix, env.ReversePath, d.primary, s.cfg.Hostname, s.cfg.Now(), d.Outside)
	_, err = s.cfg.Delivery.Accept(ctx, cleared, env, body, prefix)
	if errors.Is(err, errConsidered) {
		return false, nil
	}
	return err == nil, err
}

// tagged is an address with the tag of copies that leave.
func tagged(address string) string {
	for i := range address {
		if address[i] == '@' {
			return address[:i] + "+" + tag + address[i:]
		}
	}
	return address
}

// count notes a copy. The mailbox, which is locked, must still hold the message: its content is not to be collected.
func (s *Service) count(ctx context.Context, tx *store.Tx, d due, a arrival) error {
	var there int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM email WHERE account_id = $1 AND email_id = $2`, d.Account, a.email).Scan(&there)
	if err != nil {
		return err
	}
	moved, err := advance(ctx, tx, d, a.email)
	if err == nil && (!moved || there == 0) {
		return errConsidered
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE forward SET forwarded = forwarded + 1, last_at = $2 WHERE account_id = $1`, d.Account, tx.NowMicros())
	return err
}

// withhold counts a message that stays, and tells the holder of the first.
func (s *Service) withhold(ctx context.Context, d due, a arrival) error {
	var count int64
	err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		count = 0
		moved, err := advance(ctx, tx, d, a.email)
		if err != nil || !moved {
			return err
		}
		return tx.QueryRow(ctx, `UPDATE forward SET withheld = withheld + 1 WHERE account_id = $1 RETURNING withheld`, d.Account).Scan(&count)
	})
	if err != nil || count != 1 {
		return err
	}
	return s.tell(ctx, d.Account, staysHere())
}

// load reads a message; nil where it is gone.
func (s *Service) load(ctx context.Context, message int64) (*content.Message, error) {
	var m content.Message
	var there bool
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		loaded, err := s.cfg.Contents.Load(ctx, tx, []int64{message}, true, false)
		m, there = loaded[message]
		return err
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && !there {
		return nil, nil
	}
	return &m, err
}

func (s *Service) header(ctx context.Context, m *content.Message) ([]byte, error) {
	r, err := s.cfg.Contents.Open(ctx, m, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return mail.ReadHeader(r, headerMax)
}

// tell puts a notice into the holder's mailbox. A mailbox that cannot take it is not worth failing for.
func (s *Service) tell(ctx context.Context, account int64, n told) error {
	err := s.cfg.Teller.Tell(ctx, account, n.notice())
	if failure.Is(err, failure.Temporary) || failure.Is(err, failure.CommitUnknown) {
		return err
	}
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "somebody is not told of a forward", "account", account, "error", err)
	}
	return nil
}
