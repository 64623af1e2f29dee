// Package autoreply answers for those who are away or gone (RFC 3834): once per correspondent in three days, never a
// program, a list, a bulk message or the null reverse-path.
//
// # How it works
//
// Run looks at the accounts with a reply that got email since it last looked (autoreply.seen_email against
// account_state.next_email_id). So no delivery waits for it, a crash loses nothing, and a message is considered once:
// the mark moves in the transaction that accepts the reply, or with the decision not to reply.
//
// # Tables
//
//	autoreply        one row an account: the words, from when until when
//	autoreply_sent   when whom was answered last
package autoreply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/store"
)

// Once is how long the same correspondent gets no second reply.
const Once = 3 * 24 * time.Hour

// Reply is what an account answers.
type Reply struct {
	Account int64
	From    time.Time
	Until   time.Time // zero: until it is taken off
	Subject string    // "": « Réponse automatique : » and the subject answered
	Body    string    // plain text, lines ended by LF
}

// Config is what a Service needs.
type Config struct {
	DB       *store.DB
	Contents *content.Contents
	Delivery delivery.Accepter
	Domain   string // of the postmaster who answers for addresses that are not to be shown
	Hostname string // of Message-ID
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
}

// Service answers.
type Service struct{ cfg Config }

// New gives the service; Run makes it work.
func New(cfg Config) *Service { return &Service{cfg} }

// Set gives an account its reply, in the place of one it has, in the caller's transaction. What came before Set is
// not answered.
func Set(ctx context.Context, tx *store.Tx, r Reply) error {
	until := int64(0)
	if !r.Until.IsZero() {
		until = r.Until.UnixMicro()
	}
	_, err := tx.Exec(ctx, `INSERT INTO autoreply (account_id, starts_at, ends_at, subject, body, seen_email)
		SELECT account_id, $2, $3, $4, $5, next_email_id - 1 FROM account_state WHERE account_id = $1
		ON CONFLICT (account_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, subject = excluded.subject,
			body = excluded.body, seen_email = excluded.seen_email`, r.Account, r.From.UnixMicro(), until, r.Subject, r.Body)
	if err != nil {
		return fmt.Errorf("set the reply of account %d: %w", r.Account, err)
	}
	return nil
}

