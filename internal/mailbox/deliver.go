package mailbox

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// Delivered is a message that a delivery places in many accounts.
type Delivered struct {
	Delivery   int64
	Message    int64
	Size       int64
	ReceivedAt int64   // microseconds
	Threads    []int64 // ThreadHashes of its facts
}

// Span is the recipients of a delivery that one statement places: those not placed yet, from one account to another
// and within a range of mailbox ids. No account may stand in it twice.
type Span struct {
	FirstAccount, LastAccount int64
	FirstMailbox, LastMailbox int64
}

// span selects the recipients; every statement below joins it, so what one places all place.
const span = `delivery_recipient r
	JOIN account_state s ON s.account_id = r.account_id
	WHERE r.delivery_id = $1 AND r.account_id BETWEEN $2 AND $3 AND r.mailbox_id BETWEEN $4 AND $5 AND r.placed = 0`

const spanAccounts = `SELECT account_id FROM delivery_recipient
	WHERE delivery_id = $1 AND account_id BETWEEN $2 AND $3 AND mailbox_id BETWEEN $4 AND $5 AND placed = 0`

// Deliver places a message for the recipients of a span and marks them placed, in the caller's transaction, which has
// called LockSpan: seven statements however many they are. It returns how many it placed.
func Deliver(ctx context.Context, tx *store.Tx, d Delivered, sp Span) (int64, error) {
	at := sp.args(d.Delivery)
	with := func(more ...any) []any { return append(at[:5:5], more...) }
	refs, refsArg := tx.Dialect().IntSet(8, d.Threads)
	n, err := tx.Exec(ctx, `INSERT INTO email (account_id, email_id, message_id, thread_id, received_at, flags, keywords)
		SELECT r.account_id, s.next_email_id, $6, COALESCE((SELECT min(t.thread_id) FROM thread_ref t
			WHERE t.account_id = r.account_id AND t.hash IN (`+refs+`)), s.next_email_id), $7, 0, ''
		FROM `+span, with(d.Message, d.ReceivedAt, refsArg)...)
	if err != nil {
		return 0, fmt.Errorf("deliver emails: %w", err)
	}
	if len(d.Threads) > 0 {
		refs, refsArg := tx.Dialect().IntSet(6, d.Threads)
		if _, err := tx.Exec(ctx, `INSERT INTO thread_ref (account_id, hash, thread_id)
			SELECT r.account_id, h.value, e.thread_id FROM (`+refs+`) AS h CROSS JOIN delivery_recipient r
			JOIN account_state s ON s.account_id = r.account_id
			JOIN email e ON e.account_id = r.account_id AND e.email_id = s.next_email_id
			WHERE r.delivery_id = $1 AND r.account_id BETWEEN $2 AND $3 AND r.mailbox_id BETWEEN $4 AND $5 AND r.placed = 0
			ON CONFLICT (account_id, hash) DO NOTHING`, with(refsArg)...); err != nil {
			return 0, fmt.Errorf("deliver threads: %w", err)
		}
	}
	steps := []struct {
		what, query string
		args        []any
	}{
		{"placements", `INSERT INTO placement (account_id, mailbox_id, uid, email_id, modseq, flags)
			SELECT r.account_id, r.mailbox_id, m.uidnext, s.next_email_id, s.modseq + 1, 0
			FROM mailbox_state m JOIN ` + spanWithBox, at},
		{"changes", `INSERT INTO change (account_id, modseq, at, kind, mailbox_id, uid, email_id, flags, before)
			SELECT r.account_id, s.modseq + 1, $6, 1, r.mailbox_id, m.uidnext, s.next_email_id, 0, ''
			FROM mailbox_state m JOIN ` + spanWithBox, with(tx.NowMicros())},
		{"mailbox counters", `UPDATE mailbox_state SET uidnext = uidnext + 1, messages = messages + 1, unseen = unseen + 1, size = size + $6,
				modseq = (SELECT s.modseq + 1 FROM account_state s WHERE s.account_id = mailbox_state.account_id)
			WHERE (account_id, mailbox_id) IN (SELECT account_id, mailbox_id FROM delivery_recipient
			WHERE delivery_id = $1 AND account_id BETWEEN $2 AND $3 AND mailbox_id BETWEEN $4 AND $5 AND placed = 0)`, with(d.Size)},
	}
	for _, st := range steps {
		touched, err := tx.Exec(ctx, st.query, st.args...)
		if err != nil {
			return 0, fmt.Errorf("deliver %s: %w", st.what, err)
		}
		if touched != n {
			return 0, fmt.Errorf("delivery %d: %d %s for %d emails", d.Delivery, touched, st.what, n)
		}
	}
	counted, err := countAccounts(ctx, tx, with(d.Size))
	if err != nil {
		return 0, fmt.Errorf("deliver account counters: %w", err)
	}
	if counted != n {
		return 0, fmt.Errorf("delivery %d: %d accounts for %d emails", d.Delivery, counted, n)
	}
	marked, err := tx.Exec(ctx, `UPDATE delivery_recipient SET placed = 1
		WHERE delivery_id = $1 AND account_id BETWEEN $2 AND $3 AND mailbox_id BETWEEN $4 AND $5 AND placed = 0`, at...)
	if err != nil {
		return 0, fmt.Errorf("deliver marks: %w", err)
	}
	if marked != n {
		return 0, fmt.Errorf("delivery %d: %d recipients marked for %d emails", d.Delivery, marked, n)
	}
	return n, nil
}

const spanWithBox = `delivery_recipient r ON m.account_id = r.account_id AND m.mailbox_id = r.mailbox_id
	JOIN account_state s ON s.account_id = r.account_id
	WHERE r.delivery_id = $1 AND r.account_id BETWEEN $2 AND $3 AND r.mailbox_id BETWEEN $4 AND $5 AND r.placed = 0`

func (sp Span) args(delivery int64) []any {
	return []any{delivery, sp.FirstAccount, sp.LastAccount, sp.FirstMailbox, sp.LastMailbox}
}

// LockSpan locks the accounts of a span in ascending order, as LockAccounts does (invariant 1): before anything of
// them is read or written. SQLite has one writer: nothing to lock.
func LockSpan(ctx context.Context, tx *store.Tx, delivery int64, sp Span) error {
	if tx.Dialect() == store.SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT account_id FROM account_state WHERE account_id IN (`+spanAccounts+`) ORDER BY account_id FOR UPDATE`,
		sp.args(delivery)...)
	if err != nil {
		return fmt.Errorf("lock recipients: %w", err)
	}
	return nil
}

// countAccounts moves the accounts' counters on, last of all that read them, and hints at what they became.
func countAccounts(ctx context.Context, tx *store.Tx, args []any) (n int64, err error) {
	rows, err := tx.Query(ctx, `UPDATE account_state SET modseq = modseq + 1, next_email_id = next_email_id + 1, used_bytes = used_bytes + $6
		WHERE account_id IN (`+spanAccounts+`) RETURNING account_id, modseq`, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var account, modseq int64
		if err := rows.Scan(&account, &modseq); err != nil {
			return 0, err
		}
		tx.Hint(account, modseq)
		n++
	}
	return n, rows.Err()
}
