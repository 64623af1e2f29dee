package imapd_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"navette/internal/identity"
	"navette/internal/imapd"
	"navette/internal/store"
)

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// app is an application password of the n-th account.
func (d *door) app(t testing.TB, n int) string {
	t.Helper()
	app, err := d.ident.GenerateAppPassword(t.Context(), by(), d.accounts[n], "téléphone")
	if err != nil {
		t.Fatal(err)
	}
	return app.Secret
}

// token is an access token of the n-th account.
func (d *door) token(t testing.TB, n int) string {
	t.Helper()
	token, err := d.ident.IssueToken(t.Context(), by(), d.accounts[n], identity.TokenRequest{Client: "Thunderbird", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return token.Secret
}

// overTLS is a connection with TLS, past the greeting.
func (d *door) overTLS(t testing.TB) (*client, tls.ConnectionState) {
	t.Helper()
	c := d.dial(t, d.implicit)
	conn := tls.Client(c.conn, &tls.Config{RootCAs: d.trust, ServerName: "127.0.0.1"})
	c.conn, c.r = conn, bufio.NewReader(conn)
	c.talk("S: * OK …")
	return c, conn.ConnectionState()
}

// scram signs in by SCRAM; with ir, the first message goes with the command. It returns the outcome.
func (c *client) scram(mechanism, header string, bound []byte, user, secret string, ir bool) string {
	c.t.Helper()
	bare := "n=" + user + ",r=fyko+d2lbbFgONRv9qkxdawL"
	if ir {
		c.send("s AUTHENTICATE " + mechanism + " " + b64(header+bare) + "\r\n")
	} else {
		c.talk("C: s AUTHENTICATE " + mechanism + "\nS: + \nC: " + b64(header+bare))
	}
	said, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.line(), "+ "))
	if err != nil {
		c.t.Fatal(err)
	}
	var salt64, nonce string
	for field := range strings.SplitSeq(string(said), ",") {
		if value, ok := strings.CutPrefix(field, "s="); ok {
			salt64 = value
		}
		if value, ok := strings.CutPrefix(field, "r="); ok {
			nonce = value
		}
	}
	salt, err := base64.StdEncoding.DecodeString(salt64)
	if err != nil {
		c.t.Fatal(err)
	}
	salted, err := pbkdf2.Key(sha256.New, secret, salt, 4096, 32)
	if err != nil {
		c.t.Fatal(err)
	}
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	unproved := "c=" + base64.StdEncoding.EncodeToString(append([]byte(header), bound...)) + ",r=" + nonce
	auth := bare + "," + string(said) + "," + unproved
	key := mac(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := make([]byte, 32)
	subtle.XORBytes(proof, key, mac(stored[:], auth))
	c.send(b64(unproved+",p="+base64.StdEncoding.EncodeToString(proof)) + "\r\n")
	answer := c.line()
	if want := "+ " + b64("v="+base64.StdEncoding.EncodeToString(mac(mac(salted, "Server Key"), auth))); answer == want {
		c.send("\r\n")
		answer = c.line()
	}
	return answer
}

func TestAuthenticateScram(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	app := d.app(t, 0)
	for _, ir := range []bool{false, true} {
		c := d.dial(t, d.plain)
		c.talk("S: * OK …")
		if answer := c.scram("SCRAM-SHA-256", "n,,", nil, d.login(0), password, ir); !like(answer, "s NO [AUTHENTICATIONFAILED] …SCRAM…") {
			t.Errorf("with the chosen password: %s", answer)
		}
		if answer := c.scram("SCRAM-SHA-256", "n,,", nil, d.login(0), app, ir); !like(answer, "s OK [CAPABILITY …] logged in") {
			t.Errorf("with an application password: %s", answer)
		}
		c.run("SELECT INBOX")
	}
}

func TestAuthenticateScramPlus(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	app := d.app(t, 0)
	c, state := d.overTLS(t)
	exported, err := state.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := d.overTLS(t)
	if answer := other.scram("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", exported, d.login(0), app, true); !like(answer, "s NO [AUTHENTICATIONFAILED] …") {
		t.Errorf("bound to another connection: %s", answer)
	}
	if answer := c.scram("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", exported, d.login(0), app, true); !like(answer, "s OK …") {
		t.Errorf("tls-exporter: %s", answer)
	}
	end := sha256.Sum256(state.PeerCertificates[0].Raw)
	if answer := other.scram("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,", end[:], d.login(0), app, false); !like(answer, "s OK …") {
		t.Errorf("tls-server-end-point: %s", answer)
	}
	d.dial(t, d.plain).talk(`
		S: * OK …
		C: a AUTHENTICATE SCRAM-SHA-256-PLUS
		S: a NO [CANNOT] …`)
}

func TestAuthenticateWithATokenAndItsRefusal(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	token := d.token(t, 0)
	for mechanism, message := range map[string]string{
		"OAUTHBEARER": "n,a=" + d.login(0) + ",\x01auth=Bearer %s\x01\x01",
		"XOAUTH2":     "user=" + d.login(0) + "\x01auth=Bearer %s\x01\x01",
	} {
		status := map[string]string{"OAUTHBEARER": "invalid_token", "XOAUTH2": "401"}[mechanism]
		refusal := b64(`{"status":"` + status + `","schemes":"bearer","scope":"mail"}`)
		c := d.dial(t, d.plain)
		c.talk(`
			S: * OK …
			C: a AUTHENTICATE ` + mechanism + ` ` + b64(fmt.Sprintf(message, "faux")) + `
			S: + ` + refusal + `
			C: AQ==
			S: a NO [AUTHENTICATIONFAILED] …
			C: b AUTHENTICATE ` + mechanism + ` ` + b64(fmt.Sprintf(message, "faux")) + `
			S: + ` + refusal + `
			C: *
			S: b NO [AUTHENTICATIONFAILED] …
			C: c AUTHENTICATE ` + mechanism + `
			S: + 
			C: ` + b64(fmt.Sprintf(message, token)) + `
			S: c OK [CAPABILITY …] logged in`)
	}
}

// Invariant 6.
func TestASuspensionEndsWhatATokenAndADeviceOpened(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	token, app := d.token(t, 0), d.app(t, 0)
	bearer := d.dial(t, d.plain)
	bearer.talk("S: * OK …\nC: a AUTHENTICATE OAUTHBEARER " + b64("n,,\x01auth=Bearer "+token+"\x01\x01") + "\nS: a OK …")
	device := d.dial(t, d.plain)
	device.talk("S: * OK …\nC: a LOGIN " + d.login(0) + " " + app + "\nS: a OK …")
	if err := d.ident.Suspend(t.Context(), by(), d.accounts[0]); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{bearer, device} {
		c.talk("S: * BYE [EXPIRED] …")
		c.ended()
	}
	again := d.dial(t, d.plain)
	again.talk("S: * OK …\nC: a AUTHENTICATE OAUTHBEARER " + b64("n,,\x01auth=Bearer "+token+"\x01\x01") + "\nS: + …\nC: AQ==\nS: a NO [AUTHENTICATIONFAILED] …")
}

func TestWithASecondFactorThePasswordMeetsAnAlert(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1)
	app := d.app(t, 0)
	err := d.DB.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO protection (account_id, second, due_at, handle, codes_at) VALUES ($1, 1, 0, 'h', 0)`, d.accounts[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.dial(t, d.plain).talk(`
		S: * OK …
		C: a LOGIN ` + d.login(0) + ` ` + password + `
		S: a NO [ALERT] …creez un mot de passe d'application…make an application password…
		C: b AUTHENTICATE PLAIN ` + b64("\x00"+d.login(0)+"\x00"+password) + `
		S: b NO [ALERT] …
		C: c LOGIN ` + d.login(0) + ` ` + app + `
		S: c OK …`)
}

// A guesser who is to wait is told so, and is no failure of ours: the fixture fails a test in which one is logged.
func TestWhoGuessesTooMuchIsToldToWait(t *testing.T) {
	t.Parallel()
	d := newDoor(t, 1, func(l *imapd.Limits) { l.FailedLogins, l.EarlyCommands = 1000, 1000 })
	c := d.dial(t, d.plain)
	c.talk("S: * OK …")
	for range 500 {
		c.send("a LOGIN " + d.login(0) + " faux\r\n")
		if answer := c.line(); like(answer, "a NO [UNAVAILABLE] Trop d'essais…") {
			return
		}
	}
	t.Error("five hundred guesses, and nobody was told to wait")
}
