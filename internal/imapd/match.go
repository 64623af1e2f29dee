package imapd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"navette/internal/imap"
	"navette/internal/mail"
	"navette/internal/mailbox"
)

// matcher decides about messages that were loaded. Its buffers go from one message to the next.
type matcher struct {
	ctx context.Context
	srv *Server
	now time.Time

	open      opened
	text      []byte // the message's text, folded: header, then body
	split     int    // where the body begins in text
	wholeHead bool   // text has the whole header of the content
	loaded    bool   // text is that of the present message
	folded    []byte // scratch for headers
}

// matches decides about one message.
func (m *matcher) matches(q *query, it *mailbox.Item) (bool, error) {
	m.open = opened{ctx: m.ctx, contents: m.srv.contents, item: it, limit: m.srv.limits.PendingHeader}
	m.loaded = false
	defer m.open.close()
	found, err := m.holds(&q.key)
	if err != nil {
		return false, fmt.Errorf("search UID %d: %w", it.UID, err)
	}
	return found, nil
}

// holds decides one condition.
func (m *matcher) holds(c *condition) (bool, error) {
	it := m.open.item
	switch c.Op {
	case imap.SearchAnd, imap.SearchOr:
		for i := range c.kids {
			found, err := m.holds(&c.kids[i])
			if err != nil || found == (c.Op == imap.SearchOr) {
				return found, err
			}
		}
		return c.Op == imap.SearchAnd, nil
	case imap.SearchNot:
		found, err := m.holds(&c.kids[0])
		return !found, err
	case imap.SearchHeader:
		return m.header(c)
	case imap.SearchBody:
		return m.body(c.needles)
	case imap.SearchText:
		return m.anywhere(c.needles)
	case imap.SearchSentBefore, imap.SearchSentOn, imap.SearchSentSince:
		facts, err := m.open.facts()
		if err != nil {
			return false, err
		}
		sent, known := mail.ParseDate(facts.Envelope.Date)
		return known && compareDay(c.Op-imap.SearchSentBefore+imap.SearchBefore, dayOf(sent), c.Date), nil
	case imap.SearchBefore, imap.SearchOn, imap.SearchSince:
		return compareDay(c.Op, dayOf(it.ReceivedAt.UTC()), c.Date), nil
	case imap.SearchLarger:
		return uint64(it.Message.Size) > c.Number, nil
	case imap.SearchSmaller:
		return uint64(it.Message.Size) < c.Number, nil
	case imap.SearchOlder:
		return !it.ReceivedAt.After(m.now.Add(-time.Duration(c.Number) * time.Second)), nil
	case imap.SearchYounger:
		return !it.ReceivedAt.Before(m.now.Add(-time.Duration(c.Number) * time.Second)), nil
	case imap.SearchThreadID:
		return it.Thread == c.id, nil
	}
	return c.placement(it), nil
}

// dayOf is the day on which t falls where it was written, as dates of SEARCH are: at midnight UTC.
func dayOf(t time.Time) time.Time {
	y, mo, d := t.Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
}

// compareDay applies SearchBefore, SearchOn or SearchSince.
func compareDay(op imap.SearchOp, day, date time.Time) bool {
	switch op {
	case imap.SearchBefore:
		return day.Before(date)
	case imap.SearchOn:
		return day.Equal(date)
	}
	return !day.Before(date)
}

// inFacts tells whether a header field's text is known without the message's octets.
func inFacts(field string) bool {
	switch field {
	case "subject", "message-id", "in-reply-to", "date":
		return true
	}
	return addressesOf(&mail.Envelope{}, field) != nil
}

// header decides HEADER and its like: the field is there and its decoded text holds the needle.
func (m *matcher) header(c *condition) (bool, error) {
	if !inFacts(c.Field) {
		return m.rawHeader(func(f mail.HeaderField) bool { return strings.EqualFold(f.Name, c.Field) && m.in(f.Text(), c.needles) })
	}
	e, err := m.open.envelope()
	if err != nil {
		return false, err
	}
	if list := addressesOf(e, c.Field); list != nil {
		return len(*list) > 0 && m.in(addressText(*list), c.needles), nil
	}
	text := ""
	switch c.Field {
	case "subject":
		text = mail.DecodeHeader(e.Subject)
	case "message-id":
		text = e.MessageID
	case "in-reply-to":
		text = e.InReplyTo
	case "date":
		text = e.Date
	}
	return text != "" && m.in(text, c.needles), nil
}

// addressText is a list of addresses as people read it.
func addressText(list []mail.Address) string {
	var b strings.Builder
	for _, a := range list {
		switch a.Kind {
		case mail.GroupStart:
			b.WriteString(mail.DecodeHeader(a.Mailbox))
			b.WriteString(": ")
		case mail.GroupEnd:
			b.WriteString("; ")
		default:
			if name := a.DisplayName(); name != "" {
				b.WriteString(name)
				b.WriteByte(' ')
			}
			b.WriteByte('<')
			b.WriteString(a.Addr())
			b.WriteString(">, ")
		}
	}
	return b.String()
}

// in tells whether a header's text holds a needle.
func (m *matcher) in(text string, n needle) bool {
	m.folded = appendFolded(m.folded[:0], text)
	return n.in(m.folded)
}

// body decides BODY by the decoded text of all text parts.
func (m *matcher) body(n needle) (bool, error) {
	if err := m.load(); err != nil {
		return false, err
	}
	return n.in(m.text[m.split:]), nil
}

// load folds the message's text: what was kept at its arrival or, where that was cut short, a new reading.
func (m *matcher) load() error {
	if m.loaded {
		return nil
	}
	text, err := m.srv.contents.Text(&m.open.item.Message)
	if err == nil && !text.BodyAll {
		text.Body, err = m.wholeBody()
	}
	if err != nil {
		return err
	}
	m.text = appendFolded(m.text[:0], text.Header)
	m.split, m.wholeHead = len(m.text), text.HeaderAll
	m.text, m.loaded = appendFolded(m.text, text.Body), true
	return nil
}

func (m *matcher) wholeBody() (string, error) {
	r, err := m.open.from(0)
	if err != nil {
		return "", err
	}
	scan := int(m.srv.limits.SearchScan)
	facts, err := mail.Parse(r, mail.Limits{TextInput: scan, Text: scan})
	if err != nil {
		return "", err
	}
	return facts.Text, nil
}

// anywhere decides TEXT: the body, or any field of the header, name and all.
func (m *matcher) anywhere(n needle) (bool, error) {
	if err := m.load(); err != nil {
		return false, err
	}
	if n.in(m.text[m.split:]) {
		return true, nil
	}
	if m.wholeHead {
		return n.in(m.text[:m.split]) || m.in(mail.HeaderText(m.open.item.Message.Prefix), n), nil
	}
	return m.rawHeader(func(f mail.HeaderField) bool { return m.in(f.Name+": "+f.Text(), n) })
}

// rawHeader tells whether some field of the header, prefix included, satisfies is.
func (m *matcher) rawHeader(is func(mail.HeaderField) bool) (bool, error) {
	facts, err := m.open.facts()
	if err != nil {
		return false, err
	}
	msg := &m.open.item.Message
	header, err := m.open.read(span{0, min(int64(len(msg.Prefix))+facts.HeaderSize, msg.Size)})
	if err != nil {
		return false, err
	}
	for f := range mail.HeaderFields(header) {
		if is(f) {
			return true, nil
		}
	}
	return false, nil
}
