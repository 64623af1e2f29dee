package smtpd_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"navette/internal/limits"
	"navette/internal/smtpd"
)

func TestAConnectionThatOnlyErrsIsEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for _, one := range []struct {
		name, line string
		tune       func(*smtpd.Limits)
		code       int // of the answers before the last
		n          int
	}{
		{"errors", "XYZZY", func(l *smtpd.Limits) { l.Errors = 5 }, 500, 5},
		{"unknown recipients", "RCPT TO:<x@ac-paris.example>", func(l *smtpd.Limits) { l.Refusals = 7 }, 550, 7},
		{"commands that lead nowhere", "NOOP", func(l *smtpd.Limits) { l.IdleCommands = 9 }, 250, 8}, // EHLO is the ninth
		{"empty transactions", "RSET", func(l *smtpd.Limits) { l.IdleCommands = 9 }, 250, 8},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { one.tune(&c.Limits) })
			c, _ := session(t, addr)
			c.ask(250, "MAIL FROM:<a@dehors.example>")
			for range one.n {
				c.ask(one.code, one.line)
			}
			if text := c.ask(421, one.line); !strings.HasPrefix(text, "4.7.0 ") {
				t.Error(text)
			}
			c.wantClosed()
		})
	}
}

func TestLMTPBearsAnyNumberOfUnknownRecipients(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.LMTP, func(c *smtpd.Config) { c.Limits.Refusals, c.Limits.Errors = 3, 3 })
	c, _ := session(t, addr)
	c.ask(250, "MAIL FROM:<>")
	for range 20 {
		c.ask(550, "RCPT TO:<x@ac-paris.example>")
	}
	c.ask(250, "RCPT TO:<"+w.addr(0)+">")
}

func TestConnectionsAreCountedInAllAndByNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for _, one := range []struct {
		name    string
		trusted string
		total   int
		network int
		good    int
	}{
		{"in all", "127.0.0.0/8", 3, 2, 3},
		{"by network", "192.0.2.0/24", 10, 2, 2},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) {
				c.Trusted = must(limits.ParseNetworks([]string{one.trusted}))
				c.Limits.Connections, c.Limits.ConnectionsPerNetwork = one.total, one.network
			})
			var open []*raw
			for range one.good {
				c := dial(t, addr)
				c.want(220)
				open = append(open, c)
			}
			c := dial(t, addr)
			c.want(421)
			c.wantClosed()
			open[0].ask(221, "QUIT")
			open[0].wantClosed()
			// Its place is free as soon as the server has noticed, too.
			deadline := time.Now().Add(patience)
			for {
				c := dial(t, addr)
				if code, _ := c.reply(); code == 220 {
					return
				}
				if time.Now().After(deadline) {
					t.Fatal("the place was never given back")
				}
			}
		})
	}
}

func TestCommandsAndLinesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { c.Limits.LineLength = 40_000 })
	c, _ := session(t, addr)
	for _, n := range []int{13_000, 100_000} { // what the buffer holds, and what it does not
		c.send(strings.Repeat("x", n) + "\r\n")
		c.want(500)
		c.wantClosed()
		c, _ = session(t, addr)
	}
	for n, code := range map[int]int{40_000: 250, 40_001: 554} {
		c.begin("", w.addr(0))
		c.ask(354, "DATA")
		c.send(strings.Repeat("x", n) + "\r\n.\r\n")
		c.want(code)
	}
	c.begin("", w.addr(0))
	c.send(fmt.Sprintf("BDAT 40003 LAST\r\n%s\r\n", strings.Repeat("x", 40_001)))
	c.want(554)
}

func TestSilenceEndsAConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	short := 50 * time.Millisecond
	for _, one := range []struct {
		name string
		tune func(*smtpd.Limits)
		say  string
	}{
		{"between commands", func(l *smtpd.Limits) { l.CommandTimeout = short }, ""},
		{"within a command", func(l *smtpd.Limits) { l.CommandTimeout = short }, "NOO"},
		{"within the data", func(l *smtpd.Limits) { l.DataTimeout = short }, "DATA\r\nSubject: x\r\n"},
		{"within a message as a whole", func(l *smtpd.Limits) { l.MessageTimeout = short }, "DATA\r\nSubject: x\r\n"},
		{"within a chunk", func(l *smtpd.Limits) { l.DataTimeout = short }, "BDAT 100\r\nx"},
		{"between chunks", func(l *smtpd.Limits) { l.MessageTimeout = short }, "BDAT 1\r\nx"},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { one.tune(&c.Limits) })
			c := dial(t, addr)
			c.want(220)
			// In one go, so that only what the test is about can be slow.
			c.send("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<" + w.addr(0) + ">\r\n" + one.say)
			for {
				code, text := c.reply()
				if code == 421 {
					if !strings.HasPrefix(text, "4.4.2 ") {
						t.Error(text)
					}
					break
				}
				if code == 0 {
					t.Fatalf("the connection ended: %s", text)
				}
			}
			c.wantClosed()
		})
	}
	if got := w.inbox(t, 0); len(got) != 0 {
		t.Errorf("inbox %q", got)
	}
}

