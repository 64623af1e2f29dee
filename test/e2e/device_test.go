package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"navette/internal/testkit/peer"
)

// device is a with an application password in the place of its own, and the number of that.
func device(t *testing.T, d *demo, a account) (with account, number string) {
	t.Helper()
	lines := strings.Split(navette(t, 0, "account", "app-password", "create", "--dir", d.dir, "--name", "portable", a.login).stdout, "\n")
	with = a
	with.password = lines[0]
	for line := range strings.Lines(navette(t, 0, "account", "app-password", "list", "--dir", d.dir, a.login).stdout) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); len(fields) == 6 && fields[1] == "password" && fields[5] == "portable" {
			return with, fields[0]
		}
	}
	t.Fatalf("the list does not show the device of %s", a.login)
	return with, ""
}

func TestAnApplicationPasswordWorksUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a := d.take(t)
		with, number := device(t, d, a)
		open := signIn(t, d, with)
		if err := authenticate(d, with); err != nil {
			t.Errorf("AUTH on submission: %v", err)
		}
		navette(t, 0, "account", "app-password", "revoke", "--dir", d.dir, "--reason", "téléphone perdu", a.login, number)
		select {
		case <-open.Closed():
		case <-time.After(suspensionBound):
			t.Error("a connection that was made with it is still open")
		}
		if _, err := signInTo(d.address("imap"), with, nil); err == nil || !strings.Contains(err.Error(), "AUTHENTICATIONFAILED") {
			t.Errorf("revoked, it gives %v", err)
		}
		signIn(t, d, a)
		navette(t, 1, "account", "app-password", "revoke", "--dir", d.dir, "--reason", "encore", a.login, number)
	})
}

// libsasl, which mbsync signs in with, is not ours and chooses SCRAM here by configuration.
func TestMbsyncSignsInByScram(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		peer.NeedFile(t, "/usr/lib/x86_64-linux-gnu/sasl2/libscram.so")
		with, _ := device(t, d, d.take(t))
		m := newMbsync(t, d, with, "imaps", "IMAPS")
		text, err := os.ReadFile(m.config)
		if err != nil {
			t.Fatal(err)
		}
		set := func(mechanism, password string) {
			t.Helper()
			changed := strings.Replace(string(text), "Pass "+with.password, "Pass "+password+"\nAuthMechs "+mechanism, 1)
			if err := os.WriteFile(m.config, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		set("SCRAM-SHA-256", with.password)
		out := run(t, command{path: m.path, args: []string{"-c", m.config, "-D", "--all"}})
		if dialogue := out.stdout + out.stderr; !strings.Contains(dialogue, "AUTHENTICATE SCRAM-SHA-256") {
			t.Errorf("mbsync signed in otherwise:\n%s", tail(dialogue))
		}
		set("SCRAM-SHA-256", with.password[1:])
		if _, code := try(t, command{path: m.path, args: []string{"-c", m.config, "--all"}}); code == 0 {
			t.Error("mbsync signed in with a wrong secret")
		}
	})
}

const msmtpConfiguration = `
account demo
host localhost
port %s
tls on
tls_starttls on
tls_trust_file %s
auth %s
user %s
password %s
from %s
`

// msmtp submits a message as a, by a mechanism.
func msmtp(t *testing.T, d *demo, a account, auth, to, text string) (out result, code int) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "msmtprc")
	words := fmt.Sprintf(msmtpConfiguration, d.port("submission"), d.ca(), auth, a.login, a.password, a.address)
	if err := os.WriteFile(config, []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	return try(t, command{path: peer.Need(t, "msmtp"), args: []string{"--file", config, "--debug", "--account", "demo", to}, stdin: text})
}

