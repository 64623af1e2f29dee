package smtpd

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"navette/internal/identity"
)

const (
	readBuffer  = 16 << 10 // holds a command, and a line of data
	writeBuffer = 4 << 10
	// maxCommand bounds a command line: RFC 5321 §4.5.3.1.4 says 512 octets and what extensions add; RFC 4954 §4
	// wants 12,288 for AUTH.
	maxCommand = 12 << 10
)

// conn is one connection, served by one goroutine.
type conn struct {
	srv     *Server
	log     *slog.Logger
	raw     net.Conn // as accepted; deadlines are set on it
	io      net.Conn // raw, or TLS on it
	br      *bufio.Reader
	bw      *bufio.Writer
	peer    netip.Addr // zero on a Unix socket
	trusted bool
	refusal *reply // what it is told instead of being served

	// State of the session.
	helo      string
	esmtp     bool
	tls       *tls.ConnectionState
	principal identity.Principal
	tx        *transaction
	next      *command // read ahead by a BDAT that it aborted

	errors, refusals, idle, authFailures int

	mu          sync.Mutex // over what interrupt touches
	waiting     bool       // for a command
	interrupted bool
	readFor     time.Duration // patience of the next read
	dataUntil   time.Time     // when a message that is being read must have come; else zero
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{srv: s, raw: nc, io: nc}
	if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		c.peer = a.AddrPort().Addr().Unmap()
	}
	c.trusted = !c.peer.IsValid() || s.cfg.Trusted.Contain(c.peer)
	c.log = s.cfg.Log.With("peer", c.peer)
	c.use(nc)
	return c
}

// use speaks over nc from now on; what was buffered is forgotten.
func (c *conn) use(nc net.Conn) {
	c.io = nc
	c.br, c.bw = bufio.NewReaderSize(connReader{c}, readBuffer), bufio.NewWriterSize(connWriter{c}, writeBuffer)
}

// errInterrupted is what a read for a command gives when the server is closing.
var errInterrupted = errors.New("the server is closing")

// connReader reads the connection; replies that wait are written first, because the client may wait for them.
type connReader struct{ c *conn }

func (r connReader) Read(p []byte) (int, error) {
	c := r.c
	if c.bw.Buffered() > 0 {
		if err := c.bw.Flush(); err != nil {
			return 0, err
		}
	}
	if err := c.patience(); err != nil {
		return 0, err
	}
	n, err := c.io.Read(p)
	if err != nil {
		c.mu.Lock()
		if c.waiting && c.interrupted {
			err = errInterrupted
		}
		c.mu.Unlock()
	}
	return n, err
}

// patience sets the deadline of the next read, unless the server is closing and a command would be waited for.
func (c *conn) patience() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting && c.interrupted {
		return errInterrupted
	}
	// A socket's deadline is a time of the machine's own clock, whatever clock is injected.
	until := time.Now().Add(c.readFor)
	if !c.dataUntil.IsZero() && c.dataUntil.Before(until) {
		until = c.dataUntil
	}
	return c.raw.SetReadDeadline(until)
}

// interrupt ends the wait for a command, now or when it comes.
func (c *conn) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interrupted = true
	if c.waiting {
		c.raw.SetReadDeadline(time.Unix(1, 0)) //nolint:errcheck // a closed connection ends by itself
	}
}

// wait says what the next reads are for, and how patient they are.
func (c *conn) wait(forCommand bool, patience time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting, c.readFor = forCommand, patience
}

// beginData gives a message its time; endData forgets it.
func (c *conn) beginData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting, c.readFor = false, c.srv.cfg.Limits.DataTimeout
	c.dataUntil = time.Now().Add(c.srv.cfg.Limits.MessageTimeout)
}

func (c *conn) endData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dataUntil = time.Time{}
}

type connWriter struct{ c *conn }

func (w connWriter) Write(p []byte) (int, error) {
	if err := w.c.raw.SetWriteDeadline(time.Now().Add(w.c.srv.cfg.Limits.WriteTimeout)); err != nil {
		return 0, err
	}
	return w.c.io.Write(p)
}

