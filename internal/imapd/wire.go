package imapd

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"navette/internal/imap"
)

// bufferSize is that of the buffers that speaking connections borrow, one for each direction.
const bufferSize = 16 << 10

// graceToSayBye is how long an ended connection has for its last word before it is cut.
const graceToSayBye = 400 * time.Millisecond

// ending is why a connection is ended from outside.
type ending int32

const (
	endNone ending = iota
	endRevoked
	endShutdown
)

// event is why a wait is over.
type event int

const (
	eventInput   event = iota // the client sent something
	eventWoken                // wake was called
	eventQuiet                // nothing for a moment
	eventExpired              // nothing for too long
	eventEnded                // end was called
	eventGone                 // the client left or the connection broke
)

// errEnded is what reading and writing give on a connection that end was called on.
var errEnded = errors.New("the connection is being ended")

// wire is a client's connection: deadlines, borrowed buffers, and the two things that other goroutines may do to it,
// wake and end. Everything else is its session's.
type wire struct {
	srv  *Server
	raw  net.Conn // deadlines are set on it; closing it cuts the connection
	conn net.Conn // what is read and written: raw, or TLS on it
	peer netip.Addr
	dec  *imap.Decoder
	out  *imap.Writer

	logInBy  time.Time // no read lasts longer; zero after the log-in
	first    [1]byte   // the octet that ended a wait
	hasFirst bool

	ctx    context.Context // ends when end or close is called
	cancel context.CancelFunc

	woken atomic.Bool
	ended atomic.Int32 // an ending
	cut   *time.Timer  // set by end, under mu
	mu    sync.Mutex
}

func newWire(srv *Server, conn net.Conn) *wire {
	w := &wire{srv: srv, raw: conn, conn: conn, peer: addrOf(conn.RemoteAddr())}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.dec = imap.NewDecoder(nil, beforeLogin, w.askForLiteral)
	w.out = imap.NewWriter(nil)
	return w
}

func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// pools lend buffers.
type pools struct{ readers, writers sync.Pool }

// borrow attaches buffers.
func (w *wire) borrow() {
	r, ok := w.srv.pools.readers.Get().(*bufio.Reader)
	if !ok {
		r = bufio.NewReaderSize(nil, bufferSize)
	}
	r.Reset(w)
	w.dec.Attach(r)
	b, ok := w.srv.pools.writers.Get().(*bufio.Writer)
	if !ok {
		b = bufio.NewWriterSize(nil, bufferSize)
	}
	b.Reset(w)
	w.out.Attach(b)
}

// giveBack returns the buffers, unless octets wait in them.
func (w *wire) giveBack() bool {
	r := w.dec.Detach()
	if r == nil {
		return false
	}
	r.Reset(nil)
	w.srv.pools.readers.Put(r)
	b := w.out.Detach()
	b.Reset(nil)
	w.srv.pools.writers.Put(b)
	return true
}

// askForLiteral tells the client to send a literal.
func (w *wire) askForLiteral() error {
	w.out.Continue("go on")
	return w.out.Flush()
}

// await waits for the client's next octet, or for wake when wakeable, or for end. It gives the buffers back while it
// waits; they are there again when it returns. until is when waiting is over (eventExpired); a wait of quiet ends
// with eventQuiet unless quiet is 0.
func (w *wire) await(until time.Time, quiet time.Duration, wakeable bool) event {
	if w.dec.Buffered() > 0 {
		return w.orEnded(eventInput)
	}
	if w.out.Flush() != nil || !w.giveBack() {
		return w.orEnded(eventGone)
	}
	defer w.borrow()
	quietAt := until
	if quiet > 0 {
		if at := w.srv.cfg.Now().Add(quiet); at.Before(until) {
			quietAt = at
		}
	}
	for {
		w.readBy(quietAt)
		// After the deadline: what was called before this line is seen here, what is called after it moves the deadline.
		if w.ended.Load() != int32(endNone) {
			return eventEnded
		}
		if wakeable && w.woken.Swap(false) {
			return eventWoken
		}
		n, err := w.conn.Read(w.first[:])
		switch {
		case n == 1:
			w.hasFirst = true
			return w.orEnded(eventInput)
		case errors.Is(err, os.ErrDeadlineExceeded):
			now := w.srv.cfg.Now()
			if !now.Before(until) {
				return w.orEnded(eventExpired)
			}
			if !now.Before(quietAt) {
				return w.orEnded(eventQuiet)
			}
		case err != nil:
			return w.orEnded(eventGone)
		}
	}
}