func TestAMailLoopIsBroken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	for n, code := range map[int]int{100: 250, 101: 554} {
		c.begin("", w.addr(0))
		c.ask(354, "DATA")
		c.send(strings.Repeat("rEceived:\r\n\tx\r\n", n) + "\r\nReceived: in the body\r\n.\r\n")
		if text := c.want(code); code == 554 && !strings.HasPrefix(text, "5.4.6 ") {
			t.Error(text)
		}
	}
}

func TestForgedFieldsAreRemovedAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for _, role := range []smtpd.Role{smtpd.Reception, smtpd.LMTP} {
		addr, _ := w.door(t, role)
		c, _ := session(t, addr)
		c.begin("", w.addr(0))
		c.ask(354, "DATA")
		c.send("X-navette-Agent: verifie\r\n (vraiment)\r\nAuthentication-Results:\r\n (x) MX.ac-paris.example;\r\n dkim=pass\r\n" +
			"Authentication-Results: ailleurs.example; spf=pass\r\nSubject: x\r\n\r\nX-Navette-Agent: texte\r\n.\r\n")
		c.want(250)
	}
	for _, got := range w.inbox(t, 0) {
		if _, content, _ := strings.Cut(got, "\r\nAuthentication-Results:"); content != " ailleurs.example; spf=pass\r\nSubject: x\r\n\r\nX-Navette-Agent: texte\r\n" ||
			strings.Contains(got, "verifie") {
			t.Errorf("got %q", got)
		}
	}
}

func TestAMessageOfManyMegabytesStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.LMTP)
	c, _ := session(t, addr)
	noise := make([]byte, 6<<20)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	var message bytes.Buffer
	message.WriteString("Subject: x\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(noise)
	for ; len(text) > 76; text = text[76:] {
		message.WriteString(text[:76] + "\r\n")
	}
	c.begin("", w.addr(0))
	c.ask(354, "DATA")
	c.send(message.String() + ".\r\n")
	c.want(250)
	if got := w.inbox(t, 0)[0]; !strings.HasSuffix(got, message.String()) {
		t.Error("the octets came back changed")
	}
}

func TestShutdownLetsMessagesEndAndTellsTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, srv := w.door(t, smtpd.Reception)
	idle, _ := session(t, addr)
	busy, _ := session(t, addr)
	busy.begin("", w.addr(0))
	busy.ask(354, "DATA")
	busy.send("Subject: x\r\n")
	begun, _ := session(t, addr)
	begun.ask(250, "MAIL FROM:<>")
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- srv.Shutdown(ctx)
	}()
	for _, c := range []*raw{idle, begun} {
		if text := c.want(421); !strings.HasPrefix(text, "4.3.2 ") {
			t.Error(text)
		}
		c.wantClosed()
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Error("a closed door takes connections")
	}
	busy.send("\r\n.\r\n")
	busy.want(250)
	busy.want(421)
	busy.wantClosed()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(w.inbox(t, 0)) != 1 {
		t.Error("the message under way was lost")
	}
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, srv := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	c.begin("", w.addr(0))
	c.ask(354, "DATA")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := srv.Shutdown(ctx); err == nil {
		t.Error("it did not tell")
	}
	c.wantClosed()
}

func TestTheLastWordIsNotLostOnWhoIsStillSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { c.Limits.MessageSize = 1000 })
	c, _ := session(t, addr)
	c.begin("", w.addr(0))
	c.ask(354, "DATA")
	c.send(strings.Repeat("0123456789\r\n", 500))
	c.want(552)
	for range 20 { // a connection that was simply closed would be reset by the first
		c.send(strings.Repeat("0123456789\r\n", 1000))
	}
	c.wantClosed()
}
