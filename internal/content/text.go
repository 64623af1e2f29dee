package content

import (
	"bytes"
	"fmt"
	"strings"

	"navette/internal/mail"
)

// headerMax is the longest header whose text is kept, in octets; a search reads longer ones from the message.
const headerMax = 64 << 10

// What of facts.text is all there is to search.
const (
	bodyAll   = 1
	headerAll = 2
)

// SearchText is what is kept for SEARCH of a content with these facts, whose first octets are start (its whole header,
// where that is not longer than headerMax): the header as people read it, a NUL, and the text of the body. complete
// tells which of the two is all there is: 1 the body, 2 the header.
func SearchText(start []byte, f *mail.Facts) (text []byte, complete int) {
	if f.TextComplete {
		complete = bodyAll
	}
	header := ""
	if f.HeaderSize <= headerMax && f.HeaderSize <= int64(len(start)) {
		complete |= headerAll
		header = strings.ReplaceAll(mail.HeaderText(start[:f.HeaderSize]), "\x00", " ")
	}
	text = make([]byte, 0, len(header)+1+len(f.Text))
	text = append(append(text, header...), 0)
	return append(text, f.Text...), complete
}

// Text is what a search looks through.
type Text struct {
	Header    string // fields of the content, decoded, one a line; those of the prefix are not in it
	Body      string // decoded text of all text parts, and file names
	HeaderAll bool   // Header is the whole header
	BodyAll   bool   // Body is the whole text
}

// Text returns the text of a message loaded with it.
func (c *Contents) Text(m *Message) (Text, error) {
	scratch := c.kits.scratch()
	defer c.kits.giveScratch(scratch)
	b, err := c.dec.DecodeAll(m.RawText, (*scratch)[:0])
	if err != nil {
		return Text{}, fmt.Errorf("text of message %d: %w", m.ID, err)
	}
	*scratch = b
	header, body, ok := strings.Cut(string(b), "\x00")
	if !ok {
		return Text{}, fmt.Errorf("text of message %d: its header does not end", m.ID)
	}
	return Text{header, body, m.TextAll&headerAll != 0, m.TextAll&bodyAll != 0}, nil
}

// SameText tells whether stored text is the compressed form of text.
func (c *Contents) SameText(stored, text []byte) (bool, error) {
	b, err := c.dec.DecodeAll(stored, nil)
	return bytes.Equal(b, text), err
}
