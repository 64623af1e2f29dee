package outbound_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mailbox"
	"navette/internal/outbound"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is the services on one database, with one account that sends.
type world struct {
	*house.House
	t      *testing.T
	clock  *clock
	sender int64
}

func newWorld(t *testing.T, url string) *world {
	t.Helper()
	w := &world{t: t, clock: newClock()}
	w.House = house.New(t, stores.OpenAt(t, url, w.clock.Now))
	w.sender = w.Accounts(t, 1)[0]
	return w
}

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) { test(t, newWorld(t, url)) })
}

// service makes a worker of the queue with a transport.
func (w *world) service(transport outbound.Transport) *outbound.Service {
	return outbound.New(w.DB, w.Contents, w.Delivery, transport, outbound.Config{Hostname: "mx.ac-paris.example", Domain: house.Domain,
		Now: w.clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
}

const body = "From: Agent <agent@ac-paris.example>\r\nTo: x@dehors.example\r\nSubject: =?utf-8?q?R=C3=A9union?=\r\n" +
	"Message-ID: <m1@ac-paris.example>\r\n\r\nBonjour \xc3\xa0 tous,\r\n.\r\nfin\r\n"

const prefix = "Return-Path: <agent@ac-paris.example>\r\nReceived: by mx.ac-paris.example with ESMTPSA id x;\r\n\tTue, 01 Sep 2026 08:00:00 +0000\r\n"

// accept puts a message for outside recipients into the queue.
func (w *world) accept(reversePath string, to ...string) {
	w.t.Helper()
	w.acceptUnder(prefix, reversePath, to...)
}

func (w *world) acceptUnder(prefix, reversePath string, to ...string) {
	w.t.Helper()
	m := guard.Message{Door: guard.Submission, Sender: w.sender}
	for _, a := range to {
		m.Recipients = append(m.Recipients, guard.Recipient{Address: a})
	}
	cleared, err := guard.Decide(m).Clear(false)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.Delivery.Accept(w.t.Context(), cleared, delivery.Envelope{ReversePath: reversePath, Remote: to}, w.Prepare(w.t, []byte(body)), []byte(prefix))
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) me() string { return house.Address(w.sender) }

// work has the service do all that is due.
func (w *world) work(s *outbound.Service) {
	w.t.Helper()
	for {
		n, err := s.WorkOnce(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// row is a row of the queue.
type row struct {
	Recipient string
	State     int
	Attempts  int
	Status    string
	NextIn    time.Duration
}

func (w *world) rows() []row {
	w.t.Helper()
	var out []row
	err := w.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(w.t.Context(), `SELECT recipient, state, attempts, status, next_at FROM outbound ORDER BY outbound_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r row
			var next int64
			if err := rows.Scan(&r.Recipient, &r.State, &r.Attempts, &r.Status, &next); err != nil {
				return err
			}
			r.NextIn = time.UnixMicro(next).Sub(w.clock.Now())
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// inbox returns the messages of the sender's inbox, whole.
func (w *world) inbox() []string {
	w.t.Helper()
	var out []string
	err := w.Mailboxes.Fetch(w.t.Context(), w.sender, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
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
				out = append(out, string(b))
			}
			return nil
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) count(query string) (n int) {
	w.t.Helper()
	if err := w.DB.Read(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.t.Context(), query).Scan(&n) }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// hop is a next hop that a test scripts.
type hop struct {
	mu      sync.Mutex
	answers map[string]outbound.Outcome // by recipient; none: sent
	parcels []outbound.Parcel
	octets  []string
	during  func() // while a parcel is with it
}

func (h *hop) Send(ctx context.Context, p outbound.Parcel) []outbound.Outcome {
	r, err := p.Open(ctx)
	if err != nil {
		panic(err)
	}
	b, err := io.ReadAll(r)
	r.Close()
	if err != nil {
		panic(err)
	}
	if h.during != nil {
		h.during()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parcels, h.octets = append(h.parcels, p), append(h.octets, string(b))
	var out []outbound.Outcome
	for _, to := range p.Recipients {
		o, ok := h.answers[to]
		if !ok {
			o = outbound.Outcome{Verdict: outbound.Sent, Code: 250, Enhanced: "2.0.0"}
		}
		out = append(out, o)
	}
	return out
}

func (h *hop) answer(to string, o outbound.Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.answers == nil {
		h.answers = map[string]outbound.Outcome{}
	}
	h.answers[to] = o
}

// sentTo is every recipient that was handed over, in the order of their addresses.
func (h *hop) sentTo() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, p := range h.parcels {
		out = append(out, p.Recipients...)
	}
	slices.Sort(out)
	return out
}

var (
	busy   = outbound.Outcome{Verdict: outbound.Deferred, Code: 451, Enhanced: "4.3.0", Text: "later, says chef@dehors.example"}
	nobody = outbound.Outcome{Verdict: outbound.Failed, Code: 550, Enhanced: "5.1.1", Text: "forwarded to secret@ailleurs.example, who is unknown"}
)

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in:\n%s", p, text)
		}
	}
}

// exec changes the database behind the services' back.
func exec(w *world, query string) {
	w.t.Helper()
	err := w.DB.Write(w.t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(w.t.Context(), query)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// waitFor waits for what another goroutine does.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("still waiting for %s", what)
		}
	}
}
