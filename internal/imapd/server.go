package imapd

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"navette/internal/bus"
	"navette/internal/content"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/mailbox"
	"navette/internal/sasl"
)

// TLSMode says how a listener's connections are protected.
type TLSMode int

// The modes. Plain log-ins are refused in StartTLS until TLS has begun; StartTLSOrLoopback allows them, on top, to
// clients on this machine, for the demo.
const (
	StartTLS TLSMode = iota
	ImplicitTLS
	StartTLSOrLoopback
)

// Identity is what the server needs to know of who logs in; identity.Service is it.
type Identity interface {
	sasl.Verifier // returns the principal of a credential, or failure.Denied
	// Find returns the account with a login, or failure.NotFound.
	Find(ctx context.Context, login string) (identity.AccountLine, error)
	// Watch calls ended once, from any goroutine, as soon as p is worth nothing; at once if it is already.
	Watch(p identity.Principal, ended func()) *identity.Watch
}

// Limits bound what clients may use up. A zero field takes its value from DefaultLimits.
type Limits struct {
	Message       int64         // octets of one message (APPENDLIMIT)
	Connections   int           // in all
	PerAccount    int           // connections of one account
	PerNetwork    int           // connections of one network before log-in, trusted ones excepted
	FailedLogins  int           // on one connection before it is closed
	BadCommands   int           // in a row, before it is closed
	EarlyCommands int           // before a log-in
	LoginTime     time.Duration // from the connection to the log-in
	IdleTime      time.Duration // without a word from a client that has logged in (RFC 9051 §5.4: at least 30 minutes)
	CommandTime   time.Duration // for the next octets of a command that has begun
	WriteTime     time.Duration // for a client to take a buffer full of answer
	SettleTime    time.Duration // of silence before a connection is made small
	FailureDelay  time.Duration // before a failed log-in is answered
	MultiAppend   int           // messages of one APPEND
	SearchScan    int64         // octets of one message that SEARCH reads when its text was too long to be kept
	PendingHeader int           // octets of one header that are read to pick fields or search it
}

// DefaultLimits suit a school's mail programs.
func DefaultLimits() Limits {
	return Limits{
		Message: 50 << 20, Connections: 50_000, PerAccount: 50, PerNetwork: 200, FailedLogins: 3, BadCommands: 20, EarlyCommands: 50,
		LoginTime: 2 * time.Minute, IdleTime: 31 * time.Minute, CommandTime: 5 * time.Minute, WriteTime: time.Minute,
		SettleTime: 2 * time.Second, FailureDelay: time.Second, MultiAppend: 100, SearchScan: 64 << 20, PendingHeader: 1 << 20,
	}
}

// Config is what a Server needs. All fields but Archives, TLS, Trusted and Limits are required.
type Config struct {
	Identity  Identity
	Boxes     Boxes
	Archives  Archives // nil: no list has one
	Mailboxes *mailbox.Service
	Bus       bus.Bus
	TLS       *tls.Config // nil: neither STARTTLS nor ImplicitTLS
	Trusted   limits.Networks
	Limits    Limits
	Version   string           // given to who asks with ID
	Now       func() time.Time // deadlines are taken by it: it runs as the machine's clock does
	Log       *slog.Logger
}

// Server serves IMAP on any number of listeners. Its methods may be called from many goroutines.
type Server struct {
	cfg      Config
	limits   Limits
	contents *content.Contents
	pools    pools
	sasl     *sasl.Server

	certificate *x509.Certificate // the one that every client is shown, where there is one

	perAccount *limits.Concurrent[int64]
	perNetwork *limits.Concurrent[netip.Prefix]

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	wires     map[*wire]struct{}
	closing   bool
	open      sync.WaitGroup // of sessions
}

// New returns a server that listens to nothing yet.
func New(cfg Config) *Server {
	cfg.Limits = cfg.Limits.withDefaults()
	return &Server{
		cfg: cfg, limits: cfg.Limits, contents: cfg.Mailboxes.Contents(),
		sasl: sasl.New(cfg.Identity, rand.Reader), certificate: sasl.CertificateOf(cfg.TLS),
		perAccount: limits.NewConcurrent[int64](cfg.Limits.PerAccount),
		perNetwork: limits.NewConcurrent[netip.Prefix](cfg.Limits.PerNetwork),
		listeners:  map[net.Listener]struct{}{},
		wires:      map[*wire]struct{}{},
	}
}

// Serve accepts connections until ctx ends, ln fails or Shutdown is called; then it closes ln and returns nil, but for
// a failure of ln. Connections that are open go on: Shutdown ends them.
func (srv *Server) Serve(ctx context.Context, ln net.Listener, mode TLSMode) error {
	if mode == ImplicitTLS && srv.cfg.TLS == nil {
		return errors.New("serve IMAP: implicit TLS without a certificate")
	}
	if !srv.addListener(ln) {
		return ln.Close()
	}
	defer srv.removeListener(ln)
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	pause := 5 * time.Millisecond
	for {
		conn, err := ln.Accept()
		if err == nil {
			pause = 5 * time.Millisecond
			srv.admit(conn, mode)
			continue
		}
		if ctx.Err() != nil || srv.isClosing() || errors.Is(err, net.ErrClosed) {
			return nil
		}
		var ne net.Error
		if !errors.As(err, &ne) || !ne.Timeout() && !isExhausted(err) {
			return fmt.Errorf("accept IMAP connections: %w", err)
		}
		// Out of file descriptors: what is open may close, so wait and try again.
		srv.cfg.Log.Warn("imap accept", "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, time.Second)
	}
}

// admit begins a session, or closes the connection where there are too many.
func (srv *Server) admit(conn net.Conn, mode TLSMode) {
	w := newWire(srv, conn)
	release, ok := func() {}, true
	if !srv.cfg.Trusted.Contain(w.peer) {
		release, ok = srv.perNetwork.Acquire(limits.NetworkOf(w.peer))
	}
	if !ok || !srv.addWire(w) {
		if ok {
			release()
		}
		w.turnAway("* BYE [LIMIT] Trop de connexions (too many connections)\r\n")
		return
	}
	s := newSession(srv, w, mode)
	s.leaveNetwork = release
	go s.begin()
}

func (srv *Server) addListener(ln net.Listener) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.closing {
		return false
	}
	srv.listeners[ln] = struct{}{}
	return true
}

func (srv *Server) removeListener(ln net.Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.listeners, ln)
	ln.Close()
}

func (srv *Server) isClosing() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.closing
}

func (srv *Server) addWire(w *wire) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.closing || len(srv.wires) >= srv.limits.Connections {
		return false
	}
	srv.wires[w] = struct{}{}
	srv.open.Add(1)
	return true
}

func (srv *Server) removeWire(w *wire) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.wires, w)
	srv.open.Done()
}

// Connections tells how many connections are open.
func (srv *Server) Connections() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return len(srv.wires)
}

// Shutdown stops listening, says BYE on every connection and returns when all are closed. When ctx ends before, those
// that are left are cut and its error is returned.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.mu.Lock()
	srv.closing = true
	for ln := range srv.listeners {
		ln.Close()
	}
	for w := range srv.wires {
		w.end(endShutdown)
	}
	srv.mu.Unlock()
	done := make(chan struct{})
	go func() { srv.open.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	srv.mu.Lock()
	for w := range srv.wires {
		w.raw.Close()
	}
	srv.mu.Unlock()
	return ctx.Err()
}
