package autoreply_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/autoreply"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// fixture is an engine with a clock, for a colleague (0) and somebody who is away (1).
type fixture struct {
	*house.House
	*autoreply.Service
	t        *testing.T
	now      time.Time
	ids      []int64
	accepter *accepter
}

// accepter is the house's, and fails for replies to one correspondent.
type accepter struct {
	delivery.Accepter
	fails string // their address, or ""
}

func (a *accepter) Accept(ctx context.Context, cleared guard.Cleared, env delivery.Envelope, body *content.Prepared, prefix []byte) (delivery.Receipt, error) {
	if slices.Contains(env.Remote, a.fails) {
		return delivery.Receipt{}, errBroken
	}
	return a.Accepter.Accept(ctx, cleared, env, body, prefix)
}

var errBroken = errors.New("broken")

func newFixture(t *testing.T, db *store.DB) *fixture {
	t.Helper()
	h := house.New(t, db)
	f := &fixture{House: h, t: t, now: time.Date(2026, 12, 19, 18, 0, 0, 0, time.UTC), ids: h.Accounts(t, 2), accepter: &accepter{Accepter: h.Delivery}}
	f.Service = autoreply.New(autoreply.Config{DB: db, Contents: h.Contents, Delivery: f.accepter, Domain: house.Domain, Hostname: "mx.ac-paris.example",
		Now: func() time.Time { return f.now }, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	return f
}

func (f *fixture) away(until time.Time) {
	f.t.Helper()
	f.isAway(f.ids[1], until)
}

func (f *fixture) isAway(account int64, until time.Time) {
	f.t.Helper()
	f.write(func(ctx context.Context, tx *store.Tx) error {
		return autoreply.Set(ctx, tx, autoreply.Reply{Account: account, From: f.now.Add(-time.Hour), Until: until,
			Body: "Bonjour,\nJe suis absente. Écrivez à secretariat@ac-paris.example.\n"})
	})
}

func (f *fixture) write(fn func(context.Context, *store.Tx) error) {
	f.t.Helper()
	if err := f.DB.Write(f.t.Context(), store.Interactive, func(tx *store.Tx) error { return fn(f.t.Context(), tx) }); err != nil {
		f.t.Fatal(err)
	}
}

// arrives delivers a message to the one who is away.
func (f *fixture) arrives(reversePath, to string, fields ...string) {
	f.t.Helper()
	f.arrivesFor(f.ids[1], reversePath, to, fields...)
}

func (f *fixture) arrivesFor(account int64, reversePath, to string, fields ...string) {
	f.t.Helper()
	octets := fmt.Sprintf("From: <%s>\r\nTo: %s\r\nSubject: R\xc3\xa9union\r\nMessage-ID: <q@dehors.example>\r\n%s\r\nTexte\r\n", reversePath, to, strings.Join(fields, ""))
	cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: []guard.Recipient{{Address: to}}}).Clear(false)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = f.Delivery.Accept(f.t.Context(), cleared, delivery.Envelope{ReversePath: reversePath, Local: []delivery.Target{{Account: account, Mailbox: mailbox.Inbox}}},
		f.Prepare(f.t, []byte(octets)), []byte("Return-Path: <"+reversePath+">\r\n"))
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) runs(what string, want int) {
	f.t.Helper()
	if n, err := f.Run(f.t.Context()); n != want || err != nil {
		f.t.Errorf("%s: %d replies, %v, want %d", what, n, err, want)
	}
}

// outside gives the recipients of what waits for the Internet.
func (f *fixture) outside() []string {
	f.t.Helper()
	var out []string
	err := f.DB.Read(f.t.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(f.t.Context(), `SELECT recipient || ' from <' || reverse_path || '>' FROM outbound ORDER BY outbound_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func TestAReplyGoesOncePerCorrespondentInThreeDays(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		me := house.Address(f.ids[1])
		f.arrives("avant@dehors.example", me)
		f.away(time.Time{})
		f.runs("what came before the absence", 0)
		f.arrives("parent@dehors.example", me)
		f.arrives("Parent@Dehors.example", me)
		f.arrives("autre@dehors.example", me)
		f.runs("two correspondents, one of them twice", 2)
		f.runs("nothing new", 0)
		f.now = f.now.Add(autoreply.Once - time.Minute)
		f.arrives("parent@dehors.example", me)
		f.runs("within three days", 0)
		f.now = f.now.Add(time.Minute)
		f.arrives("parent@dehors.example", me)
		f.runs("after three days", 1)
		want := []string{"parent@dehors.example from <>", "autre@dehors.example from <>", "parent@dehors.example from <>"}
		if got := f.outside(); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("replies %q, want %q", got, want)
		}
		f.now = f.now.Add(autoreply.Once)
		f.runs("later", 0)
		var kept int
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM autoreply_sent`).Scan(&kept)
		}); err != nil || kept != 0 {
			t.Errorf("%d correspondents are remembered, %v", kept, err)
		}
	})
}

