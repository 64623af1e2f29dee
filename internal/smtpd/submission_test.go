package smtpd_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/smtpd"
	"navette/internal/store"
)

// signIn is a client that has signed in as account i.
func signIn(t *testing.T, w *world, addr string, i int) *raw {
	t.Helper()
	c, _ := session(t, addr)
	c.ask(235, "AUTH PLAIN "+plain("", w.addr(i), password))
	return c
}

func plain(as, login, secret string) string {
	return base64.StdEncoding.EncodeToString([]byte(as + "\x00" + login + "\x00" + secret))
}

func demo(c *smtpd.Config) { c.PlainAuth = true }

func TestAgentsSendOverTLSWithBothMechanisms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.withPassword(t, 0)
	cert := certificate(t)
	client := &tls.Config{InsecureSkipVerify: true}
	starttls, _ := w.door(t, smtpd.Submission, func(c *smtpd.Config) { c.TLS = cert })
	implicit, _ := w.door(t, smtpd.Submission, func(c *smtpd.Config) { c.TLS, c.ImplicitTLS = cert, true })
	for _, dial := range []func() (*smtp.Client, error){
		func() (*smtp.Client, error) { return smtp.DialStartTLS(starttls, client) },
		func() (*smtp.Client, error) { return smtp.DialTLS(implicit, client) },
	} {
		for _, mechanism := range []sasl.Client{sasl.NewPlainClient("", w.addr(0), password), prompted{w.addr(0), password}} {
			c := must(dial())
			t.Cleanup(func() { c.Close() })
			if err := c.Auth(mechanism); err != nil {
				t.Fatal(err)
			}
			octets := "From: " + w.addr(0) + "\r\nTo: " + w.addr(1) + "\r\nBcc: x@dehors.example\r\nDate: Tue, 01 Sep 2026 08:00:00 +0200\r\nMessage-ID: <1@pc>\r\n\r\nx\r\n"
			if err := c.SendMail(w.addr(0), []string{w.addr(1), "x@dehors.example"}, strings.NewReader(octets)); err != nil {
				t.Fatal(err)
			}
			if err := c.Quit(); err != nil {
				t.Error(err)
			}
		}
	}
	got := w.inbox(t, 1)
	if len(got) != 4 {
		t.Fatalf("%d messages", len(got))
	}
	for _, m := range got {
		if !strings.Contains(m, "Received: by mx.ac-paris.example with ESMTPSA id ") || strings.Contains(m, "127.0.0.1") || strings.Contains(m, "x@dehors") {
			t.Errorf("got %q", m)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM outbound WHERE recipient = 'x@dehors.example' AND reverse_path = $1`, w.addr(0)); n != 4 {
		t.Errorf("%d rows for the Internet", n)
	}
}

// prompted is LOGIN as mail programs speak it: without an initial response.
type prompted struct{ login, secret string }

func (p prompted) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (p prompted) Next(challenge []byte) ([]byte, error) {
	switch string(challenge) {
	case "Username:":
		return []byte(p.login), nil
	case "Password:":
		return []byte(p.secret), nil
	}
	return nil, errors.New("unexpected challenge " + string(challenge))
}

func TestAUTHIsForSubmissionOverTLSOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.withPassword(t, 0)
	cert := certificate(t)
	addr, _ := w.door(t, smtpd.Submission, func(c *smtpd.Config) { c.TLS = cert })
	c, _ := session(t, addr)
	c.ask(538, "AUTH PLAIN "+plain("", w.addr(0), password))
	c.ask(530, "MAIL FROM:<"+w.addr(0)+">")
	c.ask(220, "STARTTLS")
	c.overTLS()
	c.ask(503, "AUTH PLAIN "+plain("", w.addr(0), password)) // EHLO first
	c.ask(250, "EHLO client.example")
	c.ask(235, "AUTH PLAIN "+plain("", w.addr(0), password))
	c.ask(503, "AUTH PLAIN "+plain("", w.addr(0), password))
	c.ask(250, "MAIL FROM:<"+w.addr(0)+"> AUTH=<>")
}

func TestAUTHExchanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.withPassword(t, 0)
	addr, _ := w.door(t, smtpd.Submission, demo)
	good := plain("", w.addr(0), password)
	for _, one := range []struct {
		name  string
		lines []string
		codes []int
	}{
		{"PLAIN at once", []string{"auth plain " + good}, []int{235}},
		{"PLAIN when asked", []string{"AUTH PLAIN", good}, []int{334, 235}},
		{"PLAIN as oneself", []string{"AUTH PLAIN " + plain(w.addr(0), w.addr(0), password)}, []int{235}},
		{"PLAIN as another", []string{"AUTH PLAIN " + plain(w.addr(1), w.addr(0), password)}, []int{535}},
		{"PLAIN empty", []string{"AUTH PLAIN ="}, []int{501}},
		{"given up", []string{"AUTH PLAIN", "*", "NOOP"}, []int{334, 501, 250}},
		{"no base64", []string{"AUTH PLAIN ???", "AUTH LOGIN", "???"}, []int{501, 334, 501}},
		{"LOGIN", []string{"AUTH LOGIN", b64(w.addr(0)), b64(password)}, []int{334, 334, 235}},
		{"LOGIN with the name at once", []string{"AUTH LOGIN " + b64(w.addr(0)), b64(password)}, []int{334, 235}},
		{"unknown mechanism", []string{"AUTH CRAM-MD5", "AUTH"}, []int{504, 504}},
		{"wrong passwords", []string{"AUTH PLAIN " + plain("", w.addr(0), "x"), "AUTH PLAIN " + plain("", "personne", "x"), "AUTH PLAIN " + plain("", w.addr(1), "x")},
			[]int{535, 535, 535}},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			c, _ := session(t, addr)
			for i, line := range one.lines {
				c.ask(one.codes[i], line)
			}
			if one.name == "wrong passwords" {
				c.wantClosed()
			}
		})
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestSubmissionRefusesOthersNamesAndSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.withPassword(t, 0)
	addr, _ := w.door(t, smtpd.Submission, demo)
	c := signIn(t, w, addr, 0)
	if text := c.ask(550, "MAIL FROM:<"+w.addr(1)+">"); !strings.HasPrefix(text, "5.7.1 ") || !strings.Contains(text, w.addr(0)) {
		t.Error(text)
	}
	c.ask(250, "MAIL FROM:<"+w.addr(0)+">")
	c.ask(550, "RCPT TO:<personne@ac-paris.example>")
	c.ask(250, "RCPT TO:<x@dehors.example>")
	c.ask(503, "AUTH PLAIN x")
	c.ask(354, "DATA")
	c.send("From: " + w.addr(1) + "\r\n\r\nx\r\n.\r\n")
	if text := c.want(550); !strings.HasPrefix(text, "5.7.1 ") || !strings.Contains(text, "From") || !strings.Contains(text, w.addr(0)) {
		t.Error(text)
	}
	c.begin(w.addr(0), "x@dehors.example") // the connection goes on
	c.ask(354, "DATA")
	c.send("From: " + w.addr(0) + "\r\n\r\nx\r\n.\r\n")
	c.want(250)
	if n := w.count(t, `SELECT count(*) FROM outbound`); n != 1 {
		t.Errorf("%d rows for the Internet", n)
	}
}

func TestASuspensionEndsSendingAtEachStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.withPassword(t, 0)
	addr, _ := w.door(t, smtpd.Submission, demo)
	by := identity.By{Actor: "test", Reason: "test"}
	steps := []string{"MAIL FROM:<" + w.addr(0) + ">", "RCPT TO:<x@dehors.example>", "DATA", "From: " + w.addr(0) + "\r\n\r\nx\r\n."}
	codes := []int{250, 250, 354, 250}
	for at := range steps {
		c := signIn(t, w, addr, 0)
		for i := range at {
			c.ask(codes[i], steps[i])
		}
		if err := w.identity.Suspend(t.Context(), by, w.ids[0]); err != nil {
			t.Fatal(err)
		}
		c.ask(421, steps[at])
		c.wantClosed()
		refused, _ := session(t, addr)
		refused.ask(535, "AUTH PLAIN "+plain("", w.addr(0), password))
		if err := w.identity.Resume(t.Context(), by, w.ids[0]); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM delivery`); n != 0 {
		t.Errorf("%d messages were accepted", n)
	}
}

