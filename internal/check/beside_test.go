package check_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"navette/internal/blob"
	"navette/internal/check"
	"navette/internal/content"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// A check beside a server that delivers, moves, removes, purges and collects finds nothing: whatever it compares is of
// one instant, and what goes meanwhile is no damage.
func TestACheckBesideABusyServerFindsNothing(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := clock.New(time.Now())
		server := house.New(t, stores.OpenAt(t, url, now.Now))
		accounts := server.Accounts(t, 250)
		server.Delivery.Start(t.Context())
		defer server.Delivery.Stop()
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var hours sync.RWMutex // the clock jumps between operations: none lasts longer than the collector's grace
		work := func(do func(i int) error) {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					hours.RLock()
					err := do(i)
					hours.RUnlock()
					if err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		work(func(i int) error { // letters, large ones among them
			octets := fmt.Appendf(nil, "Subject: %d\r\n\r\n", i)
			if i%3 == 0 {
				octets = append(octets, incompressible(i)...)
			}
			return server.Placed(ctx, server.Deliver(t, octets, accounts...))
		})
		work(func(i int) error { // an account that reads and tidies up
			a := accounts[i%20]
			if _, err := server.Mailboxes.Store(ctx, a, mailbox.Inbox, everyUID,
				mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Seen | mailbox.Deleted, Keywords: []string{"lu"}, UnchangedSince: -1}); err != nil {
				return err
			}
			if _, err := server.Mailboxes.Copy(ctx, a, mailbox.Inbox, everyUID, "Archives"); err != nil {
				return err
			}
			_, err := server.Mailboxes.Expunge(ctx, a, mailbox.Inbox, nil)
			return err
		})
		work(func(i int) error { // appended and removed for good: what the collector takes
			a := accounts[200]
			got, err := server.Mailboxes.Append(ctx, a, "Brouillons", []mailbox.NewEmail{{Content: server.Prepare(t, incompressible(1000+i)), Flags: mailbox.Deleted}})
			if err != nil {
				return err
			}
			_, err = server.Mailboxes.Expunge(ctx, a, 2, []mailbox.UIDRange{{First: got.UIDs[0], Last: got.UIDs[0]}})
			return err
		})
		collector := &content.Collector{DB: server.DB, Blobs: keepUnfinished{server.Blobs}, Log: slog.New(slog.DiscardHandler), Grace: time.Hour,
			Purge: func(ctx context.Context) error { _, err := server.Mailboxes.Purge(ctx, 2*time.Hour); return err }}
		wg.Go(func() {
			for ctx.Err() == nil {
				hours.Lock()
				now.Add(90 * time.Minute)
				hours.Unlock()
				if _, err := collector.RunOnce(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
		looking := readOnly(t, url, now, server)
		defer func() { stop(); wg.Wait() }()
		for range 6 {
			for from := server.DB.Stats().Writes; server.DB.Stats().Writes < from+30 && !t.Failed(); {
				time.Sleep(time.Millisecond)
			}
			r, err := looking.Verify(t.Context(), check.Options{Deep: true, Retention: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				t.Error(f)
			}
		}
	})
}

// keepUnfinished leaves files alone that look old only because the clock of the test is ahead of theirs.
type keepUnfinished struct{ blob.Store }

func (keepUnfinished) SweepUnfinished(context.Context, time.Time) error { return nil }

// readOnly opens the server's store as the command does.
func readOnly(t *testing.T, url string, now *clock.Clock, server *house.House) *check.Checker {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.Options{Now: now.Now, Log: slog.New(slog.DiscardHandler), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	contents, err := content.New(db, server.Blobs, mail.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return &check.Checker{DB: db, Blobs: server.Blobs, Contents: contents, Limits: mail.DefaultLimits()}
}

// incompressible is enough for an object of its own.
func incompressible(seed int) []byte {
	random := rand.New(rand.NewPCG(uint64(seed), 7))
	out := make([]byte, content.InlineMax+100)
	for i := range out {
		out[i] = byte(random.Uint32())
	}
	return out
}
