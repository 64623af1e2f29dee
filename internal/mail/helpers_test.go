package mail

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// crlf writes a message as it stands on the wire, from lines as they stand in a test.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// parse parses a message and checks everything that holds for any bytes.
func parse(t testing.TB, message []byte) *Facts {
	t.Helper()
	f := ParseBytes(message, Limits{})
	if err := checkFacts(message, f, Limits{}.withDefaults()); err != nil {
		t.Fatalf("%v\nin %q", err, message)
	}
	return f
}

// outline writes the tree in one line: types, with children in brackets.
func outline(p *Part) string {
	s := p.ContentType()
	if len(p.Children) > 0 {
		var in []string
		for _, c := range p.Children {
			in = append(in, outline(c))
		}
		s += "(" + strings.Join(in, " ") + ")"
	}
	return s
}

func headerOf(message []byte, p *Part) string {
	return string(message[p.HeaderOffset : p.HeaderOffset+p.HeaderSize])
}

func bodyOf(message []byte, p *Part) string {
	return string(message[p.BodyOffset : p.BodyOffset+p.BodySize])
}

// checkFacts checks what holds for the facts of any bytes, mostly by counting again in the simplest way.
func checkFacts(message []byte, f *Facts, l Limits) error {
	if f.Size != int64(len(message)) {
		return fmt.Errorf("Size %d of %d bytes", f.Size, len(message))
	}
	header, _ := SplitHeader(message)
	if f.HeaderSize != int64(len(header)) || f.Root.HeaderSize != f.HeaderSize {
		return fmt.Errorf("HeaderSize %d, SplitHeader says %d", f.HeaderSize, len(header))
	}
	if err := checkLines(message, f); err != nil {
		return err
	}
	parts := 0
	if err := checkPart(message, f.Root, 0, f.Size, &parts); err != nil {
		return err
	}
	if parts > l.Parts {
		return fmt.Errorf("%d parts", parts)
	}
	if end := f.Root.BodyOffset + f.Root.BodySize; end != f.Size {
		return fmt.Errorf("the root ends at %d of %d", end, f.Size)
	}
	for name, s := range map[string]string{"SubjectText": f.SubjectText, "BaseSubject": f.BaseSubject, "Preview": f.Preview, "Text": f.Text} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%s is not UTF-8: %q", name, s)
		}
	}
	if len(f.Text) > l.Text || utf8.RuneCountInString(f.Preview) > previewRunes || strings.ContainsAny(f.Preview, "\r\n") {
		return fmt.Errorf("Text of %d bytes, Preview %q", len(f.Text), f.Preview)
	}
	if strings.Contains(f.Text, "\r") {
		return fmt.Errorf("Text holds a CR")
	}
	if len(f.References) > maxReferences {
		return fmt.Errorf("%d references", len(f.References))
	}
	if err := checkEnvelope(&f.Envelope); err != nil {
		return err
	}
	return checkRoundTrip(f)
}

func checkLines(message []byte, f *Facts) error {
	longest, bare, eight := 0, bytes.Contains(bytes.ReplaceAll(message, []byte("\r\n"), nil), []byte("\n")), false
	rest := bytes.ReplaceAll(message, []byte("\r\n"), []byte("\n"))
	bare = bare || bytes.Contains(rest, []byte("\r"))
	for _, line := range bytes.Split(message, []byte("\n")) {
		if i := len(line) - 1; i >= 0 && line[i] == '\r' {
			line = line[:i]
		}
		longest = max(longest, len(line))
	}
	if n := len(message); n > 0 && message[n-1] == '\r' { // no line end: the CR is of the line
		last := bytes.LastIndexByte(message, '\n')
		longest = max(longest, n-last-1)
	}
	for _, c := range message {
		eight = eight || c > 0x7f
	}
	if f.LongestLine != longest || f.BareNewline != bare || f.Is8bit != eight {
		return fmt.Errorf("LongestLine %d BareNewline %v Is8bit %v, want %d %v %v", f.LongestLine, f.BareNewline, f.Is8bit, longest, bare, eight)
	}
	return nil
}

