package forgery_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"navette/internal/forgery"
	"navette/internal/mail"
)

const ours = "mx.ac-paris.example"

// filter passes a message through, cut into pieces of n octets; 0 for one piece.
func filter(t testing.TB, message string, n int) (out string, received int) {
	t.Helper()
	var b bytes.Buffer
	f := forgery.NewFilter(&b, ours)
	if n == 0 {
		n = len(message) + 1
	}
	for rest := []byte(message); len(rest) > 0; rest = rest[min(n, len(rest)):] {
		piece := rest[:min(n, len(rest))]
		if got, err := f.Write(piece); err != nil || got != len(piece) {
			t.Fatalf("wrote %d of %d: %v", got, len(piece), err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), f.Received()
}

func TestOnlyForgedFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for _, one := range []struct{ in, out string }{
		{"", ""},
		{"\r\nX-Navette-Agent: body\r\n", "\r\nX-Navette-Agent: body\r\n"},
		{"A: b\r\nX-Navette-Agent: x\r\nC: d\r\n\r\nbody", "A: b\r\nC: d\r\n\r\nbody"},
		{"x-nAVETTE-: x\r\n\tfolded\r\n \r\nC: d\r\n", "C: d\r\n"},
		{"X-Navette-Agent \t: x\r\n", ""},
		{"X-Navette-Agent: x", ""},
		{"X-Navette-Agent", ""}, // no field, but who knows what a reader makes of it
		{"X-Navette-Agent\r\nA: b\r\n", "A: b\r\n"},
		{"X-Navette-" + long + ": x\r\nA: b\r\n", "A: b\r\n"},
		{"X-Navette", "X-Navette"},
		{"X-Navette: x\r\n", "X-Navette: x\r\n"},
		{"Y: a\r\n X-Navette-Agent: folded\r\n", "Y: a\r\n X-Navette-Agent: folded\r\n"},
		{" X-Navette-Agent: first line\r\n\r\n", " X-Navette-Agent: first line\r\n\r\n"},
		{"Authentication-Results: " + ours + "; spf=pass\r\nA: b\r\n", "A: b\r\n"},
		{"authentication-results: \r\n (a \\) (b)) " + strings.ToUpper(ours) + " 1;\r\n x\r\nA: b\r\n", "A: b\r\n"},
		{"Authentication-Results: \"" + ours + "\"; none\r\n", ""},
		{"Authentication-Results: \"mx\\.ac-paris.example\"; none\r\n", ""},
		{"Authentication-Results: " + ours + "\r\n", ""},
		{"Authentication-Results: " + ours, ""},
		{"Authentication-Results: " + ours + ".x; none\r\n", "Authentication-Results: " + ours + ".x; none\r\n"},
		{"Authentication-Results:\r\n\tother.example;\r\n " + ours + "\r\n", "Authentication-Results:\r\n\tother.example;\r\n " + ours + "\r\n"},
		{"Authentication-Results:\r\nA: b\r\n", "A: b\r\n"},
		{"Authentication-Results: (" + long + ") other.example; x\r\nA: b\r\n", "A: b\r\n"}, // past what is held
		{"Authentication-Results: (never closed\r\nA: b\r\n", "A: b\r\n"},
		{"ARC-Authentication-Results: i=1; " + ours + "\r\n", "ARC-Authentication-Results: i=1; " + ours + "\r\n"},
		{long + ": x\r\n" + long + "\r\nX-Navette-A: x\r\n\r\n", long + ": x\r\n" + long + "\r\n\r\n"},
		{"A: b\nX-Navette-A: x\n\nX-Navette-A: y\n", "A: b\n\nX-Navette-A: y\n"},
	} {
		for _, n := range []int{0, 1, 2, 7, 4095} {
			if out, _ := filter(t, one.in, n); out != one.out {
				t.Errorf("%.80q in pieces of %d: %.200q, want %.200q", one.in, n, out, one.out)
			}
		}
	}
}

func TestHopsAreCounted(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5} {
		if _, hops := filter(t, "Received: a\r\n Received: b\r\nrECEIVED :\r\nX-Received: c\r\n\r\nReceived: d\r\n", n); hops != 2 {
			t.Errorf("%d hops", hops)
		}
	}
}

func TestAFailureOfTheWriterIsTold(t *testing.T) {
	t.Parallel()
	for _, message := range []string{"A: b\r\n\r\nbody", "A: " + strings.Repeat("x\r\n ", 10_000)} {
		f := forgery.NewFilter(full{}, ours)
		if _, err := f.Write([]byte(message)); err == nil {
			t.Error("written to a full disk")
		}
	}
	f := forgery.NewFilter(full{}, ours)
	if _, err := f.Write([]byte("A: b\r\n")); err != nil {
		t.Error(err) // a short header waits for more
	}
	if err := f.Close(); err == nil {
		t.Error("closed on a full disk")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

// FuzzFilter: cutting changes nothing, the body is untouched, no forged field is left, and what is left is what came
// without some of its fields.
func FuzzFilter(f *testing.F) {
	f.Add([]byte("A: b\r\nX-Navette-A: c\r\n d\r\nAuthentication-Results: (x)\r\n "+ours+"; x\r\n\r\nbody"), uint8(1))
	f.Add([]byte("\r\n"), uint8(1))
	f.Add([]byte("Authentication-Results: \"mx.ac-paris.example\r\nX: \""), uint8(3))
	f.Fuzz(func(t *testing.T, raw []byte, n uint8) {
		out, hops := filter(t, string(raw), 0)
		if cut, again := filter(t, string(raw), int(n%16)+1); cut != out || again != hops {
			t.Fatalf("%q gave %q whole and %q in pieces", raw, out, cut)
		}
		rest := out
		for field := range mail.HeaderFields(raw) {
			octets := string(raw[field.Offset : field.Offset+field.Size])
			name := strings.ToLower(field.Name)
			after, kept := strings.CutPrefix(rest, octets)
			switch {
			case strings.HasPrefix(strings.ToLower(octets), "x-navette-"):
			case name == "authentication-results":
				if kept {
					rest = after
				}
			case !kept:
				t.Fatalf("%q lost %q", raw, octets)
			default:
				rest = after
			}
		}
		if _, body := mail.SplitHeader(raw); !strings.HasSuffix(rest, string(body)) {
			t.Fatalf("%q lost its body: %q", raw, rest)
		}
		for field := range mail.HeaderFields([]byte(out)) {
			if strings.HasPrefix(strings.ToLower(out[field.Offset:]), "x-navette-") {
				t.Fatalf("%q kept %q", raw, field.Name)
			}
		}
	})
}
