package mail

import (
	"bytes"
	"strings"

	"golang.org/x/text/transform"
)

// textCollector gathers the text that a search looks through, one part after another. It holds the encoded bytes of one
// part at a time.
type textCollector struct {
	wanted  bool // the body that goes by is wanted
	raw     []byte
	scratch []byte // decoded bytes of one part, kept for the next
	input   int    // encoded bytes that may still be taken
	room    int    // bytes of text that may still be given
	cut     bool   // something was left out
	out     []byte
	preview string
}

// reset starts a message and keeps the buffers, unless a long message has made them large.
func (t *textCollector) reset(l Limits) {
	const usual = 64 << 10
	next := textCollector{input: l.TextInput, room: l.Text}
	if cap(t.raw) <= usual && cap(t.scratch) <= usual && cap(t.out) <= usual {
		next.raw, next.scratch, next.out = t.raw[:0], t.scratch[:0], t.out[:0]
	}
	*t = next
}

// begin starts the body of a part. A multipart's preamble is taken too, for as long as no part of it is found.
func (t *textCollector) begin(p *Part) {
	t.raw = t.raw[:0]
	t.wanted = p.Type == "text" || p.Type == "multipart" || p.isReport()
}

// isReport tells the machine-readable parts that a person searches in: of bounces and receipts.
func (p *Part) isReport() bool {
	if p.Type != "message" {
		return false
	}
	switch p.Subtype {
	case "delivery-status", "disposition-notification", "feedback-report", "global-delivery-status", "global-disposition-notification":
		return true
	}
	return false
}

func (t *textCollector) drop() { t.wanted, t.raw = false, t.raw[:0] }

func (t *textCollector) capture(p []byte) {
	n := min(len(p), t.input)
	if t.raw == nil {
		t.raw = make([]byte, 0, 4096)
	}
	t.raw = append(t.raw, p[:n]...)
	t.input -= n
	if n < len(p) {
		t.cut, t.wanted = true, false
	}
}

// end decodes what was taken of the part.
func (t *textCollector) end(p *Part) {
	if len(t.raw) > 0 {
		text := t.decode(p)
		if t.preview == "" && p.Disposition != "attachment" {
			t.preview = previewOf(p, text)
		}
		if p.Subtype == "html" {
			text = htmlText(text)
		}
		t.add(text)
	}
	t.drop()
}

// decode gives the text of a part in UTF-8, markup and line ends as they are.
func (t *textCollector) decode(p *Part) string {
	body := t.raw[:min(int64(len(t.raw)), p.BodySize)]
	if decoder := p.decoderFor(body); decoder != nil {
		if cap(t.scratch) < len(body)+8 { // no decoder makes more of it
			t.scratch = make([]byte, len(body)+8)
		}
		n, _, _ := decoder.Transform(t.scratch[:cap(t.scratch)], body, true)
		body = t.scratch[:n]
	}
	return decodeCharset(p.textCharset(body), body)
}

// add gives text to Text, every line end made LF, and one at its end.
func (t *textCollector) add(text string) {
	if text == "" || t.room < 2 {
		t.cut = t.cut || text != ""
		return
	}
	if t.out == nil {
		t.out = make([]byte, 0, min(len(text)+64, t.room))
	}
	start := len(t.out)
	for text != "" && len(t.out)-start < t.room {
		i := strings.IndexByte(text, '\r')
		if i < 0 {
			t.out = append(t.out, text...)
			break
		}
		t.out = append(append(t.out, text[:i]...), '\n')
		text = strings.TrimPrefix(text[i+1:], "\n")
	}
	if added := t.out[start:]; len(added) >= t.room {
		t.cut = true
		t.out = t.out[:start+cutBytes(added, t.room-1)]
	}
	if n := len(t.out); n > start && t.out[n-1] != '\n' {
		t.out = append(t.out, '\n')
	}
	t.room -= len(t.out) - start
}

// embedded adds what the header of an embedded message tells a person.
func (t *textCollector) embedded(e *Envelope) {
	t.add(strings.TrimSpace(DecodeHeader(e.Subject)))
	for _, a := range e.From {
		t.add(strings.TrimSpace(a.DisplayName() + " " + a.Addr()))
	}
}

// decoderFor gives the decoder of the part's transfer encoding, nil if the body can be read as it is. head is the body or its
// beginning: text that claims to be base64 and has spaces between its words is not.
func (p *Part) decoderFor(head []byte) transform.Transformer {
	switch {
	case p.Encoding == "base64":
		line, _, _ := bytes.Cut(head[:min(len(head), 100)], []byte("\n"))
		if p.Type == "text" && bytes.IndexByte(bytes.TrimSpace(line), ' ') > 0 {
			return nil
		}
		return &base64Decoder{}
	case p.Encoding == "quoted-printable":
		return quotedPrintable{}
	case isUuencode(p.Encoding):
		return &uuDecoder{}
	}
	return nil
}

// textCharset is the charset parameter; HTML that has none may name it in a <meta> of its own. head is the text or its
// beginning.
func (p *Part) textCharset(head []byte) string {
	charset := p.Charset()
	if charset != "" || p.Subtype != "html" {
		return charset
	}
	head = head[:min(len(head), 1024)]
	i := bytes.Index(bytes.ToLower(head), []byte("charset="))
	if i < 0 {
		return ""
	}
	name := bytes.TrimLeft(head[i+len("charset="):], `"' `)
	if end := bytes.IndexAny(name, "\"' />;"); end >= 0 {
		name = name[:end]
	}
	return string(name)
}

// cutBytes gives the length, at most n, to which b can be cut without cutting a character.
func cutBytes[T string | []byte](b T, n int) int {
	if len(b) <= n {
		return len(b)
	}
	for n > 0 && b[n]&0xc0 == 0x80 {
		n--
	}
	return n
}

func cutUTF8(s string, n int) string { return s[:cutBytes(s, n)] }