func checkPart(message []byte, p *Part, from, to int64, parts *int) error {
	*parts++
	if p.HeaderOffset < from || p.HeaderOffset+p.HeaderSize != p.BodyOffset || p.HeaderSize < 0 || p.BodySize < 0 || p.BodyOffset+p.BodySize > to {
		return fmt.Errorf("%s at %d+%d, %d+%d is not within %d…%d", p.ContentType(), p.HeaderOffset, p.HeaderSize, p.BodyOffset, p.BodySize, from, to)
	}
	body := message[p.BodyOffset : p.BodyOffset+p.BodySize]
	if lines := int64(bytes.Count(body, []byte("\n"))); p.Lines != lines {
		return fmt.Errorf("%s has %d lines, not %d: %q", p.ContentType(), lines, p.Lines, body)
	}
	if p.Type == "" || p.Subtype == "" || p.Encoding == "" {
		return fmt.Errorf("no type or encoding: %+v", p)
	}
	if (p.Type == "multipart" || p.Envelope != nil) != (len(p.Children) > 0) || p.Envelope != nil && !p.IsMessage() {
		return fmt.Errorf("%s with %d children, envelope %v", p.ContentType(), len(p.Children), p.Envelope)
	}
	if p.Envelope != nil {
		if err := checkEnvelope(p.Envelope); err != nil {
			return err
		}
	}
	decoded, err := io.ReadAll(OpenPart(bytes.NewReader(message), p))
	if err != nil || len(decoded) > len(body) {
		return fmt.Errorf("%s opens to %d bytes of %d: %w", p.ContentType(), len(decoded), len(body), err)
	}
	if text, err := io.ReadAll(DecodeText(p, bytes.NewReader(decoded))); err != nil || !utf8.Valid(text) {
		return fmt.Errorf("%s as text: %w", p.ContentType(), err)
	}
	at := p.BodyOffset
	for _, child := range p.Children {
		if err := checkPart(message, child, at, p.BodyOffset+p.BodySize, parts); err != nil {
			return err
		}
		at = child.BodyOffset + child.BodySize
	}
	return nil
}

func checkEnvelope(e *Envelope) error {
	all := []string{e.Date, e.Subject, e.InReplyTo, e.MessageID}
	for _, list := range [][]Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		open := false
		for _, a := range list {
			all = append(all, a.Name, a.Mailbox, a.Host, a.Route)
			switch a.Kind {
			case GroupStart, GroupEnd:
				if open == (a.Kind == GroupStart) {
					return fmt.Errorf("groups are not paired: %v", list)
				}
				open = !open
			}
		}
		if open {
			return fmt.Errorf("a group is not ended: %v", list)
		}
	}
	for _, s := range all {
		if strings.ContainsAny(s, "\r\n\x00") {
			return fmt.Errorf("a control character in the envelope: %q", s)
		}
	}
	return nil
}

func checkRoundTrip(f *Facts) error {
	blob, err := f.MarshalBinary()
	if err != nil {
		return err
	}
	back, err := UnmarshalFacts(blob)
	if err != nil {
		return err
	}
	want := *f
	want.Text = ""
	if err := sameFacts(&want, back); err != nil {
		return fmt.Errorf("after the round trip: %w", err)
	}
	return nil
}

// sameFacts compares facts. (cmp.Diff takes exponential time in the depth of a tree.)
func sameFacts(want, got *Facts) error {
	_, wantZone := want.Date.Zone()
	_, gotZone := got.Date.Zone()
	if !want.Date.Equal(got.Date) || wantZone != gotZone {
		return fmt.Errorf("date %v, want %v", got.Date, want.Date)
	}
	a, b := *want, *got
	a.Date, b.Date = time.Time{}, time.Time{}
	if !reflect.DeepEqual(a.Root, b.Root) {
		return fmt.Errorf("tree %s, want %s", describe(b.Root), describe(a.Root))
	}
	a.Root, b.Root = nil, nil
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("facts %+v, want %+v", b, a)
	}
	return nil
}

func describe(p *Part) string {
	s := fmt.Sprintf("%+v", *p)
	for _, c := range p.Children {
		s += "\n(" + describe(c) + ")"
	}
	return s
}
