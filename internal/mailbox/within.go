package mailbox

import (
	"context"

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
