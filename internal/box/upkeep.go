package box

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Upkeep is what is to be done from time to time: roles are brought to what functions say (Refresh), the members of
// boxes that lost their owner are told, and what the boxes know of their emails follows these. Run it each hour.
func (s *Service) Upkeep(ctx context.Context) error {
	if _, err := s.Refresh(ctx); err != nil {
		return err
	}
	if err := s.tellOrphans(ctx); err != nil {
		return fmt.Errorf("tell of boxes without an owner: %w", err)
	}
	if s.cfg.Contents == nil {
		return nil
	}
	if err := s.learnAll(ctx); err != nil {
		return err
	}
	return s.forget(ctx)
}

// learnAll learns the Message-IDs of all boxes that something came into.
func (s *Service) learnAll(ctx context.Context) error {
	boxes, err := s.ids(ctx, `SELECT k.account_id FROM box k JOIN account_state s ON s.account_id = k.account_id
		WHERE s.next_email_id > k.seen_email + 1 ORDER BY k.account_id`)
	if err != nil {
		return fmt.Errorf("look for boxes with new email: %w", err)
	}
	for _, box := range boxes {
		if err := s.learn(ctx, box); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes what was known of emails that are gone for good.
func (s *Service) forget(ctx context.Context) error {
	for _, table := range []string{"box_ref", "box_answer"} {
		gone := ` FROM ` + table + ` WHERE NOT EXISTS (SELECT 1 FROM email e WHERE e.account_id = ` + table + `.account_id AND e.email_id = ` + table + `.email_id)`
		boxes, err := s.ids(ctx, `SELECT DISTINCT account_id`+gone)
		if err != nil {
			return fmt.Errorf("look for what emails left in %s: %w", table, err)
		}
		for _, box := range boxes {
			err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `DELETE`+gone+` AND account_id = $1`, box)
				return err
			})
			if err != nil {
				return fmt.Errorf("forget what emails left in %s: %w", table, err)
			}
		}
	}
	return nil
}

func (s *Service) ids(ctx context.Context, query string, args ...any) (list []int64, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			list = append(list, id)
		}
		return rows.Err()
	})
	return list, err
}

// errTold says that another node told them.
var errTold = errors.New("told")

// tellOrphans puts a notice into boxes that lost their owner, once for each time: whoever still reads them knows whom to
// ask. They are few at a time, but at the first import.
func (s *Service) tellOrphans(ctx context.Context) error {
	if s.cfg.Delivery == nil || s.cfg.Contents == nil {
		return nil
	}
	boxes, err := s.ids(ctx, `SELECT account_id FROM box WHERE orphan_since <> '' AND told = 0 ORDER BY account_id`)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(boxes, delivery.PlaceNow) {
		if err := s.tell(ctx, some); err != nil && !errors.Is(err, errTold) {
			return err
		}
	}
	return nil
}

// tell puts the notice into some boxes, as one delivery; the marks are in the transaction that accepts it.
func (s *Service) tell(ctx context.Context, boxes []int64) error {
	octets, err := s.notice()
	if err != nil {
		return err
	}
	var ask guard.Message
	ask.Door = guard.System
	env := delivery.Envelope{Within: func(ctx context.Context, tx *store.Tx) error {
		set, arg := tx.Dialect().IntSet(1, boxes)
		n, err := tx.Exec(ctx, `UPDATE box SET told = 1 WHERE account_id IN (`+set+`) AND orphan_since <> '' AND told = 0`, arg)
		if err == nil && n != int64(len(boxes)) {
			err = errTold // of some at least: the next round tells the others
		}
		return err
	}}
	for _, box := range boxes {
		env.Local = append(env.Local, delivery.Target{Account: box, Mailbox: mailbox.Inbox})
		ask.Recipients = append(ask.Recipients, guard.Recipient{Standing: guard.Standing{Class: guard.Functional}})
	}
	cleared, err := guard.Decide(ask).Clear(false)
	if err != nil {
		return err
	}
	body, err := s.cfg.Contents.Prepare(ctx, strings.NewReader(octets))
	if err != nil {
		return err
	}
	_, err = s.cfg.Delivery.Accept(ctx, cleared, env, body, []byte("Return-Path: <>\r\n"))
	return err
}

const noticeText = `Bonjour,

Cette boîte n'a plus de propriétaire : l'établissement ou le service n'a pas de
direction dans les fichiers des ressources humaines, et personne n'a été désigné.
Ses membres continuent de la lire et d'y répondre, mais personne ne peut dire qui
en est membre. Si vous la suivez, demandez à la direction des systèmes
d'information d'en nommer un propriétaire.

-- 
This mailbox has no owner any more. Its members still read and answer; please have
an owner named.
`

// notice is the message. It holds no link, and names nobody.
func (s *Service) notice() (string, error) {
	var random [10]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return "", fmt.Errorf("draw the id of a notice: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: Messagerie <postmaster@%s>\r\nTo: undisclosed-recipients:;\r\n", s.cfg.Domain)
	fmt.Fprintf(&b, "Subject: %s\r\n", mime.QEncoding.Encode("utf-8", "Boîte sans propriétaire"))
	fmt.Fprintf(&b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format("Mon, 02 Jan 2006 15:04:05 -0700"),
		strings.ToLower(base32.HexEncoding.EncodeToString(random[:])), s.cfg.Hostname)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	if _, err := io.WriteString(q, strings.ReplaceAll(noticeText, "\n", "\r\n")); err != nil {
		return "", err
	}
	if err := q.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}
