package smtpd

import (
	"bufio"
	"errors"
	"io"
)

// bodyLimits are what the data of one message is held to while it is read.
type bodyLimits struct {
	size int64
	line int
}

// Refusals of data. They are returned by Read, so that whoever reads gives up at once.
func refuseTooLarge() *reply {
	return say(552, "5.3.4", "message trop volumineux", "message too large")
}

func refuseBareNewline() *reply {
	return say(550, "5.6.0", "retour de ligne incorrect (CR ou LF isolé) dans le message", "bare CR or LF in the message")
}

func refuseLongLine() *reply {
	return say(554, "5.6.0", "ligne trop longue dans le message", "line too long in the message")
}

// body is the data of one message, in whichever way it comes.
type body interface {
	// Read gives the octets of the message; io.EOF when they were whole and good, a *reply when they are refused,
	// another error when the connection failed.
	io.Reader
	// drain reads what is left after a refusal, so that the connection can go on; false when it must end.
	drain() (goOn bool)
	// broken reports that the connection failed, or must end: Read's error says how.
	broken() bool
}

// dotReader reads the data after DATA up to CRLF.CRLF, with dots unstuffed (RFC 5321 §4.5.2).
type dotReader struct {
	br     *bufio.Reader
	limits bodyLimits

	check newlineCheck
	size  int64
	rest  []byte // of the last piece, within br's buffer
	err   error

	start     bool // the next octet begins a line after CRLF; so does the first
	afterLF   bool // the next octet begins a line after a bare LF
	afterCR   bool // the last octet was a CR
	ended     bool // CRLF.CRLF was read
	ambiguous bool // an end was read that others might take for one: the connection must end
	failed    bool // the connection failed
}

func newDotReader(br *bufio.Reader, l bodyLimits) *dotReader {
	return &dotReader{br: br, limits: l, start: true}
}

func (d *dotReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(d.rest) > 0 {
			m := copy(p[n:], d.rest)
			n, d.rest = n+m, d.rest[m:]
			continue
		}
		if d.err == nil && n > 0 && d.br.Buffered() == 0 {
			return n, nil
		}
		if d.err == nil {
			d.next()
		}
		if d.err != nil {
			break
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, d.err
}

// next takes one piece into rest, or sets err.
func (d *dotReader) next() {
	piece, err := d.piece()
	if err != nil {
		d.err = err
		return
	}
	switch {
	case d.ambiguous:
		d.err = refuseBareNewline()
		return
	case d.ended:
		d.err = io.EOF
		return
	}
	d.check.scan(piece)
	d.size += int64(len(piece))
	switch {
	case d.check.bare:
		d.err = refuseBareNewline()
	case d.size > d.limits.size:
		d.err = refuseTooLarge()
	case d.check.longest > d.limits.line:
		d.err = refuseLongLine()
	default:
		d.rest = piece
	}
}

// piece reads a line, or as much of a long one as the buffer holds, and takes its stuffed dot away.
func (d *dotReader) piece() ([]byte, error) {
	line, err := d.br.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		d.failed = true
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	start, afterLF := d.start, d.afterLF
	n := len(line)
	lf := line[n-1] == '\n'
	crlf := lf && (n > 1 && line[n-2] == '\r' || n == 1 && d.afterCR)
	d.start, d.afterLF, d.afterCR = crlf, lf && !crlf, line[n-1] == '\r'
	if n <= 3 && line[0] == '.' {
		switch end := string(line); {
		case start && end == ".\r\n":
			d.ended = true
		case start && end == ".\n", afterLF && (end == ".\n" || end == ".\r\n"):
			d.ambiguous = true
		}
	}
	if start && line[0] == '.' {
		line = line[1:]
	}
	return line, nil
}

func (d *dotReader) broken() bool { return d.failed }

// drainMax is how much more than a message may have is read of one that is refused.
const drainMax = 2

func (d *dotReader) drain() bool {
	d.rest = nil
	if d.err == nil {
		d.err = errors.New("given up")
	}
	for left := drainMax * d.limits.size; left > 0; {
		if d.ended {
			return true
		}
		if d.ambiguous || d.failed {
			return false
		}
		piece, err := d.piece()
		if err != nil {
			return false
		}
		left -= int64(len(piece))
	}
	return false
}
