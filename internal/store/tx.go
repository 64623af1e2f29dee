package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// queryer is what both engines' connections offer.
type queryer interface {
	exec(ctx context.Context, query string, args []any) (sql.Result, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
	queryRow(ctx context.Context, query string, args []any) *sql.Row
}

// Tx is a snapshot or a transaction, valid within its closure, for one goroutine.
type Tx struct {
	q     queryer
	d     Dialect
	now   time.Time
	hints []Hint
	asked *atomic.Int64 // counts the queries of a read; nil in a write
}

// Dialect tells which engine runs the transaction.
func (tx *Tx) Dialect() Dialect { return tx.d }

// Now is the time at which the transaction began; all rows of one transaction bear it.
func (tx *Tx) Now() time.Time { return tx.now }

// NowMicros is Now in the unit of every time column.
func (tx *Tx) NowMicros() int64 { return tx.now.UnixMicro() }

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := tx.q.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a query; the caller closes the rows and checks their Err.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	tx.count()
	return tx.q.query(ctx, query, args)
}

// QueryRow runs a query of at most one row; Scan gives sql.ErrNoRows where there is none.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	tx.count()
	return tx.q.queryRow(ctx, query, args)
}

func (tx *Tx) count() {
	if tx.asked != nil {
		tx.asked.Add(1)
	}
}

// Hint has the account's watchers told, once the transaction is committed.
func (tx *Tx) Hint(account, modseq int64) {
	tx.hints = append(tx.hints, Hint{account, modseq})
}

// Meta reads a counter of store_meta.
func (tx *Tx) Meta(ctx context.Context, name string) (v int64, err error) {
	err = tx.QueryRow(ctx, `SELECT value FROM store_meta WHERE name = $1`, name).Scan(&v)
	if err != nil {
		return 0, fmt.Errorf("read store_meta %s: %w", name, err)
	}
	return v, nil
}

// NextMeta adds one to a counter of store_meta and returns it. Its row stays locked to commit, so the order of the
// numbers is the order of the commits.
func (tx *Tx) NextMeta(ctx context.Context, name string) (v int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE store_meta SET value = value + 1 WHERE name = $1 RETURNING value`, name).Scan(&v)
	if err != nil {
		return 0, fmt.Errorf("advance store_meta %s: %w", name, err)
	}
	return v, nil
}

// AccountState is the row that LockAccounts locks.
type AccountState struct {
	Account       int64
	Modseq        int64 // of the last change; the next change takes Modseq+1
	NextEmailID   int64
	NextMailboxID int64
	UsedBytes     int64
	QuotaBytes    int64 // 0: no limit
}

// LockAccounts locks the state rows of accounts, in ascending order whatever the order of ids, and returns them in
// that order; accounts without state are left out. It comes before any other row of those accounts (invariant 3).
func (tx *Tx) LockAccounts(ctx context.Context, ids ...int64) ([]AccountState, error) {
	if len(ids) == 1 {
		var s AccountState
		err := tx.QueryRow(ctx, `SELECT account_id, modseq, next_email_id, next_mailbox_id, used_bytes, quota_bytes
			FROM account_state WHERE account_id = $1`+tx.d.ForUpdate(), ids[0]).
			Scan(&s.Account, &s.Modseq, &s.NextEmailID, &s.NextMailboxID, &s.UsedBytes, &s.QuotaBytes)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("lock account %d: %w", ids[0], err)
		}
		return []AccountState{s}, nil
	}
	set, arg := tx.d.IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT account_id, modseq, next_email_id, next_mailbox_id, used_bytes, quota_bytes
		FROM account_state WHERE account_id IN (`+set+`) ORDER BY account_id`+tx.d.ForUpdate(), arg)
	if err != nil {
		return nil, fmt.Errorf("lock %d accounts: %w", len(ids), err)
	}
	defer rows.Close()
	out := make([]AccountState, 0, len(ids))
	for rows.Next() {
		var s AccountState
		if err := rows.Scan(&s.Account, &s.Modseq, &s.NextEmailID, &s.NextMailboxID, &s.UsedBytes, &s.QuotaBytes); err != nil {
			return nil, fmt.Errorf("lock accounts: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// SaveState writes back the counters of a state that LockAccounts returned in this transaction.
func (tx *Tx) SaveState(ctx context.Context, s *AccountState) error {
	_, err := tx.Exec(ctx, `UPDATE account_state SET modseq = $2, next_email_id = $3, next_mailbox_id = $4, used_bytes = $5
		WHERE account_id = $1`, s.Account, s.Modseq, s.NextEmailID, s.NextMailboxID, s.UsedBytes)
	if err != nil {
		return fmt.Errorf("save state of account %d: %w", s.Account, err)
	}
	return nil
}
