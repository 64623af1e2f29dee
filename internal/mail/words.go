package mail

import (
	"strings"
)

// DecodeHeader turns a raw header value into UTF-8 on one line: unfolded, encoded words (RFC 2047) decoded, raw bytes
// above 127 read as UTF-8 or else Windows-1252, control characters turned into spaces.
//
// It reads what senders write rather than what they should: encoded words inside quotes or glued to other text, with
// spaces in them, without their end, in charsets that do not exist, and characters split between two words.
func DecodeHeader(raw string) string {
	raw = unfold(raw)
	if !strings.Contains(raw, "=?") {
		if isASCIIString(raw) {
			return withoutControls(raw)
		}
		return withoutControls(decodeMixed([]byte(raw)))
	}
	d := wordDecoder{}
	d.out.Grow(len(raw))
	rest := raw
	for {
		start := strings.Index(rest, "=?")
		if start < 0 {
			break
		}
		word, size := parseWord(rest[start:])
		if size == 0 {
			d.literal(rest[:start+2])
			rest = rest[start+2:]
			continue
		}
		d.literal(rest[:start])
		d.word(word)
		rest = rest[start+size:]
	}
	d.literal(rest)
	d.flush()
	return withoutControls(d.out.String())
}

// encodedWord is one RFC 2047 word, its text already freed from base64 or Q.
type encodedWord struct {
	charset string
	text    []byte
}

// parseWord reads the encoded word that s starts with; size 0 if it is none.
func parseWord(s string) (word encodedWord, size int) {
	q1 := strings.IndexByte(s[2:], '?')
	if q1 <= 0 || q1 > 60 {
		return word, 0
	}
	charset, rest := s[2:2+q1], s[2+q1+1:]
	if strings.ContainsAny(charset, " \t\"<>,;:()") || len(rest) < 2 || rest[1] != '?' {
		return word, 0
	}
	charset, _, _ = strings.Cut(charset, "*") // RFC 2231 §5: charset*language
	scheme, text := rest[0]|0x20, rest[2:]
	size = len(s) - len(text)
	end := strings.Index(text, "?=")
	switch {
	case end >= 0:
		size += end + 2
	case scheme == 'b' || scheme == 'q': // cut off: the rest of it, as far as it goes
		if end = strings.IndexAny(text, " \t\""); end < 0 {
			end = len(text)
		}
		size += end
	}
	if end < 0 {
		return word, 0
	}
	switch scheme {
	case 'b':
		return encodedWord{charset, decodeBase64String(text[:end])}, size
	case 'q':
		return encodedWord{charset, decodeQ(text[:end])}, size
	}
	return word, 0
}

// decodeQ decodes the Q encoding (RFC 2047 §4.2): underscores are spaces, what is no escape stays.
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(s) && hexValue[s[i+1]] < 16 && hexValue[s[i+2]] < 16:
			out = append(out, hexValue[s[i+1]]<<4|hexValue[s[i+2]])
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// wordDecoder joins neighbouring words of one charset before it decodes them, since senders split characters.
type wordDecoder struct {
	out     strings.Builder
	charset string
	pending []byte
	open    bool // pending holds a word, and nothing but spaces came since
}

func (d *wordDecoder) literal(s string) {
	if s == "" || (d.open && strings.TrimLeft(s, " \t") == "") {
		if d.open {
			return // spaces between two words do not count (RFC 2047 §6.2); at the end they are trailing
		}
	}
	d.flush()
	if isASCIIString(s) {
		d.out.WriteString(s)
	} else {
		d.out.WriteString(decodeMixed([]byte(s)))
	}
}

func (d *wordDecoder) word(w encodedWord) {
	if d.open && !strings.EqualFold(d.charset, w.charset) {
		d.flush()
	}
	d.charset, d.open = w.charset, true
	d.pending = append(d.pending, w.text...)
}

func (d *wordDecoder) flush() {
	if d.open {
		d.out.WriteString(decodeCharset(d.charset, d.pending))
		d.pending, d.open = d.pending[:0], false
	}
}

// withoutControls replaces control characters by spaces, which is what a header can carry; s must be UTF-8.
func withoutControls(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
