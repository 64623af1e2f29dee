package mailbox

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// Folder is a mailbox that every new account has.
type Folder struct{ Name, Role string }

// Folders are the mailboxes of a new account, in the order of their ids, INBOX being 1: French names, with the roles
// by which programs find them (RFC 6154).
var Folders = []Folder{
	{"INBOX", "inbox"},
	{"Brouillons", "drafts"},
	{"Envoyés", "sent"},
	{"Corbeille", "trash"},
	{"Indésirables", "junk"},
	{"Archives", "archive"},
}

// Provision makes the mailboxes of new accounts in the caller's transaction, set-based: three statements however
// many accounts. quota is in octets, 0 for none. The accounts must have no mailboxes yet.
func Provision(ctx context.Context, tx *store.Tx, accounts []int64, quota int64) error {
	set, arg := tx.Dialect().IntSet(1, accounts)
	// The state starts after the changes that made the folders, which nobody can have missed: the log begins here.
	first := int64(1)
	n := int64(len(Folders))
	if _, err := tx.Exec(ctx, `INSERT INTO account_state (account_id, modseq, next_email_id, next_mailbox_id, used_bytes, quota_bytes)
		SELECT a.value, $2, 1, $3, 0, $4 FROM (`+set+`) AS a`, arg, first, n+1, quota); err != nil {
		return fmt.Errorf("provision accounts: %w", err)
	}
	for i, f := range Folders {
		if _, err := tx.Exec(ctx, `INSERT INTO mailbox (account_id, mailbox_id, name, role, subscribed, purge_floor)
			SELECT a.value, $2, $3, $4, 1, $5 FROM (`+set+`) AS a`, arg, i+1, f.Name, f.Role, first); err != nil {
			return fmt.Errorf("provision mailboxes: %w", err)
		}
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	boxes, boxArg := tx.Dialect().IntSet(2, ids)
	if _, err := tx.Exec(ctx, `INSERT INTO mailbox_state (account_id, mailbox_id, uidnext, modseq, messages, unseen, deleted, size)
		SELECT a.value, b.value, 1, $3, 0, 0, 0, 0 FROM (`+set+`) AS a CROSS JOIN (`+boxes+`) AS b`, arg, boxArg, first); err != nil {
		return fmt.Errorf("provision mailbox counters: %w", err)
	}
	return nil
}
