package mailbox_test

import (
	"testing"

	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// Who knows all as of Since and is told the items knows all as of Modseq: so no look into the change log is due.
func TestAStoreTellsWhetherItWasAlone(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		h := house.New(t, db)
		account := h.Accounts(t, 1)[0]
		for range 3 {
			h.Deliver(t, []byte("Subject: x\r\n\r\n"), account)
		}
		flag := func(first, last uint32, mode mailbox.StoreMode) mailbox.StoreResult {
			t.Helper()
			r, err := h.Mailboxes.Store(ctx, account, mailbox.Inbox, []mailbox.UIDRange{{First: first, Last: last}},
				mailbox.FlagChange{Mode: mode, Flags: mailbox.Flagged, UnchangedSince: -1})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		snap, err := h.Mailboxes.Select(ctx, account, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		r := flag(1, 2, mailbox.AddFlags)
		if !r.Alone || r.Since != snap.AccountModseq || r.Modseq != snap.AccountModseq+2 {
			t.Errorf("two messages from %d: %+v", snap.AccountModseq, r)
		}
		if again := flag(1, 2, mailbox.AddFlags); !again.Alone || again.Since != r.Modseq || again.Modseq != r.Modseq {
			t.Errorf("nothing to change: %+v", again)
		}
		h.Deliver(t, []byte("Subject: y\r\n\r\n"), account)
		if later := flag(3, 3, mailbox.AddFlags); !later.Alone || later.Since != r.Modseq+1 {
			t.Errorf("after a delivery: %+v", later)
		}
		if _, err := h.Mailboxes.Copy(ctx, account, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1}}, "INBOX"); err != nil {
			t.Fatal(err)
		}
		if twice := flag(1, 1, mailbox.RemoveFlags); twice.Alone {
			t.Errorf("the email stands twice in the mailbox: %+v", twice)
		}
	})
}
