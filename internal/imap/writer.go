package imap

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Condition is the word that says how a command, or the server, fares.
type Condition string

// RFC 3501 §7.1.
const (
	OK      Condition = "OK"
	NO      Condition = "NO"
	BAD     Condition = "BAD"
	BYE     Condition = "BYE"
	PREAUTH Condition = "PREAUTH"
)

// Untagged is the tag of responses that complete no command.
const Untagged = "*"

// Writer writes responses. It is used by one goroutine. Like bufio.Writer it
// keeps the first error and ignores what comes after it; Flush returns it.
// Nothing is on its way before Flush, unless the buffer was full.
type Writer struct {
	w *bufio.Writer
}

// NewWriter returns a writer on w.
func NewWriter(w *bufio.Writer) *Writer { return &Writer{w: w} }

// Attach makes the writer write to w from now on.
func (w *Writer) Attach(b *bufio.Writer) { w.w = b }

// Detach takes away the buffer, which must have been flushed.
func (w *Writer) Detach() *bufio.Writer {
	b := w.w
	w.w = nil
	return b
}

// Err returns the first error of what was sent so far, without sending more.
func (w *Writer) Err() error {
	_, err := w.w.Write(nil)
	return err
}

// Flush sends what was written.
func (w *Writer) Flush() error { return w.w.Flush() }

// Status writes a status response: "A1 OK [CODE] text". The tag may be Untagged;
// code may be empty, text may not.
func (w *Writer) Status(tag string, c Condition, code Code, text string) {
	w.raw(tag)
	w.raw(" ")
	w.raw(string(c))
	if code != "" {
		w.raw(" [")
		w.raw(string(code))
		w.raw("]")
	}
	w.raw(" ")
	w.raw(text)
	w.crlf()
}

// Continue asks the client to go on (RFC 3501 §7.5). text may be empty.
func (w *Writer) Continue(text string) {
	w.raw("+ ")
	w.raw(text)
	w.crlf()
}

// Capability writes the untagged CAPABILITY response.
func (w *Writer) Capability(names []string) { w.words("* CAPABILITY", names) }

// Enabled writes ENABLED (RFC 5161 §3.2); names may be empty.
func (w *Writer) Enabled(names []string) { w.words("* ENABLED", names) }

func (w *Writer) words(head string, words []string) {
	w.raw(head)
	for _, s := range words {
		w.raw(" ")
		w.raw(s)
	}
	w.crlf()
}

// Exists writes how many messages the mailbox holds.
func (w *Writer) Exists(n uint32) { w.count(n, "EXISTS") }

// Recent writes how many messages are recent.
func (w *Writer) Recent(n uint32) { w.count(n, "RECENT") }

// Expunged writes that the message with that sequence number is gone.
func (w *Writer) Expunged(seq uint32) { w.count(seq, "EXPUNGE") }

// Vanished writes the UIDs of messages that are gone, in the place of EXPUNGE responses; earlier tells that they went
// before the mailbox was selected, so that no message number moves (RFC 7162 §3.2.10). An empty set writes nothing.
func (w *Writer) Vanished(earlier bool, uids NumSet) {
	if len(uids) == 0 {
		return
	}
	w.raw("* VANISHED ")
	if earlier {
		w.raw("(EARLIER) ")
	}
	w.raw(uids.String())
	w.crlf()
}

func (w *Writer) count(n uint32, what string) {
	w.raw("* ")
	w.number(uint64(n))
	w.raw(" ")
	w.raw(what)
	w.crlf()
}

// Flags writes the flags that are defined in the mailbox.
func (w *Writer) Flags(flags []string) {
	w.raw("* FLAGS ")
	w.flagList(flags)
	w.crlf()
}

// PermanentFlags writes the flags that the client can change for good, as an
// untagged OK.
func (w *Writer) PermanentFlags(flags []string, text string) {
	w.raw("* OK [PERMANENTFLAGS ")
	w.flagList(flags)
	w.raw("] ")
	w.raw(text)
	w.crlf()
}

// flagList writes flags in parentheses.
func (w *Writer) flagList(flags []string) {
	w.raw("(")
	for i, f := range flags {
		if i > 0 {
			w.raw(" ")
		}
		w.raw(f)
	}
	w.raw(")")
}

// ID writes the server's answer to ID (RFC 2971); fields come in pairs.
func (w *Writer) ID(pairs ...string) {
	w.raw("* ID (")
	for i, s := range pairs {
		if i > 0 {
			w.raw(" ")
		}
		w.string(s)
	}
	w.raw(")")
	w.crlf()
}

// raw writes s as it stands.
func (w *Writer) raw(s string) { w.w.WriteString(s) }

func (w *Writer) crlf() { w.w.WriteString("\r\n") }

// number writes n in decimal, without garbage.
func (w *Writer) number(n uint64) { w.w.Write(strconv.AppendUint(w.w.AvailableBuffer(), n, 10)) }

// maxQuoted is the longest string written in quotes; longer ones are literals.
const maxQuoted = 1000

// isQuotable tells whether c may stand in a quoted string, escaped or not.
func isQuotable(c byte) bool { return ' ' <= c && c < 0x7f }

// string writes s in quotes where the grammar allows it, else as a literal. NUL,
// which a literal may not hold either, becomes a question mark.
func (w *Writer) string(s string) {
	if len(s) <= maxQuoted && spanOf(s, isQuotable) == len(s) {
		w.w.WriteByte('"')
		written := 0
		for i := range len(s) {
			if s[i] == '"' || s[i] == '\\' {
				w.w.WriteString(s[written:i])
				w.w.WriteByte('\\')
				written = i
			}
		}
		w.w.WriteString(s[written:])
		w.w.WriteByte('"')
		return
	}
	w.literalHead(int64(len(s)))
	w.w.WriteString(strings.ReplaceAll(s, "\x00", "?"))
}

// quote is s between quotes, for text that is known to be quotable; other octets
// become question marks.
func quote(s string) string {
	b := []byte{'"'}
	for i := range len(s) {
		switch c := s[i]; {
		case !isQuotable(c):
			b = append(b, '?')
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// nstring writes s, or NIL when it is empty.
func (w *Writer) nstring(s string) {
	if s == "" {
		w.raw("NIL")
		return
	}
	w.string(s)
}

// mailbox writes a mailbox name, always in quotes.
func (w *Writer) mailbox(name string) { w.string(EncodeUTF7(name)) }

func (w *Writer) literalHead(size int64) {
	w.raw("{")
	w.number(uint64(size))
	w.raw("}\r\n")
}

// literal copies exactly size octets from r. When r has fewer, the client has
// lost its place: the error says so and the connection must be closed.
func (w *Writer) literal(size int64, r io.Reader) error {
	w.literalHead(size)
	n, err := io.Copy(w.w, io.LimitReader(r, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("write a literal of %d octets, %d written: %w", size, n, err)
	}
	return nil
}
