package e2e

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	netsmtp "net/smtp"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"navette/internal/testkit/pg"
)

// What `navette serve` does in production, on the ways of production: TLS, the Unix socket of LMTP, a relay. Where a
// test does not say so, the database is SQLite.

func TestServeCarriesMailWithThePrintedConfiguration(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		serveCarriesMail(t, newSite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		serveCarriesMail(t, newSiteOnPostgres(t, pg.StartDurable(t)))
	})
}

func serveCarriesMail(t *testing.T, s *site) {
	t.Helper()
	p := s.start(t)
	her := s.appoint(t, "MARTIN")[0]
	mark := marks(t)
	overLMTP, overSMTP := mark(), mark()
	injectLMTP(t, s, letter(overLMTP), her.address)
	if err := deliverAt(s, letter(overSMTP), her.address); err != nil {
		t.Fatal(err)
	}
	for door, c := range map[string]*imapclient.Client{"imaps": signInTLS(t, s, her), "imap": signInSTARTTLS(t, s, her)} {
		for _, m := range []string{overLMTP, overSMTP} {
			received(t, awaitMessage(t, c, inbox, m), letter(m))
		}
		if n := len(list(t, c, inbox)); n != 2 {
			t.Errorf("%s shows %d messages, want the two that were delivered", door, n)
		}
	}
	r, code := try(t, command{path: product(t), args: []string{"check", "--deep", "--config", s.config}})
	if code != 0 || !strings.HasSuffix(r.stdout, "\nclean\n") {
		t.Errorf("navette check: exit code %d\n%s%s", code, tail(r.stdout), tail(r.stderr))
	}
	// What was acknowledged is there after a kill.
	if err := p.kill(); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	if n := len(list(t, signInTLS(t, s, her), inbox)); n != 2 {
		t.Errorf("after a kill the inbox shows %d messages, want 2", n)
	}
}

func TestServeRefusesAPostgreSQLThatAPowerCutWouldRob(t *testing.T) {
	t.Parallel()
	s := newSiteOnPostgres(t, pg.Start(t)) // which does not sync
	refused(t, 1, "fsync", "serve", "--config", s.config)
}

// DESIGN §5: LMTP is for who may use the socket, its owner and its group.
func TestTheLMTPSocketIsForItsOwnerAndGroup(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.start(t)
	info, err := os.Stat(s.lmtp)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != fs.ModeSocket|0o660 {
		t.Errorf("the socket has mode %s, want a socket with 0660", info.Mode())
	}
	if _, err := net.Dial("tcp", s.address("lmtp")); err == nil {
		t.Error("LMTP listens on TCP too")
	}
	// What a server that was killed left in the way is replaced; what is no socket is not.
	if err := p.kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.start(t).stop(); err != nil {
		t.Fatal(err)
	}
	overwrite(t, s.lmtp, "somebody's file")
	refused(t, 1, "no socket", "serve", "--config", s.config)
	if got := readFile(t, s.lmtp); got != "somebody's file" {
		t.Errorf("the file in the way of the socket holds %q", got)
	}
}

