package submission

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	me     = "moi@ac-paris.example"
	others = "a@dehors.example"
)

func mender() (*Service, ownAddresses) {
	return &Service{cfg: Config{Now: func() time.Time { return time.Unix(0, 0).UTC() }, Random: rand.Reader}},
		ownAddresses{primary: me, all: map[string]bool{me: true}}
}

// part is one field of a generated header, and what must become of it.
type part struct {
	octets string
	kind   string // from, bcc, to (names somebody), empty (a To that does not), cc, other
}

// spelling draws a field name in mixed case, with what may stand before the colon.
func spelling(t *rapid.T, name string) string {
	b := []byte(name)
	for i := range b {
		if rapid.Bool().Draw(t, "upper") {
			b[i] = bytes.ToUpper(b[i : i+1])[0]
		}
	}
	return string(b) + rapid.SampledFrom([]string{":", " :", "\t: ", ": "}).Draw(t, "colon")
}

// value draws a list of members, folded anywhere.
func value(t *rapid.T, members []string) string {
	list := rapid.SliceOfN(rapid.SampledFrom(members), 1, 4).Draw(t, "members")
	return strings.Join(list, rapid.SampledFrom([]string{",", ", ", ",\r\n ", "\r\n\t,\r\n "}).Draw(t, "between")) + "\r\n"
}

func drawPart(t *rapid.T) part {
	named := []string{others, "Nom <" + others + ">", `"a,b:;" <` + others + ">", "groupe: " + others + ";"}
	empty := []string{"", "groupe:;", "undisclosed-recipients: ;", "(Bcc: x)", "parents"}
	kind := rapid.SampledFrom([]string{"bcc", "to", "empty", "cc", "other", "other"}).Draw(t, "kind")
	switch kind {
	case "bcc":
		name := rapid.SampledFrom([]string{"bcc", "resent-bcc"}).Draw(t, "name")
		return part{spelling(t, name) + value(t, append(named, empty...)), kind}
	case "to":
		return part{spelling(t, "to") + value(t, named), kind}
	case "empty":
		return part{spelling(t, "to") + value(t, empty), kind}
	case "cc":
		return part{spelling(t, "cc") + value(t, named), kind}
	}
	name := rapid.SampledFrom([]string{"subject", "x-bcc", "bccx", "x-to", "received", "resent-to", "reply-to"}).Draw(t, "name")
	text := rapid.SampledFrom([]string{"", "x", "é", "x\r\n bcc: x", "x\r\n\tTo: " + others, "=?utf-8?q?=0D=0ABcc?="}).Draw(t, "text")
	return part{spelling(t, name) + text + "\r\n", kind}
}

func TestMendingChangesOnlyToAndBcc(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, own := mender()
		from := rapid.SampledFrom([]string{me, "Moi <" + me + ">", "=?utf-8?q?M?=\r\n <" + me + ">"}).Draw(t, "from")
		parts := rapid.SliceOfN(rapid.Custom(drawPart), 0, 8).Draw(t, "parts")
		at := rapid.IntRange(0, len(parts)).Draw(t, "at")
		parts = append(parts[:at:at], append([]part{{"From: " + from + "\r\n", "from"}}, parts[at:]...)...)
		named := false
		for _, p := range parts {
			named = named || p.kind == "to" || p.kind == "cc"
		}
		const rest = "Date: Tue, 01 Sep 2026 08:00:00 +0200\r\nMessage-ID: <1@pc>\r\n\r\n"
		var raw, want strings.Builder
		for _, p := range parts {
			raw.WriteString(p.octets)
			if p.kind == "bcc" || p.kind == "empty" && !named {
				continue
			}
			want.WriteString(p.octets)
			if p.kind == "from" && !named {
				want.WriteString("To: " + from + "\r\n")
			}
		}
		h, err := s.mend([]byte(raw.String()+rest), own)
		if err != nil {
			t.Fatalf("%q: %v", raw.String(), err)
		}
		if got := string(h.octets); got != want.String()+rest {
			t.Fatalf("of %q came %q, want %q", raw.String()+rest, got, want.String()+rest)
		}
		again, err := s.mend(h.octets, own)
		if err != nil || !bytes.Equal(again.octets, h.octets) {
			t.Fatalf("mending twice gave %q, %v", again.octets, err)
		}
	})
}

// FuzzMend: whatever comes, no Bcc is left, somebody is named, and every line of the result came in or was added.
func FuzzMend(f *testing.F) {
	f.Add([]byte("From: " + me + "\r\nBcc: x\r\n\r\n"))
	f.Add([]byte("From: " + me + "\nbcc:\n x\nTo:;\n\n"))
	f.Add([]byte("From: " + me + "\r\nBcc"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, own := mender()
		h, err := s.mend(raw, own)
		if err != nil {
			return
		}
		if len(h.octets) > len(raw)*2+400 {
			t.Fatalf("%d octets of %d", len(h.octets), len(raw))
		}
		again, err := s.mend(h.octets, own)
		if err != nil || !bytes.Equal(again.octets, h.octets) {
			t.Fatalf("of %q came %q, and of that %q, %v", raw, h.octets, again.octets, err)
		}
		for line := range bytes.Lines(h.octets) {
			if len(bytes.TrimRight(line, "\r\n")) == 0 {
				break
			}
			if name, _, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(strings.TrimRight(string(name), " \t"), "bcc") {
				t.Fatalf("of %q came %q", raw, h.octets)
			}
		}
	})
}
