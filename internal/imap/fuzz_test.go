package imap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzDecoder holds that whatever arrives, the decoder ends, reads every octet
// once, keeps its memory bound, and that a tag it reports was really sent.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{
		"A1 LOGIN a b\r\n", "A1 LOGIN {3}\r\na b {2+}\r\n) \r\n", "A FETCH 1:*,3 (UID BODY.PEEK[1.HEADER.FIELDS (a)]<1.2>)\r\n",
		"A UID SEARCH RETURN (MIN) CHARSET UTF-8 OR (FROM a) NOT UID 4 SINCE 1-Feb-2026\r\n",
		"A APPEND x (\\Seen) {3+}\r\nabc {2+}\r\nab\r\nB NOOP\r\n", "A STORE 1 (UNCHANGEDSINCE 3) +FLAGS (x)\r\n",
		"A SELECT &AOk- (QRESYNC (1 2 3:4 (1 2)))\r\n", "A LIST (SUBSCRIBED) \"\" (a %) RETURN (STATUS (SIZE))\r\n",
		"A FROB {9+}\r\nB2 NOOP\r\n\r\n", "A ID (\"a\" NIL)\r\n", "+ {5+}\r\n",
		"A SETACL &AOk- marie +lrs\r\n", "A LISTRIGHTS x {5+}\r\nmarie\r\n", "A GETQUOTA \"\"\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		lim := Limits{Command: 200, Drain: 1000}
		d := NewDecoder(bufio.NewReaderSize(bytes.NewReader(input), 16), lim, func() error { return nil })
		for range len(input) + 2 {
			req, err := d.Next()
			var bad *BadCommand
			switch {
			case err == nil:
				if req.Tag != "*" && !bytes.Contains(input, []byte(req.Tag)) {
					t.Fatalf("tag %q was never sent", req.Tag)
				}
				readAppend(t, req)
			case errors.As(err, &bad):
				if bad.Tag != "*" && !bytes.Contains(input, []byte(bad.Tag)) {
					t.Fatalf("tag %q was never sent", bad.Tag)
				}
			default:
				return
			}
			if len(d.line) > lim.Command {
				t.Fatalf("a segment of %d octets is held", len(d.line))
			}
		}
		t.Fatal("more commands than octets")
	})
}

// readAppend reads the messages of an APPEND.
func readAppend(t *testing.T, req Request) {
	a, ok := req.Command.(*Append)
	if !ok {
		return
	}
	for {
		m, err := a.NextMessage()
		if err != nil {
			return
		}
		r, err := a.Body()
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if err == nil && n != m.Size {
			t.Fatalf("a message of %d octets gave %d", m.Size, n)
		}
		if err != nil {
			return
		}
	}
}