// ailing is delivery whose answers are lost on the way back, or that fails before it begins.
type ailing struct {
	delivery.Accepter
	resolve, accept error
	after           bool // Accept does its work, and then fails
}

func (a *ailing) Resolve(ctx context.Context, address string) (delivery.Resolution, error) {
	if a.resolve != nil {
		return delivery.Resolution{}, a.resolve
	}
	return a.Accepter.Resolve(ctx, address)
}

func (a *ailing) Accept(ctx context.Context, c guard.Cleared, env delivery.Envelope, body *content.Prepared, prefix []byte) (delivery.Receipt, error) {
	if a.after {
		if _, err := a.Accepter.Accept(ctx, c, env, body, prefix); err != nil {
			return delivery.Receipt{}, err
		}
	}
	return delivery.Receipt{}, a.accept
}

func TestAnswersOfServicesBecomeReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	secret := errors.New("dial tcp 10.0.0.1: parent@dehors.example")
	for _, one := range []struct {
		name       string
		ail        ailing
		rcpt, data string // "" when not reached; the beginning of the reply
	}{
		{"database away at RCPT", ailing{resolve: secret}, "451 4.3.0", ""},
		{"mailbox full", ailing{resolve: failure.New(failure.Quota, "boîte pleine (mailbox full)")}, "452 4.2.2 boite pleine (mailbox full)", ""},
		{"unknown", ailing{resolve: failure.New(failure.Permanent, "adresse inconnue (no such address here)")}, "550 5.1.1", ""},
		{"database away at the end", ailing{accept: secret}, "", "451 4.3.0"},
		{"outcome unknown, not committed", ailing{accept: failure.Wrap(failure.CommitUnknown, secret, "outcome unknown")}, "", "451 4.3.0"},
		{"outcome unknown, committed", ailing{accept: failure.Wrap(failure.CommitUnknown, secret, "outcome unknown"), after: true}, "", "451 4.3.0"},
		{"temporary", ailing{accept: failure.Wrap(failure.Temporary, secret, "réessayez")}, "", "451 4.3.0 reessayez"},
		{"conflict", ailing{accept: failure.Wrap(failure.Conflict, secret, "conflict")}, "", "451 4.3.0"},
		{"policy", ailing{accept: failure.New(failure.Policy, "Adresses visibles : 2")}, "", "550 5.7.1 Adresses visibles : 2"},
		{"no room", ailing{accept: failure.Wrap(failure.Quota, secret, "disque plein")}, "", "452 4.3.1"},
		{"permanent", ailing{accept: failure.Wrap(failure.Permanent, secret, "jamais")}, "", "554 5.6.0 jamais"},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			one.ail.Accepter = w.Delivery
			addr, _ := w.door(t, smtpd.Reception, func(c *smtpd.Config) { c.Delivery = &one.ail })
			c, _ := session(t, addr)
			c.ask(250, "MAIL FROM:<>")
			reply := func(want string) {
				t.Helper()
				code, text := c.reply()
				if got := strings.TrimSpace(want[:3] + " " + text); code/100 != int(want[0]-'0') || !strings.HasPrefix(got, want) || strings.Contains(got, "10.0.0.1") || strings.Contains(got, "@") {
					t.Errorf("%d %s, want %s", code, text, want)
				}
			}
			c.send("RCPT TO:<" + w.addr(0) + ">\r\n")
			if one.rcpt != "" {
				reply(one.rcpt)
				return
			}
			c.want(250)
			c.ask(354, "DATA")
			c.send("Subject: x\r\n\r\n.\r\n")
			reply(one.data)
			c.ask(250, "NOOP")
		})
	}
}

func TestWhoHasLeftMayNotSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.withPassword(t, 0)
	err := w.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE account SET state = 'departed'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := w.door(t, smtpd.Submission, demo)
	c, _ := session(t, addr)
	if text := c.ask(535, "AUTH PLAIN "+plain("", w.addr(0), password)); !strings.Contains(text, "sending is closed") {
		t.Error(text) // the password is right: the mailbox stays readable
	}
	c.ask(530, "MAIL FROM:<"+w.addr(0)+">")
}
