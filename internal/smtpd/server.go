package smtpd

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"navette/internal/failure"
	"navette/internal/limits"
	"navette/internal/sasl"
)

// Server is one door. Its methods may be called from many goroutines.
type Server struct {
	cfg      Config
	networks *limits.Concurrent[netip.Prefix]
	buffers  sync.Pool // *[]byte of copySize

	sasl        *sasl.Server
	certificate *x509.Certificate // the one that every client is shown, where there is one

	base   context.Context // of every connection; cancelled when Shutdown loses patience
	cancel context.CancelFunc

	mu        sync.Mutex
	conns     map[*conn]struct{}
	listeners map[net.Listener]struct{}
	closing   bool
	wg        sync.WaitGroup
}

// copySize is how much of a message is moved at a time.
const copySize = 32 << 10

// New checks the configuration and returns a server without listeners.
func New(cfg Config) (*Server, error) {
	cfg.Limits = cfg.Limits.withDefaults(cfg.Role)
	switch {
	case cfg.Role < Reception || cfg.Role > Submission:
		return nil, failure.New(failure.Permanent, "an SMTP door needs a role")
	case cfg.Hostname == "" || cfg.Now == nil || cfg.Random == nil || cfg.Log == nil || cfg.Contents == nil || cfg.Delivery == nil:
		return nil, failure.New(failure.Permanent, "an SMTP door needs a host name, a clock, randomness, a log, contents and delivery")
	case cfg.Role == Submission && (cfg.Identity == nil || cfg.Submission == nil):
		return nil, failure.New(failure.Permanent, "a submission door needs identity and submission")
	case cfg.ImplicitTLS && cfg.TLS == nil:
		return nil, failure.New(failure.Permanent, "implicit TLS needs a certificate")
	}
	s := &Server{cfg: cfg, networks: limits.NewConcurrent[netip.Prefix](cfg.Limits.ConnectionsPerNetwork),
		conns: map[*conn]struct{}{}, listeners: map[net.Listener]struct{}{},
		sasl: sasl.New(cfg.Identity, cfg.Random), certificate: sasl.CertificateOf(cfg.TLS)}
	s.buffers.New = func() any { b := make([]byte, copySize); return &b }
	s.base, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// acceptPause is how long Serve waits when no connection can be taken (out of file descriptors, most often).
const acceptPause = 100 * time.Millisecond

// Serve takes connections from l until Shutdown, which closes it and makes Serve return nil.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return l.Close()
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			s.start(nc)
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			s.cfg.Log.Warn("accept a connection", "error", err)
			t := time.NewTimer(acceptPause)
			select {
			case <-t.C:
			case <-s.base.Done():
				t.Stop()
				return nil
			}
		}
	}
}

// start has a connection served by a goroutine of its own, or turned away.
func (s *Server) start(nc net.Conn) {
	c := newConn(s, nc)
	release := func() {}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		nc.Close()
		return
	}
	full := len(s.conns) >= s.cfg.Limits.Connections
	if !full && !c.trusted {
		var ok bool
		if release, ok = s.networks.Acquire(limits.NetworkOf(c.peer)); !ok {
			full, release = true, func() {}
		}
	}
	if full {
		c.refusal = bye(421, "4.7.0", "trop de connexions, réessayez plus tard", "too many connections, try again later")
	} else {
		s.conns[c] = struct{}{}
	}
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		defer release()
		c.serve(s.base)
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
}

// Shutdown takes no more connections, tells those that wait for a command 421, lets a message that is being read or
// accepted be answered, and returns when all have ended. When ctx ends first, what is left is cut.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.conns {
		c.interrupt()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		s.cancel()
		return nil
	case <-ctx.Done():
	}
	s.cancel()
	s.mu.Lock()
	for c := range s.conns {
		c.raw.Close()
	}
	s.mu.Unlock()
	<-done
	return ctx.Err()
}
