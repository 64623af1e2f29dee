package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// relay is the server that mail leaves through: it takes everything, and remembers it.
type relay struct {
	address string // HOST:PORT

	mu   sync.Mutex
	sent []relayed
}

// relayed is one transaction that a relay accepted.
type relayed struct {
	from string
	to   []string
	text string
}

// startRelay starts a relay on loopback for the length of a test.
func startRelay(t *testing.T) *relay {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{address: ln.Addr().String()}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &relaySession{relay: r}, nil }))
	srv.Domain, srv.EnableSMTPUTF8 = "relais.example", true
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close() //nolint:errcheck // connections that Navette holds
		if err := <-ended; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("the relay: %v", err)
		}
	})
	return r
}

// with gives what was accepted with a mark in its text.
func (r *relay) with(mark string) []relayed {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.sent), func(p relayed) bool { return !strings.Contains(p.text, mark) })
}

// recipients are those of everything with a mark, sorted.
func (r *relay) recipients(mark string) []string {
	var all []string
	for _, p := range r.with(mark) {
		all = append(all, p.to...)
	}
	slices.Sort(all)
	return all
}

// relaySession is a connection to a relay.
type relaySession struct {
	relay *relay
	now   relayed
}

var _ smtp.Session = (*relaySession)(nil)

func (s *relaySession) Reset()        { s.now = relayed{} }
func (s *relaySession) Logout() error { return nil }

func (s *relaySession) Mail(from string, _ *smtp.MailOptions) error {
	s.now = relayed{from: from}
	return nil
}

func (s *relaySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.now.to = append(s.now.to, to)
	return nil
}

func (s *relaySession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	s.now.text = string(text)
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.relay.sent = append(s.relay.sent, s.now)
	return nil
}
