package mailbox_test

import (
	"testing"

	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// A restore raises the store's epoch: no UIDVALIDITY is then what it was, however a client comes to see it, since UIDs
// given after the backup may be given again (RFC 9051 §2.3.1.1).
func TestAnotherEpochGivesEveryMailboxAnotherUIDValidity(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		account := h.Accounts(t, 1)[0]
		before := validities(t, h, account)
		if len(before) < 2 {
			t.Fatalf("only %v", before)
		}
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE store_meta SET value = value + 1 WHERE name = 'epoch'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		given := map[uint32]bool{}
		for _, v := range before {
			given[v] = true
		}
		for name, v := range validities(t, h, account) {
			if v <= before[name] {
				t.Errorf("%s: %d after %d: it must grow", name, v, before[name])
			}
			if given[v] {
				t.Errorf("%s: %d was given before", name, v)
			}
			given[v] = true
		}
		appended, err := h.Mailboxes.Append(t.Context(), account, "INBOX", []mailbox.NewEmail{{Content: h.Prepare(t, []byte("x"))}})
		if err != nil || appended.UIDValidity != validities(t, h, account)["INBOX"] {
			t.Errorf("APPENDUID has UIDVALIDITY %d, %v", appended.UIDValidity, err)
		}
	})
}

// validities are the UIDVALIDITYs by name, of which List and Select must tell the same.
func validities(t *testing.T, h *house.House, account int64) map[string]uint32 {
	t.Helper()
	boxes, _, err := h.Mailboxes.List(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]uint32{}
	for _, b := range boxes {
		snap, err := h.Mailboxes.Select(t.Context(), account, b.Name)
		if err != nil || snap.UIDValidity != b.UIDValidity {
			t.Fatalf("%s: SELECT tells %d and LIST %d, %v", b.Name, snap.UIDValidity, b.UIDValidity, err)
		}
		out[b.Name] = b.UIDValidity
	}
	return out
}