// serve runs the connection to its end.
func (c *conn) serve(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("panic on a connection", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
		c.raw.Close()
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.refusal != nil {
		if !c.srv.cfg.ImplicitTLS { // a handshake would cost more than the refusal saves
			c.write(c.refusal)
			c.bw.Flush() //nolint:errcheck // it is turned away in any case
		}
		return
	}
	c.wait(true, c.srv.cfg.Limits.CommandTimeout)
	if c.srv.cfg.ImplicitTLS && !c.startTLS(ctx) {
		return
	}
	c.write(&reply{code: 220, lines: []string{c.srv.cfg.Hostname + " " + c.protocol() + " Navette"}})
	for {
		cmd, r := c.read()
		if r == nil {
			r = c.handle(ctx, cmd)
		}
		if r != nil {
			if r = c.account(cmd.verb, r); r.close {
				c.end(r)
				return
			}
			c.write(r)
		}
	}
}

func (c *conn) protocol() string {
	if c.srv.cfg.Role == LMTP {
		return "LMTP"
	}
	return "ESMTP"
}

// read reads a command line. The reply is what to say instead of an answer, its code 0 where there is nobody to say
// it to.
func (c *conn) read() (command, *reply) {
	if c.next != nil {
		cmd := *c.next
		c.next = nil
		return cmd, nil
	}
	line, r := c.readLine()
	if r != nil {
		return command{}, r
	}
	return parseCommand(line), nil
}

// readLine reads a line without its end, CRLF and nothing else.
func (c *conn) readLine() (string, *reply) {
	c.wait(true, c.srv.cfg.Limits.CommandTimeout)
	defer c.wait(false, c.srv.cfg.Limits.DataTimeout)
	line, err := c.br.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || len(line) > maxCommand:
		return "", bye(500, "5.5.6", "commande trop longue", "command too long")
	case err != nil:
		return "", lost(err)
	}
	return trimLine(line)
}

// lost is the end of a connection whose reading failed: a last word, where somebody may hear it.
func lost(err error) *reply {
	var timeout net.Error
	var said *reply
	switch {
	case errors.As(err, &said):
		return said
	case errors.Is(err, errInterrupted):
		return bye(421, "4.3.2", "arrêt du service", "service shutting down")
	case errors.As(err, &timeout) && timeout.Timeout():
		return bye(421, "4.4.2", "délai dépassé", "timeout")
	}
	return &reply{close: true}
}

// account counts a refusal against the limits of the connection, and ends it where they are used up.
func (c *conn) account(verb string, r *reply) *reply {
	l := c.srv.cfg.Limits
	switch {
	case !r.refused() || r.close:
	case verb == "RCPT" && c.srv.cfg.Role == LMTP: // a local program sends to thousands, some of them gone
	case verb == "RCPT":
		if c.refusals++; c.refusals > l.Refusals {
			return tooMany("de destinataires refusés", "refused recipients")
		}
	default:
		if c.errors++; c.errors > l.Errors {
			return tooMany("d'erreurs", "errors")
		}
	}
	return r
}

func tooMany(french, english string) *reply {
	return bye(421, "4.7.0", "trop "+french, "too many "+english)
}

// write puts a reply into the buffer; it goes out with the next read. A failure shows there.
func (c *conn) write(r *reply) {
	c.bw.Write(r.append(c.bw.AvailableBuffer()))
}

// end says a last word, if there is one, and hangs up. What the client has already sent and nobody reads would make
// the kernel reset the connection and lose that word: so the connection is shut for writing, and read for a moment.
func (c *conn) end(r *reply) {
	if r.code == 0 {
		return
	}
	c.write(r)
	if c.bw.Flush() != nil {
		return
	}
	if t, ok := c.io.(*tls.Conn); ok {
		t.CloseWrite() //nolint:errcheck // the connection ends in any case
	}
	if t, ok := c.raw.(*net.TCPConn); ok && r.refused() && t.CloseWrite() == nil {
		c.linger()
	}
}

// What linger reads, and for how long.
const (
	lingerOctets = 1 << 20
	lingerFor    = 5 * time.Second
)

func (c *conn) linger() {
	if c.raw.SetReadDeadline(time.Now().Add(lingerFor)) != nil {
		return
	}
	buf := make([]byte, 4096)
	for left := lingerOctets; left > 0; {
		n, err := c.raw.Read(buf)
		if err != nil {
			return
		}
		left -= n
	}
}

