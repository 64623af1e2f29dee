package submission_test

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/submission"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

// Addresses of the sender besides the primary one, which house gives.
const (
	alias  = "jmartin@ac-paris.example"
	former = "jeanne.durand@ac-paris.example"
	closed = "ferme@ac-paris.example"
	id     = "abcdefghijklmnop"
)

// world is the services on a database, with the sender and a colleague.
type world struct {
	*house.House
	t         testing.TB
	service   *submission.Service
	principal identity.Principal
	sender    string // the primary address
	colleague string
	accounts  []int64
	cleared   atomic.Pointer[guard.Cleared] // by the last message
}

func now() time.Time { return time.Date(2026, 9, 1, 8, 30, 0, 0, time.FixedZone("", 7200)) }

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOn(t, stores.SQLite(t))
}

func newWorldOn(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{House: house.New(t, db), t: t}
	w.accounts = w.Accounts(t, 2)
	w.sender, w.colleague = house.Address(w.accounts[0]), house.Address(w.accounts[1])
	err := w.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		for address, kind := range map[string]string{alias: "alias", former: "former", closed: "closed"} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, $3, 0, '')`,
				address, w.accounts[0], kind); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.principal = identity.Principal{Account: w.accounts[0], Scopes: identity.SubmitMail}
	w.service = submission.New(w.DB, w.Contents, &spy{w.Delivery, w}, w.config())
	return w
}

func (w *world) config() submission.Config {
	return submission.Config{Hostname: "mx.ac-paris.example", Now: now, Random: rand.Reader}
}

// spy notes what the guard cleared on its way to delivery.
type spy struct {
	delivery.Accepter
	w *world
}

func (s *spy) Accept(ctx context.Context, c guard.Cleared, env delivery.Envelope, body *content.Prepared, prefix []byte) (delivery.Receipt, error) {
	s.w.cleared.Store(&c)
	return s.Accepter.Accept(ctx, c, env, body, prefix)
}

// submit sends octets to recipients under the primary address.
func (w *world) submit(octets string, to ...string) error {
	_, err := w.service.Submit(w.t.Context(), submission.Message{Principal: w.principal, ReversePath: w.sender, Recipients: to, ID: id,
		Protocol: "ESMTPSA"}, strings.NewReader(octets))
	return err
}

// received returns the newest message in the colleague's inbox, without its trace.
func (w *world) received() string {
	w.t.Helper()
	var got string
	err := w.Mailboxes.Fetch(w.t.Context(), w.accounts[1], mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
		func(items []mailbox.Item) error {
			for _, it := range items {
				r, err := w.Contents.Open(w.t.Context(), &it.Message, 0)
				if err != nil {
					return err
				}
				b, err := io.ReadAll(r)
				r.Close()
				if err != nil {
					return err
				}
				got = string(b)
			}
			return nil
		})
	if err != nil {
		w.t.Fatal(err)
	}
	want := "Return-Path: <" + w.sender + ">\r\nReceived: by mx.ac-paris.example with ESMTPSA id " + id + ";\r\n\tTue, 01 Sep 2026 08:30:00 +0200\r\n"
	content, ok := strings.CutPrefix(got, want)
	if !ok {
		w.t.Fatalf("trace of %q", got)
	}
	return content
}

func kind(k failure.Kind) func(error) bool {
	return func(err error) bool { return failure.Is(err, k) }
}

// failing gives an error where its octets end.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func count(w *world, query string) (n int) {
	w.t.Helper()
	if err := w.DB.Read(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.t.Context(), query).Scan(&n) }); err != nil {
		w.t.Fatal(err)
	}
	return n
}
