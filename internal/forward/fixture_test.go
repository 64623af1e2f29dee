package forward_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/forward"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/notice"
	"navette/internal/reach"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// Addresses outside.
const (
	private = "claire.martin75@perso.example" // of the teacher
	parent  = "k.benali@perso.example"        // of a guardian of the teacher's class
	shop    = "contact@cartable.example"
)

// world is a collège with a teacher whose mail is forwarded, a colleague and a family.
type world struct {
	*forward.Service
	t                  *testing.T
	house              *house.House
	clock              *clock.Clock
	teacher, colleague *school.Agent
	third              *school.Agent
	box                int64
	accepter           *accepter
}

// accepter is the house's, and fails for copies of one account's mail.
type accepter struct {
	delivery.Accepter
	fails int64 // account, or 0
}

func (a *accepter) Accept(ctx context.Context, cleared guard.Cleared, env delivery.Envelope, body *content.Prepared, prefix []byte) (delivery.Receipt, error) {
	if a.fails != 0 && slices.Contains(env.Locks, a.fails) {
		return delivery.Receipt{}, errBroken
	}
	return a.Accepter.Accept(ctx, cleared, env, body, prefix)
}

var errBroken = errors.New("broken")

// worlds runs a test on both engines, on 24 November 2026.
func worlds(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

// noFormer knows no former addresses.
type noFormer struct{}

func (noFormer) FormerDigest(key string) []byte { return []byte(key) }

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, house: house.New(t, db), clock: clock.New(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))}
	s := school.New(t, w.house, "0759001B")
	class := s.Class("4E3")
	w.teacher, w.colleague, w.third = s.Teacher("Claire", "MARTIN", class), s.Secretary("Luc", "ARNAUD"), s.CPE("Ève", "BLANC")
	w.box = s.Box
	class.Pupil("Léa", "BENALI").Guardian("Karim", parent)
	notices := notice.New(notice.Config{Contents: w.house.Contents, Delivery: w.house.Delivery, Domain: house.Domain, Hostname: "mx.example",
		Now: w.clock.Now, Random: rand.Reader})
	w.accepter = &accepter{Accepter: w.house.Delivery}
	w.Service = forward.New(forward.Config{DB: db, Contents: w.house.Contents, Delivery: w.accepter,
		Standings: reach.New(reach.Config{DB: db, Former: noFormer{}, Now: w.clock.Now}),
		Teller:    notices, Domain: house.Domain, Hostname: "mx.example", Now: w.clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// on passes to a day.
func (w *world) on(day string) {
	w.t.Helper()
	w.clock.Set(date(w.t, day).UTC().Add(8 * time.Hour))
}

func date(t testing.TB, day string) directory.Date {
	t.Helper()
	d, err := directory.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func owner(a *school.Agent) identity.Owner {
	return identity.Owner{Account: a.Account, Login: a.Login, Display: a.Login}
}

func by() identity.By { return identity.By{Actor: "cli:durand", Reason: "détachement au ministère"} }

// outside makes an exception for the teacher.
func (w *world) outside() {
	w.t.Helper()
	w.check(w.Set(w.t.Context(), by(), w.teacher.Account, private, date(w.t, "2027-06-30")))
}

// gets delivers a message with a header to an account, and has what waits forwarded.
func (w *world) gets(account int64, header string) {
	w.t.Helper()
	w.house.Deliver(w.t, []byte(header+"\r\nCorps du message.\r\n"), account)
	w.runs()
}

func (w *world) runs() {
	w.t.Helper()
	_, err := w.Run(w.t.Context())
	w.check(err)
}

// inbox gives the messages of an INBOX, oldest first.
func (w *world) inbox(account int64) (list []string) {
	w.t.Helper()
	err := w.house.Mailboxes.Fetch(w.t.Context(), account, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for _, it := range items {
			r, err := w.house.Contents.Open(w.t.Context(), &it.Message, 0)
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r)
			r.Close()
			if err != nil {
				return err
			}
			list = append(list, string(b))
		}
		return nil
	})
	w.check(err)
	return list
}

// subjects gives those of an INBOX, notices decoded as far as these tests need it.
func (w *world) subjects(account int64) (list []string) {
	w.t.Helper()
	for _, message := range w.inbox(account) {
		for _, line := range strings.Split(message, "\r\n") {
			if subject, ok := strings.CutPrefix(line, "Subject: "); ok {
				list = append(list, subject)
				break
			}
		}
	}
	return list
}

// queue gives what waits to leave: reverse-path > recipient.
func (w *world) queue() []string {
	w.t.Helper()
	return stores.Column(w.t, w.house.DB, `SELECT reverse_path || ' > ' || recipient FROM outbound ORDER BY outbound_id`)
}

// wantQueue compares it.
func (w *world) wantQueue(what string, want ...string) {
	w.t.Helper()
	if got := w.queue(); !slices.Equal(got, want) {
		w.t.Errorf("%s: queued %q, want %q", what, got, want)
	}
}

// leaving gives the prefix of the newest message that waits to leave.
func (w *world) leaving() string {
	w.t.Helper()
	var text string
	err := w.house.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		var octets []byte
		err := tx.QueryRow(w.t.Context(), `SELECT m.prefix FROM outbound o JOIN message m ON m.message_id = o.message_id ORDER BY o.outbound_id DESC LIMIT 1`).Scan(&octets)
		text = string(octets)
		return err
	})
	w.check(err)
	return text
}

// notices counts what Navette told an account.
func (w *world) notices(account int64) (n int) {
	w.t.Helper()
	for _, message := range w.inbox(account) {
		if strings.HasPrefix(message, "Return-Path: <>\r\nFrom: Messagerie") {
			n++
		}
	}
	return n
}

// bounces delivers a message with the null reverse-path to the teacher, and has what waits forwarded.
func (w *world) bounces(header string) {
	w.t.Helper()
	cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: []guard.Recipient{{Address: w.teacher.Address, Standing: guard.Standing{Class: guard.Agent}}}}).Clear(false)
	w.check(err)
	env := delivery.Envelope{Local: []delivery.Target{{Account: w.teacher.Account, Mailbox: mailbox.Inbox}}}
	_, err = w.house.Delivery.Accept(w.t.Context(), cleared, env, w.house.Prepare(w.t, []byte(header+"\r\nx\r\n")), []byte("Return-Path: <>\r\n"))
	w.check(err)
	w.runs()
}

// append puts a message into the teacher's INBOX as a client does.
func (w *world) append(octets string) {
	w.t.Helper()
	_, err := w.house.Mailboxes.Append(w.t.Context(), w.teacher.Account, "INBOX", []mailbox.NewEmail{{Content: w.house.Prepare(w.t, []byte(octets))}})
	w.check(err)
}

// emails counts those of an account.
func (w *world) emails(account int64) (n int) {
	w.t.Helper()
	w.check(w.house.DB.ReadOne(w.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT count(*) FROM email WHERE account_id = $1`, account).Scan(&n)
	}))
	return n
}
