package imap

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// nextAppend decodes one command, which is an APPEND.
func nextAppend(t *testing.T, d *Decoder) *Append {
	t.Helper()
	req, err := d.Next()
	if err != nil {
		t.Fatal(err)
	}
	return req.Command.(*Append)
}

func TestAppendStreamsItsMessages(t *testing.T) {
	t.Parallel()
	d, asked := decode("A1 APPEND INBOX (\\Seen x) \" 1-Sep-2026 08:00:00 +0200\" {5+}\r\nhello {3}\r\nabc () ~{2+}\r\n\x00\x01\r\nB2 NOOP\r\n")
	a := nextAppend(t, d)
	type message struct {
		AppendMessage
		Body string
	}
	var got []message
	for {
		m, err := a.NextMessage()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Body()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, message{m, string(b)})
	}
	want := []message{
		{AppendMessage{Flags: []string{`\Seen`, "x"}, Size: 5,
			InternalDate: time.Date(2026, 9, 1, 8, 0, 0, 0, time.FixedZone("", 7200))}, "hello"},
		{AppendMessage{Size: 3}, "abc"},
		{AppendMessage{Flags: []string{}, Size: 2, Binary: true}, "\x00\x01"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if *asked != 1 {
		t.Errorf("asked %d times", *asked)
	}
	if req, err := d.Next(); err != nil || req.Tag != "B2" {
		t.Error(req, err)
	}
}

// However much of an APPEND the server reads, the next command is the next one.
func TestAppendMayBeAbandonedAnywhere(t *testing.T) {
	t.Parallel()
	const input = "A1 APPEND x {5+}\r\nhello (\\Seen) {30+}\r\nA1 NOOP\r\nA2 NOOP\r\nA3 NOOP\r\n...\r\nB2 NOOP\r\n"
	for stop := range 8 {
		d, _ := decode(input)
		a := nextAppend(t, d)
		var err error
		for range stop / 2 {
			if _, err = a.NextMessage(); err != nil {
				break
			}
		}
		if err == nil && stop%2 == 1 && stop > 1 {
			r, err := a.Body()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, r, 2); err != nil {
				t.Fatal(err)
			}
		}
		if req, err := d.Next(); err != nil || req.Tag != "B2" {
			t.Errorf("stopped at %d: then %v, %v", stop, req, err)
		}
	}
}

func TestAppendRefusedBeforeASynchronisingLiteralLeavesNothingToSkip(t *testing.T) {
	t.Parallel()
	d, asked := decode("A1 APPEND x {5}\r\nB2 NOOP\r\n")
	a := nextAppend(t, d)
	if _, err := a.NextMessage(); err != nil {
		t.Fatal(err)
	}
	if req, err := d.Next(); err != nil || req.Tag != "B2" || *asked != 0 {
		t.Error(req, err, *asked)
	}
}

func TestAppendRefusesWhatIsNoMessage(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"A1 APPEND x hello":                          "expected a literal: {size} or {size+} at the end of the line",
		"A1 APPEND x (\\Seen {3+}\r\nabc":            "expected a flag at column 20",
		"A1 APPEND x \"yesterday\" {3+}\r\nabc":      "'yesterday' is not a date",
		"A1 APPEND x {3+}\r\nabc{2+}\r\nab":          "expected a space before the message",
		"A1 APPEND x {3+}\r\nabc UTF8 (~{2+}\r\nab)": "expected a literal",
	} {
		d, _ := decode(input + "\r\nB2 NOOP\r\n")
		a := nextAppend(t, d)
		_, err := a.NextMessage()
		if err == nil {
			_, err = a.NextMessage()
		}
		var bad *BadCommand
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Text, want) || bad.Tag != "A1" {
			t.Errorf("%q: got %v, want %q", input, err, want)
		}
		if req, err := d.Next(); err != nil || req.Tag != "B2" {
			t.Errorf("%q: then %v, %v", input, req, err)
		}
	}
}

func TestAppendNeverHoldsAMessage(t *testing.T) {
	t.Parallel()
	const size = 50 << 20
	input := io.MultiReader(strings.NewReader("A1 APPEND x {52428800+}\r\n"), io.LimitReader(zeros{}, size), strings.NewReader("\r\n"))
	d := NewDecoder(bufio.NewReader(input), Limits{Command: 1000, Drain: 1000}, func() error { return nil })
	a := nextAppend(t, d)
	if m, err := a.NextMessage(); err != nil || m.Size != size {
		t.Fatal(m, err)
	}
	r, err := a.Body()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); n != size || err != nil {
		t.Fatal(n, err)
	}
	if _, err := a.NextMessage(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if cap(d.line) > 5000 {
		t.Errorf("the decoder holds %d octets", cap(d.line))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAppendTellsWhenTheClientLeft(t *testing.T) {
	t.Parallel()
	d, _ := decode("A1 APPEND x {5+}\r\nhel")
	a := nextAppend(t, d)
	if _, err := a.NextMessage(); err != nil {
		t.Fatal(err)
	}
	r, _ := a.Body()
	if _, err := io.ReadAll(r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if _, err := d.Next(); err == nil {
		t.Error("found a command after the end")
	}
}
