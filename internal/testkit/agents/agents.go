// Package agents puts identity and what stands on it together on a test's database, as the composition root does: for
// tests of activation, sessions, factors and sign-in.
package agents

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/activation"
	"navette/internal/content"
	"navette/internal/directory"
	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/notice"
	"navette/internal/session"
	"navette/internal/signin"
	"navette/internal/store"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
	"navette/internal/ticket"
)

// Origin is where the pages of the tests are.
const Origin = "https://messagerie.ac-paris.example"

// What every agent of the tests has, until they choose something else.
const (
	Password  = "un cheval sur le toit"
	BirthDate = "1984-03-17"
)

// Agents is the services on one database. Waits of the throttle pass at once.
type Agents struct {
	*testing.T
	DB         *store.DB
	House      *house.House
	Identity   *identity.Service
	Tickets    *ticket.Service
	Sessions   *session.Service
	Factors    *factor.Service
	Activation *activation.Service
	Signin     *signin.Service

	clock   *clock.Clock
	country atomic.Value // where every address is, by the map
	mu      sync.Mutex
	waits   []time.Duration
}

// New builds the services on the database at url.
func New(t *testing.T, url string) *Agents {
	t.Helper()
	a := &Agents{T: t, clock: clock.New(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))}
	a.DB = stores.OpenAt(t, url, a.clock.Now)
	a.House = house.New(t, a.DB)
	a.build(origin(t))
	return a
}

// Each runs a test on the services on each engine.
func Each(t *testing.T, test func(a *Agents)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) { test(New(t, url)) })
}

// OnSQLite is for tests in which the engine makes no difference.
func OnSQLite(t *testing.T) *Agents {
	t.Helper()
	return New(t, stores.SQLiteURL(t))
}

func origin(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(Origin)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (a *Agents) build(origin *url.URL) {
	a.Helper()
	log := slog.New(slog.DiscardHandler)
	path := filepath.Join(a.TempDir(), "pepper")
	a.must(identity.CreatePepper(path, rand.Reader))
	pepper, err := identity.LoadPepper(path)
	a.must(err)
	a.Identity, err = identity.New(a.Context(), identity.Options{DB: a.DB, Log: log, Pepper: pepper, Wait: a.wait,
		Argon2: identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1}})
	a.must(err)
	a.Tickets = ticket.New(a.DB, rand.Reader)
	notices := notice.New(notice.Config{Contents: a.House.Contents, Delivery: a.House.Delivery, Domain: house.Domain, Hostname: "mx." + house.Domain,
		Now: a.clock.Now, Random: rand.Reader})
	a.Sessions = session.New(session.Config{DB: a.DB, Identity: a.Identity, Teller: notices, Log: log, Random: rand.Reader, Country: a.countryOf})
	a.Factors, err = factor.New(factor.Config{DB: a.DB, Identity: a.Identity, Tickets: a.Tickets, Mailer: notices, Log: log, Random: rand.Reader,
		Origin: origin, Name: "Académie de Paris", Domains: []string{house.Domain}})
	a.must(err)
	a.Activation = activation.New(activation.Config{DB: a.DB, Identity: a.Identity, Tickets: a.Tickets, Factors: a.Factors, Sessions: a.Sessions,
		Random: rand.Reader, Exempt: []string{"COLL"}})
	a.Signin = signin.New(signin.Config{DB: a.DB, Identity: a.Identity, Tickets: a.Tickets, Factors: a.Factors, Sessions: a.Sessions, Teller: notices,
		Log: log, Random: rand.Reader})
}

func (a *Agents) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// InCountry has the map of countries say that every address is in one; "" for none, as it is without a map.
func (a *Agents) InCountry(code string) { a.country.Store(code) }

func (a *Agents) countryOf(netip.Addr) string {
	code, _ := a.country.Load().(string)
	return code
}

// Now is the time of the test.
func (a *Agents) Now() time.Time { return a.clock.Now() }

// Pass lets time go by, during which the node polls as usual.
func (a *Agents) Pass(d time.Duration) {
	a.Helper()
	a.clock.Add(d)
	a.must(a.Identity.Poll(a.Context()))
}

func (a *Agents) wait(ctx context.Context, d time.Duration) error {
	if d > 0 {
		a.mu.Lock()
		a.waits = append(a.waits, d)
		a.mu.Unlock()
		a.Pass(d)
	}
	return ctx.Err()
}

