package delivery_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const letter = "From: Rectorat <rectorat@ac-paris.example>\r\nTo: tous@ac-paris.example\r\nSubject: Rentr\xc3\xa9e\r\n" +
	"Message-ID: <rentree-2026@ac-paris.example>\r\n\r\nChers coll\xc3\xa8gues,\r\n"

func TestALetterReachesEveryInboxOnceWithItsOctets(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		ids := h.Accounts(t, 450)
		h.Delivery.Start(t.Context())
		defer h.Delivery.Stop()
		if err := h.Placed(t.Context(), h.Deliver(t, []byte(letter), ids...)); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if m := inbox(t, h, id); m.Messages != 1 {
				t.Fatalf("account %d has %d messages", id, m.Messages)
			}
		}
		var got string
		err := h.Mailboxes.Fetch(t.Context(), ids[449], mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 10}}, mailbox.NeedFacts,
			func(items []mailbox.Item) error {
				for _, it := range items {
					r, err := h.Contents.Open(t.Context(), &it.Message, 0)
					if err != nil {
						return err
					}
					b, err := io.ReadAll(r)
					got += string(b)
					if err != nil {
						return err
					}
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if want := "Return-Path: <parent@dehors.example>\r\n" + letter; got != want {
			t.Errorf("octets came back as %q, want %q", got, want)
		}
	})
}

func inbox(t *testing.T, h *house.House, account int64) mailbox.Mailbox {
	t.Helper()
	m, err := h.Mailboxes.ByName(t.Context(), account, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// BenchmarkLetter places one letter in 25,000 inboxes.
func BenchmarkLetter(b *testing.B) {
	db := stores.SQLite(b)
	h := house.New(b, db)
	ids := h.Accounts(b, 25000)
	h.Delivery.Start(b.Context())
	defer h.Delivery.Stop()
	body := []byte(letter + strings.Repeat("Bonjour à toutes et à tous. Le conseil se tiendra mardi.\r\n", 900))
	for b.Loop() {
		if err := h.Placed(b.Context(), h.Deliver(b, body, ids...)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(db.Stats().Commits)/float64(b.N), "commits/op")
}

// BenchmarkAccept accepts messages for one recipient each.
func BenchmarkAccept(b *testing.B) {
	db := stores.SQLite(b)
	h := house.New(b, db)
	ids := h.Accounts(b, 100)
	b.SetParallelism(16)
	b.RunParallel(func(p *testing.PB) {
		for n := 0; p.Next(); n++ {
			h.Deliver(b, []byte(fmt.Sprintf("Subject: %d\r\n%s", n, letter)), ids[n%100])
		}
	})
	b.ReportMetric(float64(db.Stats().Commits)/float64(b.N), "commits/op")
}
