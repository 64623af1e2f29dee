package mail

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sameInPieces parses the message again, in writes of the sizes that next gives, and compares.
func sameInPieces(message []byte, whole *Facts, next func() int) error {
	s := NewScanner(Limits{})
	for rest := message; len(rest) > 0; {
		n := min(max(next(), 1), len(rest))
		_, _ = s.Write(rest[:n:n])
		rest = rest[n:]
	}
	if err := sameFacts(whole, s.Finish()); err != nil {
		return fmt.Errorf("in pieces: %w", err)
	}
	return nil
}

// TestEveryCutGivesTheSame cuts messages with lines around the length that is held at every byte.
func TestEveryCutGivesTheSame(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"Subject: " + strings.Repeat("s", 1500) + "\r\n fold\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n\r\n" +
			strings.Repeat("y", 1100) + "\r\n--b\r\n\r\n" + strings.Repeat("z", 1500) + "\r\n--b--" + strings.Repeat(" ", 1100) + "\r\n--b--\r\n",
		"X: " + strings.Repeat("st", 510) + "\r\n\r\n" + strings.Repeat("t", 1023) + "\r\n" + strings.Repeat("u", 1022) + "\r\nv\r",
		"\r\r\n\r\n\r\r\n",
	} {
		whole := parse(t, []byte(message))
		for cut := range message {
			if cut > 0 && message[cut-1] == message[cut] && cut%100 != 0 {
				continue // inside a filling: no cut there is special but by its distance from the line's beginning
			}
			sizes := []int{cut, 1, 1, len(message)}
			if cut == 0 {
				sizes = sizes[1:]
			}
			next := func() (n int) { n, sizes = sizes[0], append(sizes[1:], len(message)); return n }
			if err := sameInPieces([]byte(message), whole, next); err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}
	}
}

// drawnPart is a MIME part that a test makes up, with what must be found of it again.
type drawnPart struct {
	kind     string // "leaf", "multipart", "message"
	subtype  string
	boundary string
	header   string
	body     string // of a leaf, as it is on the wire
	children []*drawnPart
}

// drawTree makes up a part. Boundaries are prefixes of each other on purpose.
func drawTree(t *rapid.T, depth int) *drawnPart {
	kinds := []string{"leaf"}
	if depth > 0 {
		kinds = []string{"leaf", "multipart", "multipart", "message"}
	}
	p := &drawnPart{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	switch p.kind {
	case "multipart":
		p.subtype = rapid.SampledFrom([]string{"mixed", "alternative", "related", "signed"}).Draw(t, "subtype")
		p.boundary = "b" + strings.Repeat("1", depth) + rapid.SampledFrom([]string{"", "_alt", "--", "=_:'", " x"}).Draw(t, "boundary")
		p.header = fmt.Sprintf("Content-Type: multipart/%s; boundary=\"%s\"\r\n", p.subtype, p.boundary)
		for range rapid.IntRange(1, 4).Draw(t, "children") {
			p.children = append(p.children, drawTree(t, depth-1))
		}
	case "message":
		p.header = "Content-Type: message/rfc822\r\n"
		p.children = []*drawnPart{drawTree(t, depth-1)}
	default:
		p.subtype = rapid.SampledFrom([]string{"text/plain", "text/html", "application/pdf"}).Draw(t, "type")
		p.header = "Content-Type: " + p.subtype + "\r\n"
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"", "Bonjour", "--", "--b", "--b1x", "-- ", "été", "--b1 1", strings.Repeat("x", 1100)}), 0, 5).Draw(t, "lines")
		p.body = strings.Join(lines, "\r\n")
		if strings.Contains(p.body, "--b\r\n") || strings.HasSuffix(p.body, "--b") {
			p.body = strings.ReplaceAll(p.body, "--b", "--c")
		}
	}
	return p
}

func (p *drawnPart) render(b *bytes.Buffer) {
	b.WriteString(p.header + "\r\n")
	switch p.kind {
	case "multipart":
		b.WriteString("preamble")
		for _, c := range p.children {
			b.WriteString("\r\n--" + p.boundary + "\r\n")
			c.render(b)
		}
		b.WriteString("\r\n--" + p.boundary + "--\r\nepilogue")
	case "message":
		p.children[0].render(b)
	default:
		b.WriteString(p.body)
	}
}