// Waited gives how long the throttle had attempts wait since the last call.
func (a *Agents) Waited() (sum time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range a.waits {
		sum += d
	}
	a.waits = nil
	return sum
}

// Appoint makes a person with an account that waits for its activation, a mailbox, an address login@…, and a function of a
// category at an establishment. numen may be "".
func (a *Agents) Appoint(id int64, login, category, function, uai string, numen directory.NUMEN) {
	a.Helper()
	ctx := a.Context()
	a.must(a.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		for _, q := range []struct {
			text string
			args []any
		}{
			{`INSERT INTO person (person_id, id_rh, civility, birth_name, usage_name, forenames, birth_date, reference, created_at, updated_at)
				VALUES ($1, $2, '', $2, '', 'Claire', $3, '', 0, 0)`, []any{id, login, BirthDate}},
			{`INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
				VALUES ($1, $1, 'person', $2, 'appointed', $3, 1, $4, $4)`, []any{id, login, "Claire " + strings.ToUpper(login[:1]) + login[1:], tx.NowMicros()}},
			{`INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, 'primary', 0, '')`, []any{login + "@" + house.Domain, id}},
			{`INSERT INTO function (person_id, function_id, corps, category, function, uai, starts, ends, reference, ended_at)
				VALUES ($1, $1, '', $2, $3, $4, '2026-09-01', '', '', 0)`, []any{id, category, function, uai}},
		} {
			if _, err := tx.Exec(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		if err := mailbox.Provision(ctx, tx, []int64{id}, 0); err != nil {
			return err
		}
		if numen == "" {
			return nil
		}
		return a.Identity.SealNumens(ctx, tx, []identity.Numen{{Account: id, NUMEN: numen}})
	}))
}

// Agent makes an active agent, and gives what proves them.
func (a *Agents) Agent(id int64, login string) identity.Owner {
	a.Helper()
	a.Appoint(id, login, "ENS2D", "ENS", "0750001A", "")
	a.must(a.Identity.Activate(a.Context(), identity.By{Actor: "test"}, id, Password))
	return identity.Owner{Account: id, Login: login, Display: "Claire " + strings.ToUpper(login[:1]) + login[1:]}
}

// Client is a browser at an address of the network of documentation.
func Client(peer string) session.Client {
	return session.Client{Peer: netip.MustParseAddr(peer), Agent: "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"}
}

// Home is the browser of most tests.
func Home() session.Client { return Client("192.0.2.10") }

// Count runs a query of one number.
func (a *Agents) Count(query string, args ...any) (n int64) {
	a.Helper()
	a.must(a.DB.Read(a.Context(), func(tx *store.Tx) error { return tx.QueryRow(a.Context(), query, args...).Scan(&n) }))
	return n
}

// Denied checks that err is a refusal.
func (a *Agents) Denied(err error, what string) {
	a.Helper()
	if !failure.Is(err, failure.Denied) {
		a.Errorf("%s: %v", what, err)
	}
}

// Letters gives the texts of the messages in an account's mailbox, subject and body.
func (a *Agents) Letters(account int64) []string {
	a.Helper()
	return a.texts(`SELECT message_id FROM email WHERE account_id = $1 ORDER BY email_id`, account)
}

// Outside gives the texts of the messages to an address elsewhere.
func (a *Agents) Outside(address string) []string {
	a.Helper()
	return a.texts(`SELECT message_id FROM outbound WHERE recipient = $1 ORDER BY outbound_id`, address)
}

// CodeIn gives the code that a message bears, "" where it bears none.
func CodeIn(text string) string {
	found := regexp.MustCompile(`: (\d{8}|[0-9a-z]{5}-[0-9a-z]{5})\b`).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1]
}

func (a *Agents) texts(query string, arg any) (texts []string) {
	a.Helper()
	ctx := a.Context()
	var messages map[int64]content.Message
	var ids []int64
	a.must(a.DB.Read(ctx, func(tx *store.Tx) error {
		ids = nil
		rows, err := tx.Query(ctx, query, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		messages, err = a.House.Contents.Load(ctx, tx, ids, false, false)
		return err
	}))
	for _, id := range ids {
		m := messages[id]
		r, err := a.House.Contents.Open(ctx, &m, 0)
		a.must(err)
		raw, err := io.ReadAll(r)
		r.Close()
		a.must(err)
		head, body, _ := strings.Cut(string(raw), "\r\n\r\n")
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
		a.must(err)
		texts = append(texts, fmt.Sprintf("%s\n\n%s", head, text))
	}
	return texts
}
