package imap

import (
	"bufio"
	"bytes"
	"errors"
)

// markerRoom is how much of an over-long line is kept: enough for the literal
// marker at its end.
const markerRoom = 40

// maxTag is the longest tag we give back; clients use a handful of octets.
const maxTag = 256

// segment reads the next line of the command into line. A line that exceeds
// what the command may hold is read to its end and recorded as a failure, with
// its last octets kept.
func (d *Decoder) segment() {
	d.line, d.pos = d.line[:0], 0
	room := d.lim.Command - d.spent
	tooLong := false
	var passed int64
	for {
		part, err := d.r.ReadSlice('\n')
		d.line = append(d.line, part...)
		passed += int64(len(part))
		if len(d.line) > room+len("\r\n") {
			if !tooLong {
				tooLong = true
				d.tagFrom(d.line)
			}
			if len(d.line) > markerRoom {
				d.line = append(d.line[:0], d.line[len(d.line)-markerRoom:]...)
			}
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			d.spent += len(d.line)
			d.broken(err)
			return
		}
		if passed > d.lim.Drain {
			d.err = &LostSync{Text: "the command line has no end"}
			return
		}
	}
	d.line = bytes.TrimSuffix(d.line, []byte("\n"))
	d.line = bytes.TrimSuffix(d.line, []byte("\r"))
	d.spent += len(d.line)
	switch {
	case tooLong:
		d.fail("the command is longer than %d octets", d.lim.Command)
	case bytes.ContainsAny(d.line, "\x00\r"):
		d.tagFrom(d.line)
		d.fail("a command may hold neither NUL nor a bare carriage return")
	}
}

// tagFrom remembers the tag at the head of a line that will not be parsed.
func (d *Decoder) tagFrom(line []byte) {
	if n := spanOf(line, isTagChar); d.tag == "*" && n > 0 && n <= maxTag {
		d.tag = string(line[:n])
	}
}

// recover skips what is left of a refused command and returns why it was
// refused.
func (d *Decoder) recover() error {
	var bad *BadCommand
	if !errors.As(d.err, &bad) {
		return d.err
	}
	if err := d.skip(); err != nil {
		return err
	}
	return bad
}

// skip throws away what follows the current segment of the command: literals
// that the client sends without being asked, and the lines after them. A
// synchronising literal ends it, for that client waits and reads our refusal.
func (d *Decoder) skip() error {
	left := d.lim.Drain
	for {
		m, ok := markerAtEnd(d.line)
		if !ok || m.sync {
			return nil
		}
		if left -= m.size; left < 0 {
			return &LostSync{Text: "the literal is too large to be skipped"}
		}
		if err := d.discard(m.size); err != nil {
			return err
		}
		d.err, d.spent = nil, 0
		d.segment()
		if bad := (*BadCommand)(nil); d.err != nil && !errors.As(d.err, &bad) {
			return d.err
		}
		left -= int64(len(d.line))
	}
}

// discard reads n octets and forgets them.
func (d *Decoder) discard(n int64) error {
	for n > 0 {
		step := int(min(n, 1<<20))
		if _, err := d.r.Discard(step); err != nil {
			d.broken(err)
			return d.err
		}
		n -= int64(step)
	}
	return nil
}
