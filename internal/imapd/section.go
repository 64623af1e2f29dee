package imapd

import (
	"bytes"

	"navette/internal/imap"
	"navette/internal/mail"
	"navette/internal/mailbox"
)

// needOfSection is what must be loaded to cut a section out of a message.
func needOfSection(sec imap.Section) mailbox.Need {
	if len(sec.Path) == 0 && sec.Part == imap.PartAll {
		return mailbox.NeedEmail
	}
	return mailbox.NeedFacts
}

// span is octets of a message: prefix and content joined.
type span struct{ offset, size int64 }

// locate returns where a section lies, before its fields are picked; ok is false when the message has no such part.
func locate(facts *mail.Facts, prefix, size int64, sec imap.Section) (at span, ok bool) {
	if len(sec.Path) == 0 {
		header := min(prefix+facts.HeaderSize, size)
		switch sec.Part {
		case imap.PartAll:
			return span{0, size}, true
		case imap.PartText:
			return span{header, size - header}, true
		}
		return span{0, header}, true
	}
	p := partAt(facts.Root, sec.Path)
	if p == nil {
		return span{}, false
	}
	switch sec.Part {
	case imap.PartAll:
		return span{prefix + p.BodyOffset, p.BodySize}, true
	case imap.PartMIME:
		if p == facts.Root {
			return span{0, prefix + p.HeaderSize}, true
		}
		return span{prefix + p.HeaderOffset, p.HeaderSize}, true
	}
	// HEADER and TEXT are those of a message within the message (RFC 3501 §6.4.5).
	if !p.IsMessage() {
		return span{}, false
	}
	inner := p.Children[0]
	if sec.Part == imap.PartText {
		return span{prefix + inner.BodyOffset, inner.BodySize}, true
	}
	return span{prefix + inner.HeaderOffset, inner.HeaderSize}, true
}

// partAt follows part numbers from the root of a message. A message that is no multipart has one part, 1; so has a
// message within it.
func partAt(root *mail.Part, path []int) *mail.Part {
	at, message := root, true // message: at is the root of a message, not yet numbered
	for _, n := range path {
		if !message && at.IsMessage() {
			at, message = at.Children[0], true
		}
		switch {
		case at.IsMultipart():
			if n > len(at.Children) {
				return nil
			}
			at = at.Children[n-1]
		case message && n == 1:
		default:
			return nil
		}
		message = false
	}
	return at
}

// section writes BODY[...] and its like.
func (o *opened) section(w *imap.FetchWriter, item imap.FetchItem) error {
	m := &o.item.Message
	facts := &mail.Facts{}
	if needOfSection(item.Section) == mailbox.NeedFacts {
		var err error
		if facts, err = o.facts(); err != nil {
			return err
		}
	}
	at, found := locate(facts, int64(len(m.Prefix)), m.Size, item.Section)
	if !found {
		return w.Section(item, 0, nil)
	}
	if part := item.Section.Part; part == imap.PartHeaderFields || part == imap.PartHeaderFieldsNot {
		header, err := o.read(at)
		if err != nil {
			return err
		}
		picked := mail.FilterHeader(header, item.Section.Fields, part == imap.PartHeaderFieldsNot)
		at = cut(span{0, int64(len(picked))}, item.Partial)
		return w.Section(item, at.size, bytes.NewReader(picked[at.offset:]))
	}
	at = cut(at, item.Partial)
	if at.size == 0 {
		return w.Section(item, 0, bytes.NewReader(nil))
	}
	r, err := o.from(at.offset)
	if err != nil {
		return err
	}
	return w.Section(item, at.size, r)
}

// cut applies <offset.size>.
func cut(at span, p *imap.Partial) span {
	if p == nil {
		return at
	}
	skip := min(p.Offset, at.size)
	return span{at.offset + skip, min(p.Size, at.size-skip)}
}
