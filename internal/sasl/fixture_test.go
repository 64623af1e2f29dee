package sasl_test

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"navette/internal/identity"
	"navette/internal/sasl"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

const password = "Le-chat-dort-au-CDI-2026"

func by() identity.By { return identity.By{Actor: "dsi", Reason: "essai"} }

// world is identity on a database, with two agents who chose the same password, and an exchange server.
type world struct {
	*sasl.Server
	t        *testing.T
	db       *store.DB
	identity *identity.Service
	ids      []int64
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, ids: house.New(t, db).Accounts(t, 2)}
	var err error
	w.identity, err = identity.New(t.Context(), identity.Options{DB: db, Log: slog.New(slog.DiscardHandler), PollEvery: time.Minute,
		Argon2: identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1}, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range w.ids {
		if err := w.identity.SetPassword(t.Context(), by(), id, password); err != nil {
			t.Fatal(err)
		}
	}
	w.Server = sasl.New(w.identity, rand.Reader)
	return w
}

func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	stores.Each(t, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func (w *world) login(i int) string { return fmt.Sprintf("agent%d", w.ids[i]) }

func (w *world) app(i int) identity.AppPassword {
	w.t.Helper()
	app, err := w.identity.GenerateAppPassword(w.t.Context(), by(), w.ids[i], "téléphone")
	if err != nil {
		w.t.Fatal(err)
	}
	return app
}

func (w *world) token(i int) identity.Token {
	w.t.Helper()
	token, err := w.identity.IssueToken(w.t.Context(), by(), w.ids[i], identity.TokenRequest{Client: "Thunderbird", Life: time.Hour})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// nobody is a server of a database without accounts.
func nobody(tb testing.TB) *sasl.Server {
	tb.Helper()
	s, err := identity.New(tb.Context(), identity.Options{DB: stores.SQLite(tb), Log: slog.New(slog.DiscardHandler), PollEvery: time.Hour,
		Argon2: identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1}, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		tb.Fatal(err)
	}
	return sasl.New(s, rand.Reader)
}

// open is a connection without TLS.
func open(channel identity.Channel) sasl.Connection {
	return sasl.Connection{Channel: channel, Peer: netip.MustParseAddr("192.0.2.10")}
}

// say sends messages in one exchange until it ends; nil is none. It returns the challenges on the way.
func (w *world) say(mechanism string, c sasl.Connection, messages ...[]byte) (challenges []string, who identity.Principal, err error) {
	w.t.Helper()
	x, ok := w.Begin(mechanism, c)
	if !ok {
		w.t.Fatalf("%s is not offered", mechanism)
	}
	for _, m := range messages {
		var challenge []byte
		if challenge, who, err = x.Next(w.t.Context(), m); err != nil || who.Account != 0 {
			return challenges, who, err
		}
		challenges = append(challenges, string(challenge))
	}
	return challenges, who, nil
}

// scramClient is the client's side, by RFC 5802 §3, written apart from the server's.
type scramClient struct {
	header string // gs2-header
	bound  []byte // channel binding data
	user   string
	secret string

	bare, nonce, auth string
	salted            []byte
}

func (c *scramClient) first() []byte {
	c.nonce = base64.RawStdEncoding.EncodeToString([]byte(rand.Text()))
	c.bare = "n=" + strings.NewReplacer("=", "=3D", ",", "=2C").Replace(c.user) + ",r=" + c.nonce
	return []byte(c.header + c.bare)
}

func (c *scramClient) final(t *testing.T, challenge []byte) []byte {
	t.Helper()
	var nonce, salt64 string
	var rounds int
	fields := strings.Split(string(challenge), ",")
	if len(fields) != 3 {
		t.Fatalf("server-first is %q", challenge)
	}
	nonce, salt64 = strings.TrimPrefix(fields[0], "r="), strings.TrimPrefix(fields[1], "s=")
	if _, err := fmt.Sscanf(fields[2], "i=%d", &rounds); err != nil || rounds < 4096 || !strings.HasPrefix(nonce, c.nonce) || len(nonce) < len(c.nonce)+16 {
		t.Fatalf("server-first is %q", challenge)
	}
	salt, err := base64.StdEncoding.DecodeString(salt64)
	if err != nil || len(salt) < 8 {
		t.Fatalf("the salt is %q", salt64)
	}
	if c.salted, err = pbkdf2.Key(sha256.New, c.secret, salt, rounds, 32); err != nil {
		t.Fatal(err)
	}
	unproved := "c=" + base64.StdEncoding.EncodeToString(append([]byte(c.header), c.bound...)) + ",r=" + nonce
	c.auth = c.bare + "," + string(challenge) + "," + unproved
	key := sum(c.salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := make([]byte, len(key))
	subtle.XORBytes(proof, key, sum(stored[:], c.auth))
	return []byte(unproved + ",p=" + base64.StdEncoding.EncodeToString(proof))
}

// signature is what the server must answer.
func (c *scramClient) signature() string {
	return "v=" + base64.StdEncoding.EncodeToString(sum(sum(c.salted, "Server Key"), c.auth))
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// scram runs a whole exchange, and checks the server's answer to a proof that held.
func (w *world) scram(mechanism string, conn sasl.Connection, c *scramClient) (identity.Principal, error) {
	w.t.Helper()
	x, ok := w.Begin(mechanism, conn)
	if !ok {
		w.t.Fatalf("%s is not offered", mechanism)
	}
	first, _, err := x.Next(w.t.Context(), c.first())
	if err != nil {
		return identity.Principal{}, err
	}
	last, who, err := x.Next(w.t.Context(), c.final(w.t, first))
	if err != nil {
		return who, err
	}
	if who.Account != 0 || string(last) != c.signature() {
		w.t.Errorf("server-final is %q, and %+v; want %q", last, who, c.signature())
	}
	_, who, err = x.Next(w.t.Context(), []byte{})
	return who, err
}