// A demo lets programs on this machine sign in without TLS; a server lets nobody.
func TestServeTakesNoPasswordWithoutTLS(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start(t)
	her := s.appoint(t, "MARTIN")[0]
	if _, err := signInTo(s.address("imap"), her, nil); err == nil || !strings.Contains(err.Error(), "PRIVACYREQUIRED") {
		t.Errorf("LOGIN on 143 without TLS gives %v", err)
	}
	c, err := netsmtp.Dial(s.address("submission"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Hello("client.example"); err != nil {
		t.Fatal(err)
	}
	if offered, _ := c.Extension("AUTH"); offered {
		t.Error("AUTH is offered on 587 before STARTTLS")
	}
	secret := base64.StdEncoding.EncodeToString([]byte("\x00" + her.login + "\x00" + her.password))
	id, err := c.Text.Cmd("AUTH PLAIN %s", secret)
	if err != nil {
		t.Fatal(err)
	}
	c.Text.StartResponse(id)
	_, _, err = c.Text.ReadResponse(235)
	c.Text.EndResponse(id)
	if err == nil || !strings.HasPrefix(err.Error(), "538 ") {
		t.Errorf("AUTH on 587 before STARTTLS gives %v, want 538", err)
	}
	// The same words are right over TLS.
	if err := c.StartTLS(s.tls()); err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(netsmtp.PlainAuth("", her.login, her.password, "127.0.0.1")); err != nil {
		t.Errorf("AUTH on 587 over TLS: %v", err)
	}
}

func TestServeSendsThroughItsRelay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start(t)
	her, mark := s.appoint(t, "MARTIN")[0], marks(t)
	for _, door := range []string{"submission", "submissions"} {
		m := mark()
		submit(t, s, door, her, m, outsider)
		await(t, "the message of "+door+" at the relay", func() bool { return len(s.relay.with(m)) > 0 })
		sent := s.relay.with(m)
		if len(sent) != 1 || sent[0].from != her.address || !slices.Equal(sent[0].to, []string{outsider}) {
			t.Errorf("%s: the relay has %d transactions, the first from %q to %q", door, len(sent), sent[0].from, sent[0].to)
		}
		if !strings.HasSuffix(sent[0].text, "\r\n\r\nBonjour,\r\n.fin\r\n") {
			t.Errorf("%s: the relay has the text %q", door, sent[0].text)
		}
	}
}

// The limits of a sender (DOMAIN §3) hold under serve, and let one transaction of a thousand recipients through.
func TestServeSendsToAThousandInOneTransaction(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start(t)
	her, m := s.appoint(t, "MARTIN")[0], marks(t)()
	var to []string
	for i := range 1000 {
		to = append(to, fmt.Sprintf("parent%04d@dehors.example", i))
	}
	submit(t, s, "submissions", her, m, to...)
	await(t, "a thousand recipients at the relay", func() bool { return len(s.relay.recipients(m)) >= len(to) })
	if diff := cmp.Diff(to, s.relay.recipients(m)); diff != "" {
		t.Errorf("the relay has other recipients:\n%s", diff)
	}
}

func TestServeEndsOnSIGTERMAndKeepsEverything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.start(t)
	her, m := s.appoint(t, "MARTIN")[0], marks(t)()
	injectLMTP(t, s, letter(m), her.address)
	open := signInTLS(t, s, her) // a connection that nobody closes
	before := awaitMessage(t, open, inbox, m)
	known := accountsOf(t, "--config", s.config)
	since := time.Now()
	if err := p.stop(); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, tail(p.stderr.String()))
	}
	t.Logf("it ended within %s of SIGTERM", time.Since(since).Round(time.Millisecond))
	select {
	case <-open.Closed():
	case <-time.After(patience):
		t.Error("a connection is open after the end")
	}
	s.start(t)
	if got := awaitMessage(t, signInTLS(t, s, her), inbox, m); got != before {
		t.Errorf("the message is %v, was %v", got, before)
	}
	if diff := cmp.Diff(known, accountsOf(t, "--config", s.config), lineOptions); diff != "" {
		t.Errorf("the accounts have changed:\n%s", diff)
	}
}

func TestServeRefusesAWrongConfigurationAndLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key   string
		value string
		why   string
	}{
		"certificate that is not there": {"tls.certificate", "/nonexistent/cert.pem", "/nonexistent/cert.pem"},
		"certificate that is none":      {"tls.certificate", os.Args[0], "tls.certificate"},
		"certificate without its key":   {"tls.key", "", "certificate and key go together"},
		"relay without a port":          {"outbound.relay", "relais.example", "outbound.relay"},
		"relay that is no address":      {"outbound.relay", "fe80::1:25", "outbound.relay"},
		"TLS towards the relay":         {"outbound.relay_tls", "sometimes", "outbound.relay_tls"},
		"LMTP by a relative path":       {"smtp.lmtp", "lmtp.sock", "smtp.lmtp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.set(t, c.key, c.value)
			s.write(t)
			s.wantRefused(t, c.why)
		})
	}
	t.Run("unknown key", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		s.text = "quotta = 3\n" + s.text
		s.write(t)
		s.wantRefused(t, `unknown key "quotta"`)
	})
}

