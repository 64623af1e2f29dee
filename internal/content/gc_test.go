package content_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// TestTheCollectorTakesAllThatIsNotNeededAndNothingElse lets accounts receive, copy, remove and hold mail while the
// clock jumps and the collector runs, and sometimes dies between a row and its object (DESIGN invariant 7). After each
// run every email that is placed, or was removed within the retention, opens with its octets; in the end, when all was
// removed, nothing is left.
func TestTheCollectorTakesAllThatIsNotNeededAndNothingElse(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := clock.New(time.Now())
		db := stores.OpenAt(t, url, now.Now)
		rapid.Check(t, func(rt *rapid.T) {
			h := house.New(t, db)
			w := &world{t: t, h: h, clock: now, accounts: h.Accounts(t, 3), emails: map[emailID]*kept{}}
			w.blobs = &dyingBlobs{Store: h.Blobs}
			w.collector = &content.Collector{DB: db, Blobs: w.blobs, Log: slog.New(slog.DiscardHandler),
				Purge: func(ctx context.Context) error { _, err := h.Mailboxes.Purge(ctx, mailbox.Retention); return err }}
			rt.Repeat(map[string]func(*rapid.T){
				"append": w.append, "deliver": w.deliver, "copy": w.copy, "expunge": w.expunge, "expunge again": w.expunge,
				"hold": w.hold, "release": w.release, "draft": w.draft, "wait": w.wait, "wait again": w.wait,
				"collect": w.collect, "collect and die": w.collectAndDie,
			})
			w.end(rt)
		})
	})
}

type emailID struct{ account, email int64 }

// kept is an email that the model knows.
type kept struct {
	octets  string
	removed time.Time // when it lost its last placement; zero while it has one
}

type heldMail struct {
	account int64
	octets  string
}

type world struct {
	t         *testing.T
	h         *house.House
	clock     *clock.Clock
	blobs     *dyingBlobs
	collector *content.Collector
	accounts  []int64
	emails    map[emailID]*kept
	held      []heldMail
	n         int
}

// errDied stands for the end of the process.
var errDied = errors.New("the process died here")

// dyingBlobs is a folder of objects before whose removal the process may die.
type dyingBlobs struct {
	blob.Store
	dies bool
}

func (d *dyingBlobs) Delete(ctx context.Context, key string) error {
	if d.dies {
		return errDied
	}
	return d.Store.Delete(ctx, key)
}

// octets draws a mail, small or large enough for an object; no two are the same.
func (w *world) octets(rt *rapid.T) []byte {
	w.n++
	out := fmt.Appendf(nil, "Subject: %d\r\n\r\n", w.n)
	if rapid.IntRange(0, 2).Draw(rt, "large") == 0 {
		random := rand.New(rand.NewPCG(uint64(w.n), 0))
		for len(out) < content.InlineMax+1000 {
			out = append(out, byte(random.Uint32()))
		}
	}
	return out
}

func (w *world) account(rt *rapid.T) int64 { return rapid.SampledFrom(w.accounts).Draw(rt, "account") }

