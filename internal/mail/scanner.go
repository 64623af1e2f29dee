package mail

import (
	"bytes"
	"io"
	"strings"
)

// lineHold is the longest line (with its end) that can be a boundary delimiter or whose start is seen in one piece.
// Longer lines are handed on in pieces, of which the first has exactly this size: so the result does not depend on
// how the writes cut the message.
const lineHold = 1024

// Scanner parses a message that is written to it, once, while it goes elsewhere too. It keeps no bytes of bodies but
// the text that Facts need. The zero value is of no use; see [NewScanner].
type Scanner struct {
	limits Limits
	facts  *Facts

	offset  int64  // of the first byte not yet scanned
	lines   int64  // line ends scanned
	hold    []byte // the beginning of a line whose end has not come yet
	inLine  bool   // the beginning of this line has been scanned already
	lineLen int    // bytes of the line scanned so far
	prevEnd int64  // bytes (0, 1 or 2) of the line end just before offset

	open       []node // from the root to the innermost part
	inHeader   bool   // of the innermost part
	boundaries int    // multiparts in open whose boundary is looked for
	parts      int
	rest       bool // the limit of parts is reached: no boundary counts any more

	field      fieldScanner
	text       textCollector
	references string
	addresses  int // kept so far in all envelopes
	done       bool
}

// NewScanner starts a message.
func NewScanner(limits Limits) *Scanner {
	s := &Scanner{limits: limits.withDefaults()}
	s.Reset()
	return s
}

// Reset starts the next message with the same limits and the same buffers. Facts already given stay as they are.
func (s *Scanner) Reset() {
	*s = Scanner{limits: s.limits, facts: &Facts{}, hold: s.hold[:0], open: s.open[:0], field: s.field, text: s.text}
	s.field.budget = s.limits.HeaderTotal
	s.text.reset(s.limits)
	s.facts.Root = &Part{}
	s.push(s.facts.Root, &s.facts.Envelope)
}

// Parse reads a message to its end. The error is r's, wrapped in nothing; any bytes give facts.
func Parse(r io.Reader, limits Limits) (*Facts, error) {
	s := NewScanner(limits)
	if _, err := io.Copy(s, r); err != nil {
		return nil, err
	}
	return s.Finish(), nil
}

// ParseBytes is Parse for a message in memory.
func ParseBytes(message []byte, limits Limits) *Facts {
	s := NewScanner(limits)
	_, _ = s.Write(message) // it never fails
	return s.Finish()
}

// Write takes the next bytes of the message. It never fails and keeps nothing of p.
func (s *Scanner) Write(p []byte) (int, error) {
	size := len(p)
	if !s.facts.Is8bit && !isASCII(p) {
		s.facts.Is8bit = true
	}
	for len(p) > 0 {
		if len(s.hold) == 0 && !s.inLine && !s.inHeader && !s.text.wanted {
			if p = s.skim(p); len(p) == 0 {
				break
			}
		}
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			s.take(p, false)
			break
		}
		s.take(p[:i+1], true)
		p = p[i+1:]
	}
	return size, nil
}

// skim passes over the whole lines of a body that nobody wants to see, up to one that may be a delimiter. This loop
// runs over attachments.
func (s *Scanner) skim(p []byte) []byte {
	at, lines, longest, bare := 0, int64(0), s.facts.LongestLine, s.facts.BareNewline
	for {
		line := p[at:]
		i := bytes.IndexByte(line, '\n')
		if i < 0 || (i > 2 && line[0] == '-' && line[1] == '-' && s.boundaries > 0) {
			break
		}
		length := i
		if i > 0 && line[i-1] == '\r' {
			length--
		} else {
			bare = true
		}
		s.prevEnd = int64(i + 1 - length)
		if length > longest {
			longest = length
		}
		if !bare && bytes.IndexByte(line[:length], '\r') >= 0 {
			bare = true
		}
		at += i + 1
		lines++
	}
	s.offset += int64(at)
	s.lines += lines
	s.facts.LongestLine, s.facts.BareNewline = longest, bare
	return p[at:]
}

