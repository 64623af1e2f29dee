package identity

import (
	"context"
	"fmt"
	"time"

	"navette/internal/store"
)

// The journal of one's account has two sources: what was done to it, in the chained journal of administrative acts, and
// what it was used for, in the diary, which is its owner's alone and is forgotten after a year.

// diaryLife is how long the uses of an account are remembered.
const diaryLife = 365 * 24 * time.Hour

// DiaryIDs is the kind of ids that Note takes.
const DiaryIDs = "diary"

// Use is one use of an account.
type Use struct {
	What    string // "signin"
	Detail  string // how
	Agent   string // the browser, in words
	Network string
}

// Note writes a use into an account's diary, in the caller's transaction; id comes from NewIDs(DiaryIDs).
func Note(ctx context.Context, tx *store.Tx, account, id int64, u Use) error {
	_, err := tx.Exec(ctx, `INSERT INTO diary (account_id, diary_id, at, what, detail, agent, network) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		account, id, tx.NowMicros(), u.What, u.Detail, u.Agent, u.Network)
	if err != nil {
		return fmt.Errorf("note a use of account %d: %w", account, err)
	}
	return nil
}

// Event is a line of the journal of one's account.
type Event struct {
	At      time.Time
	What    string // "signin", "account.password"…
	Actor   string // who did it: "" for a use; one's own login for one's own acts
	Reason  string
	Detail  string
	Agent   string
	Network string
}

// Journal gives the newest events of an account, at most limit, the newest first.
func (s *Service) Journal(ctx context.Context, account int64, limit int) (events []Event, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		events = nil
		rows, err := tx.Query(ctx, `SELECT at, what, actor, reason, detail, agent, network FROM (
				SELECT at, what, '' AS actor, '' AS reason, detail, agent, network, diary_id AS n FROM diary WHERE account_id = $1
				UNION ALL
				SELECT at, action, actor, reason, detail, '', '', seq FROM journal WHERE subject = $2
			) AS both_sources ORDER BY at DESC, n DESC LIMIT $3`, account, subject(account), limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Event
			var at int64
			if err := rows.Scan(&at, &e.What, &e.Actor, &e.Reason, &e.Detail, &e.Agent, &e.Network); err != nil {
				return err
			}
			e.At = time.UnixMicro(at)
			events = append(events, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal of account %d: %w", account, err)
	}
	return events, nil
}

// PruneDiary deletes the uses that are older than a year, and returns how many.
func (s *Service) PruneDiary(ctx context.Context) (n int64, err error) {
	err = s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n, err = tx.Exec(ctx, `DELETE FROM diary WHERE at < $1`, tx.Now().Add(-diaryLife).UnixMicro())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune the diary: %w", err)
	}
	return n, nil
}
