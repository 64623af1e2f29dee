package smtpd_test

import (
	"crypto/tls"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/smtpd"
	"navette/internal/store"
)

// Each extension that EHLO names has a test here or in submission_test.go that fails without its handler.

func TestEHLOOffersWhatIsHonouredAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	cert := certificate(t)
	common := []string{"8BITMIME", "CHUNKING", "ENHANCEDSTATUSCODES", "PIPELINING", "SIZE 52428800", "SMTPUTF8"}
	withTLS := func(c *smtpd.Config) { c.TLS = cert }
	for _, one := range []struct {
		name string
		role smtpd.Role
		tune func(*smtpd.Config)
		tls  bool // after STARTTLS
		more []string
	}{
		{"reception", smtpd.Reception, withTLS, false, []string{"STARTTLS"}},
		{"reception without a certificate", smtpd.Reception, func(*smtpd.Config) {}, false, nil},
		{"reception over TLS", smtpd.Reception, withTLS, true, nil},
		{"reception never authenticates", smtpd.Reception, func(c *smtpd.Config) { c.PlainAuth = true }, false, nil},
		{"LMTP", smtpd.LMTP, withTLS, false, []string{"STARTTLS"}},
		{"submission", smtpd.Submission, withTLS, false, []string{"STARTTLS"}},
		{"submission over TLS", smtpd.Submission, withTLS, true, []string{"AUTH PLAIN LOGIN SCRAM-SHA-256-PLUS SCRAM-SHA-256 OAUTHBEARER XOAUTH2"}},
		{"submission in the demo", smtpd.Submission, func(c *smtpd.Config) { c.TLS, c.PlainAuth = cert, true }, false, []string{"AUTH PLAIN LOGIN SCRAM-SHA-256 OAUTHBEARER XOAUTH2", "STARTTLS"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			addr, _ := w.door(t, one.role, one.tune)
			c, got := session(t, addr)
			if one.tls {
				c.ask(220, "STARTTLS")
				c.overTLS()
				c.ask(503, "MAIL FROM:<>") // what was said before TLS is forgotten
				got = strings.Split(c.ask(250, "EHLO client.example"), "\n")[1:]
			}
			want := slices.Sorted(slices.Values(append(one.more, common...)))
			if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPipelinedCommandsAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c := dial(t, addr)
	c.want(220)
	c.send("EHLO a\r\nMAIL FROM:<a@dehors.example>\r\nRCPT TO:<x@ailleurs.example>\r\nRCPT TO:<" + w.addr(0) + ">\r\nDATA\r\n" +
		"Subject: 1\r\n\r\n.\r\nMAIL FROM:<b@dehors.example>\r\nRCPT TO:<" + w.addr(0) + ">\r\nDATA\r\nSubject: 2\r\n\r\n.\r\nQUIT\r\n")
	for _, code := range []int{250, 250, 550, 250, 354, 250, 250, 250, 354, 250, 221} {
		c.want(code)
	}
	got := w.inbox(t, 0)
	if len(got) != 2 || !strings.Contains(got[0], "Subject: 1") || !strings.Contains(got[1], "Subject: 2") {
		t.Errorf("inbox %q", got)
	}
}

func TestSIZEIsRefusedAtMAILAndWhileDataComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { c.Limits.MessageSize = 1000 })
	c, offered := session(t, addr)
	if !slices.Contains(offered, "SIZE 1000") {
		t.Errorf("offered %v", offered)
	}
	for param, code := range map[string]int{"1001": 552, "99999999999999999999": 552, "x": 501, "": 501, "-1": 501} {
		c.ask(code, "MAIL FROM:<a@dehors.example> SIZE="+param)
	}
	c.ask(250, "MAIL FROM:<a@dehors.example> SIZE=1000")
	c.ask(250, "RCPT TO:<"+w.addr(0)+">")
	c.ask(354, "DATA")
	c.send("Subject: x\r\n\r\n" + strings.Repeat("0123456789\r\n", 100) + ".\r\n")
	if text := c.want(552); !strings.HasPrefix(text, "5.3.4 ") {
		t.Error(text)
	}
	c.begin("a@dehors.example", w.addr(0)) // the connection goes on
	c.ask(354, "DATA")
	c.send(strings.Repeat("0123456789\r\n", 10_000) + ".\r\n") // far more than will be read
	c.want(552)
	c.wantClosed()
	c, _ = session(t, addr)
	c.begin("a@dehors.example", w.addr(0))
	c.ask(354, "DATA")
	c.send(strings.Repeat("x", 998) + "\r\n.\r\n") // exactly as much
	c.want(250)
}

func TestEightBitsPassUnchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	var all []byte
	for b := range 256 {
		if b != '\r' && b != '\n' {
			all = append(all, byte(b))
		}
	}
	message := "Subject: x\r\n\r\n" + string(all) + "\r\n"
	c.ask(501, "MAIL FROM:<a@dehors.example> BODY=BINARYMIME")
	c.ask(250, "MAIL FROM:<a@dehors.example> BODY=8BITMIME")
	c.ask(250, "RCPT TO:<"+w.addr(0)+">")
	c.ask(354, "DATA")
	c.send(message + ".\r\n")
	c.want(250)
	if got := w.inbox(t, 0)[0]; !strings.HasSuffix(got, message) {
		t.Errorf("got %q", got)
	}
}

func TestSMTPUTF8TakesAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	err := w.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ('hélène@ac-paris.example', $1, 'alias', 0, '')`, w.ids[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	c.ask(553, "MAIL FROM:<é@dehors.example>")
	c.ask(250, "MAIL FROM:<a@dehors.example>")
	c.ask(553, "RCPT TO:<hélène@ac-paris.example>")
	c.ask(250, "RSET")
	c.ask(501, "MAIL FROM:<é@dehors.example> SMTPUTF8=1")
	c.ask(501, "MAIL FROM:<\xe9@dehors.example> SMTPUTF8")
	c.ask(250, "MAIL FROM:<é@dehors.example> SMTPUTF8")
	c.ask(250, "RCPT TO:<HÉLÈNE@ac-paris.example>")
	c.ask(354, "DATA")
	c.send("Subject: é\r\n\r\n.\r\n")
	c.want(250)
	got := w.inbox(t, 0)[0]
	if !strings.HasPrefix(got, "Return-Path: <é@dehors.example>\r\n") || !strings.Contains(got, " with UTF8SMTP id ") {
		t.Errorf("got %q", got)
	}
}

func TestChunksMakeOneMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 12\r\nSubject: x\r\n") // pipelined, cut within a line end, with dots and commands as data
	c.send("BDAT 3\r\n\r\n.BDAT 1\r\n\rNOOP\r\nBDAT 7 last\r\n\nQUIT\r\n")
	for _, code := range []int{250, 250, 250, 250, 250} {
		c.want(code)
	}
	if got := w.inbox(t, 0); len(got) != 1 || !strings.HasSuffix(got[0], "Subject: x\r\n\r\n.\r\nQUIT\r\n") {
		t.Fatalf("inbox %q", got)
	}
	c.begin("a@dehors.example", w.addr(0)) // an empty last chunk
	c.send("BDAT 12\r\nSubject: y\r\nBDAT 0 LAST\r\n")
	c.want(250)
	c.want(250)
	if got := w.inbox(t, 0); len(got) != 2 || !strings.HasSuffix(got[1], "Subject: y\r\n") {
		t.Fatalf("inbox %q", got)
	}
}

func TestChunksThatAreGivenUpOrRefusedLeaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { c.Limits.MessageSize = 100 })
	c, _ := session(t, addr)
	c.send("BDAT 5\r\nRSET\n") // no transaction: the octets are no commands
	c.want(503)
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 4\r\nx: yRSET\r\n")
	c.want(250)
	c.want(250)
	c.ask(503, "DATA")
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 4\r\nx: yDATA\r\nRCPT TO:<a@b>\r\nMAIL FROM:<>\r\nAUTH PLAIN\r\nEHLO b\r\n")
	for _, code := range []int{250, 503, 503, 503, 503, 250} {
		c.want(code)
	}
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 60\r\n" + strings.Repeat("x", 60) + "BDAT 60\r\n" + strings.Repeat("QUIT\r\n", 10) + "BDAT 6 LAST\r\nQUIT\r\n")
	for _, code := range []int{250, 552, 503} {
		c.want(code)
	}
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 5 LAST\r\na\nb\r\n")
	if text := c.want(550); !strings.HasPrefix(text, "5.6.0 ") {
		t.Error(text)
	}
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 2\r\na\rBDAT 3 LAST\r\nb\r\n") // a bare CR, seen only across two chunks
	c.want(250)
	c.want(550)
	c.begin("a@dehors.example", w.addr(0))
	c.send("BDAT 2 LAST\r\na\r") // or at the very end
	c.want(550)
	if got := w.inbox(t, 0); len(got) != 0 {
		t.Errorf("inbox %q", got)
	}
}

func TestAMalformedChunkSizeEndsTheConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	for _, arg := range []string{"", "x", "-1", "+1", "1 FIRST", "99999999999999999999"} {
		c, _ := session(t, addr)
		c.begin("a@dehors.example", w.addr(0))
		c.ask(501, "BDAT "+arg)
		c.wantClosed()
	}
}

func TestLMTPAnswersForEachRecipientOfTheLastChunk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	addr, _ := w.door(t, smtpd.LMTP)
	c, _ := session(t, addr)
	c.begin("a@dehors.example", w.addr(0), w.addr(1), w.addr(2))
	c.send("BDAT 6\r\nx: y\r\nBDAT 2 LAST\r\n\r\nNOOP\r\n")
	for range 5 {
		c.want(250)
	}
	c.begin("a@dehors.example", w.addr(0), w.addr(1))
	c.send("BDAT 3 LAST\r\nx\n\nNOOP\r\n")
	for _, code := range []int{550, 550, 250} {
		c.want(code)
	}
}

func TestRepliesBearEnhancedCodesAndAreASCII(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	addr, _ := w.door(t, smtpd.Reception)
	c, _ := session(t, addr)
	enhanced := regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3} [[:print:]]+$`)
	for _, line := range []string{"MAIL FROM:<a@dehors.example>", "MAIL FROM:<>", "RCPT TO:<x@ac-paris.example>", "RCPT TO:<x@y.example>", "RCPT TO:<>",
		"RCPT TO:<" + w.addr(0) + ">", "NOOP", "VRFY x", "HELP", "XYZZY", "STARTTLS", "AUTH PLAIN", "DATA x", "RSET", "DATA", "QUIT"} {
		c.send(line + "\r\n")
		code, text := c.reply()
		if !enhanced.MatchString(text) || int(text[0]-'0') != code/100 {
			t.Errorf("%q: %d %q", line, code, text)
		}
		if !strings.Contains(text, " / ") && !strings.Contains(text, " (") {
			t.Errorf("%q: %q is not in two languages", line, text)
		}
	}
}