func (w *wire) orEnded(e event) event {
	if w.ended.Load() != int32(endNone) {
		return eventEnded
	}
	return e
}

// Read reads for the decoder's buffer, in the middle of a command.
func (w *wire) Read(p []byte) (int, error) {
	if w.hasFirst && len(p) > 0 {
		p[0], w.hasFirst = w.first[0], false
		return 1, nil
	}
	// The client may wait for what it was told before it says more.
	if err := w.out.Flush(); err != nil {
		return 0, err
	}
	until := w.srv.cfg.Now().Add(w.srv.limits.CommandTime)
	if !w.logInBy.IsZero() && w.logInBy.Before(until) {
		until = w.logInBy
	}
	for {
		w.readBy(until)
		if w.ended.Load() != int32(endNone) {
			return 0, wireError{errEnded}
		}
		n, err := w.conn.Read(p)
		if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && w.srv.cfg.Now().Before(until) {
			continue // woken: the session looks when it waits
		}
		if err != nil && !errors.Is(err, io.EOF) {
			err = wireError{err}
		}
		return n, err
	}
}

// Write writes for the writer's buffer (invariant 2).
func (w *wire) Write(p []byte) (int, error) {
	grace := w.srv.limits.WriteTime
	w.writeBy(w.srv.cfg.Now().Add(grace))
	if w.ended.Load() != int32(endNone) {
		w.writeBy(w.srv.cfg.Now().Add(min(grace, graceToSayBye)))
	}
	n, err := w.conn.Write(p)
	if err != nil {
		return n, wireError{err}
	}
	return n, nil
}

// wake makes the session's present or next wakeable wait end. Any goroutine may call it.
func (w *wire) wake() {
	w.woken.Store(true)
	w.readBy(past())
}

// end makes the session say BYE and close; what does not come to it in time is cut (invariant 6). Any goroutine may
// call it; the first reason stays.
func (w *wire) end(why ending) {
	if !w.ended.CompareAndSwap(int32(endNone), int32(why)) {
		return
	}
	w.mu.Lock()
	w.cut = time.AfterFunc(graceToSayBye, func() { w.raw.Close() })
	w.mu.Unlock()
	w.cancel()
	w.readBy(past())
	w.writeBy(w.srv.cfg.Now().Add(graceToSayBye))
}

// close closes the connection.
func (w *wire) close() {
	w.ended.CompareAndSwap(int32(endNone), int32(endShutdown))
	w.cancel()
	w.mu.Lock()
	if w.cut != nil {
		w.cut.Stop()
	}
	w.mu.Unlock()
	// A TLS connection says goodbye; that must not take longer than a word.
	w.writeBy(w.srv.cfg.Now().Add(graceToSayBye))
	w.conn.Close()
	w.raw.Close()
}

// turnAway says one line, to who may not be listening, and closes the connection.
func (w *wire) turnAway(line string) {
	w.writeBy(w.srv.cfg.Now().Add(graceToSayBye))
	if _, err := io.WriteString(w.raw, line); err != nil {
		w.srv.cfg.Log.Debug("imap turn away", "peer", w.peer.String(), "error", err)
	}
	w.cancel()
	w.raw.Close()
}

// readBy and writeBy set deadlines. They fail on a closed connection alone, which the next read or write reports.
func (w *wire) readBy(t time.Time)  { _ = w.raw.SetReadDeadline(t) }
func (w *wire) writeBy(t time.Time) { _ = w.raw.SetWriteDeadline(t) }

// past is a deadline that has passed.
func past() time.Time { return time.Unix(1, 0) }

var (
	_ io.Reader = (*wire)(nil)
	_ io.Writer = (*wire)(nil)
)
