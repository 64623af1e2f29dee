package imapd_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"testing"
	"time"

	"navette/internal/imapd"
)

func TestGreetingOffersWhatTheConnectionAllows(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	d.dial(t, d.plain).talk(`
		S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE STARTTLS SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=OAUTHBEARER AUTH=XOAUTH2] Navette
		C: a CAPABILITY
		S: * CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE STARTTLS SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=OAUTHBEARER AUTH=XOAUTH2
		S: a OK …`)
	d.dial(t, d.starttls).talk(`
		S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE STARTTLS LOGINDISABLED] Navette`)
	d.enter(t, 0).talk(`
		C: a CAPABILITY
		S: * CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE UNSELECT UIDPLUS MOVE NAMESPACE SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS CHILDREN ESEARCH WITHIN STATUS=SIZE MULTIAPPEND OBJECTID CONDSTORE QRESYNC ACL RIGHTS=texk QUOTA QUOTA=RES-STORAGE APPENDLIMIT=52428800
		S: a OK …`)
}

func TestNoPasswordCrossesAnOpenConnection(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	d.dial(t, d.starttls).talk(`
		S: * OK …
		C: a LOGIN ` + d.login(0) + ` ` + password + `
		S: a NO [PRIVACYREQUIRED] …
		C: b AUTHENTICATE PLAIN
		S: b NO [PRIVACYREQUIRED] …`)
}

func TestSTARTTLSThenLogin(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.dial(t, d.starttls)
	c.talk(`
		S: * OK …
		C: a STARTTLS
		S: a OK begin TLS`)
	c.conn = tls.Client(c.conn, &tls.Config{RootCAs: d.trust, ServerName: "127.0.0.1"})
	c.r = bufio.NewReader(c.conn)
	c.talk(`
		C: b CAPABILITY
		S: * CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=OAUTHBEARER AUTH=XOAUTH2
		S: b OK …
		C: c STARTTLS
		S: c BAD …
		C: d LOGIN ` + d.login(0) + ` ` + password + `
		S: d OK [CAPABILITY …] logged in
		C: e STARTTLS
		S: e BAD you have logged in already`)
}

// Commands that somebody slipped in before TLS are not carried out after it.
func TestSTARTTLSForgetsWhatCameBeforeTLS(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.dial(t, d.starttls)
	c.line()
	c.send("a STARTTLS\r\nb NOOP\r\n")
	c.talk(`
		S: a OK begin TLS
		S: * BYE [CLIENTBUG] …`)
	c.ended()
}

func TestImplicitTLS(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.dial(t, d.implicit)
	c.conn = tls.Client(c.conn, &tls.Config{RootCAs: d.trust, ServerName: "127.0.0.1"})
	c.r = bufio.NewReader(c.conn)
	c.talk(`
		S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=OAUTHBEARER AUTH=XOAUTH2] Navette
		C: a LOGIN ` + d.login(0) + ` ` + password + `
		S: a OK …
		C: b LOGOUT
		S: * BYE Au revoir
		S: b OK …`)
	c.ended()
}

func TestAuthenticatePlain(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 2)
	say := func(as string) string {
		return base64.StdEncoding.EncodeToString([]byte(as + "\x00" + d.login(0) + "\x00" + password))
	}
	d.dial(t, d.plain).talk(`
		S: * OK …
		C: a AUTHENTICATE CRAM-MD5
		S: a NO [CANNOT] …
		C: b AUTHENTICATE PLAIN
		S: + 
		C: *
		S: b BAD authentication cancelled
		C: c AUTHENTICATE PLAIN
		S: + 
		C: not base64
		S: c BAD the response is not base64
		C: d AUTHENTICATE PLAIN ` + say(d.login(1)) + `
		S: d NO [AUTHORIZATIONFAILED] …
		C: e AUTHENTICATE PLAIN
		S: + 
		C: ` + say("") + `
		S: e OK [CAPABILITY …] logged in`)
	d.dial(t, d.plain).talk(`
		S: * OK …
		C: a AUTHENTICATE PLAIN ` + say(d.login(0)) + `
		S: a OK [CAPABILITY …] logged in`)
}

func TestFailedLoginsEndTheConnection(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.dial(t, d.plain)
	c.talk(`
		S: * OK …
		C: a LOGIN ` + d.login(0) + ` wrong
		S: a NO [AUTHENTICATIONFAILED] …
		C: b LOGIN nobody wrong
		S: b NO [AUTHENTICATIONFAILED] …
		C: c LOGIN {6}
		S: + go on
		C: nobody {5}
		S: + go on
		C: wrong
		S: * BYE too many failed log-ins
		S: c NO [AUTHENTICATIONFAILED] …`)
	c.ended()
}

func TestCommandsBelongToTheirStage(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	c := d.dial(t, d.plain)
	c.talk(`
		S: * OK …
		C: a SELECT INBOX
		S: a BAD log in first
		C: b FETCH 1 FLAGS
		S: b BAD log in first
		C: c NOOP
		S: c OK done
		C: d ID ("name" "mutt")
		S: * ID ("name" "Navette" "version" "test")
		S: d OK done
		C: e LOGIN ` + d.login(0) + ` ` + password + `
		S: e OK …
		C: f FETCH 1 FLAGS
		S: f BAD select a mailbox first
		C: g CLOSE
		S: g BAD select a mailbox first
		C: h FROB
		S: h BAD unknown command FROB
		C: h2 STARTTLS
		S: h2 BAD you have logged in already
		C: i ENABLE CONDSTORE UTF8=ACCEPT
		S: * ENABLED CONDSTORE
		S: i OK enabled
		C: j NAMESPACE
		S: * NAMESPACE (("" "/")) NIL (("Bo&AO4-tes partag&AOk-es/" "/"))
		S: j OK done`)
}

// Invariant 7.
func TestNonsenseAndTalkBeforeLoginAreBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1, func(l *imapd.Limits) { l.BadCommands, l.EarlyCommands = 3, 2 })
	c := d.dial(t, d.plain)
	c.talk(`
		S: * OK …
		C: GET / HTTP/1.1
		S: GET BAD …
		C: 
		S: * BAD …
		C: Host: localhost
		S: * BYE too many bad commands`)
	c.ended()
	c = d.dial(t, d.plain)
	c.talk(`
		S: * OK …
		C: a NOOP
		S: a OK done
		C: b NOOP
		S: b OK done
		C: c NOOP
		S: * BYE too many commands before a log-in`)
	c.ended()
}

// Invariant 7.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1, func(l *imapd.Limits) { l.PerAccount, l.PerNetwork = 1, 1 })
	first := d.enter(t, 0)
	second := d.dial(t, d.plain)
	second.talk(`
		S: * OK …
		C: a LOGIN ` + d.login(0) + ` ` + password + `
		S: a NO [LIMIT] …`)
	third := d.dial(t, d.plain)
	third.talk(`S: * BYE [LIMIT] …`)
	third.ended()
	first.run("LOGOUT")
	first.ended()
	second.run("LOGIN " + d.login(0) + " " + password)
}

func TestSilentClientsAreLoggedOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1, func(l *imapd.Limits) { l.IdleTime, l.SettleTime = 50*time.Millisecond, 10*time.Millisecond })
	c := d.enter(t, 0)
	c.talk(`S: * BYE …autologout…`)
	c.ended()
	c = d.enter(t, 0)
	c.talk(`
		C: a IDLE
		S: + idling
		S: * BYE …autologout…`)
	c.ended()
}
