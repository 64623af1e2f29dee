package annuaire_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/annuaire"
	"navette/internal/box"
	"navette/internal/career"
	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const domain = "ac-paris.example"

// The establishments of these tests.
const (
	college = "0759001B" // Collège Jacques-Prévert, Paris
	lycee   = "0759002C" // Lycée Louise-Michel, Bobigny
	ecole   = "0759003D" // École de la Pomme, Paris
)

// start is the first day of these tests.
func start() time.Time { return time.Date(2026, 9, 15, 10, 0, 0, 0, time.UTC) }

// fixture is an académie whose directory is searched.
type fixture struct {
	*annuaire.Service
	t     *testing.T
	db    *store.DB
	clock *clock.Clock
	hr    *roster.Service
	life  *career.Service
	boxes *box.Service
}

// each runs a test on each engine.
func each(t *testing.T, test func(f *fixture)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) {
		c := clock.New(start())
		test(newFixture(t, stores.OpenAt(t, url, c.Now), c))
	})
}

func newFixture(t *testing.T, db *store.DB, c *clock.Clock) *fixture {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	f := &fixture{t: t, db: db, clock: c, hr: roster.New(roster.Config{DB: db, Log: log, Domain: domain}),
		life:  career.New(career.Config{DB: db, Rules: career.DefaultRules(), Domain: domain, Hostname: "mx.example", Now: c.Now, Log: log}),
		boxes: box.New(box.Config{DB: db, Domain: domain, Hostname: "mx.example", Now: c.Now, Log: log})}
	f.Service = f.node(annuaire.Limits{})
	f.check(f.hr.PutEstablishments(t.Context(), []directory.Establishment{
		{UAI: college, Name: "Collège Jacques-Prévert", Nature: directory.NatureCollege, Department: "075", City: "Paris"},
		{UAI: lycee, Name: "Lycée Louise-Michel", Nature: directory.NatureLyceeGT, Department: "093", City: "Bobigny"},
		{UAI: ecole, Name: "École de la Pomme", Nature: directory.NatureEcoleElementaire, Department: "075", City: "Paris"},
	}))
	return f
}

// node is the service of another node on the same database.
func (f *fixture) node(limits annuaire.Limits) *annuaire.Service {
	return annuaire.New(annuaire.Config{DB: f.db, Now: f.clock.Now, Log: slog.New(slog.DiscardHandler), Limits: limits})
}

func (f *fixture) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// person is one line of the feed: whoever has no function given teaches at the collège.
type person struct {
	id, surname, usage, forenames string
	corps, function, uai, taught  string
	from, to                      string
}

func (p person) line() string {
	or := func(text, otherwise string) string {
		if text == "" {
			return otherwise
		}
		return text
	}
	return fmt.Sprintf("%s;;Mme;%s;%s;%s;06/05/1982;%s;ENS2D;%s;%s;%s;%s;ARR-%s;%s", p.id, p.surname, p.usage, p.forenames, or(p.corps, "Professeur certifié"),
		or(p.function, "ENS"), or(p.uai, college), or(p.from, "01/09/2020"), p.to, p.id, p.taught)
}

// imports brings people in, has boxes and careers follow, and this node catch up.
func (f *fixture) imports(people ...person) {
	f.t.Helper()
	f.importOnly(people...)
	f.settle()
}

func (f *fixture) importOnly(people ...person) {
	f.t.Helper()
	lines := []string{roster.Header() + ";discipline"}
	for _, p := range people {
		lines = append(lines, p.line())
	}
	lines = append(lines, fmt.Sprintf("#FIN;%d", len(people)))
	report, err := f.hr.Import(f.t.Context(), strings.NewReader(strings.Join(lines, "\n")+"\n"),
		roster.Options{Force: []string{"ENS2D", college, lycee, ecole}, By: identity.By{Actor: "test", Reason: "test"}})
	f.check(err)
	if report.Rejected > 0 {
		f.t.Fatalf("rejected: %+v", report.Rejections)
	}
}

func (f *fixture) settle() {
	f.t.Helper()
	_, err := f.boxes.Refresh(f.t.Context())
	f.check(err)
	_, err = f.life.Advance(f.t.Context())
	f.check(err)
	f.check(f.CatchUp(f.t.Context()))
}

// account gives the number of a login's account.
func (f *fixture) account(login string) (id int64) {
	f.t.Helper()
	f.check(f.db.ReadOne(f.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(f.t.Context(), `SELECT account_id FROM account WHERE login = $1`, login).Scan(&id)
	}))
	return id
}

// as is who has a login.
func (f *fixture) as(login string) annuaire.Asker { return annuaire.Asker{Account: f.account(login)} }

// stranger is somebody who works nowhere here.
func stranger() annuaire.Asker { return annuaire.Asker{Account: 999_999} }

// finds gives the names that a search finds, in order.
func (f *fixture) finds(who annuaire.Asker, q annuaire.Query) []string {
	f.t.Helper()
	return names(f.t, f.Service, who, q)
}

func names(t *testing.T, s *annuaire.Service, who annuaire.Asker, q annuaire.Query) []string {
	t.Helper()
	page, err := s.Search(t.Context(), who, q)
	if err != nil {
		t.Fatal(err)
	}
	return entryNames(page)
}

func entryNames(page annuaire.Page) (list []string) {
	for _, e := range page.Entries {
		list = append(list, e.Name)
	}
	return list
}

// wants compares the names that a stranger finds.
func (f *fixture) wants(text string, want ...string) {
	f.t.Helper()
	if got := f.finds(stranger(), annuaire.Query{Text: text}); !slices.Equal(got, want) {
		f.t.Errorf("%q finds %q, want %q", text, got, want)
	}
}

// entry gives the one entry that a search finds.
func (f *fixture) entry(who annuaire.Asker, text string) annuaire.Entry {
	f.t.Helper()
	page, err := f.Search(f.t.Context(), who, annuaire.Query{Text: text})
	f.check(err)
	if len(page.Entries) != 1 {
		f.t.Fatalf("%q finds %d entries", text, len(page.Entries))
	}
	return page.Entries[0]
}

func by() identity.By { return identity.By{Actor: "cli:durand", Reason: "menaces, plainte n° 12"} }

// journal counts the entries of an action.
func (f *fixture) journal(action string) (n int) {
	f.t.Helper()
	f.check(f.db.ReadOne(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT count(*) FROM journal WHERE action = $1`, action).Scan(&n)
	}))
	return n
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func pepper(t *testing.T) *identity.Pepper {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pepper")
	if err := identity.CreatePepper(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	p, err := identity.LoadPepper(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
