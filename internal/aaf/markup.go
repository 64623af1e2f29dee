package aaf

import "bytes"

// tag is a start or an end tag.
type tag struct {
	name  []byte
	attrs []byte
	end   bool // </name>
	empty bool // <name/>
}

// childTag reads the next tag, over space and comments.
func (p *parser) childTag() (tag, error) {
	for {
		for len(p.in) > 0 && isSpace(p.in[0]) {
			p.in = p.in[1:]
		}
		if len(p.in) < 2 || p.in[0] != '<' {
			return tag{}, badMarkup()
		}
		if p.in[1] != '!' && p.in[1] != '?' {
			return p.tag()
		}
		rest, passed, err := passComment(p.in)
		if err != nil {
			return tag{}, err
		}
		if !passed {
			return p.tag()
		}
		p.in = rest
	}
}

// passComment passes over a comment or an instruction, where one stands at the start.
func passComment(b []byte) (rest []byte, passed bool, err error) {
	start, end := "", ""
	switch {
	case bytes.HasPrefix(b, []byte("<?")):
		start, end = "<?", "?>"
	case bytes.HasPrefix(b, []byte("<!--")):
		start, end = "<!--", "-->"
	default:
		return b, false, nil
	}
	b = b[len(start):]
	i := bytes.Index(b, []byte(end))
	if i < 0 {
		return nil, false, badMarkup()
	}
	return b[i+len(end):], true, nil
}

// tag reads the tag that stands here. A > within quotes does not end it.
func (p *parser) tag() (tag, error) {
	end, space := tagEnd(p.in)
	if end < 2 {
		return tag{}, badMarkup()
	}
	inner := p.in[1:end]
	if space > 0 {
		space--
	}
	p.in = p.in[end+1:]
	var t tag
	if inner[0] == '/' {
		t.end, inner, space = true, inner[1:], space-1
	} else if n := len(inner); inner[n-1] == '/' {
		t.empty, inner = true, inner[:n-1]
	}
	if t.name = inner; space > 0 {
		t.name, t.attrs = inner[:space], inner[space+1:]
	}
	if len(t.name) == 0 || isSpace(t.name[0]) || t.end && len(bytes.TrimSpace(t.attrs)) > 0 {
		return tag{}, badMarkup()
	}
	return t, nil
}

// tagEnd finds the > of the tag that begins here, and the first space in it; -1 where it does not end before the next
// one.
func tagEnd(b []byte) (end, space int) {
	quote := byte(0)
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '<':
			return -1, 0
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return i, space
		case c == '"', c == '\'':
			quote = c
		case space == 0 && isSpace(c):
			space = i
		}
	}
	return -1, 0
}
