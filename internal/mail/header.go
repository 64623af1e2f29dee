package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
)

// HeaderField is one field of a raw header, a view into its bytes.
type HeaderField struct {
	Name   string // as written, without the colon; "" for a line that is no field
	Value  []byte // raw: everything after the colon, folds included, without the last line end
	Offset int    // of the field's first byte in the header
	Size   int    // of the whole field, its last line end included
}

// Text is the value unfolded, decoded to UTF-8 and trimmed.
func (f HeaderField) Text() string { return strings.TrimSpace(DecodeHeader(string(f.Value))) }

// HeaderText is a raw header as people read it: "Name: value" for each field, unfolded and decoded, one a line.
func HeaderText(raw []byte) string {
	var b strings.Builder
	b.Grow(len(raw))
	for f := range HeaderFields(raw) {
		if f.Name != "" {
			b.WriteString(f.Name)
			b.WriteString(": ")
		}
		b.WriteString(f.Text())
		b.WriteByte('\n')
	}
	return b.String()
}

// HeaderFields goes through the fields of a raw header in order. It ends at the empty line or at the end of raw, so
// a whole message may be given. A line without a colon is one field without a name.
func HeaderFields(raw []byte) iter.Seq[HeaderField] {
	return func(yield func(HeaderField) bool) {
		for at := 0; at < len(raw); {
			if emptyLine(raw[at:]) > 0 {
				return
			}
			size := fieldSize(raw[at:])
			if !yield(newHeaderField(raw[at:at+size], at)) {
				return
			}
			at += size
		}
	}
}

func newHeaderField(field []byte, offset int) HeaderField {
	f := HeaderField{Offset: offset, Size: len(field), Value: trimLineEnd(field)}
	if colon := bytes.IndexByte(field, ':'); colon > 0 {
		name := bytes.TrimRight(field[:colon], " \t") // "Subject : x" is obsolete syntax, RFC 5322 §4.5
		if isFieldName(name) {
			f.Name, f.Value = string(name), trimLineEnd(field[colon+1:])
		}
	}
	return f
}

// isFieldName follows RFC 5322 §3.6.8, and lets bytes above 127 pass.
func isFieldName(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == 0x7f || c == ':' {
			return false
		}
	}
	return len(b) > 0
}

// fieldSize counts the bytes of the first field of b, with its folded lines.
func fieldSize(b []byte) int {
	at := 0
	for {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return len(b)
		}
		at += i + 1
		if at == len(b) || (b[at] != ' ' && b[at] != '\t') {
			return at
		}
	}
}

// emptyLine gives the length of the empty line that b starts with, 0 if it starts with something else.
func emptyLine(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

func trimLineEnd(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
		if n > 1 && b[n-2] == '\r' {
			b = b[:n-2]
		}
	}
	return b
}

// SplitHeader cuts a message, or its beginning, after the empty line that ends the header. Without one everything
// is header.
func SplitHeader(message []byte) (header, body []byte) {
	for at := 0; at < len(message); {
		if n := emptyLine(message[at:]); n > 0 {
			return message[:at+n], message[at+n:]
		}
		i := bytes.IndexByte(message[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return message, nil
}

// ReadHeader reads the header of a message, its empty line included, and leaves r (when it is a *bufio.Reader) at
// the body. At most limit bytes are read; a header that is longer is given as far as the limit. The error is r's;
// the end of the message is none.
func ReadHeader(r io.Reader, limit int) ([]byte, error) {
	br, ok := r.(*bufio.Reader)
	if !ok {
		br = bufio.NewReader(r)
	}
	var header []byte
	lineStart := 0
	for len(header) < limit {
		piece, err := br.ReadSlice('\n')
		if room := limit - len(header); len(piece) > room {
			piece = piece[:room]
		}
		header = append(header, piece...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return header, nil
		case err != nil:
			return header, err
		}
		if emptyLine(header[lineStart:]) == len(header)-lineStart {
			break
		}
		lineStart = len(header)
	}
	return header, nil
}

// FilterHeader keeps the fields whose names are in names, or with not those whose names are not, in their order and
// byte for byte, and always ends with an empty line: HEADER.FIELDS and HEADER.FIELDS.NOT of RFC 9051 §6.4.5.1.
func FilterHeader(raw []byte, names []string, not bool) []byte {
	header, _ := SplitHeader(raw)
	out := make([]byte, 0, min(len(header), 1024)+2)
	for field := range HeaderFields(header) {
		if containsFold(names, field.Name) == not {
			continue
		}
		out = append(out, header[field.Offset:field.Offset+field.Size]...)
		if out[len(out)-1] != '\n' {
			out = append(out, "\r\n"...)
		}
	}
	return append(out, "\r\n"...)
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// unfold removes the line ends of a folded value (RFC 5322 §2.2.3) and turns every other CR, LF and NUL into a
// space, so that the result can stand in any protocol line.
func unfold(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, 0) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\r', '\n':
			next := i + 1
			if c == '\r' && next < len(s) && s[next] == '\n' {
				next++
			}
			if next >= len(s) || (s[next] != ' ' && s[next] != '\t') {
				b.WriteByte(' ')
			}
			i = next - 1
		case 0:
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
