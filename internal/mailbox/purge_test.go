package mailbox_test

import (
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// remove takes all mail out of a mailbox.
func remove(t *testing.T, h *house.House, account int64, name string) {
	t.Helper()
	box := byName(t, h, account, name)
	if _, err := h.Mailboxes.Store(t.Context(), account, box.ID, allUIDs, mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted, UnchangedSince: -1}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Mailboxes.Expunge(t.Context(), account, box.ID, nil); err != nil {
		t.Fatal(err)
	}
}

// Removed mail waits for its retention, from its last removal on; then it and the log of it are forgotten, and a client
// that has not asked since starts again, while one that has goes on.
func TestPurgeForgetsWhatIsOldAndNothingYounger(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := clock.New(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))
		h := house.New(t, stores.OpenAt(t, url, now.Now))
		account := fill(t, h, 2) // emails 1 and 2
		ctx := t.Context()
		old, err := h.Mailboxes.Select(ctx, account, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		remove(t, h, account, "INBOX")
		now.Add(20 * 24 * time.Hour)
		if _, err := h.Mailboxes.Append(ctx, account, "INBOX", []mailbox.NewEmail{
			{Content: h.Prepare(t, message{id: "3@x.example"}.octets())}, {Content: h.Prepare(t, message{id: "4@x.example"}.octets())}}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Mailboxes.Copy(ctx, account, mailbox.Inbox, []mailbox.UIDRange{{First: 3, Last: 3}}, "Archives"); err != nil {
			t.Fatal(err)
		}
		recent, err := h.Mailboxes.Select(ctx, account, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		remove(t, h, account, "INBOX") // email 3 still stands in Archives
		now.Add(11 * 24 * time.Hour)   // the first removal is 31 days old, the second 11
		for round, want := range []int64{2, 0} {
			if n, err := h.Mailboxes.Purge(ctx, mailbox.Retention); n != want || err != nil {
				t.Fatalf("purge %d forgot %d emails, %v; expected %d", round+1, n, err, want)
			}
		}
		for email, there := range map[int64]bool{1: false, 2: false, 3: true, 4: true} {
			if _, err := h.Mailboxes.Message(ctx, account, email); failure.Is(err, failure.NotFound) == there {
				t.Errorf("email %d: %v", email, err)
			}
		}
		if ch, err := h.Mailboxes.ChangesSince(ctx, account, mailbox.Inbox, old.AccountModseq); err != nil || !ch.Reset || ch.Gone {
			t.Errorf("a client from before the purge was told %+v, %v", ch, err)
		}
		ch, err := h.Mailboxes.ChangesSince(ctx, account, mailbox.Inbox, recent.AccountModseq)
		if err != nil || ch.Reset || len(ch.Removed) != 2 {
			t.Errorf("a client from after it was told %+v, %v", ch, err)
		}
		remove(t, h, account, "Archives")
		now.Add(mailbox.Retention + time.Hour)
		if n, err := h.Mailboxes.Purge(ctx, mailbox.Retention); n != 2 || err != nil {
			t.Errorf("the last purge forgot %d, %v", n, err)
		}
	})
}

// A client that is further behind than the log is netted starts again, whatever is in the log.
func TestAClientFarBehindStartsAgain(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	account := fill(t, h, 1)
	since := byName(t, h, account, "INBOX").Modseq
	log := func(from, to int64) {
		modseqs := []int64{}
		for m := since + from; m <= since+to; m++ {
			modseqs = append(modseqs, m)
		}
		err := h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			set, arg := tx.Dialect().IntSet(3, modseqs)
			if _, err := tx.Exec(t.Context(), `INSERT INTO change (account_id, modseq, at, kind, mailbox_id, uid, email_id, flags, before)
				SELECT $1, value, 0, $2, 1, 1, 1, 0, '' FROM (`+set+`) AS s`, account, mailbox.PlacementFlags, arg); err != nil {
				return err
			}
			for _, query := range []string{`UPDATE account_state SET modseq = $2 WHERE account_id = $1`, `UPDATE mailbox_state SET modseq = $2 WHERE account_id = $1`} {
				if _, err := tx.Exec(t.Context(), query, account, since+to); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	log(1, 20_000)
	if ch, err := h.Mailboxes.ChangesSince(t.Context(), account, mailbox.Inbox, since); err != nil || ch.Reset || len(ch.Flagged) != 1 {
		t.Errorf("20,000 changes: %d flagged, reset %t, %v", len(ch.Flagged), ch.Reset, err)
	}
	log(20_001, 20_001)
	if ch, err := h.Mailboxes.ChangesSince(t.Context(), account, mailbox.Inbox, since); err != nil || !ch.Reset || ch.Gone {
		t.Errorf("one more: reset %t, gone %t, %v", ch.Reset, ch.Gone, err)
	}
}
