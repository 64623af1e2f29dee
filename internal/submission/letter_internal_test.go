package submission

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/mail"
)

// Whatever a page sends, a letter is a message of the fields that it should have, with its own text and subject.
func TestALetterNeverBreaksOutOfItsFields(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := Letter{From: rapid.String().Draw(t, "from"), To: rapid.SliceOf(anyAddress()).Draw(t, "to"), Cc: rapid.SliceOf(anyAddress()).Draw(t, "cc"),
			Bcc: rapid.SliceOf(anyAddress()).Draw(t, "bcc"), Subject: rapid.String().Draw(t, "subject"), Text: rapid.String().Draw(t, "text"),
			InReplyTo: rapid.SampledFrom([]string{"", "<a@b>", "a@b", "a@b>\r\nX: y", "é@b"}).Draw(t, "in reply to")}
		if rapid.Bool().Draw(t, "own") {
			l.From = "claire.martin@ac-paris.example"
		}
		name := rapid.String().Draw(t, "name")
		if l.normalise() != nil {
			l = Letter{From: "claire.martin@ac-paris.example", To: []string{"anne@example.net"}, Subject: l.Subject, Text: l.Text}
		}
		header, body, err := l.render(name)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"From", "To", "Cc", "Subject", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
		for f := range mail.HeaderFields(header) {
			for len(want) > 0 && want[0] != f.Name {
				want = want[1:]
			}
			if len(want) == 0 {
				t.Fatalf("a field %s that no letter has, in\n%s", f.Name, header)
			}
			if f.Name == "To" && len(mail.ParseAddressList(string(f.Value))) != len(l.To) {
				t.Errorf("%q for %q", f.Value, l.To)
			}
			if f.Name == "Subject" && f.Text() != oneLine(l.Subject) {
				t.Errorf("subject %q for %q", f.Text(), l.Subject)
			}
		}
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(l.Text, "\uFFFD"))
		if got := strings.ReplaceAll(string(text), "\r\n", "\n"); got != strings.TrimRight(lines, "\n")+"\n" {
			t.Errorf("text %q for %q", got, l.Text)
		}
		for line := range strings.SplitSeq(string(header), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("a line of %d octets: %q", len(line), line)
			}
		}
	})
}

// anyAddress is an address, or what somebody might try instead.
func anyAddress() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"anne@example.net", "a@exämple.fr", "a+b@gmail.com", "a@b>\r\nBcc: <c@d", "a,b@c.example", "\"a b\"@c.example",
		"a@b@c.example", "<a@b.example>", "a(b)@c.example", " a@b.example", "a@b.example\n"}), rapid.String())
}
