package identity_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

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

// logs gathers what is logged; it may be written from many goroutines.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// node is a service on a database, with a clock, and waits that pass at once and are noted.
type node struct {
	*identity.Service
	t     *testing.T
	db    *store.DB
	clock *clock
	log   *logs

	mu    sync.Mutex
	waits []time.Duration
}

// cheap is the least that Argon2id can cost: tests count hashes, they do not time them.
func cheap() identity.Argon2 { return identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1} }

// newNode starts a node at url; tune may change its options.
func newNode(t *testing.T, url string, tune ...func(*identity.Options)) *node {
	t.Helper()
	n := &node{t: t, clock: &clock{t: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}, log: &logs{}}
	n.db = stores.OpenAt(t, url, n.clock.Now)
	n.start(tune...)
	return n
}

// start makes the service of a node whose database is open.
func (n *node) start(tune ...func(*identity.Options)) {
	n.t.Helper()
	opt := identity.Options{DB: n.db, Log: slog.New(slog.NewTextHandler(n.log, nil)), Argon2: cheap(), Pepper: newPepper(n.t), Wait: n.wait}
	for _, f := range tune {
		f(&opt)
	}
	s, err := identity.New(n.t.Context(), opt)
	if err != nil {
		n.t.Fatal(err)
	}
	n.Service = s
}

func (n *node) wait(ctx context.Context, d time.Duration) error {
	if d > 0 {
		n.mu.Lock()
		n.waits = append(n.waits, d)
		n.mu.Unlock()
		n.clock.Pass(d)
		n.pollNow() // time has passed: a poll would have come by
	}
	return ctx.Err()
}

func (n *node) pollNow() {
	if err := n.Poll(n.t.Context()); err != nil {
		n.t.Error(err)
	}
}

// pass lets time go by, during which the node polls as usual.
func (n *node) pass(d time.Duration) {
	n.clock.Pass(d)
	n.pollNow()
}

// waited returns the waits since the last call.
func (n *node) waited() []time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.waits
	n.waits = nil
	return out
}

func newPepper(t *testing.T) *identity.Pepper {
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

// appoint makes an account as package roster does, in the state appointed, with two addresses.
func (n *node) appoint(id int64, login, first, last string) {
	n.t.Helper()
	n.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
			VALUES ($1, $1, 'person', $2, 'appointed', $3, 1, 0, 0)`, id, login, first+" "+last)
		if err != nil {
			return err
		}
		for kind, local := range map[string]string{"primary": first + "." + last, "alias": login} {
			_, err := tx.Exec(ctx, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, $3, 0, '')`,
				local+"@ac-paris.example", id, kind)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (n *node) write(fn func(context.Context, *store.Tx) error) {
	n.t.Helper()
	ctx := n.t.Context()
	if err := n.db.Write(ctx, store.Interactive, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		n.t.Fatal(err)
	}
}

// exec runs one statement that must touch a row.
func (n *node) exec(query string, args ...any) {
	n.t.Helper()
	n.write(func(ctx context.Context, tx *store.Tx) error {
		touched, err := tx.Exec(ctx, query, args...)
		if err == nil && touched == 0 {
			return fmt.Errorf("%s touched nothing", query)
		}
		return err
	})
}

// count runs a query of one number.
func (n *node) count(query string, args ...any) (count int64) {
	n.t.Helper()
	err := n.db.Read(n.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(n.t.Context(), query, args...).Scan(&count)
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return count
}

// text runs a query of one text.
func (n *node) text(query string, args ...any) (text string) {
	n.t.Helper()
	err := n.db.Read(n.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(n.t.Context(), query, args...).Scan(&text)
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return text
}

const (
	claire   = int64(42)
	password = "un cheval sur le toit"
)

func by() identity.By { return identity.By{Actor: "dsi", Reason: "essai"} }

// withClaire gives the node one active account: cmartin, Claire Martin.
func (n *node) withClaire() *node {
	n.t.Helper()
	n.appoint(claire, "cmartin", "claire", "martin")
	if err := n.Activate(n.t.Context(), by(), claire, password); err != nil {
		n.t.Fatal(err)
	}
	return n
}

// eachNode runs a test on a node of each engine.
func eachNode(t *testing.T, test func(t *testing.T, n *node)) {
	t.Helper()
	stores.EachURL(t, func(t *testing.T, url string) { test(t, newNode(t, url)) })
}

// sqliteNode is for tests in which the engine makes no difference.
func sqliteNode(t *testing.T, tune ...func(*identity.Options)) *node {
	t.Helper()
	return newNode(t, stores.SQLiteURL(t), tune...)
}

func home() netip.Addr { return netip.MustParseAddr("192.0.2.10") }

func imap(login, secret string) identity.Credential {
	return identity.Credential{Mechanism: identity.Plain, Channel: identity.IMAP, Peer: home(), Login: login, Secret: secret}
}

func (n *node) mustVerify(c identity.Credential) identity.Principal {
	n.t.Helper()
	p, err := n.Verify(n.t.Context(), c)
	if err != nil {
		n.t.Fatalf("%v as %s: %v", c, c.Login, err)
	}
	return p
}

// mustDeny checks that c is refused in the one way in which credentials are refused.
func (n *node) mustDeny(c identity.Credential) {
	n.t.Helper()
	p, err := n.Verify(n.t.Context(), c)
	const text = "Identifiant ou mot de passe incorrect. / Wrong identifier or password."
	if !failure.Is(err, failure.Denied) || err.Error() != text || p != (identity.Principal{}) {
		n.t.Errorf("%v as %s: %+v, %v", c, c.Login, p, err)
	}
}

func trusting(networks ...string) func(*identity.Options) {
	return func(o *identity.Options) {
		n, err := limits.ParseNetworks(networks)
		if err != nil {
			panic(err)
		}
		o.Trusted = n
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// generated returns a new secret of the generated form, and its hash.
func generated(tb testing.TB) (secret, hash string) {
	tb.Helper()
	g, err := identity.Generate(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	if hash, err = identity.HashGenerated(g.Secret); err != nil {
		tb.Fatal(err)
	}
	return g.Secret, hash
}

// manyAccounts makes a service on db with n appointed accounts, agent0 and so on, and returns their ids.
func manyAccounts(tb testing.TB, db *store.DB, n int) (*identity.Service, []int64) {
	tb.Helper()
	s, err := identity.New(tb.Context(), identity.Options{DB: db, Log: discard(), Argon2: cheap()})
	if err != nil {
		tb.Fatal(err)
	}
	ids := make([]int64, n)
	err = db.Write(tb.Context(), store.Bulk, func(tx *store.Tx) error {
		for i := range ids {
			ids[i] = int64(i + 1)
			_, err := tx.Exec(tb.Context(), `INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
				VALUES ($1, $1, 'person', $2, 'appointed', '', 1, 0, 0)`, ids[i], fmt.Sprintf("agent%d", i))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s, ids
}

// poll runs a service's polls until the benchmark ends.
func poll(tb testing.TB, s *identity.Service) {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	tb.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			tb.Errorf("the polls ended with %v", err)
		}
	})
}
