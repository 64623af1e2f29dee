package smtpd_test

import (
	"strings"
	"testing"

	"navette/internal/smtpd"
)

// The second message of each case is what a smuggler wants to be read as a message of its own.
const smuggled = "MAIL FROM:<recteur@ac-paris.example>\r\nRCPT TO:<%>\r\nDATA\r\nSubject: faux\r\n\r\nfaux\r\n.\r\n"

func TestNothingBehindAFalseEndOfDataIsACommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for _, role := range []smtpd.Role{smtpd.Reception, smtpd.LMTP} {
		addr, _ := w.door(t, role)
		for _, end := range []string{
			"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r.\n", "\n.\r", "\r\n\x00.\r\n", "\r\r\n.\n", "\n\r\n.\n", "\r\n.\r\r\n",
			"\r\n..\r\n", "\r\n. \r\n", "\r\n.\x00\r\n",
		} {
			before := w.count(t, `SELECT count(*) FROM delivery`)
			c, _ := session(t, addr)
			c.begin("a@dehors.example", w.addr(0))
			c.ask(354, "DATA")
			c.send("Subject: vrai\r\n\r\ntexte" + end + strings.ReplaceAll(smuggled, "%", w.addr(0)))
			code, text := c.reply()
			bare := strings.Contains(strings.ReplaceAll(end, "\r\n", ""), "\r") || strings.Contains(strings.ReplaceAll(end, "\r\n", ""), "\n")
			if bare && (code != 550 || !strings.HasPrefix(text, "5.6.0 ")) || !bare && code != 250 {
				t.Errorf("end %q: %d %s", end, code, text)
			}
			if !bare {
				before++ // one message, with the smuggled one as its text
			}
			if strings.HasSuffix(end, "\n.\n") || end == "\n.\r\n" { // some server would have seen the end there
				c.wantClosed()
			} else {
				c.ask(250, "NOOP")
			}
			c.c.Close()
			if after := w.count(t, `SELECT count(*) FROM delivery`); after != before {
				t.Errorf("end %q: %d messages were accepted", end, after-before)
			}
		}
	}
	for _, m := range w.inbox(t, 0) {
		if strings.HasPrefix(m, "Return-Path: <recteur@") {
			t.Errorf("smuggled: %q", m)
		}
	}
}

func TestBareCRAndLFAreRefusedAnywhereInTheData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	long := strings.Repeat("x", 20_000) // longer than any buffer
	for _, data := range []string{
		"Subject: a\nb: c\r\n\r\n", "Subject: a\rb\r\n\r\n", "Subject: a\r\n\r\n\r\r\n", "\n", "\r\r\n", "a: b\r\n\r\n.\rx\r\n", "a: b\r\n\r\n..\rx\r\n",
		long + "\n", long + "\r" + long + "\r\n", "a\r\n\n", "\r\n\r\n\r\n\n\r\n",
	} {
		c.begin("a@dehors.example", w.addr(0))
		c.ask(354, "DATA")
		c.send(data + ".\r\n")
		if !strings.HasSuffix(data, "\r\n") {
			c.want(550)
			c.wantClosed() // LF . CRLF: some would have taken it for the end
			c, _ = session(t, addr)
			continue
		}
		c.want(550)
		c.ask(250, "NOOP") // the true end was read, and no more
	}
	if got := w.inbox(t, 0); len(got) != 0 {
		t.Errorf("inbox %q", got)
	}
}

func TestTheEndOfDataIsFoundWhereverTheNetworkCutsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	data := "Subject: x\r\n\r\n..\r\n...\r\n.\r\n"
	c.begin("a@dehors.example", w.addr(0))
	c.ask(354, "DATA")
	for i := range len(data) {
		c.send(data[i : i+1])
	}
	c.want(250)
	if got := w.inbox(t, 0)[0]; !strings.HasSuffix(got, "\r\n\r\n.\r\n..\r\n") {
		t.Errorf("got %q", got)
	}
}

func TestCommandsEndWithCRLF(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	for _, line := range []string{"NOOP\n", "NOOP\r\r\n", "MAIL FROM:<a@b.example>\rRCPT TO:<" + w.addr(0) + ">\r\n", "NO\x00OP\r\n"} {
		c.send(line)
		if text := c.want(500); !strings.HasPrefix(text, "5.5.2 ") {
			t.Errorf("%q: %s", line, text)
		}
	}
	for _, path := range []string{`"a\` + "\r" + `b"@dehors.example`, "\"a\tb\"@dehors.example", "a@dehors.example\x01", "a@b@c.example", strings.Repeat("x", 65) + "@dehors.example",
		"x@" + strings.Repeat("y", 256), "@dehors.example", "a@", "a@.example", `a"b@dehors.example`} {
		c.send("MAIL FROM:<" + path + ">\r\n")
		if code, text := c.reply(); code < 500 {
			t.Errorf("%q: %d %s", path, code, text)
		}
	}
}
