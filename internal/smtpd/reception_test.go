package smtpd_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"navette/internal/smtpd"
)

const letter = "From: Parent <parent@dehors.example>\r\nTo: agent\r\nSubject: Absence\r\n\r\nBonjour,\r\n.un point au d\xc3\xa9but\r\n..deux\r\n\r\n"

func TestReceptionGivesBackWhatItAcceptedUnderItsTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	addr, _ := w.door(t, smtpd.Reception)
	c := must(smtp.Dial(addr))
	defer c.Close()
	if err := c.Hello("client.example"); err != nil {
		t.Fatal(err)
	}
	if err := c.SendMail("parent@dehors.example", []string{w.addr(0)}, strings.NewReader(letter)); err != nil {
		t.Fatal(err)
	}
	got := w.inbox(t, 0)
	if len(got) != 1 {
		t.Fatalf("%d messages in the inbox", len(got))
	}
	trace := regexp.MustCompile(`^Return-Path: <parent@dehors\.example>\r\n` +
		`Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n\tby mx\.ac-paris\.example with ESMTP id [a-z2-7]{16}\r\n` +
		`\tfor <` + regexp.QuoteMeta(w.addr(0)) + `>;\r\n\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r\n`)
	prefix := trace.FindString(got[0])
	if prefix == "" {
		t.Fatalf("trace of %q", got[0])
	}
	if content := got[0][len(prefix):]; content != letter {
		t.Errorf("octets came back as %q", content)
	}
}

func TestReceptionNamesNoRecipientWhenThereAreSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	c.begin("", w.addr(0), w.addr(1))
	c.ask(354, "DATA")
	c.send("Subject: x\r\n\r\nx\r\n.\r\n")
	c.want(250)
	for i := range 2 {
		got := w.inbox(t, i)[0]
		if !strings.HasPrefix(got, "Return-Path: <>\r\nReceived: ") || strings.Contains(got, "@") {
			t.Errorf("inbox %d has %q", i, got)
		}
	}
}

func TestReceptionRefusesStrangersAndUnknownRecipientsAtRCPT(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	c.ask(250, "MAIL FROM:<a@dehors.example>")
	for _, one := range []struct {
		to   string
		code int
		text string
	}{
		{"personne@ac-paris.example", 550, "5.1.1"},
		{"quelquun@ailleurs.example", 550, "5.7.1"},
		{"agent@[127.0.0.1]", 550, "5.7.1"},
		{"agent%ailleurs.example@ac-paris.example", 550, "5.1.1"},
		{"@ac-paris.example:quelquun@ailleurs.example", 550, "5.7.1"},
		{"a b@ac-paris.example", 501, "5.1.3"},
		{"", 501, "5.1.3"},
		{strings.ToUpper(w.addr(0)), 250, "2.1.5"},
		{`"` + strings.Replace(w.addr(0), "@", `"@`, 1), 250, "2.1.5"},
	} {
		if text := c.ask(one.code, "RCPT TO:<"+one.to+">"); !strings.HasPrefix(text, one.text+" ") {
			t.Errorf("RCPT TO:<%s>: %s", one.to, text)
		}
	}
	c.ask(550, "RCPT TO:<Postmaster>") // known as postmaster@ our domain, which nobody has here
}

func TestATransactionTakesThousandsOfRecipientsAndNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	c.ask(250, "MAIL FROM:<a@dehors.example>")
	var all strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&all, "RCPT TO:<%s>\r\n", w.addr(i%5))
	}
	c.send(all.String())
	for range 1000 {
		c.want(250)
	}
	if text := c.want(452); !strings.HasPrefix(text, "4.5.3 ") {
		t.Error(text)
	}
	c.ask(354, "DATA")
	c.send("Subject: x\r\n\r\n.\r\n")
	c.want(250)
	for i := range 5 {
		if n := len(w.inbox(t, i)); n != 1 {
			t.Errorf("inbox %d has %d copies", i, n)
		}
	}
}

func TestLMTPAnswersOnceForEachRecipient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	addr, _ := w.door(t, smtpd.LMTP)
	c, _ := session(t, addr)
	c.ask(250, "MAIL FROM:<a@dehors.example>")
	const n = 30_000
	go func() {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, "RCPT TO:<%s>\r\n", w.addr(i%50))
		}
		c.send(all.String())
	}()
	for range n {
		c.want(250)
	}
	c.ask(354, "DATA")
	c.send("Subject: x\r\n\r\nx\r\n.\r\n")
	for range n {
		c.want(250)
	}
	c.ask(250, "NOOP") // and not one reply more
	if got := w.inbox(t, 49); len(got) != 1 || !strings.Contains(got[0], " with LMTP id ") {
		t.Errorf("the last inbox has %q", got)
	}
	c.ask(250, "MAIL FROM:<>")
	c.ask(550, "RCPT TO:<x@ailleurs.example>")
	c.ask(500, "EHLO x")
}

func TestDoorsSpeakTheirOwnProtocol(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c := dial(t, addr)
	c.want(220)
	for _, one := range []struct {
		line string
		code int
	}{
		{"MAIL FROM:<>", 503}, {"RCPT TO:<a@b>", 503}, {"DATA", 503}, {"LHLO x", 500}, {"EHLO", 501}, {"EHLO a\tb", 501},
		{"XYZZY", 500}, {"", 500}, {"HELP", 502}, {"EXPN x", 502}, {"VRFY x", 252}, {"AUTH PLAIN", 502}, {"STARTTLS", 502},
		{"HELO client.example", 250}, {"MAIL FROM:<a@b.example> SIZE=10", 555},
		{"EHLO client.example", 250},
		{"MAIL FROM:<a@b.example", 501}, {"MAIL FROM:a@b.example", 501}, {"MAIL FROM:<a@b.example> FOO=1", 555},
		{"MAIL FROM:<a@b.example> RET=HDRS", 555}, {"MAIL FROM:<a@b.example>SIZE=1", 501}, {"MAIL TO:<a@b.example>", 501},
		{"MAIL FROM: <a@b.example> body=8bitmime", 250}, {"MAIL FROM:<a@b.example>", 503}, {"DATA", 503},
		{"RCPT TO:<" + w.addr(0) + "> NOTIFY=NEVER", 555}, {"RSET", 250}, {"NOOP", 250}, {"QUIT", 221},
	} {
		c.send(one.line + "\r\n")
		if code, text := c.reply(); code != one.code {
			t.Errorf("%q: %d %s, want %d", one.line, code, text, one.code)
		}
	}
	c.wantClosed()
}

func TestTheTraceTellsWhoCameAndNothingThatTheyMadeUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, srv := w.door(t, smtpd.LMTP)
	tcp := dial(t, addr)
	tcp.want(220)
	tcp.ask(250, "LHLO pc(by;evil)<x>")
	path := filepath.Join(t.TempDir(), "lmtp")
	l := must(net.Listen("unix", path))
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(srv.Shutdown(ctx), <-served); err != nil {
			t.Error(err)
		}
	}()
	local := &raw{t: t, c: must(net.Dial("unix", path))}
	local.r = bufio.NewReader(local.c)
	local.want(220)
	local.ask(250, "LHLO rectorat")
	for i, c := range []*raw{tcp, local} {
		c.begin("a@dehors.example", w.addr(0))
		c.ask(354, "DATA")
		c.send("\r\n.\r\n")
		c.want(250)
		got := w.inbox(t, 0)[i]
		if want := []string{"\r\nReceived: from pc?by?evil??x? ([127.0.0.1])\r\n\tby ", "\r\nReceived: from rectorat\r\n\tby "}[i]; !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
		c.ask(221, "QUIT")
	}
}