// Clear takes an account's reply off, in the caller's transaction.
func Clear(ctx context.Context, tx *store.Tx, account int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM autoreply WHERE account_id = $1`, account); err != nil {
		return fmt.Errorf("take off the reply of account %d: %w", account, err)
	}
	return nil
}

// How much one round takes.
const (
	accountsAtOnce = 200
	emailsAtOnce   = 100
	headerMax      = 256 << 10
)

// Run answers what waits, in rounds, until a round finds nothing; it returns how many replies it sent. An account that
// cannot be replied for waits for the next call, and holds up no other: the errors of all are joined. Call it again and
// again, from one goroutine.
func (s *Service) Run(ctx context.Context) (sent int, err error) {
	if err := s.forget(ctx); err != nil {
		return 0, err
	}
	var failed []int64 // accounts
	var failures []error
	for {
		waiting, err := s.waiting(ctx, failed)
		if err != nil || len(waiting) == 0 {
			return sent, errors.Join(append(failures, err)...)
		}
		for _, w := range waiting {
			n, err := s.account(ctx, w)
			sent += n
			if err != nil {
				s.cfg.Log.WarnContext(ctx, "an account is not replied for", "account", w.Account, "error", err)
				failed = append(failed, w.Account)
				failures = append(failures, fmt.Errorf("reply for account %d: %w", w.Account, err))
			}
			if ctx.Err() != nil {
				return sent, errors.Join(append(failures, ctx.Err())...)
			}
		}
	}
}

// due is an account with a reply and email that nobody looked at.
type due struct {
	Reply
	seen int64
}

// waiting finds them, but for some accounts.
func (s *Service) waiting(ctx context.Context, without []int64) (list []due, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		now := s.cfg.Now().UnixMicro()
		set, arg := tx.Dialect().IntSet(3, without)
		rows, err := tx.Query(ctx, `SELECT r.account_id, r.subject, r.body, r.seen_email FROM autoreply r
			JOIN account_state s ON s.account_id = r.account_id
			WHERE s.next_email_id > r.seen_email + 1 AND r.starts_at <= $1 AND (r.ends_at = 0 OR r.ends_at > $1)
			AND r.account_id NOT IN (`+set+`) ORDER BY r.account_id LIMIT $2`, now, accountsAtOnce, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d due
			if err := rows.Scan(&d.Account, &d.Subject, &d.Body, &d.seen); err != nil {
				return err
			}
			list = append(list, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for what to reply to: %w", err)
	}
	return list, nil
}

// arrival is an email that came by a delivery.
type arrival struct {
	email, message int64
	delivered      bool // not put there by a client
}

// account answers the email of one account, some of it.
func (s *Service) account(ctx context.Context, d due) (sent int, err error) {
	own, list, next, err := s.arrivals(ctx, d)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		if !a.delivered {
			continue
		}
		ok, err := s.answer(ctx, d, own, a)
		if err != nil {
			return sent, err
		}
		if ok {
			sent++
		}
	}
	return sent, s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error { return advance(ctx, tx, d.Account, next) })
}

// advance moves the mark; never back.
func advance(ctx context.Context, tx *store.Tx, account, email int64) error {
	_, err := tx.Exec(ctx, `UPDATE autoreply SET seen_email = $2 WHERE account_id = $1 AND seen_email < $2`, account, email)
	return err
}

// arrivals gives the account's own addresses by kind, the email after the mark that is still there and not taken for
// junk, and the next mark.
func (s *Service) arrivals(ctx context.Context, d due) (own map[string]directory.AddressKind, list []arrival, next int64, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		if own, err = ownAddresses(ctx, tx, d.Account); err != nil {
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
		for rows.Next() {
			var a arrival
			var prefix []byte
			if err := rows.Scan(&a.email, &a.message, &prefix); err != nil {
				return err
			}
			a.delivered = len(prefix) > 0 // deliveries alone put trace fields before a message
			list = append(list, a)
		}
		if len(list) == emailsAtOnce {
			next = list[len(list)-1].email
		}
		return rows.Err()
	})
	return own, list, next, err
}

// ownAddresses gives the addresses at which the account receives.
func ownAddresses(ctx context.Context, tx *store.Tx, account int64) (map[string]directory.AddressKind, error) {
	own := map[string]directory.AddressKind{}
	rows, err := tx.Query(ctx, `SELECT address, kind FROM address WHERE account_id = $1`, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var address, kind string
		if err := rows.Scan(&address, &kind); err != nil {
			return nil, err
		}
		k, err := directory.ParseAddressKind(kind)
		if err != nil {
			return nil, err
		}
		own[address] = k
	}
	return own, rows.Err()
}

// errAnswered says that the correspondent was answered lately, or the message considered by somebody else meanwhile.
var errAnswered = errors.New("answered")

// answer sends one reply, if the rules allow one. The reply, the mark and the correspondent's date are one transaction.
func (s *Service) answer(ctx context.Context, d due, own map[string]directory.AddressKind, a arrival) (bool, error) {
	header, err := s.header(ctx, a.message)
	if err != nil || header == nil {
		return false, err
	}
	m := read(header)
	at, ok := m.mayAnswer(keys(own))
	if !ok {
		return false, nil
	}
	correspondent, err := directory.Normalize(m.reversePath)
	if err != nil {
		return false, nil
	}
	from := at
	if own[at] == directory.AddressFormer {
		from = "" // it may be a deadname: it is never shown again, and the new one is not told to who knows the old
	}
	octets, err := s.compose(d.Reply, m, from)
	if err != nil {
		return false, err
	}
	env := delivery.Envelope{Within: func(ctx context.Context, tx *store.Tx) error {
		return s.once(ctx, tx, d.Account, a.email, correspondent)
	}}
	r, err := s.cfg.Delivery.Resolve(ctx, m.reversePath)
	if err != nil || !r.Target.IsMailbox() {
		return false, nil // an address that is no more, or full: a reply is not worth a second try; or a list, where nobody waits for one
	}
	if r.Local {
		env.Local = []delivery.Target{r.Target}
	} else {
		env.Remote = []string{m.reversePath}
	}
	cleared, err := guard.Decide(guard.Message{Door: guard.System, Recipients: []guard.Recipient{{Address: m.reversePath, Standing: guard.Standing{Class: r.Class}, Field: guard.To}}}).Clear(false)
	if err != nil {
		return false, nil
	}
	body, err := s.cfg.Contents.Prepare(ctx, octets)
	if err != nil {
		return false, err
	}
	_, err = s.cfg.Delivery.Accept(ctx, cleared, env, body, []byte("Return-Path: <>\r\n"))
	if errors.Is(err, errAnswered) {
		return false, nil
	}
	return err == nil, err
}

// once notes the reply, or says that there must be none.
func (s *Service) once(ctx context.Context, tx *store.Tx, account, email int64, correspondent string) error {
	moved, err := tx.Exec(ctx, `UPDATE autoreply SET seen_email = $2 WHERE account_id = $1 AND seen_email < $2`, account, email)
	if err != nil {
		return err
	}
	if moved == 0 {
		return errAnswered
	}
	now := s.cfg.Now()
	n, err := tx.Exec(ctx, `INSERT INTO autoreply_sent (account_id, correspondent, at) VALUES ($1, $2, $3)
		ON CONFLICT (account_id, correspondent) DO UPDATE SET at = excluded.at WHERE autoreply_sent.at <= $4`,
		account, correspondent, now.UnixMicro(), now.Add(-Once).UnixMicro())
	if err == nil && n == 0 {
		return errAnswered
	}
	return err
}

// forget deletes the dates that hinder nothing any more: who wrote to whom is nobody's business longer than needed.
func (s *Service) forget(ctx context.Context) error {
	var old int64
	before := s.cfg.Now().Add(-Once).UnixMicro()
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM autoreply_sent WHERE at <= $1`, before).Scan(&old)
	})
	if err != nil || old == 0 {
		return err
	}
	return s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM autoreply_sent WHERE at <= $1`, before)
		return err
	})
}

// header reads a message's header; nil where the message is gone.
func (s *Service) header(ctx context.Context, message int64) ([]byte, error) {
	var m content.Message
	var there bool
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		loaded, err := s.cfg.Contents.Load(ctx, tx, []int64{message}, false, false)
		m, there = loaded[message]
		return err
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && !there {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := s.cfg.Contents.Open(ctx, &m, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return mail.ReadHeader(r, headerMax)
}

func keys(own map[string]directory.AddressKind) []string {
	var list []string
	for address, kind := range own {
		if kind.Receives() {
			list = append(list, address)
		}
	}
	return list
}
