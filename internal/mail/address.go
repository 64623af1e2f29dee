package mail

import "strings"

// ParseAddressList reads an address list (RFC 5322 §3.4 and the obsolete §4.4): groups, comments, routes, quoted
// strings. It never fails: specials without quotes become part of a name, an address without "@" has no Host, of
// several "@" the last one counts. At most [Limits.Addresses] of the default limits are kept.
func ParseAddressList(raw string) []Address {
	return parseAddresses(raw, DefaultLimits().Addresses)
}

func parseAddresses(raw string, limit int) []Address {
	if limit <= 0 {
		return nil
	}
	p := addressParser{s: unfold(raw), limit: limit}
	p.list()
	return p.out
}

// addressParser goes once over the list. What comes before a delimiter is gathered in words; the delimiter says what
// it was: "<" a display name, ":" a group's name, "," or ";" an address without brackets.
type addressParser struct {
	s     string
	at    int
	limit int
	out   []Address

	words   []addressWord
	comment string // the last one: the display name of "user@host (Name)"
	inGroup bool
	full    bool // the limit is reached
}

// addressWord is an atom, a quoted string without its quotes, or one special.
type addressWord struct {
	text   string
	quoted bool
	spaced bool // something separated it from the word before
}

func (p *addressParser) list() {
	spaced := false
	for p.at < len(p.s) && !p.full {
		switch c := p.s[p.at]; c {
		case ' ', '\t', '\r', '\n':
			p.at++
			spaced = true
			continue
		case '(':
			p.comment = p.readComment()
			spaced = true
			continue
		case ',':
			p.at++
			p.endAddress()
		case ';':
			p.at++
			p.endAddress()
			p.endGroup()
		case ':':
			p.at++
			p.colon()
		case '<':
			p.angle()
		case '"':
			p.words = append(p.words, addressWord{p.readQuoted(), true, spaced})
		default:
			p.words = append(p.words, addressWord{p.readAtom(), false, spaced})
		}
		spaced = false
	}
	p.endAddress()
	p.endGroup()
}

// readAtom reads up to a delimiter; "@" and "." are left inside, they matter only to splitAddrSpec.
func (p *addressParser) readAtom() string {
	start := p.at
	for p.at < len(p.s) && strings.IndexByte(" \t\r\n(,;:<\"", p.s[p.at]) < 0 {
		if p.s[p.at] == '[' { // a domain literal holds colons
			if end := strings.IndexByte(p.s[p.at:], ']'); end > 0 && !strings.ContainsAny(p.s[p.at:p.at+end], " \t<,;") {
				p.at += end
			}
		}
		p.at++
	}
	return p.s[start:p.at]
}

// readQuoted reads a quoted string and gives it without quotes and backslashes. One that is never closed ends where
// an address begins, or at the next comma.
func (p *addressParser) readQuoted() string {
	start := p.at + 1
	escaped := false
	for i := start; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			p.at = i + 1
			return unescape(p.s[start:i], escaped)
		}
	}
	end := strings.IndexAny(p.s[start:], "<,;")
	if end < 0 {
		end = len(p.s) - start
	}
	p.at = start + end
	return strings.TrimSpace(unescape(p.s[start:p.at], escaped))
}

func unescape(s string, escaped bool) string {
	if !escaped {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// readComment reads a comment with those nested in it and gives its text. One that is never closed is the rest.
func (p *addressParser) readComment() string {
	start, depth, escaped := p.at+1, 0, false
	for ; p.at < len(p.s); p.at++ {
		switch p.s[p.at] {
		case '\\':
			escaped = true
			p.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.at++
				return strings.TrimSpace(unescape(p.s[start:p.at-1], escaped))
			}
		}
	}
	p.at = len(p.s)
	return strings.TrimSpace(unescape(p.s[min(start, len(p.s)):], escaped))
}

// colon ends a group's name, unless an "@" came before it: then it is dirt in an address, as in "mailto:a@b".
func (p *addressParser) colon() {
	if len(p.words) == 1 && strings.EqualFold(p.words[0].text, "mailto") {
		p.words = p.words[:0]
		return
	}
	if p.inGroup || p.hasAt() || len(p.words) == 0 {
		p.words = append(p.words, addressWord{text: ":"})
		return
	}
	p.add(Address{Kind: GroupStart, Mailbox: p.phrase()})
	p.inGroup = !p.full
	p.reset()
}

func (p *addressParser) hasAt() bool {
	for _, w := range p.words {
		if !w.quoted && strings.IndexByte(w.text, '@') >= 0 {
			return true
		}
	}
	return false
}

// angle reads "<route:addr-spec>" and ends the address. Without its ">" it ends at the next comma or semicolon.
func (p *addressParser) angle() {
	p.at++
	inside := p.s[p.at:]
	end, closed := angleEnd(inside)
	p.at += end
	if closed {
		p.at++
	}
	spec := strings.TrimSpace(removeComments(inside[:end]))
	spec = strings.TrimLeft(spec, "<")
	if len(spec) > 7 && strings.EqualFold(spec[:7], "mailto:") {
		spec = spec[7:]
	}
	a := Address{Name: p.phrase()}
	if strings.HasPrefix(spec, "@") {
		if colon := strings.IndexByte(spec, ':'); colon > 0 {
			a.Route, spec = spec[:colon], spec[colon+1:]
		}
	}
	a.Mailbox, a.Host = splitAddrSpec(spec)
	if a.Mailbox == "" && a.Host == "" && p.hasAt() { // "a@b <>"
		a.Name, a.Mailbox, a.Host = "", "", ""
		a.Mailbox, a.Host = splitAddrSpec(p.joined())
	}
	p.skipToDelimiter()
	if a.Name == "" {
		a.Name = p.comment
	}
	if a.Name != "" || a.Mailbox != "" || a.Host != "" {
		p.add(a)
	}
	p.reset()
}

func angleEnd(s string) (end int, closed bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '>' && !quoted:
			return i, true
		}
	}
	if end = strings.IndexAny(s, ">,;"); end < 0 {
		return len(s), false
	}
	return end, s[end] == '>'
}

