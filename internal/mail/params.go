package mail

import (
	"sort"
	"strconv"
	"strings"
)

// maxParams bounds the parameters kept of one field.
const maxParams = 64

// parseParams reads "value; name=value; …" (RFC 2045 §5.1) with the mistakes that occur: no quotes around spaces and
// specials, quotes inside quotes, quotes never closed, semicolons missing or doubled. The first of two parameters of
// one name counts.
func parseParams(s string) (value string, params []Param) {
	s = unfold(s)
	value, rest, more := strings.Cut(s, ";")
	value = strings.TrimSpace(stripComment(value))
	for more && len(params) < maxParams {
		var p Param
		p, rest = nextParam(rest)
		if p.Name != "" && !hasParam(params, p.Name) {
			params = append(params, p)
		}
		more = rest != ""
	}
	return value, joinContinuations(params)
}

// nextParam reads one parameter up to its semicolon; its name is "" if there is none.
func nextParam(s string) (p Param, rest string) {
	s = strings.TrimLeft(s, " \t;")
	eq := strings.IndexByte(s, '=')
	semi := strings.IndexByte(s, ';')
	if eq < 0 || (semi >= 0 && semi < eq) {
		if semi < 0 {
			return p, ""
		}
		return p, s[semi+1:]
	}
	p.Name = strings.ToLower(strings.Trim(stripComment(s[:eq]), " \t\"'"))
	s = strings.TrimLeft(s[eq+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		p.Value, rest = quotedValue(s[1:])
	} else {
		p.Value, rest = bareValue(s)
	}
	if strings.ContainsAny(p.Name, " \t\r\n") {
		p.Name = ""
	}
	return p, rest
}

// quotedValue reads after the opening quote. A quote closes the value only where a value can end; other quotes are
// part of it, as in filename="le "conseil".pdf".
func quotedValue(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"' && endsValue(s[i+1:]):
			return b.String(), afterSemicolon(s[i+1:])
		default:
			b.WriteByte(c)
		}
	}
	// Never closed: the value ends at the next semicolon, like one without quotes.
	return bareValue(s)
}

func endsValue(s string) bool {
	s = strings.TrimLeft(s, " \t")
	return s == "" || s[0] == ';' || s[0] == '(' || startsParam(s)
}

// startsParam reports whether s looks like "name=", the next parameter after a forgotten semicolon.
func startsParam(s string) bool {
	for i := 0; i < len(s) && i < 40; i++ {
		c := s[i]
		switch {
		case c == '=':
			return i > 2
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '-', c == '*', c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return false
}

func afterSemicolon(s string) string {
	s = strings.TrimLeft(s, " \t")
	if s == "" || s[0] == ';' || startsParam(s) {
		return strings.TrimPrefix(s, ";")
	}
	_, rest, _ := strings.Cut(s, ";")
	return rest
}

func bareValue(s string) (value, rest string) {
	value, rest, _ = strings.Cut(s, ";")
	for i := strings.IndexAny(value, " \t"); i >= 0; {
		if tail := strings.TrimLeft(value[i:], " \t"); startsParam(tail) {
			return strings.TrimSpace(value[:i]), tail + ";" + rest
		}
		next := strings.IndexAny(value[i+1:], " \t")
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return strings.Trim(stripComment(value), " \t\""), rest
}

// stripComment removes a comment (RFC 5322 §3.2.2) that ends s: a parenthesis in the middle is a file's name.
func stripComment(s string) string {
	t := strings.TrimRight(s, " \t")
	if !strings.HasSuffix(t, ")") {
		return s
	}
	if open := strings.IndexByte(t, '('); open >= 0 && (open == 0 || t[open-1] == ' ' || t[open-1] == '\t') {
		return t[:open]
	}
	return s
}

func hasParam(params []Param, name string) bool {
	for _, p := range params {
		if p.Name == name {
			return true
		}
	}
	return false
}

// segment is one piece of a continued parameter: name*1*=…
type segment struct {
	number   int
	extended bool
	value    string
}

// joinContinuations puts continued parameters together at the place of their first piece (RFC 2231 §3, §4.1).
func joinContinuations(params []Param) []Param {
	any := false
	for _, p := range params {
		any = any || strings.IndexByte(p.Name, '*') >= 0
	}
	if !any {
		return params
	}
	segments := map[string][]segment{}
	out := params[:0:0]
	for _, p := range params {
		base, seg, ok := parseSegment(p)
		if !ok {
			out = append(out, p)
			continue
		}
		if segments[base] == nil {
			out = append(out, Param{Name: base + "*0"}) // its place; the value follows below
		}
		segments[base] = append(segments[base], seg)
	}
	for i, p := range out {
		if base, ok := strings.CutSuffix(p.Name, "*0"); ok && segments[base] != nil {
			out[i] = joinSegments(base, segments[base])
		}
	}
	return out
}

func parseSegment(p Param) (base string, seg segment, ok bool) {
	base, tail, found := strings.Cut(p.Name, "*")
	if !found || base == "" || tail == "" {
		return "", seg, false
	}
	digits, extended := strings.CutSuffix(tail, "*")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > 1000 {
		return "", seg, false
	}
	return base, segment{n, extended, p.Value}, true
}

func joinSegments(base string, segs []segment) Param {
	sort.SliceStable(segs, func(i, j int) bool { return segs[i].number < segs[j].number })
	extended := false
	for _, s := range segs {
		extended = extended || s.extended
	}
	var b strings.Builder
	for i, s := range segs {
		if i > 0 && s.number == segs[i-1].number {
			continue
		}
		if i == 0 && extended && !s.extended {
			b.WriteString("''")
		}
		if extended && !s.extended {
			b.WriteString(escapePercent(s.value))
		} else {
			b.WriteString(s.value)
		}
	}
	if extended {
		base += "*"
	}
	return Param{Name: base, Value: b.String()}
}

// escapePercent writes a plain piece so that it can stand among percent-encoded ones.
func escapePercent(s string) string {
	return strings.NewReplacer("%", "%25", "'", "%27", "*", "%2A").Replace(s)
}

// paramText is the decoded value of a parameter: extended (RFC 2231 §4) before plain; a plain one may hold encoded
// words, which RFC 2047 forbids there and many senders write. "" if there is none.
func paramText(params []Param, name string) string {
	plain := ""
	for _, p := range params {
		if len(p.Name) == len(name)+1 && p.Name[len(name)] == '*' && p.Name[:len(name)] == name {
			return withoutControls(decodeExtended(p.Value))
		}
		if p.Name == name {
			plain = p.Value
		}
	}
	return DecodeHeader(plain)
}

func decodeExtended(s string) string {
	charset, text := "", s
	if parts := strings.SplitN(s, "'", 3); len(parts) == 3 {
		charset, text = parts[0], parts[2]
	}
	if strings.HasPrefix(text, "=?") {
		return DecodeHeader(text)
	}
	return decodeCharset(charset, decodePercent(text))
}

func decodePercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hexValue[s[i+1]] < 16 && hexValue[s[i+2]] < 16 {
			out = append(out, hexValue[s[i+1]]<<4|hexValue[s[i+2]])
			i += 2
		} else {
			out = append(out, s[i])
		}
	}
	return out
}
