package aaf

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// value reads an element that holds text alone, whose start tag was read. The text has its entities replaced, and no
// space around it.
func (p *parser) value(t tag, name string) ([]byte, error) {
	if string(t.name) != name || len(bytes.TrimSpace(t.attrs)) > 0 {
		return nil, badGrammar(t.name)
	}
	if t.empty {
		return nil, nil
	}
	raw, simple, err := p.untilEnd(name)
	switch {
	case err != nil:
		return nil, err
	case len(raw) > p.limits.Text:
		return nil, tooMany(fmt.Sprintf("une valeur de plus de %d octets", p.limits.Text), "a value is too long")
	case simple:
		return bytes.TrimSpace(raw), nil
	}
	return p.unescape(raw)
}

// The marks of a CDATA section.
const (
	cdataStart = "<![CDATA["
	cdataEnd   = "]]>"
)

// untilEnd gives what stands before the end tag. simple: it is text without entities, CDATA and comments.
func (p *parser) untilEnd(name string) (raw []byte, simple bool, err error) {
	start, simple := p.in, true
	for {
		i := bytes.IndexByte(p.in, '<')
		if i < 0 {
			return nil, false, badMarkup()
		}
		simple = simple && bytes.IndexByte(p.in[:i], '&') < 0
		p.in = p.in[i:]
		if len(p.in) > 1 && p.in[1] == '/' {
			break
		}
		simple = false
		if cdata, ok := bytes.CutPrefix(p.in, []byte(cdataStart)); ok {
			end := bytes.Index(cdata, []byte(cdataEnd))
			if end < 0 {
				return nil, false, badMarkup()
			}
			p.in = cdata[end+len(cdataEnd):]
			continue
		}
		rest, passed, err := passComment(p.in)
		if err != nil {
			return nil, false, err
		}
		if !passed {
			break
		}
		p.in = rest
	}
	raw = start[:len(start)-len(p.in)]
	t, err := p.tag()
	if err != nil {
		return nil, false, err
	}
	if !t.end || string(t.name) != name {
		return nil, false, badGrammar(t.name)
	}
	return raw, simple, nil
}

// unescape replaces entities, those of HTML among them, and takes out comments and the marks of CDATA, whose ends
// untilEnd saw. What looks like an entity and is none stays as it is: « DUPONT & FILS ».
func (p *parser) unescape(raw []byte) ([]byte, error) {
	from := len(p.text)
	for len(raw) > 0 {
		i := bytes.IndexAny(raw, "&<")
		if i < 0 {
			p.text = append(p.text, raw...)
			break
		}
		p.text = append(p.text, raw[:i]...)
		raw = raw[i:]
		if raw[0] == '&' {
			raw = p.entity(raw)
			continue
		}
		if cdata, ok := bytes.CutPrefix(raw, []byte(cdataStart)); ok {
			end := bytes.Index(cdata, []byte(cdataEnd))
			p.text = append(p.text, cdata[:end]...)
			raw = cdata[end+len(cdataEnd):]
			continue
		}
		rest, _, err := passComment(raw)
		if err != nil {
			return nil, err
		}
		raw = rest
	}
	text := p.text[from:]
	if hasForbidden(text) {
		return nil, syntax(both("caractère interdit", "forbidden character"))
	}
	return bytes.TrimSpace(text), nil
}

// hasForbidden reports what no XML file may hold (XML 1.0 §2.2), NUL first of all.
func hasForbidden(text []byte) bool {
	for _, c := range text {
		if c < ' ' && !isSpace(c) {
			return true
		}
	}
	return false
}

// maxEntity is the longest name of an entity.
const maxEntity = 12

// entity writes what the entity at the start of raw stands for, and gives what follows it.
func (p *parser) entity(raw []byte) []byte {
	end := bytes.IndexByte(raw[:min(len(raw), maxEntity)], ';')
	if end < 2 {
		p.text = append(p.text, '&')
		return raw[1:]
	}
	name := raw[1:end]
	if name[0] == '#' {
		if r, ok := numbered(string(name[1:])); ok {
			p.text = utf8.AppendRune(p.text, r)
			return raw[end+1:]
		}
	} else if s, ok := p.entityText(name); ok {
		p.text = append(p.text, s...)
		return raw[end+1:]
	}
	p.text = append(p.text, '&')
	return raw[1:]
}

// entityText gives what a named entity stands for: the five of XML, and those of HTML.
func (p *parser) entityText(name []byte) (string, bool) {
	switch string(name) {
	case "amp":
		return "&", true
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	s, ok := p.entities[string(name)]
	return s, ok
}

// numbered reads the digits of a character reference.
func numbered(digits string) (rune, bool) {
	base := 10
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || n >= 0xd800 && n < 0xe000 {
		return 0, false
	}
	return rune(n), true
}
