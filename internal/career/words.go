package career

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"

	"navette/internal/autoreply"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/history"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// setReply has an account answer, until it is closed, that its holder has left, and whom to write to: the box of the
// last school, where it has one, else the contact of the configuration. The words do not say why somebody left.
func (s *Service) setReply(ctx context.Context, tx *store.Tx, account int64, closes directory.Date) error {
	contact, err := s.contact(ctx, tx, account)
	if err != nil {
		return err
	}
	body := "Bonjour,\n\nCette adresse n'est plus suivie par son titulaire, et votre message ne sera pas lu.\n"
	english := "This address is no longer read by its holder. Your message will not be read.\n"
	if contact != "" {
		body += "Vous pouvez écrire à : " + contact + "\n"
		english += "You may write to: " + contact + "\n"
	}
	return autoreply.Set(ctx, tx, autoreply.Reply{Account: account, From: s.cfg.Now(), Until: closes.UTC(), Body: body + "\n-- \n" + english})
}

// contact finds the box of the school of the last function.
func (s *Service) contact(ctx context.Context, tx *store.Tx, account int64) (string, error) {
	var uai string
	err := tx.QueryRow(ctx, `SELECT f.uai FROM function f JOIN account a ON a.person_id = f.person_id
		WHERE a.account_id = $1 AND f.uai <> '' ORDER BY f.starts DESC, f.function_id DESC LIMIT 1`, account).Scan(&uai)
	if err == nil {
		var address string
		err = tx.QueryRow(ctx, `SELECT address FROM address WHERE address = $1 AND kind IN ('primary', 'alias')`,
			"ce."+strings.ToLower(uai)+"@"+s.cfg.Domain).Scan(&address)
		if err == nil {
			return address, nil
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return s.cfg.Contact, nil
	}
	return "", fmt.Errorf("find a contact for account %d: %w", account, err)
}

// reminder is one to send.
type reminder struct {
	account int64
	closes  directory.Date
	days    int
}

// remindAll reminds the departed of their closing, each time of Rules.Reminders once.
func (s *Service) remindAll(ctx context.Context) (done int, err error) {
	if s.cfg.Delivery == nil {
		return 0, nil
	}
	var due []reminder
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		due = nil
		rows, err := tx.Query(ctx, `SELECT c.account_id, c.closes_on, c.reminded FROM career c JOIN account a ON a.account_id = c.account_id
			WHERE c.state = 'departed' AND c.closes_on > $1 AND a.state = 'departed' ORDER BY c.account_id`, s.today().String())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r reminder
			var closes string
			var reminded int
			if err := rows.Scan(&r.account, &closes, &reminded); err != nil {
				return err
			}
			if r.closes, err = directory.ParseDate(closes); err != nil {
				return err
			}
			if r.days = s.cfg.Rules.reminderDue(s.today(), r.closes, reminded); r.days > 0 {
				due = append(due, r)
			}
		}
		return rows.Err()
	})
	for _, r := range due {
		if err == nil {
			err = s.remind(ctx, r)
		}
		if errors.Is(err, errReminded) {
			err = nil
			continue
		}
		if err == nil {
			done++
		}
	}
	return done, err
}

// errReminded says that another node sent the reminder.
var errReminded = errors.New("reminded")

// remind sends one reminder; the mark that it was sent is in the transaction that accepts it.
func (s *Service) remind(ctx context.Context, r reminder) error {
	var address string
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT address FROM address WHERE account_id = $1 AND kind = 'primary'`, r.account).Scan(&address)
	})
	if err != nil {
		return fmt.Errorf("remind account %d: %w", r.account, err)
	}
	octets, err := s.reminderText(address, r)
	if err != nil {
		return err
	}
	first, err := s.cfg.DB.NewIDs(ctx, history.IDs, 1)
	if err != nil {
		return err
	}
	cleared, err := guard.Decide(guard.Message{Door: guard.System,
		Recipients: []guard.Recipient{{Address: address, Standing: guard.Standing{Class: guard.Agent}, Field: guard.To}}}).Clear(false)
	if err != nil {
		return err
	}
	body, err := s.cfg.Contents.Prepare(ctx, octets)
	if err != nil {
		return err
	}
	within := func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE career SET reminded = $2 WHERE account_id = $1 AND state = 'departed' AND (reminded = 0 OR reminded > $2)`, r.account, r.days)
		if err == nil && n == 0 {
			err = errReminded
		}
		if err != nil {
			return err
		}
		return history.Append(ctx, tx, first, []history.Row{{Account: r.account, Kind: history.Reminded,
			After: fmt.Sprint(r.closes.DaysAfter(s.today())), Actor: actor}})
	}
	_, err = s.cfg.Delivery.Accept(ctx, cleared, delivery.Envelope{Local: []delivery.Target{{Account: r.account, Mailbox: mailbox.Inbox}}, Within: within},
		body, []byte("Return-Path: <>\r\n"))
	return err
}

const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// reminderText writes the message. It holds no link: messages with links about closing boxes are what swindlers send.
func (s *Service) reminderText(address string, r reminder) (*bytes.Buffer, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("draw the id of a reminder: %w", err)
	}
	left, day := r.closes.DaysAfter(s.today()), r.closes.French()
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "From: Messagerie <postmaster@%s>\r\nTo: <%s>\r\n", s.cfg.Domain, address)
	fmt.Fprintf(b, "Subject: %s\r\n", mime.QEncoding.Encode("utf-8", fmt.Sprintf("Votre boîte ferme dans %d jours", left)))
	fmt.Fprintf(b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format(dateFormat),
		strings.ToLower(base32.HexEncoding.EncodeToString(random[:])), s.cfg.Hostname)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(b)
	text := fmt.Sprintf("Bonjour,\n\nVos fonctions dans l'académie ont pris fin. Vous pouvez lire votre boîte jusqu'au %s ; ensuite elle est fermée\n"+
		"et ne reçoit plus rien. D'ici là, enregistrez les messages que vous voulez garder.\n\n"+
		"Si vous reprenez des fonctions, la même boîte et la même adresse vous sont rendues.\n"+
		"Si c'est une erreur, adressez-vous à votre service de gestion.\n\n"+
		"-- \nYour duties have ended. You may read your mailbox until %s; then it is closed. Save what you want to keep.\n",
		r.closes.AddDays(-1).French(), r.closes.AddDays(-1).French())
	_, err := io.WriteString(q, strings.ReplaceAll(text, "\n", "\r\n"))
	if err == nil {
		err = q.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("write the reminder for %s: %w", day, err)
	}
	return b, nil
}
