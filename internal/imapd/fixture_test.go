package imapd_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/box"
	"navette/internal/bus"
	"navette/internal/identity"
	"navette/internal/imapd"
	"navette/internal/list"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// password is everybody's.
const password = "Le-chat-dort-au-CDI-2026"

// door is a server on a database of its own, with a listener of each mode.
type door struct {
	*house.House
	t        testing.TB
	ident    *identity.Service
	boxes    *box.Service
	lists    *list.Service
	asked    atomic.Int64 // how often the door asked for somebody's boxes
	srv      *imapd.Server
	bus      *bus.Local
	deaf     atomic.Bool // hints are lost
	accounts []int64
	plain    string // address where passwords may go in the clear
	starttls string
	implicit string
	trust    *x509.CertPool
}

// newDoor opens a server with n accounts; tune may change its limits.
func newDoor(t testing.TB, n int, tune ...func(*imapd.Limits)) *door {
	t.Helper()
	return newDoorAt(t, stores.SQLiteURL(t), n, tune...)
}

func newDoorAt(t testing.TB, url string, n int, tune ...func(*imapd.Limits)) *door {
	t.Helper()
	d := &door{t: t, bus: bus.NewLocal()}
	log := slog.New(slog.NewTextHandler(complaints{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	db, err := store.Open(t.Context(), url, store.Options{Now: time.Now, Log: log, OnHints: func(hints []store.Hint) {
		if d.deaf.Load() {
			return
		}
		for _, h := range hints {
			d.bus.Publish(h.Account, h.Modseq)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	d.House = house.New(t, db)
	d.accounts = d.Accounts(t, n)
	d.identify(log)
	d.lists = list.New(list.Config{DB: db, Contents: d.Contents, Mailboxes: d.Mailboxes, Delivery: d.Delivery, Domain: house.Domain,
		Hostname: "mail." + house.Domain, Now: time.Now, Random: rand.Reader, Log: log})
	d.boxes = box.New(box.Config{DB: db, Domain: house.Domain, Hostname: "mail." + house.Domain, Now: time.Now, Log: log})

	limits := imapd.DefaultLimits()
	limits.FailureDelay = time.Millisecond
	for _, f := range tune {
		f(&limits)
	}
	cert, pool := certificate(t)
	d.trust = pool
	d.srv = imapd.New(imapd.Config{
		Identity: d.ident, Boxes: asking{d.boxes, &d.asked}, Archives: d.lists, Mailboxes: d.Mailboxes, Bus: d.bus, Limits: limits, Version: "test", Now: time.Now, Log: log,
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}},
	})
	d.plain = d.listen(imapd.StartTLSOrLoopback)
	d.starttls = d.listen(imapd.StartTLS)
	d.implicit = d.listen(imapd.ImplicitTLS)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.srv.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
	})
	return d
}

// identify gives every account the password.
func (d *door) identify(log *slog.Logger) {
	d.t.Helper()
	var err error
	d.ident, err = identity.New(d.t.Context(), identity.Options{
		PollEvery: 4 * time.Second, // a busy machine that polls late must not go blind; the tests' own revocations act at once
		DB:        d.DB, Log: log, Argon2: identity.Argon2{MemoryKiB: 8, Passes: 1, Threads: 1},
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var polling sync.WaitGroup
	polling.Go(func() {
		if err := d.ident.Run(ctx); err != nil && ctx.Err() == nil {
			d.t.Errorf("poll revocations: %v", err)
		}
	})
	d.t.Cleanup(func() { cancel(); polling.Wait() })
	for _, a := range d.accounts {
		if err := d.ident.SetPassword(d.t.Context(), by(), a, password); err != nil {
			d.t.Fatal(err)
		}
	}
}

// complaints fails a test when an error is logged.
type complaints struct{ t testing.TB }

func (c complaints) Write(p []byte) (int, error) {
	c.t.Errorf("logged: %s", p)
	return len(p), nil
}

func by() identity.By { return identity.By{Actor: "test", Reason: "test"} }

func (d *door) listen(mode imapd.TLSMode) string {
	d.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	go func() {
		if err := d.srv.Serve(context.Background(), ln, mode); err != nil {
			d.t.Errorf("serve: %v", err)
		}
	}()
	return ln.Addr().String()
}

// login is the identifier of the n-th account.
func (d *door) login(n int) string { return fmt.Sprintf("agent%d", d.accounts[n]) }

// certificate makes a certificate for 127.0.0.1 and the pool that trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// client is a client that says and expects lines.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// dial connects without a word.
func (d *door) dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &client{t, conn, bufio.NewReader(conn)}
}

// enter connects and logs in as the n-th account.
func (d *door) enter(t testing.TB, n int) *client {
	t.Helper()
	c := d.dial(t, d.plain)
	c.talk("S: * OK […] Navette\nC: L LOGIN " + d.login(n) + " " + password + "\nS: L OK […] logged in")
	return c
}

// selected is enter with INBOX selected.
func (d *door) selected(t testing.TB, n int) *client {
	t.Helper()
	c := d.enter(t, n)
	c.run("SELECT INBOX")
	return c
}

// talk plays a conversation: lines "C: …" are sent, lines "S: …" must come, in that order. In what is expected, … stands
// for anything.
func (c *client) talk(conversation string) {
	c.t.Helper()
	for line := range strings.Lines(conversation) {
		line = strings.Trim(line, "\t\r\n")
		if line == "" {
			continue
		}
		if said, ok := strings.CutPrefix(line, "C: "); ok {
			c.send(said + "\r\n")
			continue
		}
		want, ok := strings.CutPrefix(line, "S: ")
		if !ok {
			c.t.Fatalf("a line of a conversation begins with C: or S:, not %q", line)
		}
		if got := c.line(); !like(got, want) {
			c.t.Fatalf("the server said\n  %s\nwhere this was expected:\n  %s", got, want)
		}
	}
}

// like tells whether got is want, in which … stands for anything.
func like(got, want string) bool {
	pieces := strings.Split(want, "…")
	if !strings.HasPrefix(got, pieces[0]) {
		return false
	}
	got = got[len(pieces[0]):]
	for i, p := range pieces[1:] {
		if i == len(pieces)-2 {
			return strings.HasSuffix(got, p)
		}
		at := strings.Index(got, p)
		if at < 0 {
			return false
		}
		got = got[at+len(p):]
	}
	return got == ""
}

func (c *client) send(octets string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(octets)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// listen reads a line with its end, or gives up after a long while.
func (c *client) listen() (string, error) {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return "", err
	}
	return c.r.ReadString('\n')
}

// line reads one line.
func (c *client) line() string {
	c.t.Helper()
	s, err := c.listen()
	if err != nil {
		c.t.Fatalf("read a line: %v after %q", err, s)
	}
	return strings.TrimRight(s, "\r\n")
}

// run sends a command and returns the untagged lines of its answer, which must be OK, and the answer.
func (c *client) run(command string) []string {
	c.t.Helper()
	c.send("X " + command + "\r\n")
	var lines []string
	for {
		l := c.line()
		lines = append(lines, l)
		if strings.HasPrefix(l, "X ") {
			if !strings.HasPrefix(l, "X OK") {
				c.t.Fatalf("%s: %s", command, l)
			}
			return lines
		}
	}
}

// append puts a message into a mailbox.
func (c *client) append(mailbox, message string) {
	c.t.Helper()
	c.run(fmt.Sprintf("APPEND %s {%d+}\r\n%s", mailbox, len(message), message))
}

// ended demands that the server has closed the connection.
func (c *client) ended() {
	c.t.Helper()
	s, err := c.listen()
	if err == nil {
		c.t.Fatalf("the connection is open; the server said %q", s)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatal("the connection is still open")
	}
}

// letter is a small message.
func letter(subject, body string) string {
	return "From: Marie Dupont <marie.dupont@ac-paris.example>\r\nTo: Paul <paul@dehors.example>\r\nSubject: " + subject +
		"\r\nDate: Tue, 1 Sep 2026 08:00:00 +0200\r\nMessage-ID: <" + subject + "@ac-paris.example>\r\n\r\n" + body + "\r\n"
}
