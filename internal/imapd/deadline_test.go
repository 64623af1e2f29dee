package imapd_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"navette/internal/bus"
	"navette/internal/imapd"
	"navette/internal/mailbox"
)

// pipes is a listener whose connections are in memory, so that a test's clock moves their deadlines.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// newSilentServer is a server that nobody logs in to.
func newSilentServer(t *testing.T) (*imapd.Server, *pipes) {
	srv := imapd.New(imapd.Config{
		Mailboxes: mailbox.New(nil, nil), Bus: bus.NewLocal(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	p := newPipes()
	go func() {
		if err := srv.Serve(t.Context(), p, imapd.StartTLS); err != nil {
			t.Error(err)
		}
	}()
	return srv, p
}

func TestASilentClientIsSentAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, p := newSilentServer(t)
		start := time.Now()
		c := p.dial()
		r := bufio.NewReader(c)
		if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, "* OK") {
			t.Fatal(line, err)
		}
		line, err := r.ReadString('\n')
		if err != nil || !strings.Contains(line, "autologout") {
			t.Fatal(line, err)
		}
		if after := time.Since(start); after != imapd.DefaultLimits().LoginTime {
			t.Errorf("after %v", after)
		}
		if _, err := r.ReadString('\n'); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		shutDown(t, srv)
	})
}

// Half a command does not keep a connection open that nobody has logged in to.
func TestAClientThatStopsInACommandIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, p := newSilentServer(t)
		start := time.Now()
		c := p.dial()
		if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("a LOG")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err != nil {
			t.Fatal(err)
		}
		if after := time.Since(start); after != imapd.DefaultLimits().LoginTime {
			t.Errorf("after %v", after)
		}
		shutDown(t, srv)
	})
}

// Invariant 2: a client that does not take what it is told is cut.
func TestAClientThatDoesNotReadIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, p := newSilentServer(t)
		c := p.dial()
		time.Sleep(imapd.DefaultLimits().WriteTime - time.Nanosecond)
		synctest.Wait()
		if n := srv.Connections(); n != 1 {
			t.Errorf("%d connections before the deadline", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := srv.Connections(); n != 0 {
			t.Errorf("%d connections after it", n)
		}
		c.Close()
		shutDown(t, srv)
	})
}

func shutDown(t *testing.T, srv *imapd.Server) {
	t.Helper()
	if err := srv.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
