package mailbox

import (
	"context"
	"fmt"
	"time"

	"navette/internal/store"
)

// Retention is how long removed mail can be brought back, unless the institution says otherwise.
const Retention = 30 * 24 * time.Hour

// purgeChunk is how many changes one transaction forgets.
const purgeChunk = 1000

// Purge forgets what is older than keep: the change log up to there, and the emails whose last placement was removed
// by then. Clients that have not asked since select again (the purge floor). It returns how many emails it forgot.
func (s *Service) Purge(ctx context.Context, keep time.Duration) (emails int64, err error) {
	cutoff := s.db.Now().Add(-keep).UnixMicro()
	for after := int64(0); ; {
		accounts, err := s.purgeable(ctx, after, cutoff)
		if err != nil {
			return emails, fmt.Errorf("look for what to purge: %w", err)
		}
		if len(accounts) == 0 {
			return emails, nil
		}
		for _, account := range accounts {
			n, err := s.purgeAccount(ctx, account, cutoff)
			emails += n
			if err != nil {
				return emails, fmt.Errorf("purge account %d: %w", account, err)
			}
		}
		after = accounts[len(accounts)-1]
	}
}

// purgeable returns some accounts whose log begins before the cutoff, by the first row of each.
func (s *Service) purgeable(ctx context.Context, after, cutoff int64) (accounts []int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		accounts, err = scanIDs(tx.Query(ctx, `SELECT s.account_id FROM account_state s WHERE s.account_id > $1
			AND (SELECT c.at FROM change c WHERE c.account_id = s.account_id ORDER BY c.modseq LIMIT 1) < $2
			ORDER BY s.account_id LIMIT 500`, after, cutoff))
		return err
	})
	return accounts, err
}

func (s *Service) purgeAccount(ctx context.Context, account, cutoff int64) (emails int64, err error) {
	for more := true; more; {
		var n int64
		err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			if _, err := tx.LockAccounts(ctx, account); err != nil {
				return err
			}
			old, err := readOldest(ctx, tx, account, cutoff)
			if err != nil {
				return err
			}
			more = old.rows == purgeChunk
			if old.rows == 0 {
				n = 0
				return nil
			}
			if n, err = forgetEmails(ctx, tx, account, old); err != nil {
				return err
			}
			return forgetChanges(ctx, tx, account, old.floor)
		})
		if err != nil {
			return emails, err
		}
		emails += n
	}
	return emails, nil
}

// oldest is the beginning of an account's log, up to a modseq.
type oldest struct {
	rows    int
	floor   int64
	removed []int64 // emails that lost a placement in it
}

func readOldest(ctx context.Context, tx *store.Tx, account, cutoff int64) (o oldest, err error) {
	rows, err := tx.Query(ctx, `SELECT modseq, at, kind, email_id FROM change WHERE account_id = $1 ORDER BY modseq LIMIT $2`, account, purgeChunk)
	if err != nil {
		return o, err
	}
	defer rows.Close()
	for rows.Next() {
		var modseq, at, email int64
		var kind ChangeKind
		if err := rows.Scan(&modseq, &at, &kind, &email); err != nil {
			return o, err
		}
		if at >= cutoff {
			break // the log is forgotten from its beginning on, without gaps, even where a clock was set back
		}
		o.rows++
		o.floor = modseq
		if kind == Removed {
			o.removed = append(o.removed, email)
		}
	}
	return o, rows.Err()
}

// forgetEmails deletes the emails whose last removal is in the old part of the log.
func forgetEmails(ctx context.Context, tx *store.Tx, account int64, old oldest) (int64, error) {
	if len(old.removed) == 0 {
		return 0, nil
	}
	set, arg := tx.Dialect().IntSet(3, old.removed)
	later, err := scanIDs(tx.Query(ctx, `SELECT DISTINCT email_id FROM change
		WHERE account_id = $1 AND modseq > $2 AND kind = 2 AND email_id IN (`+set+`)`, account, old.floor, arg))
	if err != nil {
		return 0, err
	}
	set, arg = tx.Dialect().IntSet(2, minusIDs(old.removed, later))
	return tx.Exec(ctx, `DELETE FROM email AS e WHERE e.account_id = $1 AND e.email_id IN (`+set+`)
		AND NOT EXISTS (SELECT 1 FROM placement p WHERE p.account_id = e.account_id AND p.email_id = e.email_id)`, account, arg)
}

func forgetChanges(ctx context.Context, tx *store.Tx, account, floor int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM change WHERE account_id = $1 AND modseq <= $2`, account, floor); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE mailbox SET purge_floor = $2 WHERE account_id = $1 AND purge_floor < $2`, account, floor)
	return err
}
