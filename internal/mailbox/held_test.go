package mailbox_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/content"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// hold keeps a new message back for an account's mailbox.
func hold(t *testing.T, h *house.House, m message, held mailbox.Held) {
	t.Helper()
	body := h.Prepare(t, m.octets())
	id, err := h.DB.NewIDs(t.Context(), "held", 1)
	if err != nil {
		t.Fatal(err)
	}
	if held.Message, err = h.DB.NewIDs(t.Context(), "message", 1); err != nil {
		t.Fatal(err)
	}
	err = h.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		if err := body.Insert(t.Context(), tx); err != nil {
			return err
		}
		if err := content.InsertMessage(t.Context(), tx, held.Message, body.ID, nil, body.Size); err != nil {
			return err
		}
		return mailbox.Hold(t.Context(), tx, id, held)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHeldMailComesAtItsHourOnce(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := clock.New(time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC))
		nodes := []*house.House{house.New(t, stores.OpenAt(t, url, now.Now))}
		if nodes[0].DB.Dialect() == store.PostgreSQL {
			nodes = append(nodes, house.New(t, stores.OpenAt(t, url, now.Now)))
		}
		h := nodes[0]
		accounts := h.Accounts(t, 70)
		morning := now.Now().Add(9 * time.Hour)
		received := now.Now().Add(-time.Hour)
		gone, err := h.Mailboxes.Create(t.Context(), accounts[0], "Projet", "")
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range accounts {
			box := mailbox.Inbox
			if i == 0 {
				box = gone.ID
			}
			for k := range 2 {
				hold(t, h, message{id: fmt.Sprintf("%d-%d@x.example", i, k), subject: "Conseil"},
					mailbox.Held{Account: a, Mailbox: box, ReleaseAt: morning.Add(time.Duration(k) * time.Hour), ReceivedAt: received})
			}
		}
		if n, err := h.Mailboxes.ReleaseDue(t.Context()); n != 0 || err != nil {
			t.Fatalf("in the evening %d were released, %v", n, err)
		}
		if err := h.Mailboxes.Delete(t.Context(), accounts[0], "Projet"); err != nil {
			t.Fatal(err)
		}
		for k := range uint32(2) {
			now.Set(morning.Add(time.Duration(k) * time.Hour))
			var released atomic.Int64
			var wg sync.WaitGroup
			for _, n := range append(nodes, nodes...) { // two releasers on each
				wg.Go(func() {
					n, err := n.Mailboxes.ReleaseDue(t.Context())
					if err != nil {
						t.Error(err)
					}
					released.Add(int64(n))
				})
			}
			wg.Wait()
			if released.Load() != int64(len(accounts)) {
				t.Errorf("%d were released, expected %d", released.Load(), len(accounts))
			}
			for _, a := range accounts {
				if m := byName(t, h, a, "INBOX"); m.Messages != k+1 || m.UIDNext != k+2 || m.Unseen != k+1 {
					t.Fatalf("account %d has %+v", a, m)
				}
			}
		}
		items, err := fetch(t.Context(), h, accounts[0], mailbox.Inbox, allUIDs)
		if err != nil || len(items) != 2 {
			t.Fatalf("%v, %v", items, err)
		}
		err = h.Mailboxes.Fetch(t.Context(), accounts[0], mailbox.Inbox, allUIDs, mailbox.NeedEmail, func(items []mailbox.Item) error {
			for _, it := range items {
				if !it.ReceivedAt.Equal(received) {
					t.Errorf("INTERNALDATE %s, expected %s", it.ReceivedAt, received)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
