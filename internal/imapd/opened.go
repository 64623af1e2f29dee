package imapd

import (
	"context"
	"fmt"
	"io"
	"strings"

	"navette/internal/content"
	"navette/internal/mail"
	"navette/internal/mailbox"
)

// opened is a message being read: its facts, decoded once, and its octets.
type opened struct {
	ctx      context.Context
	contents *content.Contents
	item     *mailbox.Item
	limit    int // octets of header that are read

	decoded *mail.Facts
	header  []byte
	reader  *cursor
}

func (o *opened) close() {
	if o.reader != nil {
		o.reader.Close()
	}
}

// facts decodes the facts of the content: its offsets do not count the prefix.
func (o *opened) facts() (*mail.Facts, error) {
	if o.decoded == nil {
		facts, err := o.item.Message.Facts()
		if err != nil {
			return nil, fmt.Errorf("facts of message %d: %w", o.item.Message.ID, err)
		}
		o.decoded = facts
	}
	return o.decoded, nil
}

// envelope is that of prefix and content joined.
func (o *opened) envelope() (*mail.Envelope, error) {
	facts, err := o.facts()
	if err != nil {
		return nil, err
	}
	return joinEnvelope(o.item.Message.Prefix, &facts.Envelope), nil
}

// joinEnvelope puts before a content's envelope the fields of the prefix: a separate To, most of all. Where both have a
// field, the first in the message counts, which is the prefix's.
func joinEnvelope(prefix []byte, e *mail.Envelope) *mail.Envelope {
	if len(prefix) == 0 {
		return e
	}
	joined := *e
	for field := range mail.HeaderFields(prefix) {
		if into := addressesOf(&joined, field.Name); into != nil {
			own := mail.ParseBytes(append(prefix[:len(prefix):len(prefix)], "\r\n"...), mail.Limits{}).Envelope
			for _, name := range addressFields {
				if list := *addressesOf(&own, name); len(list) > 0 {
					*addressesOf(&joined, name) = list
				}
			}
			break
		}
	}
	return &joined
}

// addressFields are the header fields of an envelope that hold addresses.
var addressFields = []string{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"}

// addressesOf is the list of an envelope that a header field fills, nil for other fields.
func addressesOf(e *mail.Envelope, name string) *[]mail.Address {
	switch strings.ToLower(name) {
	case "from":
		return &e.From
	case "sender":
		return &e.Sender
	case "reply-to":
		return &e.ReplyTo
	case "to":
		return &e.To
	case "cc":
		return &e.Cc
	case "bcc":
		return &e.Bcc
	}
	return nil
}

// read gathers octets of a header, as many as the limit allows. The message's own header is kept for the next item.
func (o *opened) read(at span) ([]byte, error) {
	if at.offset == 0 && o.header != nil {
		return o.header, nil
	}
	size := min(at.size, int64(o.limit))
	r, err := o.from(at.offset)
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("read a header: %w", err)
	}
	if at.offset == 0 {
		o.header = b
	}
	return b, nil
}

// from returns a reader of the message from an offset on, going on with the present one where it stands before it.
func (o *opened) from(offset int64) (io.Reader, error) {
	if o.reader != nil && o.reader.at <= offset {
		if _, err := io.CopyN(io.Discard, o.reader, offset-o.reader.at); err != nil {
			return nil, fmt.Errorf("skip to an octet of message %d: %w", o.item.Message.ID, err)
		}
		return o.reader, nil
	}
	o.close()
	o.reader = nil
	r, err := o.contents.Open(o.ctx, &o.item.Message, offset)
	if err != nil {
		return nil, err
	}
	o.reader = &cursor{r, offset}
	return o.reader, nil
}

// cursor is a reader that knows where it stands.
type cursor struct {
	io.ReadCloser
	at int64
}

func (c *cursor) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.at += int64(n)
	return n, err
}
