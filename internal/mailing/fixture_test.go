package mailing_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/check"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/mailing"
	"navette/internal/notice"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// fixture is a school secretary (agent 0) with colleagues, who writes to groups.
type fixture struct {
	*house.House
	*mailing.Service
	t      testing.TB
	clock  *clock.Clock
	agents []int64
	groups groups
}

// groups are the members of groups by number: the directory of the test.
type groups map[int64][]mailing.Member

func (g groups) Members(_ context.Context, id int64) ([]mailing.Member, error) { return g[id], nil }

// ByAddress knows gN@ as group N.
func (g groups) ByAddress(_ context.Context, address string) (int64, bool, error) {
	var id int64
	if _, err := fmt.Sscanf(address, "g%d@"+house.Domain, &id); err != nil {
		return 0, false, nil
	}
	_, found := g[id]
	return id, found, nil
}

// The groups that most tests write to.
const (
	parents   = 1
	teachers  = 2
	everybody = 3
)

func onEngines(t *testing.T, n int, test func(f *fixture)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) { test(newFixture(t, url, n)) })
}

func newFixture(tb testing.TB, url string, n int) *fixture {
	tb.Helper()
	now := clock.New(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	db := stores.OpenAt(tb, url, now.Now)
	f := &fixture{House: house.New(tb, db), t: tb, clock: now, groups: groups{}}
	f.agents = f.Accounts(tb, n)
	f.Service = f.service(f.House)
	return f
}

// service is mailings on a house, which may be that of another node.
func (f *fixture) service(h *house.House) *mailing.Service {
	teller := notice.New(notice.Config{Contents: h.Contents, Delivery: h.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain, Now: f.clock.Now, Random: rand.Reader})
	s := mailing.New(mailing.Config{DB: h.DB, Contents: h.Contents, Delivery: h.Delivery, Groups: f.groups, Teller: teller, Key: []byte("the installation's key"),
		Right:  func(context.Context, int64, int64) error { return nil },
		Domain: house.Domain, Now: f.clock.Now, Log: discard()})
	h.Delivery.OnGroups(f.groups)
	h.Delivery.OnMailings(s)
	return s
}

// guardian is a member who is reached outside, for pupils.
func guardian(address string, pupils ...int64) mailing.Member {
	return mailing.Member{Address: address, Person: 1000 + pupils[0], Holds: guard.Guardians, Pupils: pupils}
}

const letter = "From: Secretariat <agent1@ac-paris.example>\r\nSubject: R=?utf-8?q?=C3=A9?=union\r\nMessage-ID: <reunion@ac-paris.example>\r\n\r\nTexte \xe9.\r\n"

// toSender is the To of copies apart.
const toSender = "To: Secretariat <agent1@ac-paris.example>\r\n"

// envelope is how submission hands recipients over: those of plain as they were written, those of apart each for
// themselves.
func (f *fixture) envelope(plain, apart []string) (guard.Cleared, delivery.Envelope) {
	f.t.Helper()
	sender := f.agents[0]
	env := delivery.Envelope{ReversePath: house.Address(sender), Alone: []byte(toSender)}
	ask := guard.Message{Door: guard.Submission, Sender: sender}
	resolve := func(address string) delivery.Resolution {
		r, err := f.Delivery.Resolve(f.t.Context(), address)
		if err != nil {
			f.t.Fatal(err)
		}
		ask.Recipients = append(ask.Recipients, guard.Recipient{Address: address, Standing: guard.Standing{Class: guard.Agent}})
		return r
	}
	for _, address := range plain {
		if r := resolve(address); r.Local {
			env.Local = append(env.Local, r.Target)
		} else {
			env.Remote = append(env.Remote, address)
		}
	}
	if len(plain) > 0 {
		env.Shown = []byte("To: " + strings.Join(plain, ", ") + "\r\n")
	}
	for _, address := range apart {
		env.Apart = append(env.Apart, delivery.Apart{Address: address, Resolution: resolve(address)})
	}
	cleared, err := guard.Decide(ask).Clear(true)
	if err != nil {
		f.t.Fatal(err)
	}
	return cleared, env
}

const trace = "Return-Path: <agent1@ac-paris.example>\r\nReceived: by mx.ac-paris.example with HTTP id abc;\r\n\tTue, 24 Nov 2026 10:00:00 +0100\r\n"

// send sends the letter, and must succeed.
func (f *fixture) send(plain, apart []string) delivery.Receipt {
	f.t.Helper()
	r, err := f.trySend(plain, apart)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func (f *fixture) trySend(plain, apart []string) (delivery.Receipt, error) {
	f.t.Helper()
	cleared, env := f.envelope(plain, apart)
	if len(env.Local)+len(env.Remote)+len(env.Apart) == 0 {
		return delivery.Receipt{}, nil
	}
	return f.Delivery.Accept(f.t.Context(), cleared, env, f.Prepare(f.t, []byte(letter)), []byte(trace))
}

// arrives delivers what came from outside to an address of ours, as reception does.
func (f *fixture) arrives(reversePath, to, octets string) error {
	f.t.Helper()
	r, err := f.Delivery.Resolve(f.t.Context(), to)
	if err != nil {
		return err
	}
	cleared, err := guard.Decide(guard.Message{Door: guard.Reception, Recipients: []guard.Recipient{{Address: to, Standing: guard.Standing{Class: r.Class}}}}).Clear(false)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = f.Delivery.Accept(f.t.Context(), cleared, delivery.Envelope{ReversePath: reversePath, Local: []delivery.Target{r.Target}},
		f.Prepare(f.t, []byte(octets)), []byte("Return-Path: <"+reversePath+">\r\n"))
	return err
}

// outCopy is a copy on its way out.
type outCopy struct {
	id              int64
	to, reversePath string
	octets          string
}

// out gives what waits for the Internet, with the octets that would go there.
func (f *fixture) out() (list []outCopy) {
	f.t.Helper()
	ctx := f.t.Context()
	var messages []int64
	err := f.DB.Read(ctx, func(tx *store.Tx) error {
		list, messages = nil, nil
		rows, err := tx.Query(ctx, `SELECT outbound_id, recipient, reverse_path, message_id FROM outbound WHERE state = 0 ORDER BY outbound_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c outCopy
			var message int64
			if err := rows.Scan(&c.id, &c.to, &c.reversePath, &message); err != nil {
				return err
			}
			list, messages = append(list, c), append(messages, message)
		}
		return rows.Err()
	})
	if err != nil {
		f.t.Fatal(err)
	}
	for i, id := range messages {
		list[i].octets = f.octets(id)
	}
	return list
}

func (f *fixture) octets(message int64) string {
	f.t.Helper()
	ctx := f.t.Context()
	var m content.Message
	err := f.DB.Read(ctx, func(tx *store.Tx) error {
		loaded, err := f.Contents.Load(ctx, tx, []int64{message}, false, false)
		m = loaded[message]
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	r, err := f.Contents.Open(ctx, &m, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		f.t.Fatal(err)
	}
	if int64(len(b)) != m.Size {
		f.t.Errorf("message %d has %d octets, and says %d", message, len(b), m.Size)
	}
	return string(b)
}

// inbox gives the octets of what stands in an account's inbox.
func (f *fixture) inbox(account int64) (list []string) {
	f.t.Helper()
	err := f.Mailboxes.Fetch(f.t.Context(), account, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for _, it := range items {
			r, err := f.Contents.Open(f.t.Context(), &it.Message, 0)
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r)
			list = append(list, string(b))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

// concludes has the queue settle a copy: state 1 the next hop took it, 2 it never will.
func (f *fixture) concludes(c outCopy, state int, status string) {
	f.t.Helper()
	f.exec(`UPDATE outbound SET state = $2, status = $3 WHERE outbound_id = $1`, c.id, state, status)
}

func (f *fixture) exec(query string, args ...any) {
	f.t.Helper()
	err := f.DB.Write(f.t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(f.t.Context(), query, args...)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// upkeep lets time pass, and mailings be looked at.
func (f *fixture) upkeep(after time.Duration) {
	f.t.Helper()
	f.clock.Add(after)
	if err := f.Upkeep(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// sound fails unless everything stored holds together.
func (f *fixture) sound() {
	f.t.Helper()
	c := &check.Checker{DB: f.DB, Blobs: f.Blobs, Contents: f.Contents, Limits: mail.DefaultLimits()}
	r, err := c.Verify(f.t.Context(), check.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, finding := range r.Findings {
		f.t.Error(finding)
	}
}

// column runs a query for one column of text.
func (f *fixture) column(query string, args ...any) []string {
	f.t.Helper()
	return stores.Column(f.t, f.DB, query, args...)
}

// pupils writes pupils 1 to n into the directory, « Élève1 N. » of class 4E3.
func (f *fixture) pupils(n int) {
	f.t.Helper()
	f.exec(`INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES (2026, 1, '2026-09-01', '', 0)`)
	f.exec(`INSERT INTO division (division_id, year, uai, kind, name, label, gone) VALUES (1, 2026, '0750001A', 1, '4E3', '', 0)`)
	for i := 1; i <= n; i++ {
		f.exec(`INSERT INTO pupil (pupil_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, mail_key, absent_at, fingerprint)
			VALUES ($1, 2, $2, 'nom', '', $3, '', '', '', 0, $4)`, i, fmt.Sprint(i), fmt.Sprintf("Élève%d", i), 0)
		f.exec(`INSERT INTO enrolment (year, uai, pupil_id) VALUES (2026, '0750001A', $1)`, i)
		f.exec(`INSERT INTO division_pupil (division_id, pupil_id) VALUES (1, $1)`, i)
	}
}

// header gives the fields of a message with a name.
func header(octets, name string) (values []string) {
	for field := range mail.HeaderFields([]byte(octets)) {
		if strings.EqualFold(field.Name, name) {
			values = append(values, strings.TrimSpace(string(field.Value)))
		}
	}
	return values
}

// text is what a notice says, decoded.
func text(t testing.TB, octets string) string {
	t.Helper()
	s := mail.NewScanner(mail.DefaultLimits())
	if _, err := io.Copy(s, bytes.NewReader([]byte(octets))); err != nil {
		t.Fatal(err)
	}
	return s.Finish().Text
}

// discard is a log that nobody reads.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