// next is the id that an account's next email gets.
func (w *world) next(rt *rapid.T, account int64) emailID {
	var id int64
	err := w.h.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT next_email_id FROM account_state WHERE account_id = $1`, account).Scan(&id)
	})
	if err != nil {
		rt.Fatal(err)
	}
	return emailID{account, id}
}

func (w *world) append(rt *rapid.T) {
	account, octets := w.account(rt), w.octets(rt)
	got, err := w.h.Mailboxes.Append(w.t.Context(), account, "INBOX", []mailbox.NewEmail{{Content: w.h.Prepare(w.t, octets), Prefix: []byte("X-P: 1\r\n")}})
	if err != nil {
		rt.Fatal(err)
	}
	w.emails[emailID{account, got.Emails[0]}] = &kept{octets: "X-P: 1\r\n" + string(octets)}
}

func (w *world) deliver(rt *rapid.T) {
	octets := w.octets(rt)
	for _, a := range w.accounts {
		w.emails[w.next(rt, a)] = &kept{octets: house.Prefix + string(octets)}
	}
	w.h.Deliver(w.t, octets, w.accounts...)
}

// draft prepares what nobody ever inserts.
func (w *world) draft(rt *rapid.T) { w.h.Prepare(w.t, w.octets(rt)) }

var everyUID = []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}

func (w *world) copy(rt *rapid.T) {
	if _, err := w.h.Mailboxes.Copy(w.t.Context(), w.account(rt), mailbox.Inbox, everyUID, "Archives"); err != nil {
		rt.Fatal(err)
	}
}

// expunge empties one mailbox of an account.
func (w *world) expunge(rt *rapid.T) {
	w.empty(rt, w.account(rt), rapid.SampledFrom([]string{"INBOX", "Archives"}).Draw(rt, "mailbox"))
}

func (w *world) empty(rt *rapid.T, account int64, name string) {
	box, err := w.h.Mailboxes.ByName(w.t.Context(), account, name)
	if err != nil {
		rt.Fatal(err)
	}
	if _, err := w.h.Mailboxes.Store(w.t.Context(), account, box.ID, everyUID,
		mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted, UnchangedSince: -1}); err != nil {
		rt.Fatal(err)
	}
	if _, err := w.h.Mailboxes.Expunge(w.t.Context(), account, box.ID, nil); err != nil {
		rt.Fatal(err)
	}
	placed := w.placed(rt, account)
	for id, k := range w.emails {
		if id.account == account && !placed[id.email] && k.removed.IsZero() {
			k.removed = w.clock.Now()
		}
	}
}

// placed are the emails of an account that stand somewhere.
func (w *world) placed(rt *rapid.T, account int64) map[int64]bool {
	out := map[int64]bool{}
	boxes, _, err := w.h.Mailboxes.List(w.t.Context(), account)
	if err != nil {
		rt.Fatal(err)
	}
	for _, b := range boxes {
		err := w.h.Mailboxes.Fetch(w.t.Context(), account, b.ID, everyUID, 0, func(items []mailbox.Item) error {
			for _, it := range items {
				out[it.Email] = true
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
	}
	return out
}

func (w *world) hold(rt *rapid.T) {
	account, octets := w.account(rt), w.octets(rt)
	p := w.h.Prepare(w.t, octets)
	message, err := w.h.DB.NewIDs(w.t.Context(), "message", 1)
	if err != nil {
		rt.Fatal(err)
	}
	err = w.h.DB.Write(w.t.Context(), store.Interactive, func(tx *store.Tx) error {
		if err := p.Insert(w.t.Context(), tx); err != nil {
			return err
		}
		if err := content.InsertMessage(w.t.Context(), tx, message, p.ID, nil, p.Size); err != nil {
			return err
		}
		return mailbox.Hold(w.t.Context(), tx, message, mailbox.Held{Account: account, Mailbox: mailbox.Inbox, Message: message,
			ReleaseAt: w.clock.Now().Add(-time.Hour), ReceivedAt: w.clock.Now()})
	})
	if err != nil {
		rt.Fatal(err)
	}
	w.held = append(w.held, heldMail{account, string(octets)})
}

// release lets what is held come, after however long.
func (w *world) release(rt *rapid.T) {
	first := map[int64]emailID{}
	for _, a := range w.accounts {
		first[a] = w.next(rt, a)
	}
	if _, err := w.h.Mailboxes.ReleaseDue(w.t.Context()); err != nil {
		rt.Fatal(err)
	}
	// Those of one account come in the order of their hour.
	for _, m := range w.held {
		w.emails[first[m.account]] = &kept{octets: m.octets}
		first[m.account] = emailID{m.account, first[m.account].email + 1}
	}
	w.held = nil
}

func (w *world) wait(rt *rapid.T) {
	w.clock.Add(time.Duration(rapid.SampledFrom([]int{1, 20, 25, 24 * 12, 24 * 31}).Draw(rt, "hours")) * time.Hour)
}

func (w *world) collect(rt *rapid.T) {
	if _, err := w.collector.RunOnce(w.t.Context()); err != nil {
		rt.Fatal(err)
	}
	w.forget()
	w.sound(rt)
}

func (w *world) collectAndDie(rt *rapid.T) {
	w.blobs.dies = true
	_, err := w.collector.RunOnce(w.t.Context())
	w.blobs.dies = false
	if err != nil && !errors.Is(err, errDied) {
		rt.Fatal(err)
	}
	w.forget()
	w.sound(rt)
}

// forget drops from the model what a purge forgets.
func (w *world) forget() {
	for id, k := range w.emails {
		if !k.removed.IsZero() && k.removed.Before(w.clock.Now().Add(-mailbox.Retention)) {
			delete(w.emails, id)
		}
	}
}

// sound reads everything.
func (w *world) sound(rt *rapid.T) {
	for id, k := range w.emails {
		m, err := w.h.Mailboxes.Message(w.t.Context(), id.account, id.email)
		if err != nil {
			rt.Fatalf("email %v: %v", id, err)
		}
		r, err := w.h.Contents.Open(w.t.Context(), &m, 0)
		if err != nil {
			rt.Fatalf("email %v: %v", id, err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || string(got) != k.octets {
			rt.Fatalf("email %v came back as %d octets, %v; expected %d", id, len(got), err, len(k.octets))
		}
	}
	for _, a := range w.accounts {
		if n := w.count(rt, `SELECT count(*) FROM email WHERE account_id = $1`, a); n != w.known(a) {
			rt.Fatalf("account %d has %d emails, expected %d", a, n, w.known(a))
		}
	}
	c := &check.Checker{DB: w.h.DB, Blobs: w.h.Blobs, Contents: w.h.Contents, Limits: mail.DefaultLimits()}
	if r, err := c.Verify(w.t.Context(), check.Options{}); err != nil || !r.Clean() {
		rt.Fatalf("check: %v, %v", err, r.Findings)
	}
}

func (w *world) known(account int64) (n int64) {
	for id := range w.emails {
		if id.account == account {
			n++
		}
	}
	return n
}

func (w *world) count(rt *rapid.T, query string, args ...any) (n int64) {
	err := w.h.DB.Read(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.t.Context(), query, args...).Scan(&n) })
	if err != nil {
		rt.Fatal(err)
	}
	return n
}

// end removes everything and lets time pass.
func (w *world) end(rt *rapid.T) {
	w.release(rt)
	for _, a := range w.accounts {
		w.empty(rt, a, "INBOX")
		w.empty(rt, a, "Archives")
	}
	w.clock.Add(mailbox.Retention + time.Hour)
	for range 4 { // purged and marked; messages; contents; objects that a death left
		w.collect(rt)
		w.clock.Add(25 * time.Hour)
	}
	for _, table := range []string{"message", "content", "facts", "gc_mark"} {
		if n := w.count(rt, `SELECT count(*) FROM `+table); n != 0 {
			rt.Fatalf("%d rows of %s are left", n, table)
		}
	}
	err := w.h.Blobs.Walk(w.t.Context(), func(key string, _ int64, _ time.Time) error { return fmt.Errorf("object %s is left", key) })
	if err != nil {
		rt.Fatal(err)
	}
}
