package mailbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

func TestWhatVanishedSinceAState(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		account := fill(t, h, 8)
		modseq := func() int64 {
			t.Helper()
			_, now, err := h.Mailboxes.List(t.Context(), account)
			if err != nil {
				t.Fatal(err)
			}
			return now
		}
		remove := func(first, last uint32) {
			t.Helper()
			if _, err := h.Mailboxes.Move(t.Context(), account, mailbox.Inbox, []mailbox.UIDRange{{First: first, Last: last}}, "Archives"); err != nil {
				t.Fatal(err)
			}
		}
		vanished := func(since int64, want ...mailbox.UIDRange) {
			t.Helper()
			got, err := h.Mailboxes.Vanished(t.Context(), account, mailbox.Inbox, since)
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Errorf("since %d (%v) (-want +got)\n%s", since, err, d)
			}
		}
		start := modseq()
		remove(6, 6)
		remove(2, 3)
		middle := modseq()
		// What came and went since is named too: a client may have heard of it.
		if _, err := h.Mailboxes.Copy(t.Context(), account, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1}}, "INBOX"); err != nil {
			t.Fatal(err)
		}
		remove(9, 9)
		vanished(start, mailbox.UIDRange{First: 2, Last: 3}, mailbox.UIDRange{First: 6, Last: 6}, mailbox.UIDRange{First: 9, Last: 9})
		vanished(middle, mailbox.UIDRange{First: 9, Last: 9})
		vanished(modseq())
		// Beyond the log, all that is not there has vanished.
		purged := func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE mailbox SET purge_floor = $2 WHERE account_id = $1`, account, middle+1)
			return err
		}
		if err := db.Write(t.Context(), store.Interactive, purged); err != nil {
			t.Fatal(err)
		}
		vanished(middle, mailbox.UIDRange{First: 2, Last: 3}, mailbox.UIDRange{First: 6, Last: 6}, mailbox.UIDRange{First: 9, Last: 9})
		remove(1, 9)
		vanished(middle, mailbox.UIDRange{First: 1, Last: 9})
		if _, err := h.Mailboxes.Vanished(t.Context(), account, 99, 1); !failure.Is(err, failure.NotFound) {
			t.Errorf("of a mailbox that is not there: %v", err)
		}
	})
}
