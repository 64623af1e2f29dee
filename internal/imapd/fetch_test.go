package imapd_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"navette/internal/content"
	"navette/internal/mailbox"
)

// nested is a message with an alternative, a message within it, and an attachment.
const nested = "From: =?utf-8?q?Ren=C3=A9e?= <renee@ac-paris.example>\r\nTo: 4e3: a@x.example, b@x.example;\r\n" +
	"Subject: Sortie\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n" +
	"--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n" +
	"--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain\r\n" +
	"--in\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--in--\r\n" +
	"--out\r\nContent-Type: message/rfc822\r\n\r\n" +
	"From: inner@x.example\r\nSubject: inside\r\n\r\ninner body\r\n" +
	"--out\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--out--\r\n"

// section asks for one section of message 1 and returns what the server gave, without its frame.
func (c *client) section(item string) string {
	c.t.Helper()
	c.send("F FETCH 1 " + item + "\r\n")
	head := c.line()
	i := strings.LastIndex(head, "{")
	if i < 0 {
		c.talk("S: F OK fetched")
		return strings.TrimSuffix(head[strings.LastIndexByte(head, ' ')+1:], ")")
	}
	var size int
	if _, err := fmt.Sscanf(head[i:], "{%d}", &size); err != nil {
		c.t.Fatalf("%q: %v", head, err)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(c.r, b); err != nil {
		c.t.Fatal(err)
	}
	c.talk("S: )\nS: F OK fetched")
	return string(b)
}

func TestSectionsAreCutOutOfTheOctets(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX", nested)
	c.run("SELECT INBOX")
	header, body, _ := strings.Cut(nested, "\r\n\r\n")
	header += "\r\n\r\n"
	for item, want := range map[string]string{
		"BODY.PEEK[]":                               nested,
		"BODY.PEEK[HEADER]":                         header,
		"BODY.PEEK[TEXT]":                           body,
		"BODY.PEEK[]<0.10>":                         nested[:10],
		"BODY.PEEK[]<20.30>":                        nested[20:50],
		"BODY.PEEK[TEXT]<8.5>":                      body[8:13],
		"BODY.PEEK[]<100000.5>":                     `""`,
		"BODY.PEEK[HEADER]<0.999999>":               header,
		"BODY.PEEK[HEADER.FIELDS (SUBJECT X-None)]": "Subject: Sortie\r\n\r\n",
		"BODY.PEEK[HEADER.FIELDS (SUBJECT)]<9.6>":   "Sortie",
		"BODY.PEEK[HEADER.FIELDS.NOT (From To MIME-Version Content-Type)]": "Subject: Sortie\r\n\r\n",
		"BODY.PEEK[1.1]":                    "plain",
		"BODY.PEEK[1.1.MIME]":               "Content-Type: text/plain; charset=utf-8\r\n\r\n",
		"BODY.PEEK[1.2]":                    "<p>html</p>",
		"BODY.PEEK[2]":                      "From: inner@x.example\r\nSubject: inside\r\n\r\ninner body",
		"BODY.PEEK[2.HEADER]":               "From: inner@x.example\r\nSubject: inside\r\n\r\n",
		"BODY.PEEK[2.TEXT]":                 "inner body",
		"BODY.PEEK[2.1]":                    "inner body",
		"BODY.PEEK[2.HEADER.FIELDS (From)]": "From: inner@x.example\r\n\r\n",
		"BODY.PEEK[2.MIME]":                 "Content-Type: message/rfc822\r\n\r\n",
		"BODY.PEEK[3]":                      "QUJD",
		"BODY.PEEK[3.MIME]":                 "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"BODY.PEEK[4]":                      "NIL",
		"BODY.PEEK[3.1]":                    "NIL",
		"BODY.PEEK[3.HEADER]":               "NIL",
		"BODY.PEEK[1.3]":                    "NIL",
		"BODY.PEEK[2.2]":                    "NIL",
	} {
		if got := c.section(item); got != want {
			t.Errorf("%s: got %q, want %q", item, got, want)
		}
	}
}

func TestAMessageThatIsNoMultipartHasOnePart(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX", letter("one", "text"))
	c.run("SELECT INBOX")
	for item, want := range map[string]string{
		"BODY.PEEK[1]": "text\r\n", "BODY.PEEK[TEXT]": "text\r\n", "BODY.PEEK[2]": "NIL", "BODY.PEEK[1.1]": "NIL",
		"BODY.PEEK[1.TEXT]": "NIL",
	} {
		if got := c.section(item); got != want {
			t.Errorf("%s: got %q, want %q", item, got, want)
		}
	}
}

// Two items of one FETCH read the message in whatever order.
func TestSectionsInAnyOrder(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX", letter("one", "text"))
	c.run("SELECT INBOX")
	c.talk(`
		C: a FETCH 1 (BODY.PEEK[TEXT] BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[]<6.5> BODY.PEEK[TEXT]<1.2>)
		S: * 1 FETCH (BODY[TEXT] {6}
		S: text
		S:  BODY[HEADER.FIELDS (SUBJECT)] {16}
		S: Subject: one
		S: 
		S:  BODY[]<6> {5}
		S: Marie BODY[TEXT]<1> {2}
		S: ex)
		S: a OK fetched`)
}

// A copy's prefix is part of its message, in octets, sizes, headers and the envelope.
func TestThePrefixOfACopyIsPartOfTheMessage(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	const prefix = "Return-Path: <x@dehors.example>\r\nTo: seul@ac-paris.example\r\n"
	p := d.Prepare(t, []byte(nested))
	if _, err := d.Mailboxes.Append(t.Context(), d.accounts[0], "INBOX", []mailbox.NewEmail{{Content: p, Prefix: []byte(prefix)}}); err != nil {
		t.Fatal(err)
	}
	c := d.selected(t, 0)
	whole := prefix + nested
	header, body, _ := strings.Cut(whole, "\r\n\r\n")
	for item, want := range map[string]string{
		"BODY.PEEK[]": whole, "BODY.PEEK[HEADER]": header + "\r\n\r\n", "BODY.PEEK[TEXT]": body, "BODY.PEEK[1.1]": "plain",
		"BODY.PEEK[2.1]": "inner body", "BODY.PEEK[]<50.40>": whole[50:90],
		"BODY.PEEK[HEADER.FIELDS (RETURN-PATH SUBJECT)]": "Return-Path: <x@dehors.example>\r\nSubject: Sortie\r\n\r\n",
	} {
		if got := c.section(item); got != want {
			t.Errorf("%s: got %q, want %q", item, got, want)
		}
	}
	c.talk(fmt.Sprintf(`
		C: a FETCH 1 (RFC822.SIZE ENVELOPE)
		S: * 1 FETCH (RFC822.SIZE %d ENVELOPE (NIL "Sortie" (("=?utf-8?q?Ren=C3=A9e?=" NIL "renee" "ac-paris.example")) (("=?utf-8?q?Ren=C3=A9e?=" NIL "renee" "ac-paris.example")) (("=?utf-8?q?Ren=C3=A9e?=" NIL "renee" "ac-paris.example")) ((NIL NIL "seul" "ac-paris.example")) NIL NIL NIL NIL))
		S: a OK fetched
		C: b SEARCH TO seul
		S: * SEARCH 1
		S: b OK searched
		C: c SEARCH HEADER Return-Path dehors
		S: * SEARCH 1
		S: c OK searched
		C: d SEARCH TO b@x.example
		S: * SEARCH
		S: d OK searched`, len(whole)))
}

func TestReadingSetsSeenAndPeekingDoesNot(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	for _, s := range []string{"one", "two"} {
		c.append("INBOX", letter(s, "t"))
	}
	c.run("SELECT INBOX")
	c.talk(`
		C: a FETCH 1 BODY.PEEK[TEXT]
		S: * 1 FETCH (BODY[TEXT] {3}
		S: t
		S: )
		S: a OK fetched
		C: b FETCH 1:2 (FLAGS RFC822.HEADER)
		S: * 1 FETCH (FLAGS () RFC822.HEADER {…}
		S: From: …
		S: To: …
		S: Subject: one
		S: Date: …
		S: Message-ID: …
		S: 
		S: )
		S: * 2 FETCH (FLAGS () RFC822.HEADER {…}
		S: From: …
		S: To: …
		S: Subject: two
		S: Date: …
		S: Message-ID: …
		S: 
		S: )
		S: b OK fetched
		C: c FETCH 1 BODY[TEXT]
		S: * 1 FETCH (FLAGS (\Seen) BODY[TEXT] {3}
		S: t
		S: )
		S: c OK fetched
		C: d FETCH 1 BODY[TEXT]
		S: * 1 FETCH (BODY[TEXT] {3}
		S: t
		S: )
		S: d OK fetched
		C: e UID FETCH 1:* (FLAGS)
		S: * 1 FETCH (UID 1 FLAGS (\Seen))
		S: * 2 FETCH (UID 2 FLAGS ())
		S: e OK fetched
		C: f FETCH 3 FLAGS
		S: f BAD the mailbox has no message of that number
		C: g UID FETCH 9:* FLAGS
		S: * 2 FETCH (UID 2 FLAGS ())
		S: g OK fetched
		C: h UID FETCH 1 BINARY[1]
		S: h BAD unknown FETCH item BINARY`)
}

func TestBodyStructureComesFromFacts(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	c.append("INBOX", nested)
	c.run("SELECT INBOX")
	c.talk(`
		C: a FETCH 1 BODY
		S: * 1 FETCH (BODY ((("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 5 0)("TEXT" "HTML" NIL NIL NIL "7BIT" 11 0) "ALTERNATIVE")("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 52 (NIL "inside" ((NIL NIL "inner" "x.example")) ((NIL NIL "inner" "x.example")) ((NIL NIL "inner" "x.example")) NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 10 0) 3)("APPLICATION" "PDF" ("NAME" "a.pdf") NIL NIL "BASE64" 4) "MIXED"))
		S: a OK fetched`)
}

// Invariant 8: octets come back as they were given, small or large.
func TestOctetsComeBackExactly(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.enter(t, 0)
	var random bytes.Buffer
	seed := uint32(1)
	for random.Len() < content.InlineMax*5 {
		seed = seed*1664525 + 1013904223
		random.WriteByte(byte(seed>>24)%255 + 1)
	}
	large := "Subject: large\r\n\r\n" + random.String()
	for _, message := range []string{"x", "no header", "\r\n\r\n", "bare\nlines\rhere", large} {
		c.append("INBOX", message)
		c.run("SELECT INBOX")
		c.send("F FETCH * BODY.PEEK[]\r\n")
		c.talk(fmt.Sprintf("S: * … FETCH (BODY[] {%d}", len(message)))
		b := make([]byte, len(message))
		if _, err := io.ReadFull(c.r, b); err != nil {
			t.Fatal(err)
		}
		c.talk("S: )\nS: F OK fetched")
		if string(b) != message {
			t.Errorf("a message of %d octets came back changed", len(message))
		}
	}
}
