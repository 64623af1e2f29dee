package mailbox

import (
	"context"
	"fmt"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
)

// What services do to mailboxes in transactions of their own, in which they have locked the account.

// Make makes a mailbox; failure.Conflict where the account has one of that name.
func Make(ctx context.Context, tx *store.Tx, account int64, name string) (id int64, err error) {
	if name, err = CleanName(name); err != nil {
		return 0, err
	}
	e, err := openEditor(ctx, tx, account)
	if err != nil {
		return 0, err
	}
	m, err := e.createPath(ctx, name, "")
	if err != nil {
		return 0, err
	}
	return m.ID, e.close(ctx)
}

// Ensure gives the mailbox of a name, which it makes where the account has none.
func Ensure(ctx context.Context, tx *store.Tx, account int64, name string) (id int64, err error) {
	m, err := byName(ctx, tx, account, name)
	if failure.Is(err, failure.NotFound) {
		return Make(ctx, tx, account, name)
	}
	return m.ID, err
}

// Filed is an email in a mailbox.
type Filed struct {
	Mailbox    int64
	UID        uint32
	Email      int64
	Message    int64
	ReceivedAt time.Time
}

// FiledIn gives the emails of a mailbox, the newest first, at most limit; none where the account has no mailbox of that
// name. The account need not be locked.
func FiledIn(ctx context.Context, tx *store.Tx, account int64, name string, limit int) (list []Filed, err error) {
	m, err := byName(ctx, tx, account, name)
	if failure.Is(err, failure.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT p.uid, e.email_id, e.message_id, e.received_at FROM placement p
		JOIN email e ON e.account_id = p.account_id AND e.email_id = p.email_id
		WHERE p.account_id = $1 AND p.mailbox_id = $2 ORDER BY p.uid DESC LIMIT $3`, account, m.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("emails of mailbox %d: %w", m.ID, err)
	}
	defer rows.Close()
	for rows.Next() {
		f := Filed{Mailbox: m.ID}
		var at int64
		if err := rows.Scan(&f.UID, &f.Email, &f.Message, &at); err != nil {
			return nil, err
		}
		f.ReceivedAt = time.UnixMicro(at)
		list = append(list, f)
	}
	return list, rows.Err()
}

// Take takes an email out of a mailbox. It tells whether it stood there.
func Take(ctx context.Context, tx *store.Tx, account, mailbox int64, uid uint32) (bool, error) {
	e, err := openEditor(ctx, tx, account)
	if err != nil {
		return false, err
	}
	found, err := e.placements(ctx, mailbox, []UIDRange{{uid, uid}}, 0, 1)
	if err != nil || len(found) == 0 {
		return false, err
	}
	if err := e.remove(ctx, mailbox, found[0]); err != nil {
		return false, err
	}
	return true, e.close(ctx)
}