// take gathers a line into the pieces that [Scanner.piece] wants.
func (s *Scanner) take(p []byte, ends bool) {
	if s.inLine {
		if len(s.hold) > 0 { // a CR that may belong to the line end
			p = append(s.hold, p...)
			s.hold = p[:0]
		}
		s.more(p, ends)
		return
	}
	if len(s.hold)+len(p) <= lineHold {
		if ends && len(s.hold) == 0 {
			s.piece(p, true, true)
			return
		}
		s.hold = append(s.hold, p...)
		if ends {
			s.piece(s.hold, true, true)
			s.hold = s.hold[:0]
		}
		return
	}
	room := lineHold - len(s.hold)
	s.hold = append(s.hold, p[:room]...)
	first, rest := s.hold, p[room:]
	if first[lineHold-1] == '\r' { // it may belong to the line end
		first = first[:lineHold-1]
		rest = append([]byte{'\r'}, rest...)
	}
	s.piece(first, true, false)
	s.hold = first[:0]
	s.more(rest, ends)
}

// more hands on the next bytes of a line whose first piece is scanned, and keeps a CR back until it is known whether
// it belongs to the line end.
func (s *Scanner) more(p []byte, ends bool) {
	if n := len(p); !ends && n > 0 && p[n-1] == '\r' {
		s.piece(p[:n-1], false, false)
		s.hold = append(s.hold[:0], '\r')
		return
	}
	s.piece(p, false, ends)
}

// piece scans a whole line (first and ends), or the first [lineHold] bytes of a longer one (first), or more of it. A
// line end is never cut in two; only the last line of a message ends without one.
func (s *Scanner) piece(p []byte, first, ends bool) {
	start := s.offset
	s.offset += int64(len(p))
	content := p
	if ends {
		content = trimLineEnd(p)
	}
	lineEnd := len(p) - len(content)
	s.measure(content, lineEnd, ends)
	whole := first && ends
	if whole && s.boundaries > 0 && !s.rest && len(content) > 2 && p[0] == '-' && p[1] == '-' && s.delimiter(content[2:], start) {
		s.endLine(lineEnd)
		return
	}
	if ends {
		s.endLine(lineEnd)
	}
	switch {
	case s.inHeader && whole && lineEnd > 0 && len(content) == 0:
		s.endHeader(s.offset)
	case s.inHeader:
		s.headerPiece(content, first)
	case s.text.wanted:
		s.text.capture(p)
	}
}

// endLine counts a line. Where parts end at it, as at a delimiter, it is called after they are closed.
func (s *Scanner) endLine(lineEnd int) {
	s.prevEnd = int64(lineEnd)
	if lineEnd > 0 {
		s.lines++
	}
}

// measure keeps what Facts say about the form of lines.
func (s *Scanner) measure(content []byte, lineEnd int, ends bool) {
	s.inLine = !ends
	s.lineLen += len(content)
	if !s.facts.BareNewline && (lineEnd == 1 || bytes.IndexByte(content, '\r') >= 0) {
		s.facts.BareNewline = true
	}
	if ends {
		s.facts.LongestLine = max(s.facts.LongestLine, s.lineLen)
		s.lineLen = 0
	}
}

// Finish ends the message and gives its facts. Nothing may be written after it.
func (s *Scanner) Finish() *Facts {
	if !s.done {
		s.done = true
		if len(s.hold) > 0 || s.inLine {
			s.piece(s.hold, !s.inLine, true)
		}
		s.prevEnd = 0
		s.closeFrom(0, s.offset, s.offset)
		s.finishFacts()
	}
	return s.facts
}

func (s *Scanner) finishFacts() {
	f := s.facts
	f.Size, f.HeaderSize = s.offset, f.Root.HeaderSize
	f.SubjectText = strings.TrimSpace(DecodeHeader(f.Envelope.Subject))
	f.BaseSubject = baseSubject(f.SubjectText)
	f.Date, _ = ParseDate(f.Envelope.Date)
	f.MessageID = firstMessageID(f.Envelope.MessageID)
	f.References = references(s.references, f.Envelope.InReplyTo)
	f.Preview = s.text.preview
	f.Text, f.TextComplete = string(s.text.out), !s.text.cut
	f.HasAttachment = hasAttachment(f.Root, "")
}
