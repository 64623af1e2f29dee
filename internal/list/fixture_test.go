package list_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/list"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

var by = identity.By{Actor: "cli:durand", Reason: "demande du service"}

// fixture is lists on a database of each engine, with agents.
type fixture struct {
	*house.House
	*list.Service
	t      *testing.T
	now    time.Time
	agents []int64
}

// onEngines runs a test on each engine with n agents.
func onEngines(t *testing.T, n int, test func(f *fixture)) {
	t.Helper()
	stores.Each(t, func(t *testing.T, db *store.DB) { test(newFixture(t, db, n)) })
}

func newFixture(t *testing.T, db *store.DB, n int) *fixture {
	t.Helper()
	f := &fixture{House: house.New(t, db), t: t, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	f.agents = f.Accounts(t, n)
	f.Service = list.New(list.Config{DB: db, Contents: f.Contents, Mailboxes: f.Mailboxes, Delivery: f.Delivery, Domain: house.Domain, Hostname: "mx.ac-paris.example",
		Now: func() time.Time { return f.now }, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	f.Delivery.OnLists(f.Service)
	return f
}

// static is a list of people that anybody may write to, owned by the first agent.
func (f *fixture) static(local string, members ...list.Member) list.List {
	return list.List{Local: local, Kind: list.Static, Owners: f.agents[:1], Members: members, Settings: list.Settings{Display: "Liste " + local, Posting: list.ByAnyone}}
}

// of gives agents as members.
func (f *fixture) of(agents ...int) (out []list.Member) {
	for _, i := range agents {
		out = append(out, list.Member{Account: f.agents[i]})
	}
	return out
}

func (f *fixture) create(l list.List) int64 {
	f.t.Helper()
	id, err := f.Create(f.t.Context(), by, l)
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

const letter = "From: <un@dehors.example>\r\nTo: <profs@ac-paris.example>\r\nSubject: R=?utf-8?q?=C3=A9?=union\r\nMessage-ID: <m@dehors.example>\r\n\r\nTexte.\r\n"

// post sends the letter as somebody who has signed in, or as nobody (0), the way a door does.
func (f *fixture) post(sender int64, reversePath string, to ...string) error {
	f.t.Helper()
	return f.postWith(sender, delivery.Envelope{ReversePath: reversePath}, letter, to...)
}

func (f *fixture) postWith(sender int64, env delivery.Envelope, octets string, to ...string) error {
	f.t.Helper()
	ctx := f.t.Context()
	ask := guard.Message{Door: guard.Reception, Sender: sender}
	if sender != 0 {
		ask.Door = guard.Submission
	}
	for _, address := range to {
		r, err := f.Delivery.Resolve(ctx, address)
		if err != nil {
			return err
		}
		if err := f.Delivery.MayPost(ctx, r.Target, delivery.Sender{Account: sender, ReversePath: env.ReversePath}); err != nil {
			return err
		}
		if r.Local {
			env.Local = append(env.Local, r.Target)
		} else {
			env.Remote = append(env.Remote, address)
		}
		ask.Recipients = append(ask.Recipients, guard.Recipient{Address: address, Standing: guard.Standing{Class: r.Class}})
	}
	cleared, err := guard.Decide(ask).Clear(false)
	if err != nil {
		return err
	}
	_, err = f.Delivery.Accept(ctx, cleared, env, f.Prepare(f.t, []byte(octets)), []byte("Return-Path: <"+env.ReversePath+">\r\nReceived: by mx\r\n"))
	return err
}

// outsider posts from the Internet, and agent as the i-th agent; both must be taken.
func (f *fixture) outsider(to ...string) {
	f.t.Helper()
	if err := f.post(0, "un@dehors.example", to...); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) agent(i int, to ...string) {
	f.t.Helper()
	if err := f.post(f.agents[i], house.Address(f.agents[i]), to...); err != nil {
		f.t.Fatal(err)
	}
}

// at is the address of a name here.
func at(local string) string { return local + "@" + house.Domain }

// copies gives what stands in a mailbox, whole.
func (f *fixture) copies(account int64, name string) (out []string) {
	f.t.Helper()
	ctx := f.t.Context()
	box, err := f.Mailboxes.ByName(ctx, account, name)
	if err != nil {
		f.t.Fatal(err)
	}
	var messages []content.Message
	err = f.Mailboxes.Fetch(ctx, account, box.ID, []mailbox.UIDRange{{First: 1, Last: 1<<32 - 1}}, mailbox.NeedFacts, func(items []mailbox.Item) error {
		for _, item := range items {
			messages = append(messages, item.Message)
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	for i := range messages {
		r, err := f.Contents.Open(ctx, &messages[i], 0)
		if err != nil {
			f.t.Fatal(err)
		}
		octets, err := io.ReadAll(r)
		if err := r.Close(); err != nil {
			f.t.Fatal(err)
		}
		if err != nil {
			f.t.Fatal(err)
		}
		out = append(out, string(octets))
	}
	return out
}

// counts gives how many messages stand in the inboxes of the agents, one digit each.
func (f *fixture) counts() string {
	f.t.Helper()
	var b strings.Builder
	for _, account := range f.agents {
		fmt.Fprint(&b, len(f.copies(account, "INBOX")))
	}
	return b.String()
}

// got demands how many messages each agent has.
func (f *fixture) got(what, want string) {
	f.t.Helper()
	if got := f.counts(); got != want {
		f.t.Errorf("%s: the agents have %s messages, want %s", what, got, want)
	}
}

// outside gives the recipients of what waits for the Internet, with their reverse-paths, sorted.
func (f *fixture) outside() []string {
	f.t.Helper()
	out := f.texts(`SELECT recipient || ' from ' || reverse_path FROM outbound`)
	slices.Sort(out)
	return out
}

func (f *fixture) texts(query string, args ...any) []string {
	f.t.Helper()
	return stores.Column(f.t, f.DB, query, args...)
}

func (f *fixture) write(query string, args ...any) {
	f.t.Helper()
	err := f.DB.Write(f.t.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(f.t.Context(), query, args...)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) refused(what string, err error, kind failure.Kind, text string) {
	f.t.Helper()
	if !failure.Is(err, kind) || !strings.Contains(failure.TextOf(err, ""), text) {
		f.t.Errorf("%s: %v, want %s with %q", what, err, kind, text)
	}
}

func (f *fixture) done(what string, err error) {
	f.t.Helper()
	if err != nil {
		f.t.Errorf("%s: %v", what, err)
	}
}

// holds gives an agent a function, from a day to a day ("" for none).
func (f *fixture) holds(account int64, n int, category, corps, fonction, uai, starts, ends string) {
	f.t.Helper()
	f.write(`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
		VALUES ($1, $2, '', 'X', '', 'Y', '1980-01-01', '', 0, 0) ON CONFLICT (person_id) DO NOTHING`, account, fmt.Sprint(account))
	f.write(`UPDATE account SET person_id = $1 WHERE account_id = $1`, account)
	f.write(`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0)`, account, n, corps, category, fonction, uai, starts, ends)
}

// asOwner is the first agent, who owns the lists of static.
func (f *fixture) asOwner() list.Actor { return f.as(0) }

func (f *fixture) as(i int) list.Actor {
	return list.AsAgent(f.agents[i], identity.By{Actor: fmt.Sprintf("agent%d", f.agents[i]), Reason: "propriétaire"})
}

// envelope is what an agent sends to one target.
func envelope(sender int64, to delivery.Target) delivery.Envelope {
	return delivery.Envelope{ReversePath: house.Address(sender), Local: []delivery.Target{to}}
}
