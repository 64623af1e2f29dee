package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"navette/internal/check"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/cut"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

// sound fails unless everything stored holds together: each recipient placed once, among others.
func sound(t *testing.T, h *house.House) {
	t.Helper()
	c := &check.Checker{DB: h.DB, Blobs: h.Blobs, Contents: h.Contents, Limits: mail.DefaultLimits()}
	r, err := c.Verify(t.Context(), check.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Error(f)
	}
}

func inboxes(accounts []int64) []delivery.Target {
	out := make([]delivery.Target, len(accounts))
	for i, a := range accounts {
		out[i] = delivery.Target{Account: a, Mailbox: mailbox.Inbox}
	}
	return out
}

func subject(s string) []byte { return []byte("Subject: " + s + "\r\n\r\n") }

// count runs a query for one number.
func count(t *testing.T, h *house.House, query string, args ...any) (n int) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(t.Context(), query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Package invariant 2: several placers, on one node and on two, started and stopped in the middle of their work,
// place each recipient once.
func TestPlacersThatStopAndStartPlaceEachRecipientOnce(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		nodes := []*house.House{house.New(t, stores.Open(t, url))}
		if nodes[0].DB.Dialect() == store.PostgreSQL {
			nodes = append(nodes, house.New(t, stores.Open(t, url)))
		}
		h := nodes[0]
		accounts := h.Accounts(t, 3000)
		// An account that stands in a letter three times, and one whose mailbox goes before its turn.
		targets := inboxes(accounts)
		targets = append(targets, delivery.Target{Account: accounts[7], Mailbox: 5}, delivery.Target{Account: accounts[7], Mailbox: 6},
			delivery.Target{Account: accounts[8], Mailbox: 99})
		var receipts []delivery.Receipt
		for i := range 2 {
			r, err := h.Accept(t, subject(fmt.Sprint(i)), targets...)
			if err != nil {
				t.Fatal(err)
			}
			receipts = append(receipts, r)
		}
		if n := count(t, h, `SELECT count(*) FROM email`); n != 0 {
			t.Fatalf("%d were placed before anybody placed", n)
		}
		var wg sync.WaitGroup
		for i, n := range nodes {
			wg.Go(func() {
				for round := range 4 { // the process ends with work under way, and begins again
					again := delivery.New(n.DB, n.Contents, delivery.Config{Domains: []string{house.Domain}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
					again.Start(context.WithoutCancel(t.Context()))
					for from := n.DB.Stats().Writes; n.DB.Stats().Writes < from+int64(3+i+round) && count(t, h, `SELECT count(*) FROM delivery WHERE state = 0`) > 0; {
						time.Sleep(time.Millisecond)
					}
					again.Stop()
				}
			})
		}
		wg.Wait()
		for _, n := range nodes {
			n.Delivery.Start(t.Context())
			t.Cleanup(n.Delivery.Stop)
		}
		for _, r := range receipts {
			if err := h.Placed(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		// The mailbox that never was is led to INBOX, where the letter is already.
		if n := count(t, h, `SELECT count(*) FROM email`); n != 2*(3000+2) {
			t.Errorf("%d emails, expected %d", n, 2*(3000+2))
		}
		sound(t, h)
	})
}

// A mailbox that goes between RCPT and the placing does not take the message with it (package invariant 4).
func TestAMailboxThatGoesIsReplacedByInbox(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		many := inboxes(h.Accounts(t, delivery.PlaceNow+1))
		for _, others := range [][]delivery.Target{nil, many} { // placed at once, and by the placer
			for _, boxes := range [][]string{{"Projet"}, {"Projet", "Classe"}, {"INBOX", "Projet"}} {
				account := h.Accounts(t, 1)[0]
				targets := others[:len(others):len(others)]
				for _, name := range boxes {
					id := mailbox.Inbox
					if name != "INBOX" {
						m, err := h.Mailboxes.Create(t.Context(), account, name, "")
						if err != nil {
							t.Fatal(err)
						}
						if id = m.ID; h.Mailboxes.Delete(t.Context(), account, name) != nil {
							t.Fatal("cannot delete")
						}
					}
					targets = append(targets, delivery.Target{Account: account, Mailbox: id})
				}
				r, err := h.Accept(t, subject("Projet"), targets...)
				if err != nil {
					t.Fatalf("%v: %v", boxes, err)
				}
				h.Delivery.Start(t.Context())
				err = h.Placed(t.Context(), r)
				h.Delivery.Stop()
				if err != nil {
					t.Fatal(err)
				}
				if m := inbox(t, h, account); m.Messages != 1 {
					t.Errorf("%v with %d others: INBOX has %d messages", boxes, len(others), m.Messages)
				}
			}
		}
		sound(t, h)
	})
}

// A delivery that cannot be placed is no reason for those after it to wait, and facts that cannot be read cost a
// message its thread only.
func TestADeliveryThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		accounts := h.Accounts(t, delivery.PlaceNow+1)
		broken := h.Deliver(t, subject("one"), accounts...)
		strange := h.Deliver(t, subject("two"), accounts...)
		good := h.Deliver(t, subject("three"), accounts...)
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			// An account without state stands among the recipients of the first: it cannot be placed.
			if _, err := tx.Exec(t.Context(), `UPDATE delivery_recipient SET account_id = 999999 WHERE delivery_id = $1 AND account_id = $2`,
				broken.Delivery, accounts[0]); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `UPDATE facts SET facts = $1 WHERE content_id = (SELECT content_id FROM message m
				JOIN delivery d ON d.message_id = m.message_id WHERE d.delivery_id = $2)`, []byte{250}, strange.Delivery)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		h.Delivery.Start(t.Context())
		defer h.Delivery.Stop()
		for _, r := range []delivery.Receipt{strange, good} {
			if err := h.Placed(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if m := inbox(t, h, accounts[3]); m.Messages < 2 {
			t.Errorf("INBOX has %d messages", m.Messages)
		}
		if n := count(t, h, `SELECT count(*) FROM delivery WHERE delivery_id = $1 AND state = 0`, broken.Delivery); n != 1 {
			t.Error("the first is not open any more, and one recipient waits")
		}
	})
}

