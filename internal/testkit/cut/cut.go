// Package cut is a proxy before PostgreSQL that cuts connections at COMMIT, so that tests see what a program does when
// it does not learn the outcome of a transaction.
package cut

import (
	"bytes"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Moment is where a connection is cut.
type Moment int32

// The moments. In all of them the client gets no answer to its COMMIT.
const (
	Never  Moment = iota
	Before        // the server never gets the COMMIT
	During        // the server gets it, and nobody waits for what it does
	After         // the server has committed
)

// Proxy stands before one server.
type Proxy struct {
	listener net.Listener
	target   string
	moment   atomic.Int32
	left     atomic.Int64
	cuts     atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	work  sync.WaitGroup
}

// Start runs a proxy until the end of the test, and returns the database URL that leads through it.
func Start(tb testing.TB, databaseURL string) (*Proxy, string) {
	tb.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: l, target: u.Host, conns: map[net.Conn]struct{}{}}
	p.work.Go(p.accept)
	tb.Cleanup(p.stop)
	u.Host = l.Addr().String()
	return p, u.String()
}

// Cut cuts the connections of the next n COMMITs at a moment.
func (p *Proxy) Cut(m Moment, n int64) {
	p.moment.Store(int32(m))
	p.left.Store(n)
}

// Cuts is how many connections were cut.
func (p *Proxy) Cuts() int64 { return p.cuts.Load() }

func (p *Proxy) stop() {
	p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp4", p.target) //nolint:noctx // the test's end closes it
		if err != nil {
			client.Close()
			continue
		}
		l := &link{proxy: p, client: client, server: server}
		p.keep(client, server)
		p.work.Go(l.up)
		p.work.Go(l.down)
	}
}

func (p *Proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = struct{}{}
	}
}

// takeCut tells whether this COMMIT is one to cut, and where.
func (p *Proxy) takeCut() Moment {
	if p.left.Load() <= 0 || p.left.Add(-1) < 0 {
		return Never
	}
	p.cuts.Add(1)
	return Moment(p.moment.Load())
}

// link is one connection.
type link struct {
	proxy          *Proxy
	client, server net.Conn
	swallow        atomic.Bool // the answers reach nobody any more, and down closes
	mute           atomic.Bool // the answers reach nobody any more, and up closes
}

func (l *link) close() {
	l.client.Close()
	l.server.Close()
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	delete(l.proxy.conns, l.client)
	delete(l.proxy.conns, l.server)
}

// commit is how the driver ends a transaction, in a simple query.
var commit = []byte("commit\x00")

func (l *link) up() {
	defer func() {
		if !l.swallow.Load() {
			l.close()
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := l.client.Read(buf)
		if err != nil {
			return
		}
		cut := Never
		if bytes.Contains(bytes.ToLower(buf[:n]), commit) {
			cut = l.proxy.takeCut()
		}
		switch cut {
		case Before:
			return
		case During:
			l.mute.Store(true) // the server may be faster than the closing
		case After:
			l.swallow.Store(true)
		}
		if _, err := l.server.Write(buf[:n]); err != nil || cut == During {
			return
		}
		if cut == After {
			return // down closes, once the server has answered
		}
	}
}

func (l *link) down() {
	defer l.close()
	buf := make([]byte, 64<<10)
	for {
		n, err := l.server.Read(buf)
		if n > 0 {
			if l.swallow.Load() || l.mute.Load() {
				return
			}
			if _, werr := l.client.Write(buf[:n]); werr != nil {
				err = errors.Join(err, werr)
			}
		}
		if err != nil {
			return
		}
	}
}
