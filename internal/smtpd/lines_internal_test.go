package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// modelData is RFC 5321 §4.5.2 written down for one buffer: the octets before CRLF.CRLF without their stuffed dots,
// and what follows. ok is false where there is no end.
func modelData(wire string) (message, rest string, ok bool) {
	for start := 0; ; {
		line, after, found := strings.Cut(wire[start:], "\r\n")
		if !found {
			return "", "", false
		}
		if line == "." {
			return message, after, true
		}
		message += strings.TrimPrefix(line, ".") + "\r\n"
		start += len(line) + 2
	}
}

// FuzzData holds the reader to the model, however its input is cut and whatever its buffer is: good data comes out
// as it should and leaves what follows; data with a bare CR or LF is refused, and never read further than its end.
func FuzzData(f *testing.F) {
	for _, s := range []string{"a\r\n.\r\nNOOP", "..a\r\n...\r\n.\r\n", "a\n.\r\n.\r\n", "\r\r\n.\r\n", ".\r\n", "\r\n.\rx\r\n.\r\n", "a\r\n.\nb\r\n.\r\n"} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, wire []byte, mode uint8) {
		var in io.Reader = bytes.NewReader(wire)
		if mode&1 != 0 {
			in = iotest.OneByteReader(in)
		}
		size := 4096
		if mode&2 != 0 {
			size = 16 // bufio's least: lines do not fit
		}
		br := bufio.NewReaderSize(in, size)
		d := newDotReader(br, bodyLimits{size: 1 << 20, line: 1 << 20})
		got, err := io.ReadAll(d)
		goOn := d.drain()
		rest, _ := io.ReadAll(br)
		want, after, ended := modelData(string(wire))
		var refused *reply
		switch {
		case err == nil:
			if !ended || string(got) != want || string(rest) != after || !goOn {
				t.Fatalf("of %q came %q and %q (%v), want %q and %q (%v)", wire, got, rest, goOn, want, after, ended)
			}
			if without := strings.ReplaceAll(want, "\r\n", ""); strings.ContainsAny(without, "\r\n") {
				t.Fatalf("%q was accepted", want)
			}
		case errors.As(err, &refused):
			if without := strings.ReplaceAll(want, "\r\n", ""); ended && !strings.ContainsAny(without, "\r\n") {
				t.Fatalf("%q was refused", want)
			}
			if goOn && (!ended || string(rest) != after) {
				t.Fatalf("of %q commands would be read from %q, want %q", wire, rest, after)
			}
		case ended:
			t.Fatalf("of %q came %v", wire, err)
		}
	})
}

// FuzzNewlines: the check finds what a look at the whole finds, wherever it is cut.
func FuzzNewlines(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\n"), uint8(1), uint8(2))
	f.Add([]byte("\r\n\r"), uint8(1), uint8(1))
	f.Add([]byte("\r\r\n"), uint8(1), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, a, b uint8) {
		var c newlineCheck
		i := min(int(a), len(data))
		j := min(i+int(b), len(data))
		for _, piece := range [][]byte{data[:i], data[i:j], data[j:]} {
			c.scan(piece)
		}
		c.end()
		lines := strings.ReplaceAll(string(data), "\r\n", "\x00")
		if want := strings.ContainsAny(lines, "\r\n"); c.bare != want {
			t.Fatalf("%q cut at %d and %d: bare %v", data, i, j, c.bare)
		}
		if c.bare {
			return
		}
		longest := 0
		for line := range strings.SplitSeq(string(data), "\r\n") {
			longest = max(longest, len(line))
		}
		if c.longest != longest {
			t.Fatalf("%q cut at %d and %d: longest line %d, want %d", data, i, j, c.longest, longest)
		}
	})
}

// FuzzPath: what is taken for a mailbox can be written into a field and a command, and reads back as itself.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"<a@b>", "<>", "<@x:a@b> SIZE=1", `<"a\"b"@c>`, "<a@[IPv6:::1]>", "<é@é>", "<a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mailbox, rest, ok := parsePath(s)
		if !ok || mailbox == "" {
			return
		}
		if strings.ContainsAny(mailbox, "\r\n\x00<> ") && !strings.HasPrefix(mailbox, `"`) || strings.ContainsAny(mailbox, "\r\n\x00\t\x7f") {
			t.Fatalf("%q gave %q", s, mailbox)
		}
		if !strings.HasSuffix(s, ">"+rest) {
			t.Fatalf("%q gave %q and %q", s, mailbox, rest)
		}
		if again, more, ok := parsePath("<" + mailbox + ">"); !ok || again != mailbox || more != "" {
			t.Fatalf("%q gave %q, which gave %q", s, mailbox, again)
		}
		parseParameters(rest)
	})
}

func BenchmarkData(b *testing.B) {
	wire := []byte(strings.Repeat("Bonjour à toutes et à tous, le conseil se tiendra mardi prochain.\r\n", 500) + ".\r\n")
	b.SetBytes(int64(len(wire)))
	buf := make([]byte, copySize)
	for b.Loop() {
		d := newDotReader(bufio.NewReaderSize(bytes.NewReader(wire), readBuffer), bodyLimits{size: 1 << 20, line: 1 << 20})
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{d}, buf); err != nil {
			b.Fatal(err)
		}
	}
}
