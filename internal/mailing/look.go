package mailing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"navette/internal/store"
)

// When a mailing is looked at, and told.
const (
	lookEvery  = time.Minute
	reportLast = 24 * time.Hour     // the report comes so long after the message at the latest
	watchFor   = 72 * time.Hour     // what failed later is told then, once
	giveUp     = 7 * 24 * time.Hour // an owner who could not be told until then is not told
	looksAtOne = 100                // mailings of one round
)

// Counts are what became of the copies of a mailing.
type Counts struct {
	Total    int64 `json:"total"`    // people: mailboxes, and members without an address
	Waiting  int64 `json:"waiting"`  // under way
	Reached  int64 `json:"reached"`  // taken by their server, or placed here
	Failed   int64 `json:"failed"`   // came back
	Missing  int64 `json:"missing"`  // no address is known
	Answered int64 `json:"answered"` // automatic answers, of those that are reached
	Recalled int64 `json:"recalled"` // taken back
}

// Upkeep looks at what is under way, sends the reports that are due, and forgets what is old. One mailing that fails
// holds up no other. Call it again and again.
func (s *Service) Upkeep(ctx context.Context) error {
	var failures []error
	for len(failures) == 0 {
		due, err := s.due(ctx)
		if err != nil || len(due) == 0 {
			failures = append(failures, err)
			break
		}
		for _, m := range due {
			if err := s.look(ctx, m); err != nil {
				failures = append(failures, fmt.Errorf("look at mailing %d: %w", m.id, err))
			}
		}
	}
	return errors.Join(append(failures, s.forget(ctx))...)
}

// open is a mailing that is not closed.
type open struct {
	id, owner  int64
	subject    string
	acceptedAt time.Time
	state      int
	told       int64
}

func (s *Service) due(ctx context.Context) (list []open, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT mailing_id, owner, subject, accepted_at, state, told FROM mailing
			WHERE state < 2 AND look_at <= $1 ORDER BY look_at, mailing_id LIMIT $2`, s.cfg.Now().UnixMicro(), looksAtOne)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m open
			var at int64
			if err := rows.Scan(&m.id, &m.owner, &m.subject, &at, &m.state, &m.told); err != nil {
				return err
			}
			m.acceptedAt = time.UnixMicro(at)
			list = append(list, m)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for mailings: %w", err)
	}
	return list, nil
}

// look reads what became of a mailing's copies, and reports where it is time.
func (s *Service) look(ctx context.Context, m open) error {
	now := s.cfg.Now()
	var c Counts
	err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
		if err := settle(ctx, tx, m.id); err != nil {
			return err
		}
		if c, err = count(ctx, tx, m.id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE mailing SET look_at = $2, reached = $3, failed = $4, missing = $5, answered = $6, recalled = $7 WHERE mailing_id = $1`,
			m.id, now.Add(lookEvery).UnixMicro(), c.Reached, c.Failed, c.Missing, c.Answered, c.Recalled)
		return err
	})
	if err != nil {
		return err
	}
	age := now.Sub(m.acceptedAt)
	switch {
	case age >= giveUp:
		return s.close(ctx, m)
	case m.state == underWay && c.Recalled > 0 && c.Recalled == c.Total-c.Missing:
		return s.close(ctx, m) // all of it was taken back: whoever did so was told
	case m.state == underWay && (c.Waiting == 0 || age >= reportLast):
		return s.report(ctx, m, c, reported)
	case m.state == reported && age >= watchFor && c.Failed > m.told:
		return s.report(ctx, m, c, closed)
	case m.state == reported && age >= watchFor:
		return s.close(ctx, m)
	}
	return nil
}

// settle takes over what the queue, and the placer, have made of copies.
func settle(ctx context.Context, tx *store.Tx, mailing int64) error {
	const of = `FROM mailing m JOIN outbound o ON o.outbound_id = m.first_outbound + mailing_copy.seq
		WHERE m.mailing_id = mailing_copy.mailing_id`
	for _, query := range []string{
		`UPDATE mailing_copy SET state = 2 WHERE mailing_id = $1 AND state = 1 AND target = 0 AND EXISTS (SELECT 1 ` + of + ` AND o.state = 1)`,
		`UPDATE mailing_copy SET state = 3, status = (SELECT o.status ` + of + `) WHERE mailing_id = $1 AND state = 1 AND target = 0
			AND EXISTS (SELECT 1 ` + of + ` AND o.state = 2)`,
		`UPDATE mailing_copy SET state = 2 WHERE mailing_id = $1 AND state = 1 AND target <> 0 AND EXISTS (SELECT 1 FROM mailing m
			JOIN delivery d ON d.delivery_id = m.first_delivery + mailing_copy.seq WHERE m.mailing_id = mailing_copy.mailing_id AND d.state = 1)`,
	} {
		if _, err := tx.Exec(ctx, query, mailing); err != nil {
			return fmt.Errorf("settle copies of mailing %d: %w", mailing, err)
		}
	}
	return nil
}

// count counts a mailing's copies, but for those that its sender knows nothing of.
func count(ctx context.Context, tx *store.Tx, mailing int64) (c Counts, err error) {
	rows, err := tx.Query(ctx, `SELECT state, answered, count(*) FROM mailing_copy WHERE mailing_id = $1 AND kind <> 5 GROUP BY state, answered`, mailing)
	if err != nil {
		return c, fmt.Errorf("count copies of mailing %d: %w", mailing, err)
	}
	defer rows.Close()
	for rows.Next() {
		var state, answered, n int64
		if err := rows.Scan(&state, &answered, &n); err != nil {
			return c, err
		}
		c.Total += n
		switch state {
		case waiting, queued:
			c.Waiting += n
		case sent:
			c.Reached += n
			c.Answered += answered * n
		case failed:
			c.Failed += n
		case noAddress:
			c.Missing += n
		case recalled:
			c.Recalled += n
		}
	}
	return c, rows.Err()
}

func (s *Service) close(ctx context.Context, m open) error {
	return s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE mailing SET state = 2 WHERE mailing_id = $1 AND state = $2`, m.id, m.state)
		return err
	})
}