// Only what the guard has cleared comes in, and as a whole (package invariant 3).
func TestWhatTheGuardHasNotClearedIsNotAccepted(t *testing.T) {
	t.Parallel()
	h := house.New(t, stores.SQLite(t))
	a := h.Accounts(t, 2)
	cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: []guard.Recipient{{Address: house.Address(a[0])}}}).Clear(false)
	if err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string]delivery.Envelope{"one more": {Local: inboxes(a)}, "nobody": {}} {
		if _, err := h.Delivery.Accept(t.Context(), cleared, env, h.Prepare(t, subject("x")), nil); !failure.Is(err, failure.Permanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Delivery.Accept(t.Context(), guard.Cleared{}, delivery.Envelope{Local: inboxes(a)}, h.Prepare(t, subject("x")), nil); !failure.Is(err, failure.Permanent) {
		t.Errorf("cleared by nobody: %v", err)
	}
	if n := count(t, h, `SELECT count(*) FROM message`); n != 0 {
		t.Errorf("%d messages were accepted", n)
	}
}

// Package invariant 1: the answer to a COMMIT is lost. What was committed is found by its id and acknowledged once;
// what was not is not acknowledged.
func TestALostCommitIsFoundByItsID(t *testing.T) {
	t.Parallel()
	proxy, url := cut.Start(t, pg.Start(t).NewDatabase(t))
	h := house.New(t, stores.Open(t, url))
	accounts := h.Accounts(t, 2)
	h.Deliver(t, subject("ids are taken"), accounts...)
	for _, c := range []struct {
		moment cut.Moment
		kind   failure.Kind
	}{{cut.After, 0}, {cut.Before, failure.CommitUnknown}} {
		before := inbox(t, h, accounts[0]).Messages
		// Prepared first: only the COMMIT of the acceptance is to be cut.
		env := delivery.Envelope{Local: inboxes(accounts)}
		body := h.Prepare(t, subject("cut"))
		cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: make([]guard.Recipient, 2)}).Clear(false)
		if err != nil {
			t.Fatal(err)
		}
		proxy.Cut(c.moment, 1)
		_, err = h.Delivery.Accept(t.Context(), cleared, env, body, nil)
		if failure.KindOf(err) != c.kind || (err == nil) != (c.kind == 0) {
			t.Errorf("moment %d: told %v", c.moment, err)
		}
		want := before
		if err == nil {
			want++
		}
		if got := inbox(t, h, accounts[0]).Messages; got != want {
			t.Errorf("moment %d: INBOX has %d messages, expected %d", c.moment, got, want)
		}
	}
	sound(t, h)
}