func TestSTARTTLSForgetsWhatCameBeforeAndTakesNothingWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	cert := certificate(t)
	addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { c.TLS = cert })
	c, _ := session(t, addr)
	c.ask(250, "MAIL FROM:<espion@dehors.example>")
	c.ask(501, "STARTTLS x")
	c.ask(220, "STARTTLS")
	c.overTLS()
	c.ask(250, "EHLO client.example")
	c.ask(503, "STARTTLS")
	c.ask(503, "RCPT TO:<"+w.addr(0)+">")
	c.begin("a@dehors.example", w.addr(0))
	c.ask(354, "DATA")
	c.send("Subject: x\r\n\r\n.\r\n")
	c.want(250)
	if got := w.inbox(t, 0)[0]; !strings.Contains(got, " with ESMTPS id ") {
		t.Errorf("got %q", got)
	}
	c, _ = session(t, addr)
	c.send("STARTTLS\r\nMAIL FROM:<espion@dehors.example>\r\n")
	c.want(554)
	c.wantClosed()
}

func TestImplicitTLSBeginsWithTheConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	cert := certificate(t)
	addr, _ := w.door(t, smtpd.Submission, func(c *smtpd.Config) { c.TLS, c.ImplicitTLS = cert, true })
	nc, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	line := make([]byte, 64)
	n, err := nc.Read(line)
	if err != nil || !strings.HasPrefix(string(line[:n]), "220 "+hostname) {
		t.Errorf("%q, %v", line[:n], err)
	}
	fmt.Fprint(nc, "QUIT\r\n")
}