// handle answers a command; nil where the answer was written already.
func (c *conn) handle(ctx context.Context, cmd command) *reply {
	switch cmd.verb {
	case "MAIL", "RCPT", "DATA", "BDAT":
	default:
		if c.idle++; c.idle > c.srv.cfg.Limits.IdleCommands {
			return tooMany("de commandes", "commands")
		}
	}
	switch cmd.verb {
	case "HELO", "EHLO", "LHLO":
		return c.hello(cmd)
	case "STARTTLS":
		return c.starttls(ctx, cmd)
	case "AUTH":
		return c.auth(ctx, cmd)
	case "MAIL":
		return c.mail(ctx, cmd)
	case "RCPT":
		return c.rcpt(ctx, cmd)
	case "DATA":
		return c.data(ctx, cmd)
	case "BDAT":
		return c.bdat(ctx, cmd)
	case "RSET":
		c.tx = nil
		return say(250, "2.0.0", "transaction oubliée", "reset")
	case "NOOP":
		return say(250, "2.0.0", "bien", "ok")
	case "VRFY":
		return say(252, "2.0.0", "les adresses ne se vérifient pas ainsi ; envoyez", "addresses are not verified; send, and see")
	case "QUIT":
		return bye(221, "2.0.0", "au revoir", "goodbye")
	case "EXPN", "HELP", "TURN", "ETRN", "SEND", "SOML", "SAML":
		return say(502, "5.5.1", "commande absente", "command not implemented")
	}
	return say(500, "5.5.1", "commande inconnue", "command not recognised")
}

// outOfOrder is the answer to a command that needs another first, or that cannot come now.
func outOfOrder(needs string) *reply {
	return say(503, "5.5.1", "commande hors séquence, il faut d'abord "+needs, "bad sequence, "+needs+" first")
}

// hello is EHLO, HELO (RFC 5321 §4.1.1.1) and LHLO (RFC 2033 §4.1).
func (c *conn) hello(cmd command) *reply {
	if lmtp := c.srv.cfg.Role == LMTP; lmtp != (cmd.verb == "LHLO") {
		return say(500, "5.5.1", "mauvais protocole à cette porte", "wrong protocol for this door")
	}
	name := cmd.arg
	if name == "" || len(name) > maxDomain || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return say(501, "5.5.4", "nom de machine attendu", "host name expected")
	}
	c.helo, c.esmtp, c.tx = name, cmd.verb != "HELO", nil
	if !c.esmtp {
		return &reply{code: 250, lines: []string{c.srv.cfg.Hostname}}
	}
	return &reply{code: 250, lines: append([]string{c.srv.cfg.Hostname}, c.extensions()...)}
}

// extensions are what EHLO offers: only what the handlers honour, and a test for each.
func (c *conn) extensions() []string {
	list := []string{
		"PIPELINING", // RFC 2920
		fmt.Sprintf("SIZE %d", c.srv.cfg.Limits.MessageSize), // RFC 1870
		"8BITMIME",            // RFC 6152
		"SMTPUTF8",            // RFC 6531
		"CHUNKING",            // RFC 3030
		"ENHANCEDSTATUSCODES", // RFC 2034
	}
	if c.srv.cfg.TLS != nil && c.tls == nil {
		list = append(list, "STARTTLS") // RFC 3207
	}
	if c.authOffered() {
		list = append(list, "AUTH "+strings.Join(c.srv.sasl.Mechanisms(c.saslConnection()), " ")) // RFC 4954
	}
	return list
}

// starttls is RFC 3207. Octets that came with the command were not sent over TLS, whatever they say: nothing is done
// with them (§6), and the connection ends.
func (c *conn) starttls(ctx context.Context, cmd command) *reply {
	switch {
	case c.srv.cfg.TLS == nil:
		return say(502, "5.5.1", "commande absente", "command not implemented")
	case cmd.arg != "":
		return say(501, "5.5.4", "pas de paramètre ici", "no parameters here")
	case c.tls != nil:
		return say(503, "5.5.1", "TLS est déjà actif", "TLS is already active")
	case c.br.Buffered() > 0:
		return bye(554, "5.5.0", "rien ne doit suivre STARTTLS", "nothing may follow STARTTLS")
	}
	c.write(say(220, "2.0.0", "à vous", "go ahead"))
	if c.bw.Flush() != nil || !c.startTLS(ctx) {
		return &reply{close: true}
	}
	c.helo, c.esmtp, c.tx, c.principal = "", false, nil, identity.Principal{}
	return nil
}

// startTLS makes the handshake.
func (c *conn) startTLS(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, c.srv.cfg.Limits.CommandTimeout)
	defer cancel()
	if c.raw.SetDeadline(time.Time{}) != nil {
		return false
	}
	t := tls.Server(c.raw, c.srv.cfg.TLS)
	if err := t.HandshakeContext(ctx); err != nil {
		c.log.Debug("TLS handshake", "error", err)
		return false
	}
	state := t.ConnectionState()
	c.tls = &state
	c.use(t)
	return true
}
