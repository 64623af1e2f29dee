package incident

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/content"
	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/store"
)

// measured is what a message did.
type measured struct {
	Counts
	happened time.Time
	readers  []int64 // accounts, ascending
}

// measure counts what a message showed, and to how many.
func (s *Service) measure(ctx context.Context, r Report) (m measured, err error) {
	var message content.Message
	var sender int64
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		m = measured{}
		var id, at int64
		err := tx.QueryRow(ctx, `SELECT message_id, sender, accepted_at FROM delivery WHERE delivery_id = $1`, r.Delivery).Scan(&id, &sender, &at)
		if errors.Is(err, sql.ErrNoRows) || err == nil && r.Account != 0 && sender != r.Account {
			return errNoMessage()
		}
		if err != nil {
			return err
		}
		m.happened = time.UnixMicro(at)
		loaded, err := s.cfg.Contents.Load(ctx, tx, []int64{id}, true, false)
		if err != nil {
			return err
		}
		message = loaded[id]
		return m.count(ctx, tx, message.ContentID, sender)
	})
	if err != nil {
		return m, fmt.Errorf("measure delivery %d: %w", r.Delivery, err)
	}
	facts, err := message.Facts()
	if err != nil {
		return m, err
	}
	shown := visible(facts, message.Prefix)
	standings, err := s.cfg.Standings.Standings(ctx, sender, shown)
	if err != nil {
		return m, err
	}
	for _, standing := range standings {
		switch standing.Class {
		case guard.Protected:
			m.Exposed++
		case guard.External, guard.Presumed:
			m.Others++
		}
	}
	return m, nil
}

// count counts who received the copies that one sender's message made: the plain ones and those of lists. Copies apart
// show nobody to anybody: who got one has read no address.
func (m *measured) count(ctx context.Context, tx *store.Tx, contentID, sender int64) error {
	const deliveries = `SELECT d.delivery_id FROM delivery d JOIN message x ON x.message_id = d.message_id WHERE x.content_id = $1 AND d.sender = $2
		AND NOT EXISTS (SELECT 1 FROM mailing g WHERE g.author = $2 AND d.delivery_id >= g.first_delivery AND d.delivery_id < g.first_delivery + g.seqs)`
	rows, err := tx.Query(ctx, `SELECT DISTINCT account_id FROM delivery_recipient WHERE delivery_id IN (`+deliveries+`) ORDER BY account_id`, contentID, sender)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		if err := rows.Scan(&account); err != nil {
			return err
		}
		m.readers = append(m.readers, account)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	m.Inside = len(m.readers)
	return tx.QueryRow(ctx, `SELECT count(DISTINCT recipient) FROM outbound WHERE delivery_id IN (`+deliveries+`)`, contentID, sender).Scan(&m.Outside)
}

// visible gives the addresses that To and Cc show, each mailbox once, in the order of their keys.
func visible(facts *mail.Facts, prefix []byte) []string {
	shown := map[string]string{}
	add := func(list []mail.Address) {
		for _, a := range list {
			if key := directory.MatchKey(a.Addr()); key != "" {
				shown[key] = a.Addr()
			}
		}
	}
	add(facts.Envelope.To)
	add(facts.Envelope.Cc)
	for f := range mail.HeaderFields(prefix) { // of a message of which some copies are apart
		if name := strings.ToLower(f.Name); name == "to" || name == "cc" {
			add(mail.ParseAddressList(string(f.Value)))
		}
	}
	var out []string
	for _, address := range shown {
		out = append(out, address)
	}
	slices.Sort(out)
	return out
}
