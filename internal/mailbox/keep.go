package mailbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/failure"
	"navette/internal/store"
)

// Kept is a message that its sender keeps. Its row is there already.
type Kept struct {
	Mailbox int64  // where it goes; 0: by Role
	Role    string // of the mailbox; INBOX where the account has none with it
	Message int64
	Size    int64
	Flags   Flags
	Threads []int64 // ThreadHashes of its facts
}

// Keep places a message as a new email of an account, in the caller's transaction, which may have locked the account
// among others. failure.Quota says that it does not fit.
func Keep(ctx context.Context, tx *store.Tx, account int64, k Kept) (email int64, err error) {
	e, err := openEditor(ctx, tx, account)
	if err != nil {
		return 0, err
	}
	if !(Quota{e.st.UsedBytes, e.st.QuotaBytes}).Fits(k.Size) {
		return 0, failure.New(failure.Quota, "La boîte est pleine (mailbox full)")
	}
	box := k.Mailbox
	if box == 0 {
		if box, err = byRole(ctx, tx, account, k.Role); err != nil {
			return 0, err
		}
	}
	if _, email, err = e.addEmail(ctx, box, k.Message, k.Size, tx.Now(), k.Flags, nil, k.Threads); err != nil {
		return 0, err
	}
	return email, e.close(ctx)
}

// byRole gives the mailbox of a role; INBOX where the account has none with it.
func byRole(ctx context.Context, tx *store.Tx, account int64, role string) (id int64, err error) {
	err = tx.QueryRow(ctx, `SELECT mailbox_id FROM mailbox WHERE account_id = $1 AND role = $2 ORDER BY mailbox_id LIMIT 1`, account, role).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Inbox, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find the mailbox %q of account %d: %w", role, account, err)
	}
	return id, nil
}

// Mark adds flags to emails of an account, in the caller's transaction. Emails that are gone, or have them, are left
// alone.
func Mark(ctx context.Context, tx *store.Tx, account int64, emails []int64, flags Flags) error {
	e, err := openEditor(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, email := range emails {
		p := placed{email: email}
		err := tx.QueryRow(ctx, `SELECT flags, keywords FROM email WHERE account_id = $1 AND email_id = $2`, account, email).Scan(&p.flags, &p.keywords)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read flags of email %d: %w", email, err)
		}
		if now := p.flags | flags&emailFlags; now != p.flags {
			if _, _, err := e.setEmailFlags(ctx, 0, p, now, p.keywords); err != nil {
				return err
			}
		}
	}
	return e.close(ctx)
}