func TestMsmtpSignsInByEachMechanism(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a, colleague := d.take(t), d.take(t)
	with, _ := device(t, d, a)
	bearer := a
	bearer.password = token(t, d, a)
	mark := marks(t)
	for auth, who := range map[string]account{"scram-sha-256": with, "plain": with, "oauthbearer": bearer, "xoauth2": bearer} {
		m := mark()
		text := "From: " + a.address + "\nTo: " + colleague.address + "\nSubject: " + m + "\n\nBonjour.\n"
		out, code := msmtp(t, d, who, auth, colleague.address, text)
		if code != 0 {
			t.Errorf("%s: exit code %d\n%s%s", auth, code, out.stdout, out.stderr)
			continue
		}
		awaitMessage(t, signIn(t, d, colleague), inbox, m)
		if dialogue := out.stdout + out.stderr; !strings.Contains(dialogue, "AUTH "+strings.ToUpper(auth)) {
			t.Errorf("%s: msmtp signed in otherwise\n%s", auth, tail(dialogue))
		}
		who.password = who.password[1:]
		if _, code := msmtp(t, d, who, auth, colleague.address, text); code == 0 {
			t.Errorf("%s with a wrong secret went through", auth)
		}
	}
}

// GNU SASL binds what it says to the TLS connection (RFC 9266), at both doors, and finds out that the server knew the secret.
func TestGsaslSignsInBoundToItsConnection(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	path := peer.Need(t, "gsasl")
	with, _ := device(t, d, d.take(t))
	for door, port := range map[string]string{"--imap": d.port("imap"), "--smtp": d.port("submission")} {
		signIn := func(secret string) (result, int) {
			return try(t, command{path: path, args: []string{"--client", door, "--starttls", "--x509-ca-file=" + d.ca(),
				"--mechanism=SCRAM-SHA-256-PLUS", "--authentication-id=" + with.login, "--password=" + secret, "--connect=localhost:" + port}})
		}
		out, code := signIn(with.password)
		if said := out.stdout + out.stderr; code != 0 || !strings.Contains(said, "server trusted") || !strings.Contains(said, bound) {
			t.Errorf("%s: exit code %d\n%s", door, code, tail(said))
		}
		if out, code := signIn(with.password[1:]); code == 0 {
			t.Errorf("%s with a wrong secret went through\n%s", door, tail(out.stdout+out.stderr))
		}
	}
}

// bound begins what a client of SCRAM sends that binds to the key exporter of TLS: "p=tls-exporter,," in base 64.
const bound = "cD10bHMtZXhwb3J0ZXIsL"

// token is an access token of a.
func token(t *testing.T, d *demo, a account) string {
	t.Helper()
	secret, _, _ := strings.Cut(navette(t, 0, "account", "app-password", "token", "--dir", d.dir, "--name", "curl", a.login).stdout, "\n")
	return secret
}

func TestCurlSignsInByToken(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, colleague := d.take(t), d.take(t)
		secret := token(t, d, a)
		path := peer.Need(t, "curl")
		m := marks(t)()
		file := filepath.Join(t.TempDir(), "message.eml")
		text := "From: " + a.address + "\r\nTo: " + colleague.address + "\r\nSubject: " + m + "\r\n\r\nBonjour.\r\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		words := func(token string, more ...string) []string {
			return append([]string{"--silent", "--show-error", "--verbose", "--max-time", "40", "--cacert", d.ca(), "--ssl-reqd",
				"--user", a.login + ":", "--oauth2-bearer", token}, more...)
		}
		send := []string{at(d, "smtp", "submission", "/client.example"), "--mail-from", a.address, "--mail-rcpt", colleague.address, "--upload-file", file}
		read := []string{at(d, "imap", "imap", ""), "--request", "NOOP"}
		for _, work := range [][]string{send, read} {
			if out := run(t, command{path: path, args: words(secret, work...)}); !strings.Contains(out.stderr, " OAUTHBEARER ") {
				t.Errorf("curl signed in otherwise:\n%s", tail(out.stderr))
			}
			if _, code := try(t, command{path: path, args: words("faux", work...)}); code != 67 { // CURLE_LOGIN_DENIED
				t.Errorf("with a wrong token: exit code %d", code)
			}
		}
		awaitMessage(t, signIn(t, d, colleague), inbox, m)
	})
}

func TestPythonSignsInByToken(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a := d.take(t)
	task := pythonTask{Port: d.ports["imaps"], CA: d.ca(), Login: a.login, Password: token(t, d, a), To: []string{d.port("submissions")}}
	if out := python(t, "xoauth2.py", task); strings.TrimSpace(out) != "ok" {
		t.Errorf("%s", out)
	}
}