func TestAReplyIsAProperOne(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		f.away(time.Time{})
		f.arrives(house.Address(f.ids[0]), house.Address(f.ids[1]))
		f.runs("a colleague", 1)
		header, body := f.inbox(f.ids[0])
		for name, want := range map[string]string{"Return-Path": "<>", "From": "<" + house.Address(f.ids[1]) + ">", "To": "<" + house.Address(f.ids[0]) + ">",
			"Subject": "Réponse automatique : Réunion", "In-Reply-To": "<q@dehors.example>", "References": "<q@dehors.example>",
			"Auto-Submitted": "auto-replied", "Date": "Sat, 19 Dec 2026 18:00:00 +0000"} {
			if header[name] != want {
				t.Errorf("%s: %q, want %q", name, header[name], want)
			}
		}
		if !strings.Contains(body, "Je suis absente. =C3=89crivez =C3=A0 secretariat@") {
			t.Errorf("body %q", body)
		}
		// Two engines that answer each other stop at once.
		f.write(func(ctx context.Context, tx *store.Tx) error {
			return autoreply.Set(ctx, tx, autoreply.Reply{Account: f.ids[0], From: f.now.Add(-time.Hour), Body: "absent aussi"})
		})
		f.arrives(house.Address(f.ids[0]), house.Address(f.ids[1]))
		f.runs("no ping-pong", 0)
	})
}

// inbox reads the only message of an inbox.
func (f *fixture) inbox(account int64) (header map[string]string, body string) {
	f.t.Helper()
	header = map[string]string{}
	n := 0
	err := f.Mailboxes.Fetch(f.t.Context(), account, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 100}}, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for _, it := range items {
			n++
			r, err := f.Contents.Open(f.t.Context(), &it.Message, 0)
			if err != nil {
				return err
			}
			octets, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			raw, rest := mail.SplitHeader(octets)
			for field := range mail.HeaderFields(raw) {
				header[field.Name] = field.Text()
			}
			body = string(rest)
		}
		return nil
	})
	if err != nil || n != 1 {
		f.t.Fatalf("%d messages in the inbox, %v", n, err)
	}
	return header, body
}

func TestWhatIsNotAnswered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	me := house.Address(f.ids[1])
	f.away(f.now.Add(24 * time.Hour))
	f.arrives("", me)
	f.arrives("liste@dehors.example", me, "List-Id: <x>\r\n")
	f.arrives("inconnu@"+house.Domain, me) // an address of ours that is no more
	f.runs("no person", 0)
	if _, err := f.Mailboxes.Append(t.Context(), f.ids[1], "INBOX", []mailbox.NewEmail{{Content: f.Prepare(t,
		[]byte("Return-Path: <parent@dehors.example>\r\nFrom: <parent@dehors.example>\r\nTo: "+me+"\r\n\r\nimporté\r\n"))}}); err != nil {
		t.Fatal(err)
	}
	f.runs("a message that a client put there", 0)
	f.now = f.now.Add(24 * time.Hour)
	f.arrives("parent@dehors.example", me)
	f.runs("back from the absence", 0)
	f.now = f.now.Add(-time.Hour)
	f.write(func(ctx context.Context, tx *store.Tx) error { return autoreply.Clear(ctx, tx, f.ids[1]) })
	f.runs("taken off", 0)
}

func TestAReplyNeverShowsAnAddressOfThePast(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, 'former', 0, '')`,
			"ancien.nom@"+house.Domain, f.ids[1])
		return err
	})
	f.away(time.Time{})
	f.arrives(house.Address(f.ids[0]), "ancien.nom@"+house.Domain)
	f.runs("to a former address", 1)
	header, _ := f.inbox(f.ids[0])
	if got := header["From"]; got != "Messagerie <postmaster@"+house.Domain+">" {
		t.Errorf("From: %s", got)
	}
	for name, value := range header {
		if strings.Contains(value, "ancien") || strings.Contains(value, house.Address(f.ids[1])) {
			t.Errorf("%s: %s", name, value)
		}
	}
}

// A reply that cannot be sent waits, and those of everybody else go on.
func TestAnAccountThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		f.isAway(f.ids[0], time.Time{}) // the first in order
		f.away(time.Time{})
		f.arrivesFor(f.ids[0], "casse@dehors.example", house.Address(f.ids[0]))
		f.arrives("parent@dehors.example", house.Address(f.ids[1]))
		f.accepter.fails = "casse@dehors.example"
		if n, err := f.Run(t.Context()); n != 1 || !errors.Is(err, errBroken) {
			t.Errorf("%d replies, %v", n, err)
		}
		f.accepter.fails = ""
		f.runs("once it works again", 1)
		want := []string{"parent@dehors.example from <>", "casse@dehors.example from <>"}
		if got := f.outside(); !slices.Equal(got, want) {
			t.Errorf("replies %q, want %q", got, want)
		}
	})
}

func TestManyMessagesAreWorkedOffInRounds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, stores.SQLite(t))
	f.away(time.Time{})
	for i := range 230 {
		f.arrives(fmt.Sprintf("parent%d@dehors.example", i), house.Address(f.ids[1]))
	}
	f.runs("two rounds and more", 230)
}
