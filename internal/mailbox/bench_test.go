package mailbox_test

import (
	"fmt"
	"testing"

	"navette/internal/mailbox"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// BenchmarkStoreAll marks all of a mailbox of 1,000 messages as read, and unread again.
func BenchmarkStoreAll(b *testing.B) {
	h := house.New(b, stores.SQLite(b))
	account := h.Accounts(b, 1)[0]
	mails := make([]mailbox.NewEmail, 1000)
	for i := range mails {
		m := message{id: fmt.Sprintf("%d@x.example", i), subject: "Conseil"}
		mails[i] = mailbox.NewEmail{Content: h.Prepare(b, m.octets())}
	}
	if _, err := h.Mailboxes.Append(b.Context(), account, "INBOX", mails); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		change := mailbox.FlagChange{Mode: []mailbox.StoreMode{mailbox.AddFlags, mailbox.RemoveFlags}[i%2], Flags: mailbox.Seen, UnchangedSince: -1}
		if _, err := h.Mailboxes.Store(b.Context(), account, mailbox.Inbox, allUIDs, change); err != nil {
			b.Fatal(err)
		}
	}
}
