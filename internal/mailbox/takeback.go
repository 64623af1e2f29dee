package mailbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/store"
)

// TakeBack removes the email that a delivery made of a message from the mailbox that it put it into, in the caller's
// transaction, which may have locked the account among others. It does so only while nobody has touched it: unread, without a
// flag or keyword, and in that mailbox alone. What was moved, copied or marked stays; taken tells which it was. The
// removal is a change as any other, and the email can be recovered as other removed mail can.
func TakeBack(ctx context.Context, tx *store.Tx, account, message, mailbox int64) (taken bool, err error) {
	p := placed{message: message}
	var in, placements int64
	err = tx.QueryRow(ctx, `SELECT p.mailbox_id, p.uid, p.email_id, p.modseq, p.flags, e.keywords, m.size,
			(SELECT count(*) FROM placement o WHERE o.account_id = e.account_id AND o.email_id = e.email_id)
		FROM email e JOIN placement p ON p.account_id = e.account_id AND p.email_id = e.email_id JOIN message m ON m.message_id = e.message_id
		WHERE e.account_id = $1 AND e.message_id = $2 ORDER BY p.mailbox_id, p.uid LIMIT 1`, account, message).
		Scan(&in, &p.uid, &p.email, &p.modseq, &p.flags, &p.keywords, &p.size, &placements)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil // its owner has removed it
	}
	if err != nil {
		return false, fmt.Errorf("look for an email to take back: %w", err)
	}
	if in != mailbox || placements != 1 || p.flags != 0 {
		return false, nil
	}
	e, err := openEditor(ctx, tx, account)
	if err != nil {
		return false, err
	}
	if err := e.remove(ctx, mailbox, p); err != nil {
		return false, err
	}
	return true, e.close(ctx)
}
