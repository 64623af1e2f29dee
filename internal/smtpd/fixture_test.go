package smtpd_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/mailbox"
	"navette/internal/smtpd"
	"navette/internal/store"
	"navette/internal/submission"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

const hostname = "mx.ac-paris.example"

// patience bounds what a test waits for; it is no measure of anything.
const patience = 30 * time.Second

// world is the services of one test, with a few accounts.
type world struct {
	*house.House
	ids      []int64
	identity *identity.Service
}

func newWorld(t testing.TB, accounts int) *world {
	t.Helper()
	w := &world{House: house.New(t, stores.SQLite(t))}
	w.ids = w.Accounts(t, accounts)
	ctx, cancel := context.WithCancel(t.Context())
	var err error
	w.identity, err = identity.New(ctx, identity.Options{PollEvery: 4 * time.Second, DB: w.DB, Log: slog.New(slog.DiscardHandler),
		Argon2: identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.identity.Run(ctx) //nolint:errcheck // it ends with the test
	}()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

func (w *world) addr(i int) string { return house.Address(w.ids[i]) }

const password = "un cheval sur le toit"

// withPassword lets account i sign in.
func (w *world) withPassword(t testing.TB, i int) {
	t.Helper()
	if err := w.identity.SetPassword(t.Context(), identity.By{Actor: "test", Reason: "test"}, w.ids[i], password); err != nil {
		t.Fatal(err)
	}
}

// door opens a server of a role on loopback and returns its address.
func (w *world) door(t testing.TB, role smtpd.Role, tune ...func(*smtpd.Config)) (addr string, srv *smtpd.Server) {
	t.Helper()
	cfg := smtpd.Config{Role: role, Hostname: hostname, Domain: house.Domain, Now: time.Now, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler), Contents: w.Contents, Delivery: w.Delivery, Identity: w.identity,
		Submission: submission.New(w.DB, w.Contents, w.Delivery, submission.Config{Hostname: hostname, Now: time.Now, Random: rand.Reader}),
		Trusted:    must(limits.ParseNetworks([]string{"127.0.0.0/8"}))}
	for _, f := range tune {
		f(&cfg)
	}
	srv, err := smtpd.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String(), srv
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// raw is a client that sends whatever octets a test wants.
type raw struct {
	t testing.TB
	c net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *raw {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		t.Fatal(err)
	}
	return &raw{t, c, bufio.NewReader(c)}
}

// session is dial with the greeting and EHLO (or LHLO) behind it; it returns what EHLO offered.
func session(t testing.TB, addr string) (*raw, []string) {
	t.Helper()
	r := dial(t, addr)
	verb := "EHLO"
	if strings.Contains(r.want(220), " LMTP ") {
		verb = "LHLO"
	}
	r.send(verb + " client.example\r\n")
	return r, strings.Split(r.want(250), "\n")[1:]
}

func (r *raw) send(s string) {
	r.t.Helper()
	if _, err := io.WriteString(r.c, s); err != nil {
		r.t.Fatalf("send %.40q: %v", s, err)
	}
}

// reply reads one reply; its lines are joined by LF. The code is 0 when the connection ended.
func (r *raw) reply() (code int, text string) {
	r.t.Helper()
	var lines []string
	for {
		line, err := r.r.ReadString('\n')
		if err != nil {
			return 0, err.Error()
		}
		if len(line) < 6 || !strings.HasSuffix(line, "\r\n") {
			r.t.Fatalf("malformed reply %q", line)
		}
		if _, err := fmt.Sscanf(line[:3], "%d", &code); err != nil {
			r.t.Fatalf("malformed reply %q", line)
		}
		lines = append(lines, line[4:len(line)-2])
		if line[3] == ' ' {
			return code, strings.Join(lines, "\n")
		}
	}
}

func (r *raw) want(code int) string {
	r.t.Helper()
	got, text := r.reply()
	if got != code {
		r.t.Fatalf("got %d %s, want %d", got, text, code)
	}
	return text
}

// ask sends a line and wants a code.
func (r *raw) ask(code int, line string) string {
	r.t.Helper()
	r.send(line + "\r\n")
	return r.want(code)
}

// wantClosed wants the server to have hung up.
func (r *raw) wantClosed() {
	r.t.Helper()
	if code, text := r.reply(); code != 0 {
		r.t.Errorf("the connection goes on: %d %s", code, text)
	}
}

// begin starts a transaction for recipients.
func (r *raw) begin(from string, to ...string) {
	r.t.Helper()
	r.ask(250, "MAIL FROM:<"+from+">")
	for _, a := range to {
		r.ask(250, "RCPT TO:<"+a+">")
	}
}

// inbox returns the messages in account i's inbox, in their order, whole.
func (w *world) inbox(t testing.TB, i int) []string {
	t.Helper()
	var out []string
	err := w.Mailboxes.Fetch(t.Context(), w.ids[i], mailbox.Inbox, []mailbox.UIDRange{{First: 1, Last: 1 << 30}}, mailbox.NeedFacts,
		func(items []mailbox.Item) error {
			for _, it := range items {
				r, err := w.Contents.Open(t.Context(), &it.Message, 0)
				if err != nil {
					return err
				}
				b, err := io.ReadAll(r)
				r.Close()
				if err != nil {
					return err
				}
				out = append(out, string(b))
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// count counts the rows of a query.
func (w *world) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	err := w.DB.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(t.Context(), query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// certificate is a server's TLS configuration for hostname.
func certificate(t testing.TB) *tls.Config {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hostname}, DNSNames: []string{hostname},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// overTLS goes on over TLS.
func (r *raw) overTLS() {
	r.t.Helper()
	c := tls.Client(r.c, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		r.t.Fatal(err)
	}
	r.c, r.r = c, bufio.NewReader(c)
}
