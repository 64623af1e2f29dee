package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// correspondent is who writes or receives, as a header shows it.
type correspondent struct {
	name    string
	address string
}

// spelling is how a mail program puts text on the wire.
type spelling int

const (
	spellUTF8QP spelling = iota
	spellUTF8Base64
	spellLatin1QP
	spellUTF8Plain8bit
)

// letter is one message before it is written out.
type letter struct {
	id         string // without angle brackets
	date       time.Time
	from       correspondent
	to, cc     []correspondent
	subject    string
	inReplyTo  string
	references []string
	extra      []string // further header lines, ASCII, without end
	text       string
	html       string // empty: plain text only
	attached   []attachment
	spelling   spelling
}

// attachment is a file that goes with a letter.
type attachment struct {
	name  string
	media string
	data  []byte
}

// bytes writes the message out (RFC 5322, RFC 2045): CRLF, lines of at most 78 octets in
// headers, the same octets for the same letter.
func (l letter) bytes() []byte {
	var b bytes.Buffer
	for _, line := range l.extra {
		b.WriteString(line + "\r\n")
	}
	header(&b, "Date", l.date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header(&b, "From", addressList([]correspondent{l.from}))
	header(&b, "To", addressList(l.to))
	if len(l.cc) > 0 {
		header(&b, "Cc", addressList(l.cc))
	}
	header(&b, "Subject", mime.QEncoding.Encode("utf-8", l.subject))
	header(&b, "Message-ID", "<"+l.id+">")
	if l.inReplyTo != "" {
		header(&b, "In-Reply-To", "<"+l.inReplyTo+">")
		header(&b, "References", "<"+strings.Join(l.references, "> <")+">")
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	l.body(&b)
	return b.Bytes()
}

// body writes the parts: text, text and HTML, and what is attached.
func (l letter) body(b *bytes.Buffer) {
	if len(l.attached) == 0 {
		l.readable(b)
		return
	}
	mark := l.boundary("m")
	fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", mark, mark)
	l.readable(b)
	for _, a := range l.attached {
		fmt.Fprintf(b, "\r\n--%s\r\n", mark)
		header(b, "Content-Type", a.media+"; "+parameter("name", a.name))
		header(b, "Content-Disposition", "attachment; "+parameter("filename", a.name))
		b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
		writeBase64(b, a.data)
	}
	fmt.Fprintf(b, "\r\n--%s--\r\n", mark)
}

func (l letter) readable(b *bytes.Buffer) {
	if l.html == "" {
		writeText(b, "plain", l.text, l.spelling)
		return
	}
	mark := l.boundary("a")
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", mark, mark)
	writeText(b, "plain", l.text, l.spelling)
	fmt.Fprintf(b, "\r\n--%s\r\n", mark)
	writeText(b, "html", l.html, l.spelling)
	fmt.Fprintf(b, "\r\n--%s--\r\n", mark)
}

func (l letter) boundary(kind string) string {
	id, _, _ := strings.Cut(l.id, "@")
	return "=_" + kind + "_" + id
}

// header writes a line, folded at spaces (RFC 5322 §2.2.3).
func header(b *bytes.Buffer, name, value string) {
	column := len(name) + 1
	b.WriteString(name + ":")
	for _, word := range strings.Split(value, " ") {
		if column+1+len(word) > 78 && column > len(name)+1 {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteString(" " + word)
		column += 1 + len(word)
	}
	b.WriteString("\r\n")
}

func addressList(list []correspondent) string {
	out := make([]string, len(list))
	for i, c := range list {
		switch encoded := mime.QEncoding.Encode("utf-8", c.name); {
		case c.name == "":
			out[i] = c.address
		case encoded != c.name:
			out[i] = encoded + " <" + c.address + ">"
		default:
			out[i] = `"` + c.name + `" <` + c.address + ">"
		}
	}
	return strings.Join(out, ", ")
}

// parameter writes a MIME parameter, in the form of RFC 2231 where it is not ASCII.
func parameter(name, value string) string {
	if isASCII(value) {
		return fmt.Sprintf("%s=%q", name, value)
	}
	var b strings.Builder
	b.WriteString(name + "*=utf-8''")
	for _, octet := range []byte(value) {
		if octet >= '0' && octet <= '9' || octet >= 'A' && octet <= 'Z' || octet >= 'a' && octet <= 'z' || strings.IndexByte("-._", octet) >= 0 {
			b.WriteByte(octet)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", octet)
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// writeText writes one text part in the spelling asked for, UTF-8 where Latin-1 has no such letter.
func writeText(b *bytes.Buffer, subtype, text string, s spelling) {
	octets := []byte(strings.ReplaceAll(text, "\n", "\r\n"))
	charset := "utf-8"
	if s == spellLatin1QP {
		if latin1, err := charmap.ISO8859_1.NewEncoder().Bytes(octets); err == nil {
			charset, octets = "iso-8859-1", latin1
		}
	}
	fmt.Fprintf(b, "Content-Type: text/%s; charset=%s\r\n", subtype, charset)
	switch s {
	case spellUTF8Base64:
		b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
		writeBase64(b, octets)
	case spellUTF8Plain8bit:
		b.WriteString("Content-Transfer-Encoding: 8bit\r\n\r\n")
		b.Write(octets)
	default:
		b.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(b)
		w.Write(octets) //nolint:errcheck // a buffer takes everything
		w.Close()
	}
}

func writeBase64(b *bytes.Buffer, data []byte) {
	encoded := base64.StdEncoding.EncodeToString(data)
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\r\n")
}