// skipToDelimiter passes over what follows an address in brackets; a comment there may be its name.
func (p *addressParser) skipToDelimiter() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ',':
			p.at++
			return
		case ';': // closes the group: left for list
			return
		case '(':
			p.comment = p.readComment()
		case '<', '"':
			return // the comma was forgotten: the next address begins
		case ' ', '\t', '>':
			p.at++
		default:
			return
		}
	}
}

// endAddress turns the gathered words into an address without brackets. Words before the one with the "@" are taken
// for its name: `Claire Martin claire@ac-paris.example`.
func (p *addressParser) endAddress() {
	defer p.reset()
	if len(p.words) == 0 {
		return
	}
	a := Address{Name: p.comment}
	if !p.hasAt() {
		if len(p.words) > 1 { // a name without an address
			a.Name = p.phrase()
		} else {
			a.Mailbox = p.words[0].text
		}
		p.add(a)
		return
	}
	first := p.addrSpecStart()
	spec := p.words[first:]
	p.words = p.words[:first]
	if name := p.phrase(); name != "" {
		a.Name = name
	}
	p.words = spec
	a.Mailbox, a.Host = splitAddrSpec(p.joined())
	p.add(a)
}

// addrSpecStart finds the first word of the address: the run around the "@", where words touch each other or a dot
// or the "@" itself stands between (obsolete syntax allows spaces there).
func (p *addressParser) addrSpecStart() int {
	at := 0
	for i, w := range p.words {
		if !w.quoted && strings.IndexByte(w.text, '@') >= 0 {
			at = i
			break
		}
	}
	for at > 0 {
		w, before := p.words[at], p.words[at-1]
		touches := !w.spaced || strings.HasPrefix(w.text, "@") || strings.HasPrefix(w.text, ".") || strings.HasSuffix(before.text, ".")
		if !touches {
			break
		}
		at--
	}
	return at
}

func (p *addressParser) endGroup() {
	if p.inGroup {
		p.inGroup = false
		p.out = append(p.out, Address{Kind: GroupEnd})
	}
}

// add keeps a member within the limit, and leaves room for the end of its group.
func (p *addressParser) add(a Address) {
	need := 1
	if p.inGroup || a.Kind == GroupStart {
		need = 2
	}
	if len(p.out)+need > p.limit {
		p.full = true
		return
	}
	p.out = append(p.out, a)
}

func (p *addressParser) reset() { p.words, p.comment = p.words[:0], "" }

// removeComments leaves out the comments of an address in brackets (RFC 5322 §3.2.2).
func removeComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	var b strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
			continue
		case c == ')' && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// phrase joins the words as a display name.
func (p *addressParser) phrase() string {
	if len(p.words) == 1 {
		return p.words[0].text
	}
	var b strings.Builder
	for i, w := range p.words {
		if i > 0 && w.spaced {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// joined puts the words of an address together, quotes back around a local part that needs them for the split.
func (p *addressParser) joined() string {
	if len(p.words) == 1 && !p.words[0].quoted {
		return p.words[0].text
	}
	var b strings.Builder
	for _, w := range p.words {
		if w.quoted {
			b.WriteString(quote(w.text))
		} else {
			b.WriteString(w.text)
		}
	}
	return b.String()
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// splitAddrSpec cuts "local@domain" at its last "@" outside quotes, and takes quotes and spaces off both.
func splitAddrSpec(spec string) (mailbox, host string) {
	at := strings.LastIndexByte(spec, '@')
	if at < 0 {
		return unquoteLocal(strings.TrimSpace(spec)), ""
	}
	if end := strings.LastIndexByte(spec, '"'); end > at && strings.HasPrefix(spec, `"`) {
		return unquoteLocal(spec), "" // the "@" is inside the quotes
	}
	mailbox, host = strings.TrimSpace(spec[:at]), strings.TrimSpace(spec[at+1:])
	return unquoteLocal(mailbox), strings.Trim(host, "<>\" ")
}

func unquoteLocal(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return unescape(s[1:len(s)-1], true)
	}
	return s
}
