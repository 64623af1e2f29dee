package imap

import (
	"errors"
	"io"
)

// Append is APPEND with one message or, by RFC 3502, several. The messages are
// still on the wire: read them with NextMessage, in turn, before the decoder's
// next Next, which skips what was left.
type Append struct {
	Mailbox string

	d       *Decoder
	mark    marker
	started bool  // a message was announced
	asked   bool  // its literal is on its way
	left    int64 // octets of it still to be read
	over    bool  // the end of the command was read
}

// Name is the command's name.
func (*Append) Name() string { return "APPEND" }

// append reads the mailbox; the messages stay where they are.
func (d *Decoder) append() Command {
	a := &Append{Mailbox: d.mailbox(), d: d}
	if d.err == nil && d.peek() != ' ' {
		d.expected("a space and a message")
		return nil
	}
	d.stream = a
	return a
}

// NextMessage skips what is left of the message before and reads what stands
// before the octets of the next one. io.EOF says that the command is complete.
// A [*BadCommand] means that the rest of the command has been skipped; after any
// error but io.EOF nothing of the command may take effect (RFC 3502 §6.3.11).
func (a *Append) NextMessage() (AppendMessage, error) {
	d := a.d
	if a.over {
		return AppendMessage{}, io.EOF
	}
	if a.started {
		if err := a.finishMessage(); err != nil {
			return AppendMessage{}, err
		}
		if d.err == nil && d.pos == len(d.line) {
			a.close()
			return AppendMessage{}, io.EOF
		}
	}
	m := a.announcement()
	if d.err != nil {
		a.close()
		return AppendMessage{}, d.recover()
	}
	a.started, a.asked, a.left = true, false, a.mark.size
	m.Size, m.Binary = a.mark.size, a.mark.binary
	return m, nil
}

// announcement reads [SP flag-list] [SP date-time] SP literal.
func (a *Append) announcement() (m AppendMessage) {
	d := a.d
	d.space("before the message")
	if d.peek() == '(' {
		m.Flags = d.flagList()
		d.space("after the flags")
	}
	if d.peek() == '"' {
		m.InternalDate = d.dateTime()
		d.space("after the date")
	}
	a.mark, _ = d.marker()
	return m
}

// Body returns the octets of the message that NextMessage announced, asking the
// client for them if it waits for that. A connection that ends early gives
// io.ErrUnexpectedEOF.
func (a *Append) Body() (io.Reader, error) {
	if a.mark.sync && !a.asked {
		if err := a.d.ready(); err != nil {
			return nil, err
		}
	}
	a.asked = true
	return (*appendBody)(a), nil
}

// appendBody reads the literal that is under way.
type appendBody Append

func (b *appendBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.d.r.Read(p)
	b.left -= int64(n)
	if errors.Is(err, io.EOF) && b.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// finishMessage skips the rest of a literal and reads the line after it.
func (a *Append) finishMessage() error {
	d := a.d
	if a.mark.sync && !a.asked {
		// The client was never told to go on: the command ends here.
		a.close()
		return &BadCommand{Tag: d.tag, Text: "the message was refused"}
	}
	if a.left > d.lim.Drain {
		a.close()
		return &LostSync{Text: "the message is too large to be skipped"}
	}
	if err := d.discard(a.left); err != nil {
		a.close()
		return err
	}
	a.started, a.left, d.spent = false, 0, 0
	d.segment()
	if d.err != nil {
		a.close()
		return d.recover()
	}
	return nil
}

// close ends the streaming.
func (a *Append) close() { a.over, a.d.stream = true, nil }

// Abandon skips what was not read of an APPEND's messages. A client that waits to
// be told to send one is not told: the command ends where it stands.
func (d *Decoder) Abandon() error {
	a := d.stream
	if a == nil {
		return nil
	}
	if a.started {
		err := a.finishMessage()
		if bad := (*BadCommand)(nil); errors.As(err, &bad) {
			return nil // the end of the command was found
		}
		if err != nil {
			return err
		}
	}
	a.close()
	return d.skip()
}