// matches compares a found part with the one made up, byte for byte.
func (p *drawnPart) matches(message []byte, found *Part) error {
	if got := headerOf(message, found); got != p.header+"\r\n" {
		return fmt.Errorf("header %q, want %q", got, p.header)
	}
	var want bytes.Buffer
	p.render(&want)
	if got := bodyOf(message, found); got != strings.TrimPrefix(want.String(), p.header+"\r\n") {
		return fmt.Errorf("body %q, want %q", got, want.String())
	}
	if len(found.Children) != len(p.children) {
		return fmt.Errorf("%d children, want %d, in %s", len(found.Children), len(p.children), outline(found))
	}
	for i, c := range p.children {
		if err := c.matches(message, found.Children[i]); err != nil {
			return err
		}
	}
	return nil
}

func TestATreeIsFoundAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 4)
		var b bytes.Buffer
		tree.render(&b)
		f := ParseBytes(b.Bytes(), Limits{})
		if err := checkFacts(b.Bytes(), f, DefaultLimits()); err != nil {
			t.Fatal(err)
		}
		if err := tree.matches(b.Bytes(), f.Root); err != nil {
			t.Fatalf("%v\nin %q", err, b.Bytes())
		}
	})
}

// fragments are what messages are made of; joined at random they make the worst of them.
var fragments = []string{
	"\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", "\x00", "é", "\xe9", ":", "--b\r\n", "--b--\r\n", "--b1 \r\n", "\r\n--b", "--",
	"Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: multipart/digest; boundary=\"b1\"\r\n", "Content-Type: message/rfc822\r\n",
	"Content-Type: text/html; charset=utf-7\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n",
	"Content-Transfer-Encoding: x-uuencode\r\n", "Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1*=%A9.pdf\r\n",
	"Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=A9?= [x] Re: (fwd)\r\n", "From: a: \"b\" <c@d>, e (f);\r\n", "To: <<a@b>,;:(\r\n", "Date: 1 Jan 2024\r\n",
	"References: <a@b> <c\r\n", "=C3=A9=\r\n", "<p>a<!--", "</style>&amp;&#x110000;<style>", "begin 644 a\r\n#86)C\r\n", "SGVsbG8=", "=?", "?=",
	"\x1b$B$^$_\x1b(B", "+AOk-", strings.Repeat("y", 1023), strings.Repeat("z", 4000),
}

func TestAnyBytesGiveFactsAndPiecesDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 40).Draw(t, "fragments")
		message := []byte(strings.Join(pieces, ""))
		f := ParseBytes(message, Limits{})
		if err := checkFacts(message, f, DefaultLimits()); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "cuts"), 1))
		if err := sameInPieces(message, f, func() int { return r.IntN(1 + r.IntN(1500)) }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q folds to %q and then to %q", s, once, Fold(once))
		}
	})
}

func TestADamagedBlobIsAnErrorOrFactsButNeverAPanic(t *testing.T) {
	t.Parallel()
	blob, _ := ParseBytes(alternativeMail(), Limits{}).MarshalBinary()
	for at := range blob { // every length and number made too large, one at a time
		damaged := bytes.Clone(blob)
		damaged[at] = 0x7f
		_, _ = UnmarshalFacts(damaged)
	}
	rapid.Check(t, func(t *rapid.T) {
		damaged := bytes.Clone(blob)
		for range rapid.IntRange(1, 4).Draw(t, "damages") {
			damaged[rapid.IntRange(0, len(damaged)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		damaged = damaged[:rapid.IntRange(0, len(damaged)).Draw(t, "length")]
		_, _ = UnmarshalFacts(damaged)
		_, _ = UnmarshalList(damaged)
		_, _ = UnmarshalTree(damaged)
		if len(damaged) < len(blob) {
			if _, err := UnmarshalFacts(damaged); err == nil {
				t.Fatal("a cut blob was read")
			}
		}
	})
}
