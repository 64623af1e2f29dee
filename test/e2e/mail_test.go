package e2e

import (
	"fmt"
	"io"
	"net/smtp"
	"strings"
	"testing"
)

// outsider is a sender that Navette knows nothing of.
const outsider = "parent@dehors.example"

// letter is a small message from outside, with a mark by which it is found again.
func letter(mark string) string {
	return "From: Un parent <" + outsider + ">\r\nTo: agent@ac-paris.example\r\nSubject: Question " + mark +
		"\r\nMessage-ID: <" + mark + "@dehors.example>\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\n\r\nBonjour,\r\n.\r\n..deux points\r\nMerci.\r\n"
}

// deliver hands a message to reception, as a server of the Internet does.
func deliver(tb testing.TB, d *demo, text string, to ...string) {
	tb.Helper()
	if err := deliverTo(d, text, to...); err != nil {
		tb.Fatal(err)
	}
}

// deliverTo is deliver where the answer is the test.
func deliverTo(d *demo, text string, to ...string) error {
	c, err := smtp.Dial(d.address("smtp"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.Close()
	if err := sendThrough(c, outsider, text, to...); err != nil {
		return err
	}
	return c.Quit()
}

// sendThrough makes one transaction of an SMTP connection.
func sendThrough(c *smtp.Client, from, text string, to ...string) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	for _, r := range to {
		if err := c.Rcpt(r); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return w.Close()
}

// nasty are messages whose octets a careless program changes on the way. All of them may be appended; those whose
// lines end in CRLF alone, and are short enough, may also be sent.
func nasty() map[string]string {
	head := func(subject string) string {
		return "From: a@dehors.example\r\nTo: b@ac-paris.example\r\nSubject: " + subject + "\r\n"
	}
	return map[string]string{
		"raw 8-bit header":         head("Réunion d\xe9l\xe9gu\xe9s \xff\xfe") + "X-\xe9: \x80\r\n\r\ncorps\r\n",
		"latin-1 body":             head("accents") + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe0 bient\xf4t\xa0!\r\n",
		"dots":                     head("points") + "\r\n.\r\n..\r\n...\r\n.fin\r\n",
		"no final newline":         head("sans fin") + "\r\nla derniere ligne n'est pas finie",
		"header only":              head("rien dessous"),
		"header without its end":   "Subject: coupe",
		"no header":                "\r\ncorps seul\r\n",
		"bare LF":                  "Subject: unix\nFrom: a@dehors.example\n\nligne\nligne\n",
		"bare CR":                  head("mac") + "\r\nun\rdeux\r\r\ntrois\r\n",
		"mixed line ends":          head("melange") + "\r\na\nb\r\nc\r\n\n\r\n",
		"one long line":            head("long") + "\r\n" + strings.Repeat("longue ligne sans fin ", 5000) + "\r\n",
		"long header":              head(strings.Repeat("sujet ", 20000)) + "\r\ncorps\r\n",
		"trailing blanks":          head("blancs   ") + "\r\nfin de ligne   \t\r\n \r\n\r\n\r\n",
		"missing boundary":         head("mime") + "Content-Type: multipart/mixed; boundary=absent\r\n\r\n--autre\r\n\r\nx\r\n",
		"broken base64":            head("base64") + "Content-Transfer-Encoding: base64\r\n\r\n=QUJD*RE\r\n=====\r\n",
		"every octet but NUL":      head("octets") + "\r\n" + everyOctet() + "\r\n",
		"megabyte":                 head("gros") + "\r\n" + strings.Repeat(strings.Repeat("0123456789abcdef", 4)+"\r\n", 20000),
		"nested message":           head("dans") + "Content-Type: message/rfc822\r\n\r\n" + head("dedans") + "\r\ncorps\r\n",
		"signed":                   head("signe") + "Content-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\r\n\r\n--s\r\n\r\nexact  \r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nAAAA\r\n--s--\r\n",
		"header line without name": head("cassee") + "ceci n'est pas un champ\r\n: vide\r\n\r\ncorps\r\n",
	}
}

func everyOctet() string {
	var b strings.Builder
	for c := 1; c < 256; c++ {
		b.WriteByte(byte(c))
	}
	return b.String()
}

// sendable tells whether RFC 5321 lets a message over SMTP with 8BITMIME: lines of 1,000 octets at most, ended by CRLF.
func sendable(text string) bool {
	if !strings.HasSuffix(text, "\r\n") {
		return false
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			return false
		}
	}
	return true
}

// received splits a delivered message into the trace that Navette wrote and what was sent.
func received(tb testing.TB, m message, body string) string {
	tb.Helper()
	trace, found := strings.CutSuffix(m.bytes, body)
	if !found {
		tb.Fatalf("the message does not end with the octets that were sent:\n%q\nwant at the end\n%q", tail(m.bytes), tail(body))
	}
	if !strings.HasPrefix(trace, "Return-Path: <") || !strings.Contains(trace, "\r\nReceived: ") || strings.Contains(trace, "\r\n\r\n") {
		tb.Fatalf("the trace is not a Return-Path and a Received: %q", trace)
	}
	return trace
}

// marks makes texts that no other message of this run holds.
func marks(tb testing.TB) func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%s.%d", strings.Map(plain, tb.Name()), n)
	}
}

// plain keeps what may stand in a Message-ID.
func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}
