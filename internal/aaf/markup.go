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
		p.in = bytes.TrimLeft(p.in, " \n\t\r")
		if len(p.in) == 0 || p.in[0] != '<' {
			return tag{}, badMarkup()
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

// tag reads the tag that stands here.
func (p *parser) tag() (tag, error) {
	end := tagEnd(p.in)
	if end < 0 {
		return tag{}, badMarkup()
	}
	inner := p.in[1:end]
	p.in = p.in[end+1:]
	var t tag
	if len(inner) > 0 && inner[0] == '/' {
		t.end, inner = true, inner[1:]
	} else if n := len(inner); n > 0 && inner[n-1] == '/' {
		t.empty, inner = true, inner[:n-1]
	}
	t.name = inner
	for i, c := range inner {
		if isSpace(c) {
			t.name, t.attrs = inner[:i], inner[i+1:]
			break
		}
	}
	if len(t.name) == 0 || t.end && len(bytes.TrimSpace(t.attrs)) > 0 || bytes.IndexByte(inner, '<') >= 0 {
		return tag{}, badMarkup()
	}
	return t, nil
}

// tagEnd finds the > of the tag that begins here; one within quotes does not count.
func tagEnd(b []byte) int {
	end := bytes.IndexByte(b, '>')
	if end < 0 || bytes.IndexByte(b[:end], '"') < 0 && bytes.IndexByte(b[:end], '\'') < 0 {
		return end
	}
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"', c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}
