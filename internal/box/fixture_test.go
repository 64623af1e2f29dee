package box_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/box"
	"navette/internal/career"
	"navette/internal/directory"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// The people of these tests: their lines end before the function. Their logins are hpetit, jleroy, croux, aadam.
const (
	petit = "1001;;Mme;PETIT;;Hélène;06/05/1972;"
	leroy = "1002;;M.;LEROY;;Jean;12/11/1971;"
	roux  = "1003;;Mme;ROUX;;Claire;01/02/1980;"
	adam  = "1004;;M.;ADAM;;Amine;03/04/1990;"

	uai    = "0759001B"
	school = "ce.0759001b"
)

// academie is boxes with what they follow: HR files that come in, and days that pass.
type academie struct {
	*house.House
	*box.Service
	t      *testing.T
	clock  *clock.Clock
	roster *roster.Service
	career *career.Service
	log    *bytes.Buffer
}

// academies runs a test on both engines, on the morning of a day.
func academies(t *testing.T, day string, test func(a *academie)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) { test(openAcademie(t, url, day)) })
}

func openAcademie(t *testing.T, url, day string) *academie {
	t.Helper()
	a := &academie{t: t, clock: clock.New(morning(t, day)), log: &bytes.Buffer{}}
	db := stores.OpenAt(t, url, a.clock.Now)
	a.House = house.New(t, db)
	log := slog.New(slog.NewTextHandler(a.log, nil))
	a.roster = roster.New(roster.Config{DB: db, Log: slog.New(slog.DiscardHandler), Domain: house.Domain})
	a.career = career.New(career.Config{DB: db, Rules: career.DefaultRules(), Domain: house.Domain, Now: a.clock.Now, Log: slog.New(slog.DiscardHandler)})
	a.Service = box.New(box.Config{DB: db, Contents: a.Contents, Delivery: a.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain,
		Now: a.clock.Now, Random: rand.Reader, Log: log})
	return a
}

func morning(t testing.TB, day string) time.Time {
	t.Helper()
	d, err := directory.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d.UTC().Add(5 * time.Hour)
}

// directs, seconds, teaches and serves are functions at the school from a day to another, which may be "".
func directs(from, to string) string { return function("Personnel de direction;DIEO;DIR", from, to) }
func seconds(from, to string) string { return function("Personnel de direction;DIEO;ADJ", from, to) }
func teaches(from, to string) string { return function("Professeur certifié;ENS2D;ENS", from, to) }
func serves(from, to string) string  { return function("Adjoint technique;COLL;TEC", from, to) }

func function(what, from, to string) string {
	return what + ";" + uai + ";" + from + ";" + to + ";ARR-1"
}

// file imports the HR file of the day, and lets the boxes follow.
func (a *academie) file(lines ...string) {
	a.t.Helper()
	text := roster.Header() + "\n" + strings.Join(append(lines, fmt.Sprintf("#FIN;%d", len(lines))), "\n") + "\n"
	report, err := a.roster.Import(a.t.Context(), strings.NewReader(text), roster.Options{})
	if err != nil || report.Rejected > 0 {
		a.t.Fatalf("import: %v, %+v", err, report.Rejections)
	}
	a.refresh()
}

func (a *academie) refresh() box.Refreshed {
	a.t.Helper()
	r, err := a.Refresh(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	return r
}

// on passes to the morning of a day; the boxes follow only when it has come.
func (a *academie) on(day string) {
	a.t.Helper()
	a.clock.Set(morning(a.t, day))
	a.refresh()
}

func (a *academie) box(name string) int64 {
	a.t.Helper()
	id, err := a.Find(a.t.Context(), name)
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

func (a *academie) person(name string) int64 {
	a.t.Helper()
	id, err := a.FindMember(a.t.Context(), name)
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

// set makes somebody a member of the school's box, as the DSI does.
func (a *academie) set(name string, role box.Role) {
	a.t.Helper()
	if err := a.SetMember(a.t.Context(), dsi(), a.box(school), a.person(name), role); err != nil {
		a.t.Fatal(err)
	}
}

func dsi() box.Actor {
	return box.AsOperator(identity.By{Actor: "cli:dsi", Reason: "demande du rectorat"})
}

// opens checks who may open the school's box: « login role why », owners first.
func (a *academie) opens(when string, want ...string) {
	a.t.Helper()
	id := a.box(school)
	list, err := a.Members(a.t.Context(), id)
	if err != nil {
		a.t.Fatal(err)
	}
	var got []string
	for _, m := range list {
		got = append(got, m.Login+" "+m.French())
		a.agrees(when, m, id)
	}
	if !slices.Equal(got, want) {
		a.t.Errorf("%s: %q, want %q", when, got, want)
	}
}

// agrees checks that the other questions about a member have the same answer.
func (a *academie) agrees(when string, m box.Membership, id int64) {
	a.t.Helper()
	role, has, err := a.RoleIn(a.t.Context(), m.Account, id)
	if err != nil || !has || role != m.Role {
		a.t.Errorf("%s: RoleIn of %s gives %q, %t, %v", when, m.Login, role, has, err)
	}
	boxes, err := a.AccessOf(a.t.Context(), m.Account)
	if err != nil || !slices.ContainsFunc(boxes, func(x box.Access) bool { return x.Box == id && x.Role == m.Role && x.Login == school }) {
		a.t.Errorf("%s: AccessOf %s gives %+v, %v", when, m.Login, boxes, err)
	}
}

// alarms checks which boxes have no owner: « login since ».
func (a *academie) alarms(when string, want ...string) {
	a.t.Helper()
	list, err := a.Orphans(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	var got []string
	for _, o := range list {
		got = append(got, o.Login+" "+o.Since.French())
	}
	if !slices.Equal(got, want) {
		a.t.Errorf("%s: without an owner %q, want %q", when, got, want)
	}
}

// tells gives the history of a box, a sentence each, without days and actors' quotes.
func (a *academie) tells(name string) []string {
	a.t.Helper()
	events, err := history.Of(a.t.Context(), a.DB, name)
	if err != nil {
		a.t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		out = append(out, e.Sentence(time.UTC))
	}
	return out
}

func (a *academie) exec(query string, args ...any) {
	a.t.Helper()
	err := a.DB.Write(a.t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(a.t.Context(), query, args...)
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// rows gives the values of a query's one column.
func (a *academie) rows(query string, args ...any) []string {
	a.t.Helper()
	return stores.Column(a.t, a.DB, query, args...)
}

// inbox gives the emails of a box's INBOX.
func (a *academie) inbox(id int64) (items []mailbox.Item) {
	a.t.Helper()
	err := a.Mailboxes.Fetch(a.t.Context(), id, mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
		func(some []mailbox.Item) error {
			items = append(items, some...)
			return nil
		})
	if err != nil {
		a.t.Fatal(err)
	}
	return items
}
