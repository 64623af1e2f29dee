package mail

import (
	"bytes"
	"strings"
)

// node is a part whose end has not been found yet.
type node struct {
	part     *Part
	envelope *Envelope // filled from this part's header: the message's, or an embedded one's
	boundary []byte    // of a multipart; nil when it is not, or no longer, looked for
	digest   bool      // the children of this multipart are messages by default
	lines    int64     // line ends before the body
}

func (s *Scanner) top() *node { return &s.open[len(s.open)-1] }

// push opens a part whose header begins here.
func (s *Scanner) push(p *Part, envelope *Envelope) {
	p.HeaderOffset = s.offset
	s.open = append(s.open, node{part: p, envelope: envelope})
	s.parts++
	s.inHeader = true
	s.field.begin()
	if s.parts >= s.limits.Parts {
		s.rest = true
	}
}

// delimiter ends and begins parts if line, the text of a line after its "--", is the delimiter of an open multipart.
// The whole line must match, but for spaces at its end (RFC 2046 §5.1.1): where one boundary begins with another, as
// "b" and "b_alt", both are told apart. Inner multiparts come first.
func (s *Scanner) delimiter(line []byte, start int64) bool {
	line = bytes.TrimRight(line, " \t")
	for level := len(s.open) - 1; level >= 0; level-- {
		boundary := s.open[level].boundary
		if boundary == nil || !bytes.HasPrefix(line, boundary) {
			continue
		}
		switch string(line[len(boundary):]) {
		case "":
			s.beginPart(level, start)
			return true
		case "--":
			s.endMultipart(level, start)
			return true
		}
	}
	return false
}

// beginPart closes what is open inside the multipart at level and opens its next child.
func (s *Scanner) beginPart(level int, start int64) {
	s.closeFrom(level+1, start, start-s.prevEnd)
	parent := s.top()
	child := &Part{}
	parent.part.Children = append(parent.part.Children, child)
	s.push(child, nil)
}

// endMultipart closes what is open inside the multipart at level; what follows is its epilogue.
func (s *Scanner) endMultipart(level int, start int64) {
	s.closeFrom(level+1, start, start-s.prevEnd)
	s.top().boundary = nil
	s.boundaries--
}

// endHeader ends the innermost part's header at the offset at, and decides what the part is.
func (s *Scanner) endHeader(at int64) {
	s.finishField()
	s.inHeader = false
	n := s.top()
	p := n.part
	p.HeaderSize, p.BodyOffset = at-p.HeaderOffset, at
	n.lines = s.lines
	s.completeType(p)
	opaque := s.rest || len(s.open) >= s.limits.Depth
	switch {
	case p.Type == "multipart":
		if boundary := paramText(p.Params, "boundary"); boundary != "" && !opaque {
			n.boundary = []byte(strings.TrimRight(boundary, " \t"))
			n.digest = p.Subtype == "digest"
			s.boundaries++
		} else if opaque {
			makeOpaque(p)
		}
	case p.isEmbedded() && !opaque && isIdentity(p.Encoding):
		p.Envelope = &Envelope{}
		child := &Part{}
		p.Children = []*Part{child}
		s.push(child, p.Envelope)
		child.HeaderOffset = at
		return
	}
	s.text.begin(p)
}

// completeType gives a part without Content-Type its default (RFC 2045 §5.2, RFC 2046 §5.1.5).
func (s *Scanner) completeType(p *Part) {
	if p.Type == "" {
		p.Type, p.Subtype = "text", "plain"
		if level := len(s.open) - 2; level >= 0 && s.open[level].digest {
			p.Type, p.Subtype = "message", "rfc822"
		}
	}
	if p.Encoding == "" {
		p.Encoding = "7bit"
	}
}

// isEmbedded reports whether the body of the part is a message of its own.
func (p *Part) isEmbedded() bool {
	return p.Type == "message" && (p.Subtype == "rfc822" || p.Subtype == "global" || p.Subtype == "news")
}

// makeOpaque is for a multipart that the limits keep whole: text would be a guess.
func makeOpaque(p *Part) { p.Type, p.Subtype, p.Params = "application", "octet-stream", nil }

// closeFrom closes the parts from level to the innermost: at is where the message was read to, end is where their bodies
// end, before the line end that belongs to a delimiter.
func (s *Scanner) closeFrom(level int, at, end int64) {
	for len(s.open) > level && s.inHeader {
		s.endHeader(at) // cut off by a delimiter or by the end of the message
	}
	s.setEnds(level, end)
	for len(s.open) > level {
		s.close()
	}
}

// setEnds gives the parts from level on their sizes. An embedded header that runs up to a delimiter would end after
// the body around it, whose last line end belongs to the delimiter: it is drawn back inside.
func (s *Scanner) setEnds(level int, end int64) {
	for i := level; i < len(s.open); i++ {
		p := s.open[i].part
		if i > level {
			p.HeaderOffset = min(p.HeaderOffset, end)
			p.BodyOffset = min(p.BodyOffset, end)
			p.HeaderSize = p.BodyOffset - p.HeaderOffset
		}
		end = max(end, p.BodyOffset)
		p.BodySize = end - p.BodyOffset
		p.Lines = s.lines - s.open[i].lines
		if p.Lines > 0 && s.prevEnd > 0 {
			p.Lines--
		}
	}
}

// close ends the innermost part.
func (s *Scanner) close() {
	n := s.top()
	p := n.part
	if n.boundary != nil {
		s.boundaries--
	}
	if p.Type == "multipart" && len(p.Children) == 0 {
		p.Type, p.Subtype, p.Params = "text", "plain", nil
	}
	if p.Envelope != nil {
		s.text.embedded(p.Envelope)
	}
	if name := p.Filename(); name != "" {
		s.text.add(name)
	}
	if len(p.Children) == 0 {
		s.text.end(p)
	}
	s.open = s.open[:len(s.open)-1]
}
