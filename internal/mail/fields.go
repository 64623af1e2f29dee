package mail

import (
	"bytes"
	"strings"
)

// fieldID names the header fields that facts are made of; 0 is any other.
type fieldID uint8

const (
	fieldDate fieldID = iota + 1
	fieldSubject
	fieldFrom
	fieldSender
	fieldReplyTo
	fieldTo
	fieldCc
	fieldBcc
	fieldInReplyTo
	fieldMessageID
	fieldReferences
	fieldContentType
	fieldEncoding
	fieldDisposition
	fieldContentID
	fieldDescription
	fieldMD5
	fieldLocation
	fieldLanguage
)

// fieldScanner gathers one field at a time, of those that facts are made of.
type fieldScanner struct {
	id     fieldID
	count  int    // fields of this header
	value  []byte // unfolded
	budget int    // bytes that may still be kept of all headers
}

func (f *fieldScanner) begin() { f.id, f.count, f.value = 0, 0, f.value[:0] }

// headerPiece scans a line of a header without its line end, or a piece of it.
func (s *Scanner) headerPiece(content []byte, first bool) {
	f := &s.field
	if !s.facts.NeedsSMTPUTF8 && s.facts.Is8bit && !isASCII(content) {
		s.facts.NeedsSMTPUTF8 = true
	}
	if first && (len(content) == 0 || (content[0] != ' ' && content[0] != '\t')) {
		s.finishField()
		f.count++
		colon := bytes.IndexByte(content[:min(len(content), maxFieldName)], ':')
		if colon < 0 || f.count > s.limits.Fields {
			return
		}
		f.id = lookupField(bytes.TrimRight(content[:colon], " \t"))
		content = content[colon+1:]
	}
	if f.id == 0 {
		return
	}
	n := min(len(content), s.limits.HeaderField-len(f.value), f.budget)
	f.value = append(f.value, content[:n]...)
	f.budget -= n
}

// maxFieldName is longer than any field name in lookupField, with the spaces that may follow it.
const maxFieldName = 80

func lookupField(name []byte) fieldID {
	var lower [len("content-transfer-encoding")]byte
	if len(name) > len(lower) || len(name) < 2 {
		return 0
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	switch string(lower[:len(name)]) {
	case "date":
		return fieldDate
	case "subject":
		return fieldSubject
	case "from":
		return fieldFrom
	case "sender":
		return fieldSender
	case "reply-to":
		return fieldReplyTo
	case "to":
		return fieldTo
	case "cc":
		return fieldCc
	case "bcc":
		return fieldBcc
	case "in-reply-to":
		return fieldInReplyTo
	case "message-id":
		return fieldMessageID
	case "references":
		return fieldReferences
	case "content-type":
		return fieldContentType
	case "content-transfer-encoding":
		return fieldEncoding
	case "content-disposition":
		return fieldDisposition
	case "content-id":
		return fieldContentID
	case "content-description":
		return fieldDescription
	case "content-md5":
		return fieldMD5
	case "content-location":
		return fieldLocation
	case "content-language":
		return fieldLanguage
	}
	return 0
}

// finishField takes the gathered field into the part, or into the envelope of the message that the part is the root of.
// Of a field that may stand once, the first counts; address fields add up.
func (s *Scanner) finishField() {
	f := &s.field
	if f.id == 0 {
		return
	}
	id, value := f.id, unfold(string(bytes.TrimSpace(f.value)))
	f.id, f.value = 0, f.value[:0]
	n := s.top()
	if id >= fieldContentType {
		n.part.setField(id, value)
		return
	}
	env := n.envelope
	if env == nil {
		return
	}
	switch id {
	case fieldDate:
		setOnce(&env.Date, value)
	case fieldSubject:
		setOnce(&env.Subject, value)
	case fieldInReplyTo:
		setOnce(&env.InReplyTo, value)
	case fieldMessageID:
		setOnce(&env.MessageID, value)
	case fieldReferences:
		if env == &s.facts.Envelope {
			setOnce(&s.references, value)
		}
	case fieldFrom:
		s.addAddresses(&env.From, value)
	case fieldSender:
		s.addAddresses(&env.Sender, value)
	case fieldReplyTo:
		s.addAddresses(&env.ReplyTo, value)
	case fieldTo:
		s.addAddresses(&env.To, value)
	case fieldCc:
		s.addAddresses(&env.Cc, value)
	case fieldBcc:
		s.addAddresses(&env.Bcc, value)
	}
}

func setOnce(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

func (s *Scanner) addAddresses(to *[]Address, value string) {
	more := parseAddresses(value, s.limits.Addresses-s.addresses)
	s.addresses += len(more)
	if *to == nil {
		*to = more
	} else {
		*to = append(*to, more...)
	}
}

func (p *Part) setField(id fieldID, value string) {
	switch id {
	case fieldContentType:
		if p.Type == "" {
			p.setContentType(value)
		}
	case fieldEncoding:
		if p.Encoding == "" {
			p.Encoding = cleanEncoding(value)
		}
	case fieldDisposition:
		if p.Disposition == "" && p.DispositionParams == nil {
			disposition, params := parseParams(value)
			p.Disposition, p.DispositionParams = cleanToken(disposition), params
		}
	case fieldContentID:
		setOnce(&p.ID, value)
	case fieldDescription:
		setOnce(&p.Description, value)
	case fieldMD5:
		setOnce(&p.MD5, value)
	case fieldLocation:
		setOnce(&p.Location, value)
	case fieldLanguage:
		if p.Language == nil {
			for tag := range strings.SplitSeq(value, ",") {
				if tag = strings.TrimSpace(tag); tag != "" && len(p.Language) < maxParams {
					p.Language = append(p.Language, tag)
				}
			}
		}
	}
}

// setContentType reads Content-Type. Without a subtype it is guessed from the type; nonsense is text/plain (RFC 2045 §5.2).
func (p *Part) setContentType(value string) {
	full, params := parseParams(value)
	kind, sub, _ := strings.Cut(full, "/")
	kind, sub = cleanToken(kind), cleanToken(sub)
	if kind == "" || sub == "" {
		switch kind {
		case "multipart":
			sub = "mixed"
		case "application", "image", "audio", "video":
			kind, sub = "application", "octet-stream"
		default:
			kind, sub = "text", "plain"
		}
	}
	p.Type, p.Subtype, p.Params = kind, sub, params
}

// cleanToken gives the first token (RFC 2045 §5.1) of s in lower case.
func cleanToken(s string) string {
	s = strings.Trim(s, " \t\"'")
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) }); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(s)
}

// cleanEncoding gives a Content-Transfer-Encoding in lower case, its known misspellings put right.
func cleanEncoding(s string) string {
	s, _, _ = strings.Cut(s, ";")
	s = strings.ToLower(strings.Trim(stripComment(s), " \t\"'"))
	switch s {
	case "7-bit", "7bits", "7 bit":
		return "7bit"
	case "8-bit", "8bits", "8 bit":
		return "8bit"
	case "quoted printable", "quoted-printeable", "qp":
		return "quoted-printable"
	case "base-64", "base 64", "b64":
		return "base64"
	}
	return cleanToken(s)
}

// isIdentity reports whether a body in this encoding can be read as it is. An unknown one cannot be decoded, so it is
// read as it is.
func isIdentity(encoding string) bool {
	return encoding != "base64" && encoding != "quoted-printable" && !isUuencode(encoding)
}

func isUuencode(encoding string) bool {
	switch encoding {
	case "x-uuencode", "x-uue", "uuencode":
		return true
	}
	return false
}