// wantRefused holds that a server does not start, and has made nothing.
func (s *site) wantRefused(t *testing.T, why string) {
	t.Helper()
	before := tree(t, s.dir)
	refused(t, 2, why, "serve", "--config", s.config)
	if diff := cmp.Diff(before, tree(t, s.dir)); diff != "" {
		t.Errorf("a server that did not start changed files:\n%s", diff)
	}
}

func TestTwoServersNeverShareAFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start(t)
	her, m := s.appoint(t, "MARTIN")[0], marks(t)()
	refused(t, 1, "another navette works in", "serve", "--config", s.config)
	injectLMTP(t, s, letter(m), her.address) // the first has kept its socket
	awaitMessage(t, signInTLS(t, s, her), inbox, m)
}

func TestServeWithoutACertificateOpensNothingThatNeedsOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.set(t, "tls.certificate", "")
	s.set(t, "tls.key", "")
	s.write(t)
	s.start(t)
	for _, door := range []string{"submission", "submissions", "imap", "imaps"} {
		if conn, err := net.Dial("tcp", s.address(door)); err == nil {
			conn.Close()
			t.Errorf("%s is open", door)
		}
	}
	her := s.appoint(t, "MARTIN")[0]
	injectLMTP(t, s, letter(marks(t)()), her.address)
	if err := deliverAt(s, letter(marks(t)()), her.address); err != nil {
		t.Errorf("reception: %v", err)
	}
	resp, err := http.Get("http://" + s.address("metrics") + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("/readyz answers %s", resp.Status)
	}
}

// injectLMTP hands a message to the Unix socket, as a program on this machine does.
func injectLMTP(t *testing.T, s *site, text string, to ...string) {
	t.Helper()
	conn, err := net.Dial("unix", s.lmtp)
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	if err := c.SendMail(outsider, to, strings.NewReader(text)); err != nil {
		t.Fatalf("LMTP: %v", err)
	}
	if err := c.Quit(); err != nil {
		t.Fatalf("LMTP: %v", err)
	}
}

// deliverAt hands a message to reception over STARTTLS, as most servers of the Internet do.
func deliverAt(s *site, text string, to ...string) error {
	c, err := netsmtp.Dial(s.address("smtp"))
	if err != nil {
		return err
	}
	defer c.Close()
	if offered, _ := c.Extension("STARTTLS"); offered {
		if err := c.StartTLS(s.tls()); err != nil {
			return err
		}
	}
	if err := sendThrough(c, outsider, text, to...); err != nil {
		return err
	}
	return c.Quit()
}

// submit sends a message of an agent, over 465, or 587 with STARTTLS.
func submit(t *testing.T, s *site, door string, a account, mark string, to ...string) {
	t.Helper()
	dial := smtp.DialStartTLS
	if door == "submissions" {
		dial = smtp.DialTLS
	}
	c, err := dial(s.address(door), s.tls())
	if err != nil {
		t.Fatalf("%s: %v", door, err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", a.login, a.password)); err != nil {
		t.Fatalf("%s: %v", door, err)
	}
	text := "From: " + a.address + "\r\nTo: " + to[0] + "\r\nSubject: Sortie " + mark + "\r\n\r\nBonjour,\r\n.fin\r\n"
	if err := c.SendMail(a.address, to, strings.NewReader(text)); err != nil {
		t.Fatalf("%s: %v", door, err)
	}
}

// signInTLS opens an IMAP connection that is TLS from its first octet.
func signInTLS(t *testing.T, s *site, a account) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialTLS(s.address("imaps"), &imapclient.Options{TLSConfig: s.tls()})
	return openAs(t, c, err, a)
}

// signInSTARTTLS opens one that becomes TLS.
func signInSTARTTLS(t *testing.T, s *site, a account) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialStartTLS(s.address("imap"), &imapclient.Options{TLSConfig: s.tls()})
	return openAs(t, c, err, a)
}

func openAs(t *testing.T, c *imapclient.Client, err error, a account) *imapclient.Client {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(a.login, a.password).Wait(); err != nil {
		t.Fatalf("sign in as %s: %v", a.login, err)
	}
	return c
}