// The same under load: many accept at once while COMMITs are cut at all moments, and PostgreSQL is killed.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	server := pg.StartOwn(t)
	proxy, url := cut.Start(t, server.NewDatabase(t))
	h := house.New(t, stores.Open(t, url))
	accounts := h.Accounts(t, 8)
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := range 40 {
				name := fmt.Sprintf("%d-%d", w, i)
				body, err := h.Contents.Prepare(t.Context(), readerOf(subject(name)))
				if err != nil {
					continue // an id could not be taken: nothing was promised
				}
				cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: make([]guard.Recipient, 3)}).Clear(false)
				if err != nil {
					t.Error(err)
				}
				env := delivery.Envelope{ReversePath: name, Local: inboxes([]int64{accounts[i%8], accounts[(i+1)%8], accounts[(i+5)%8]})}
				_, err = h.Delivery.Accept(t.Context(), cleared, env, body, nil)
				switch kind := failure.KindOf(err); {
				case err == nil:
					mu.Lock()
					acknowledged[name] = true
					mu.Unlock()
				case kind != failure.CommitUnknown && kind != failure.Temporary:
					t.Errorf("told %v", err)
				}
			}
		})
	}
	moments := []cut.Moment{cut.Before, cut.After, cut.During}
	for i := range 9 {
		for from := h.DB.Stats().Commits; h.DB.Stats().Commits < from+8 && i > 0 && t.Context().Err() == nil; {
			time.Sleep(time.Millisecond)
		}
		if i == 5 {
			if err := errors.Join(server.Kill(), server.Restart()); err != nil {
				t.Fatal(err)
			}
		}
		proxy.Cut(moments[i%3], 2)
	}
	wg.Wait()
	proxy.Cut(cut.Never, 0)
	for name := range acknowledged {
		if n := count(t, h, `SELECT count(*) FROM delivery d JOIN email e ON e.message_id = d.message_id WHERE d.reverse_path = $1`, name); n != 3 {
			t.Errorf("%s was acknowledged, and has %d emails", name, n)
		}
	}
	if len(acknowledged) < 150 || proxy.Cuts() < 10 {
		t.Errorf("%d acknowledged, %d cut: the test proved little", len(acknowledged), proxy.Cuts())
	}
	sound(t, h)
}

func TestOutsideRecipientsAreQueuedInTheSameTransaction(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		a := h.Accounts(t, 1)
		told := 0
		h.Delivery.OnOutbound(func() { told++ })
		cleared, err := guard.Decide(guard.Message{Door: guard.Submission, Sender: a[0], Recipients: make([]guard.Recipient, 3)}).Clear(false)
		if err != nil {
			t.Fatal(err)
		}
		env := delivery.Envelope{ReversePath: house.Address(a[0]), Local: inboxes(a), Remote: []string{"x@dehors.example", "y@dehors.example"}}
		env.Within = func(context.Context, *store.Tx) error { return failure.New(failure.Policy, "no") }
		if _, err := h.Delivery.Accept(t.Context(), cleared, env, h.Prepare(t, subject("x")), nil); !failure.Is(err, failure.Policy) {
			t.Errorf("what comes with it refused, and it was accepted: %v", err)
		}
		if n := count(t, h, `SELECT (SELECT count(*) FROM outbound) + (SELECT count(*) FROM email) + (SELECT count(*) FROM content)`); n != 0 || told != 0 {
			t.Errorf("a refused message left %d rows", n)
		}
		env.Within = nil
		r, err := h.Delivery.Accept(t.Context(), cleared, env, h.Prepare(t, subject("x")), nil)
		if err != nil {
			t.Fatal(err)
		}
		n := count(t, h, `SELECT count(*) FROM outbound o JOIN delivery d ON d.delivery_id = o.delivery_id AND d.message_id = o.message_id
			WHERE d.delivery_id = $1 AND d.sender = $2 AND d.origin = 'submission' AND o.state = 0 AND o.reverse_path = $3 AND o.expires_at > o.next_at`,
			r.Delivery, a[0], house.Address(a[0]))
		if n != 2 || told != 1 || inbox(t, h, a[0]).Messages != 1 {
			t.Errorf("%d outbound rows, told %d times, INBOX %d", n, told, inbox(t, h, a[0]).Messages)
		}
	})
}
