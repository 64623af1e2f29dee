package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"navette/internal/testkit/peer"
)

// curl runs the program as a, trusting the demo's certificate alone.
func curl(t *testing.T, d *demo, a account, args ...string) string {
	t.Helper()
	args = append([]string{"--silent", "--show-error", "--max-time", "40", "--cacert", d.ca(), "--user", a.login + ":" + a.password}, args...)
	return run(t, command{path: peer.Need(t, "curl"), args: args}).stdout
}

// at is a URL of a door.
func at(d *demo, scheme, door, rest string) string {
	return scheme + "://localhost:" + d.port(door) + rest
}

func TestCurlReadsWhatCurlSent(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, colleague := d.take(t), d.take(t)
		mark := marks(t)
		for _, c := range []struct {
			name, sendScheme, sendDoor, readScheme, readDoor string
			flags                                            []string
		}{
			{"STARTTLS", "smtp", "submission", "imap", "imap", []string{"--ssl-reqd"}},
			{"TLS from the first octet", "smtps", "submissions", "imaps", "imaps", nil},
			{"no TLS on loopback", "smtp", "submission", "imap", "imap", nil},
		} {
			m := mark()
			text := "From: " + a.address + "\r\nTo: " + colleague.address + "\r\nSubject: " + m + "\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\n" +
				"Message-ID: <" + m + "@client.example>\r\n\r\n.\r\nBonjour \xc3\xa9\r\n"
			file := filepath.Join(t.TempDir(), "message.eml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			curl(t, d, a, append(c.flags, at(d, c.sendScheme, c.sendDoor, "/client.example"), "--mail-from", a.address, "--mail-rcpt", colleague.address,
				"--upload-file", file)...)
			uid := awaitMessage(t, signIn(t, d, colleague), inbox, m).uid
			got := curl(t, d, colleague, append(c.flags, at(d, c.readScheme, c.readDoor, "/INBOX;UID="+itoa(uid)))...)
			received(t, message{bytes: got}, text)
			found := curl(t, d, colleague, append(c.flags, at(d, c.readScheme, c.readDoor, "/INBOX?SUBJECT%20"+m))...)
			if !strings.HasPrefix(found, "* SEARCH ") {
				t.Errorf("%s: the search for a subject gave %q", c.name, found)
			}
		}
		// The upload of curl is an APPEND.
		m := mark()
		file := filepath.Join(t.TempDir(), "note.eml")
		if err := os.WriteFile(file, []byte(letter(m)), 0o600); err != nil {
			t.Fatal(err)
		}
		curl(t, d, a, "--ssl-reqd", at(d, "imap", "imap", "/Archives"), "--upload-file", file)
		if got := awaitMessage(t, signIn(t, d, a), archive, m).bytes; got != letter(m) {
			t.Errorf("the uploaded message came back as %q", got)
		}
	})
}

func TestTheReadmesCurlLineWorks(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a := d.accounts[0]
	out := curl(t, d, a, "--ssl-reqd", at(d, "imap", "imap", "/INBOX"), "-X", "FETCH 1:* (ENVELOPE)")
	if !strings.Contains(out, "ENVELOPE (") {
		t.Errorf("no ENVELOPE in %q", out)
	}
}
