package mailbox

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/content"
	"navette/internal/mail"
	"navette/internal/store"
)

// referredMax bounds how many emails of a conversation are looked at, the newest first.
const referredMax = 200

// Referred gives the envelope of the email that a message with these facts answers: of those in the account, in the
// threads that it belongs to, the one with the nearest Message-ID that it refers to (In-Reply-To is the nearest, the first
// of References the farthest: RFC 5322 §3.6.4), with the recipients that its prefix names. found is false where none is
// there. It takes three statements, those that search led by the account.
func Referred(ctx context.Context, tx *store.Tx, contents *content.Contents, account int64, f *mail.Facts) (e mail.Envelope, found bool, err error) {
	messages, err := emailsOfThreads(ctx, tx, account, ThreadHashes(f))
	if err != nil || len(messages) == 0 {
		return e, false, err
	}
	loaded, err := contents.Load(ctx, tx, messages, true, false)
	if err != nil {
		return e, false, err
	}
	nearest := -1
	for _, m := range loaded {
		facts, err := m.Facts()
		if err != nil {
			continue // `navette check` tells of it; without facts it is no message that anybody could answer
		}
		if at := slices.Index(f.References, facts.MessageID); at > nearest {
			nearest, e = at, facts.Envelope
			own := mail.ParseBytes(append(m.Prefix[:len(m.Prefix):len(m.Prefix)], "\r\n"...), mail.Limits{}).Envelope
			e.To, e.Cc = append(own.To, e.To...), append(own.Cc, e.Cc...)
		}
	}
	return e, nearest >= 0, nil
}

// emailsOfThreads gives the messages of the threads that hashes lead to. A thread has the id of its first email, so its
// emails stand from there on.
func emailsOfThreads(ctx context.Context, tx *store.Tx, account int64, hashes []int64) (messages []int64, err error) {
	threads, err := readIDs(ctx, tx, hashes, func(set string) string {
		return `SELECT DISTINCT thread_id FROM thread_ref WHERE account_id = $1 AND hash IN (` + set + `)`
	}, account)
	if err != nil || len(threads) == 0 {
		return nil, err
	}
	messages, err = readIDs(ctx, tx, threads, func(set string) string {
		return fmt.Sprintf(`SELECT message_id FROM email WHERE account_id = $1 AND thread_id IN (%s) AND email_id >= $3 ORDER BY email_id DESC LIMIT %d`, set, referredMax)
	}, account, slices.Min(threads))
	return messages, err
}

// readIDs reads one column. set stands for $2; the account is $1, what else is asked for $3 and on.
func readIDs(ctx context.Context, tx *store.Tx, ids []int64, query func(set string) string, account int64, more ...any) (out []int64, err error) {
	set, arg := tx.Dialect().IntSet(2, ids)
	rows, err := tx.Query(ctx, query(set), append([]any{account, arg}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("find what is answered: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
