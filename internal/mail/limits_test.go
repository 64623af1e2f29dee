package mail

import (
	"fmt"
	"strings"
	"testing"
)

// parseWithin parses under limits and checks that they held.
func parseWithin(t *testing.T, message string, l Limits) *Facts {
	t.Helper()
	f := ParseBytes([]byte(message), l)
	if err := checkFacts([]byte(message), f, l.withDefaults()); err != nil {
		t.Fatal(err)
	}
	return f
}

func depthOf(p *Part) int {
	deepest := 0
	for _, c := range p.Children {
		deepest = max(deepest, depthOf(c))
	}
	return deepest + 1
}

func TestNestingBombsStayFlat(t *testing.T) {
	t.Parallel()
	var multiparts strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&multiparts, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	for name, bomb := range map[string]string{
		"multiparts": multiparts.String(),
		"messages":   strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 5000),
	} {
		f := parseWithin(t, bomb, Limits{})
		if d := depthOf(f.Root); d != DefaultLimits().Depth {
			t.Errorf("%s: depth %d", name, d)
		}
		deepest := allParts(f.Root)
		if last := deepest[len(deepest)-1]; last.BodyOffset+last.BodySize != f.Size || len(last.Children) > 0 {
			t.Errorf("%s: the last part is not the rest: %+v", name, last)
		}
	}
}

func TestPartsBeyondTheLimitAreOneLeaf(t *testing.T) {
	t.Parallel()
	message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 3000) + "--b--\r\n"
	f := parseWithin(t, message, Limits{})
	parts := allParts(f.Root)
	if len(parts) != DefaultLimits().Parts {
		t.Errorf("%d parts", len(parts))
	}
	if last := parts[len(parts)-1]; last.BodyOffset+last.BodySize != f.Size {
		t.Errorf("the last part ends at %d of %d", last.BodyOffset+last.BodySize, f.Size)
	}
}

func TestLongAndManyHeadersAreCountedAndSkipped(t *testing.T) {
	t.Parallel()
	long := "Subject: " + strings.Repeat("é", 1<<20)
	many := strings.Repeat("X-Spam: "+strings.Repeat("y", 60)+"\r\n", 10_000)
	message := long + "\r\n" + many + "To: beyond@example.org\r\n\r\nBonjour\r\n"
	f := parseWithin(t, message, Limits{})
	if int(f.HeaderSize) != len(message)-len("Bonjour\r\n") || f.Preview != "Bonjour" {
		t.Errorf("header of %d bytes, preview %q", f.HeaderSize, f.Preview)
	}
	if n := len(f.Envelope.Subject); n > DefaultLimits().HeaderField {
		t.Errorf("subject of %d bytes kept", n)
	}
	if f.Envelope.To != nil {
		t.Error("a field after the limit was kept")
	}
}

func TestTheHeaderBudgetIsOneForAllHeaders(t *testing.T) {
	t.Parallel()
	message := strings.Repeat("Content-Type: message/rfc822\r\nSubject: "+strings.Repeat("s", 1000)+"\r\n\r\n", 20)
	kept := 0
	f := parseWithin(t, message, Limits{HeaderTotal: 5000})
	for _, p := range allParts(f.Root) {
		if p.Envelope != nil {
			kept += len(p.Envelope.Subject)
		}
	}
	if kept > 5000 {
		t.Errorf("%d bytes kept", kept)
	}
}

func TestTextIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("é", 1000)
	for _, c := range []struct {
		limits   Limits
		complete bool
	}{
		{Limits{}, true}, {Limits{Text: 101}, false}, {Limits{TextInput: 101}, false}, {Limits{Text: 2001}, true}, {Limits{Text: 2000}, false},
	} {
		f := parseWithin(t, "Content-Type: text/plain; charset=utf-8\r\n\r\n"+body, c.limits)
		if f.TextComplete != c.complete || f.Text == "" {
			t.Errorf("%+v: complete %v, %d bytes", c.limits, f.TextComplete, len(f.Text))
		}
	}
}

func TestAddressesAreBounded(t *testing.T) {
	t.Parallel()
	list := "groupe: " + strings.Repeat("a@example.org, ", 20_000) + ";"
	f := parseWithin(t, "To: "+list+"\r\nCc: "+list+"\r\n\r\n", Limits{Addresses: 100, HeaderField: 1 << 20})
	if n := len(f.Envelope.To) + len(f.Envelope.Cc); n < 99 || n > 100 {
		t.Errorf("%d addresses", n)
	}
}

func TestTheTextOfAllPartsHasOneLimit(t *testing.T) {
	t.Parallel()
	message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n"+strings.Repeat("x", 60)+"\r\n", 5) + "--b--\r\n"
	f := parseWithin(t, message, Limits{Text: 100})
	if f.TextComplete || len(f.Text) != 100 {
		t.Errorf("%d bytes, complete %v", len(f.Text), f.TextComplete)
	}
}
