package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const rawHeader = "From: a@b\r\nSubject: un\r\n deux\r\nX-Foo : x\r\nfrom line without colon\r\nTO:\r\nSubject: encore\r\n\r\nBonjour: corps\r\n"

func TestHeaderFieldsCoverTheHeader(t *testing.T) {
	t.Parallel()
	var names []string
	at := 0
	for f := range HeaderFields([]byte(rawHeader)) {
		if f.Offset != at {
			t.Errorf("%q begins at %d, want %d", f.Name, f.Offset, at)
		}
		at += f.Size
		names = append(names, f.Name+"="+f.Text())
	}
	want := "From=a@b|Subject=un deux|X-Foo=x|=from line without colon|TO=|Subject=encore"
	if got := strings.Join(names, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	header, body := SplitHeader([]byte(rawHeader))
	if at+2 != len(header) || string(body) != "Bonjour: corps\r\n" {
		t.Errorf("fields end at %d of %d, body %q", at, len(header), body)
	}
}

func TestFilterHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw string
		names     []string
		not       bool
		want      string
	}{
		{"some", rawHeader, []string{"SUBJECT", "to"}, false, "Subject: un\r\n deux\r\nTO:\r\nSubject: encore\r\n\r\n"},
		{"the others", rawHeader, []string{"subject", "from"}, true, "X-Foo : x\r\nfrom line without colon\r\nTO:\r\n\r\n"},
		{"none", rawHeader, []string{"Cc"}, false, "\r\n"},
		{"not by prefix", rawHeader, []string{"X-Fo"}, false, "\r\n"},
		{"without an empty line", "A: b", []string{"a"}, false, "A: b\r\n\r\n"},
		{"empty", "", []string{"a"}, false, "\r\n"},
		{"bare LF", "A: b\n c\nD: e\n\nF: g\n", []string{"a", "f"}, false, "A: b\n c\n\r\n"},
	} {
		if got := string(FilterHeader([]byte(c.raw), c.names, c.not)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReadHeaderStopsAtTheBody(t *testing.T) {
	t.Parallel()
	long := "X: " + strings.Repeat("y", 10_000) + "\r\n\r\n"
	for _, header := range []string{strings.TrimSuffix(rawHeader, "Bonjour: corps\r\n"), long, "\r\n", "\n", "A: b\n\n"} {
		r := bufio.NewReaderSize(iotest.OneByteReader(strings.NewReader(header+"corps")), 16)
		got, err := ReadHeader(r, 1<<20)
		rest, _ := io.ReadAll(r)
		if err != nil || string(got) != header || string(rest) != "corps" {
			t.Errorf("%.20q: %.40q, rest %q, %v", header, got, rest, err)
		}
	}
	if got, err := ReadHeader(strings.NewReader(long), 100); err != nil || len(got) != 100 {
		t.Errorf("%d bytes within the limit, %v", len(got), err)
	}
	if got, err := ReadHeader(strings.NewReader("A: b"), 100); err != nil || string(got) != "A: b" {
		t.Errorf("%q, %v", got, err)
	}
	broken := errors.New("broken")
	if _, err := ReadHeader(iotest.ErrReader(broken), 100); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestParseGivesTheErrorOfItsReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if _, err := Parse(io.MultiReader(strings.NewReader("A: b\r\n"), iotest.ErrReader(broken)), Limits{}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	message := plainMail()
	f, err := Parse(iotest.OneByteReader(bytes.NewReader(message)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sameFacts(ParseBytes(message, Limits{}), f); err != nil {
		t.Error(err)
	}
}

// TestAScannerIsUsedAgain: what one message left behind must not show in the next.
func TestAScannerIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := NewScanner(Limits{})
	var facts []*Facts
	messages := [][]byte{alternativeMail(), []byte("no header end"), attachmentMail(), []byte("\r"), plainMail()}
	for _, m := range messages {
		s.Reset()
		_, _ = s.Write(m)
		facts = append(facts, s.Finish())
	}
	for i, m := range messages {
		if err := sameFacts(ParseBytes(m, Limits{}), facts[i]); err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
}

func TestTheLongestLineMayBeInAnAttachment(t *testing.T) {
	t.Parallel()
	f := parse(t, crlf("Content-Type: image/png\n\n"+strings.Repeat("x", 100)+"\n"+strings.Repeat("x", 101)+"\n"))
	if f.LongestLine != 101 {
		t.Errorf("longest line %d", f.LongestLine)
	}
}
