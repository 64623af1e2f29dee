package box

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"navette/internal/content"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Answer is an answer that a member wrote as the box.
type Answer struct {
	Author int64
	Login  string
	Name   string // « Hélène Martin »
	At     time.Time
}

// AnsweredBy tells who answered emails of a box, the earliest answer first. It is for its members: the caller has asked
// RoleIn.
func (s *Service) AnsweredBy(ctx context.Context, box int64, emails []int64) (by map[int64][]Answer, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		by = map[int64][]Answer{}
		set, arg := tx.Dialect().IntSet(2, emails)
		rows, err := tx.Query(ctx, `SELECT r.email_id, r.at, a.account_id, a.login, a.display_name FROM box_answer r
			JOIN account a ON a.account_id = r.author_id WHERE r.account_id = $1 AND r.email_id IN (`+set+`) ORDER BY r.email_id, r.at`, box, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var email, at int64
			var a Answer
			if err := rows.Scan(&email, &at, &a.Author, &a.Login, &a.Name); err != nil {
				return err
			}
			a.At = time.UnixMicro(at)
			by[email] = append(by[email], a)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("answers from box %d: %w", box, err)
	}
	return by, nil
}

// noteAnswer marks emails of a box answered, for all its members, and keeps who did.
func noteAnswer(ctx context.Context, tx *store.Tx, box, author int64, emails []int64) error {
	if len(emails) == 0 {
		return nil
	}
	if err := mailbox.Mark(ctx, tx, box, emails, mailbox.Answered); err != nil {
		return err
	}
	set, arg := tx.Dialect().IntSet(4, emails)
	_, err := tx.Exec(ctx, `INSERT INTO box_answer (account_id, email_id, at, author_id) SELECT $1, v.value, $2, $3 FROM (`+set+`) AS v
		WHERE true ON CONFLICT (account_id, email_id, at, author_id) DO NOTHING`, box, tx.NowMicros(), author, arg)
	if err != nil {
		return fmt.Errorf("note who answered: %w", err)
	}
	return nil
}

// answeredBy gives the emails of a box that a message answers: those with the nearest Message-ID that it refers to and
// the box holds. In-Reply-To is the nearest, the first of References the farthest (RFC 5322 §3.6.4).
func (s *Service) answeredBy(ctx context.Context, box int64, facts *mail.Facts) (emails []int64, err error) {
	if len(facts.References) == 0 {
		return nil, nil
	}
	if err := s.learn(ctx, box); err != nil {
		return nil, err
	}
	hashes := make([]int64, len(facts.References))
	for i, id := range facts.References {
		hashes[len(hashes)-1-i] = hash(id) // nearest first
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		set, arg := tx.Dialect().IntSet(2, hashes)
		rows, err := tx.Query(ctx, `SELECT hash, email_id FROM box_ref WHERE account_id = $1 AND hash IN (`+set+`)`, box, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		nearest := len(hashes)
		for rows.Next() {
			var h, email int64
			if err := rows.Scan(&h, &email); err != nil {
				return err
			}
			switch at := slices.Index(hashes, h); {
			case at < nearest:
				nearest, emails = at, []int64{email}
			case at == nearest:
				emails = append(emails, email)
			}
		}
		return rows.Err()
	})
	return emails, err
}

// hash is what stands for a Message-ID in box_ref.
func hash(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// emailsAtOnce is how many emails one transaction learns.
const emailsAtOnce = 500

// learn takes note of the Message-IDs of what came into a box since the last time: a few emails where it is done each
// hour (Upkeep), and before each answer.
func (s *Service) learn(ctx context.Context, box int64) error {
	for {
		refs, last, err := s.unlearned(ctx, box)
		if err != nil || last == 0 {
			return err
		}
		err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			staged, arg := tx.Dialect().Rows(2, []string{"hash", "email_id"}, refs)
			if _, err := tx.Exec(ctx, `INSERT INTO box_ref (account_id, hash, email_id) SELECT $1, r.hash, r.email_id FROM (`+staged+`) AS r
				WHERE true ON CONFLICT (account_id, hash, email_id) DO NOTHING`, box, arg); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE box SET seen_email = $2 WHERE account_id = $1 AND seen_email < $2`, box, last)
			return err
		})
		if err != nil {
			return fmt.Errorf("learn Message-IDs of box %d: %w", box, err)
		}
	}
}

// unlearned reads some emails after the mark: rows of hash and email, and the new mark, 0 where there are none.
func (s *Service) unlearned(ctx context.Context, box int64) (refs [][]int64, last int64, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		refs, last = nil, 0
		emails, err := newEmails(ctx, tx, box)
		if err != nil || len(emails) == 0 {
			return err
		}
		last = emails[len(emails)-1].email
		ids := make([]int64, len(emails))
		for i, e := range emails {
			ids[i] = e.message
		}
		loaded, err := s.cfg.Contents.Load(ctx, tx, ids, true, false)
		if err != nil {
			return err
		}
		for _, e := range emails {
			if id := messageID(loaded[e.message]); id != "" {
				refs = append(refs, []int64{hash(id), e.email})
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read what came into box %d: %w", box, err)
	}
	return refs, last, nil
}

// messageID gives the Message-ID of a message; "" where it has none, or its facts cannot be read: it is then never
// marked answered, and `navette check` tells of it.
func messageID(m content.Message) string {
	if len(m.RawFacts) == 0 {
		return ""
	}
	f, err := m.Facts()
	if err != nil {
		return ""
	}
	return f.MessageID
}

type arrival struct{ email, message int64 }

func newEmails(ctx context.Context, tx *store.Tx, box int64) ([]arrival, error) {
	rows, err := tx.Query(ctx, `SELECT e.email_id, e.message_id FROM email e JOIN box k ON k.account_id = e.account_id
		WHERE e.account_id = $1 AND e.email_id > k.seen_email ORDER BY e.email_id LIMIT $2`, box, emailsAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []arrival
	for rows.Next() {
		var a arrival
		if err := rows.Scan(&a.email, &a.message); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}
