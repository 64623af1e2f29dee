package imap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits bounds what one command may cost.
type Limits struct {
	// Command is the most octets that a command may hold in memory: its lines
	// and the literals of its strings, together.
	Command int
	// Drain is the most octets read only to be thrown away after a command
	// that was refused; beyond it the connection is given up (RFC 7888 §4).
	Drain int64
}

// DefaultLimits lets a client name some ten thousand scattered messages in one
// command (RFC 7162 §4 asks for lines of at least 8192 octets).
func DefaultLimits() Limits { return Limits{Command: 64 << 10, Drain: 64 << 20} }

// Decoder reads commands from a client. It is used by one goroutine.
//
// Parsing methods do not return errors: the first failure is kept in err, moves
// the position to the end of the segment, and makes every later one a no-op.
type Decoder struct {
	r     *bufio.Reader
	lim   Limits
	ready func() error // tells the client to send a synchronising literal

	line  []byte // the current segment, without its end of line
	pos   int    // next octet of line
	spent int    // octets of this command held so far
	keys  int    // of the SEARCH being parsed
	tag   string
	err   error

	stream *Append // the APPEND whose messages are being read, if any
}

// NewDecoder returns a decoder of r. ready is called when a client waits to be
// told to go on with a literal; it must write and flush a continuation request.
func NewDecoder(r *bufio.Reader, lim Limits, ready func() error) *Decoder {
	return &Decoder{r: r, lim: lim, ready: ready}
}

// Attach makes the decoder read from r from now on. Together with Detach it
// lets a server lend its buffers to those connections that speak.
func (d *Decoder) Attach(r *bufio.Reader) { d.r = r }

// Detach takes the reader away and drops the decoder's own buffer. It returns
// nil, and changes nothing, while octets that were already received wait in
// the reader or in an unfinished command.
func (d *Decoder) Detach() *bufio.Reader {
	if d.r == nil || d.r.Buffered() > 0 || d.stream != nil {
		return nil
	}
	r := d.r
	d.r, d.line = nil, nil
	return r
}

// Buffered tells how many octets wait to be decoded.
func (d *Decoder) Buffered() int {
	if d.r == nil {
		return 0
	}
	return d.r.Buffered()
}

// SetLimits changes the bounds from the next command on.
func (d *Decoder) SetLimits(lim Limits) { d.lim = lim }

// Next reads one command. Errors are a [*BadCommand], a [*LostSync], or what the
// reader returned; io.EOF means that the client left between two commands.
//
// The messages of an APPEND that were not read to the end are skipped first.
func (d *Decoder) Next() (Request, error) {
	if err := d.Abandon(); err != nil {
		return Request{}, err
	}
	d.begin()
	if d.err != nil {
		return Request{}, d.recover()
	}
	d.tag = d.readTag()
	d.space("after the tag")
	cmd := d.command()
	if _, streaming := cmd.(*Append); !streaming {
		d.end()
	}
	if d.err != nil {
		d.stream = nil
		return Request{}, d.recover()
	}
	return Request{Tag: d.tag, Command: cmd}, nil
}

// Line reads one line that is no command: the answer to a continuation request
// of AUTHENTICATE, or IDLE's DONE. A line longer than max is a [*LostSync].
func (d *Decoder) Line(max int) (string, error) {
	d.begin()
	if d.err != nil {
		var bad *BadCommand
		if errors.As(d.err, &bad) {
			return "", &LostSync{Text: bad.Text}
		}
		return "", d.err
	}
	if len(d.line) > max {
		return "", &LostSync{Text: "the line is too long"}
	}
	return string(d.line), nil
}

// begin forgets the command before and reads the first segment of the next.
func (d *Decoder) begin() {
	d.tag, d.err, d.spent, d.stream = "*", nil, 0, nil
	if cap(d.line) > 4<<10 {
		d.line = nil
	}
	d.segment()
}

// readTag reads the tag of a command.
func (d *Decoder) readTag() string {
	n := spanOf(d.rest(), isTagChar)
	if n == 0 || n > maxTag {
		d.fail("a command begins with a tag of 1 to %d octets", maxTag)
		return "*"
	}
	return d.take(n)
}

// fail records that the command is wrong.
func (d *Decoder) fail(format string, args ...any) { d.failCode("", format, args...) }

// failCode is fail with a response code.
func (d *Decoder) failCode(code Code, format string, args ...any) {
	if d.err == nil {
		d.err = &BadCommand{Tag: d.tag, Code: code, Text: fmt.Sprintf(format, args...)}
	}
	d.pos = len(d.line)
}

// broken records that the connection cannot be read any more.
func (d *Decoder) broken(err error) {
	if errors.Is(err, io.EOF) && (d.spent > 0 || d.tag != "*") {
		err = io.ErrUnexpectedEOF
	}
	d.err = err
	d.pos = len(d.line)
}

// expected records that something else was to come here.
func (d *Decoder) expected(what string) {
	if d.err != nil {
		return
	}
	if d.pos >= len(d.line) {
		d.fail("expected %s, found the end of the command", what)
		return
	}
	d.fail("expected %s at column %d, found %s", what, d.pos+1, printable(d.rest()))
}

// printable quotes the beginning of b for an error text.
func printable(b []byte) string {
	const most = 16
	cut := b
	if len(cut) > most {
		cut = cut[:most]
	}
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' {
			return '?'
		}
		return r
	}, string(cut))
	if len(b) > most {
		s += "..."
	}
	return "'" + s + "'"
}

// rest returns what is left of the segment.
func (d *Decoder) rest() []byte { return d.line[d.pos:] }

// peek returns the next octet, or 0 at the end of the segment.
func (d *Decoder) peek() byte {
	if d.pos < len(d.line) {
		return d.line[d.pos]
	}
	return 0
}

// take consumes n octets of the segment.
func (d *Decoder) take(n int) string {
	s := string(d.line[d.pos : d.pos+n])
	d.pos += n
	return s
}

// accept consumes c if it is next.
func (d *Decoder) accept(c byte) bool {
	if d.pos < len(d.line) && d.line[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// must consumes c.
func (d *Decoder) must(c byte) {
	if !d.accept(c) {
		d.expected("'" + string(c) + "'")
	}
}

// space consumes one space.
func (d *Decoder) space(where string) {
	if !d.accept(' ') {
		d.expected("a space " + where)
	}
}

// end demands that the command is over.
func (d *Decoder) end() {
	if d.err == nil && d.pos < len(d.line) {
		d.expected("the end of the command")
	}
}
