package imap

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// marker announces a literal at the end of a line: {n}, {n+} or ~{n}.
type marker struct {
	size   int64
	sync   bool // the client waits for our word before it sends (RFC 7888)
	binary bool // literal8: may hold NUL (RFC 3516 §4)
	length int  // octets of the marker itself
}

// markerAtEnd reads the literal marker that ends line.
func markerAtEnd(line []byte) (marker, bool) {
	i := bytes.LastIndexByte(line, '{')
	if i < 0 || line[len(line)-1] != '}' {
		return marker{}, false
	}
	m := marker{sync: true}
	digits := line[i+1 : len(line)-1]
	if n := len(digits); n > 0 && digits[n-1] == '+' {
		m.sync, digits = false, digits[:n-1]
	}
	if len(digits) == 0 || spanOf(digits, isDigit) != len(digits) {
		return marker{}, false
	}
	size, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		// Larger than any number: still a marker, never satisfiable.
		size = 1<<63 - 1
	}
	if i > 0 && line[i-1] == '~' {
		m.binary = true
		i--
	}
	m.size, m.length = size, len(line)-i
	return m, true
}

// marker reads the literal marker that stands here and ends the segment.
func (d *Decoder) marker() (marker, bool) {
	m, ok := markerAtEnd(d.line)
	if !ok || d.pos != len(d.line)-m.length {
		d.expected("a literal: {size} or {size+} at the end of the line")
		return marker{}, false
	}
	return m, true
}

// literal reads a literal that is a string argument and holds it in memory.
func (d *Decoder) literal() string {
	m, ok := d.marker()
	if !ok {
		return ""
	}
	if m.binary {
		d.fail("a binary literal cannot stand here")
		return ""
	}
	if m.size > int64(d.lim.Command-d.spent) {
		d.fail("the literal makes the command longer than %d octets", d.lim.Command)
		return ""
	}
	if m.sync {
		if err := d.ready(); err != nil {
			d.broken(err)
			return ""
		}
	}
	b := make([]byte, m.size)
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.broken(err)
		return ""
	}
	d.spent += len(b)
	d.segment()
	if bytes.IndexByte(b, 0) >= 0 {
		d.fail("a literal may not hold NUL")
	}
	return string(b)
}

// quoted reads a quoted string. Octets above 127 are let through: clients send
// UTF-8 there, and RFC 9051 allows it.
func (d *Decoder) quoted() string {
	d.must('"')
	var s strings.Builder
	for d.err == nil {
		if d.pos >= len(d.line) {
			d.fail("the quoted string has no closing quote")
			break
		}
		c := d.line[d.pos]
		d.pos++
		if c == '"' {
			return s.String()
		}
		if c == '\\' {
			if c = d.peek(); c != '"' && c != '\\' {
				d.fail("in a quoted string a backslash comes only before a quote or a backslash")
				break
			}
			d.pos++
		}
		s.WriteByte(c)
	}
	return ""
}

// string reads a string: quoted or literal.
func (d *Decoder) string() string {
	switch d.peek() {
	case '"':
		return d.quoted()
	case '{':
		return d.literal()
	}
	d.expected("a string")
	return ""
}

// astring reads an atom or a string.
func (d *Decoder) astring(what string) string {
	switch c := d.peek(); {
	case c == '"' || c == '{':
		return d.string()
	case isAStringChar(c):
		return d.take(spanOf(d.rest(), isAStringChar))
	}
	d.expected(what)
	return ""
}

// atom reads an atom as it stands.
func (d *Decoder) atom(what string) string {
	n := spanOf(d.rest(), isAtomChar)
	if n == 0 {
		d.expected(what)
		return ""
	}
	return d.take(n)
}

// word reads an atom that is a keyword of the protocol, in upper case.
func (d *Decoder) word(what string) string { return strings.ToUpper(d.atom(what)) }

// number reads a decimal number of at most bits bits.
func (d *Decoder) number(what string, bits int) uint64 {
	n := spanOf(d.rest(), isDigit)
	if n == 0 {
		d.expected(what)
		return 0
	}
	v, err := strconv.ParseUint(string(d.rest()[:n]), 10, bits)
	if err != nil {
		d.fail("the number %s is too large", printable(d.rest()[:n]))
		return 0
	}
	d.pos += n
	return v
}

// list reads "(" item *(SP item) ")"; item consumes one element.
func (d *Decoder) list(item func()) {
	d.must('(')
	for first := true; d.err == nil && !d.accept(')'); first = false {
		if !first {
			d.space("between the items of the list")
		}
		if d.err == nil {
			item()
		}
	}
}
