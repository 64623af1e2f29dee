package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"navette/internal/testkit/peer"
)

// Exit codes of swaks, from its manual.
const (
	swaksDone      = 0
	swaksMailFrom  = 23
	swaksNoRcpt    = 24
	swaksAfterData = 26
	swaksNoAuth    = 28
)

// swaks drives a door with the program, which prints the dialogue.
func swaks(t *testing.T, d *demo, door string, code int, args ...string) string {
	t.Helper()
	args = append([]string{"--server", d.address(door), "--helo", "client.example"}, args...)
	path := peer.Need(t, "swaks")
	if _, code := try(t, command{path: peer.Need(t, "perl"), args: []string{"-MNet::SSLeay", "-e", "1"}}); code != 0 {
		peer.NeedFile(t, "libnet-ssleay-perl") // swaks can do no TLS without this library
	}
	return run(t, command{path: path, args: args, code: code}).stdout
}

// signedIn are the words by which swaks submits as a, checking our certificate.
func signedIn(d *demo, a account, mechanism string) []string {
	return []string{"--tls", "--tls-verify", "--tls-ca-path", d.ca(), "--auth", mechanism, "--auth-user", a.login, "--auth-password", a.password}
}

// dataFile is how swaks is told a text: it makes CRLF of LF, and ends the last line itself.
func dataFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(strings.TrimSuffix(text, "\r\n"), "\r\n", "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return "@" + path
}

func TestSwaksDeliversOverSMTPAndLMTP(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		a := d.take(t)
		for _, c := range []struct{ door, protocol string }{{"smtp", "ESMTP"}, {"smtp", "SMTP"}, {"lmtp", "LMTP"}} {
			m := mark()
			swaks(t, d, c.door, swaksDone, "--protocol", c.protocol, "--from", outsider, "--to", a.address, "--data", dataFile(t, letter(m)))
			trace := received(t, awaitMessage(t, signIn(t, d, a), inbox, m), letter(m))
			if !strings.HasPrefix(trace, "Return-Path: <"+outsider+">\r\n") {
				t.Errorf("%s: the trace begins with %q, not with the reverse-path", c.protocol, trace)
			}
		}
		m := mark()
		swaks(t, d, "smtp", swaksDone, "--tls", "--tls-verify", "--tls-ca-path", d.ca(), "--from", outsider, "--to", a.address, "--data", dataFile(t, letter(m)))
		trace := received(t, awaitMessage(t, signIn(t, d, a), inbox, m), letter(m))
		if !strings.Contains(trace, "ESMTPS") {
			t.Errorf("the trace of a message over TLS does not say so: %q", trace)
		}
	})
}

func TestSwaksIsRefusedWhatItMayNot(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a, other := d.take(t), d.take(t)
	login := signedIn(d, a, "PLAIN")
	for _, c := range []struct {
		name, door string
		code       int
		args       []string
		want       string
	}{
		{"an unknown recipient", "smtp", swaksNoRcpt, []string{"--from", outsider, "--to", "personne.du-tout@ac-paris.example"}, "550 5.1.1 "},
		{"a relay to elsewhere", "smtp", swaksNoRcpt, []string{"--from", outsider, "--to", "autre@ailleurs.example"}, "550 5.7.1 "},
		{"a relay with our name as the sender", "smtp", swaksNoRcpt, []string{"--from", a.address, "--to", "autre@ailleurs.example"}, "550 5.7.1 "},
		{"a relay by LMTP", "lmtp", swaksNoRcpt, []string{"--protocol", "LMTP", "--from", outsider, "--to", "autre@ailleurs.example"}, "550 5.7.1 "},
		{"submission without a password", "submission", swaksMailFrom, []string{"--from", a.address, "--to", other.address}, "530 5.7.0 "},
		{"a wrong password", "submission", swaksNoAuth, []string{"--tls", "--auth", "PLAIN", "--auth-user", a.login, "--auth-password", "faux", "--from", a.address, "--to", other.address}, "535 5.7.8 "},
		{"the reverse-path of somebody else", "submission", swaksMailFrom, append([]string{"--from", other.address, "--to", a.address}, login...), "550 5.7.1 "},
		{"the From of somebody else", "submission", swaksAfterData, append([]string{"--from", a.address, "--to", other.address, "--header", "From: " + other.address}, login...), "550 5.7.1 "},
		{"an unknown colleague", "submission", swaksNoRcpt, append([]string{"--from", a.address, "--to", "personne.du-tout@ac-paris.example"}, login...), "550 5.1.1 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if out := swaks(t, d, c.door, c.code, c.args...); !strings.Contains(out, " "+c.want) {
				t.Errorf("no answer %q in\n%s", c.want, out)
			}
		})
	}
}

func TestSwaksSubmitsAndBccIsRemoved(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		mark := marks(t)
		a, colleague, hidden := d.take(t), d.take(t), d.take(t)
		for _, c := range []struct{ door, mechanism string }{{"submission", "PLAIN"}, {"submission", "LOGIN"}, {"submissions", "PLAIN"}} {
			m := mark()
			head := "From: " + a.address + "\r\nTo: " + colleague.address + "\r\n"
			rest := "Subject: Conseil de classe " + m + "\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <" + m + "@client.example>\r\n\r\nBonjour.\r\n"
			args := append(signedIn(d, a, c.mechanism), "--from", a.address, "--to", colleague.address+","+hidden.address,
				"--data", dataFile(t, head+"Bcc: "+hidden.address+"\r\n"+rest))
			if c.door == "submissions" {
				args[0] = "--tls-on-connect"
			}
			swaks(t, d, c.door, swaksDone, args...)
			for _, to := range []account{colleague, hidden} {
				got := awaitMessage(t, signIn(t, d, to), inbox, m)
				received(t, got, head+rest)
				if strings.Contains(got.bytes, hidden.address) {
					t.Errorf("%s: the copy of %s names the hidden recipient:\n%s", c.door, to.address, got.bytes)
				}
			}
		}
	})
}

func TestSwaksFindsTheOutboxAsOnTheWire(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, m := d.take(t), marks(t)()
		head := "From: " + a.address + "\r\nTo: un@dehors.example\r\n"
		rest := "Subject: Sortie " + m + "\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <" + m +
			"@client.example>\r\n\r\n.\r\n..points\r\nfin   \r\n"
		swaks(t, d, "submission", swaksDone, append(signedIn(d, a, "PLAIN"), "--from", a.address, "--to", "un@dehors.example,deux@dehors.example",
			"--data", dataFile(t, head+"Bcc: deux@dehors.example\r\n"+rest))...)
		var parcels []parcel
		await(t, "the message in the outbox for both", func() bool {
			parcels = parcelsWith(t, d, m)
			return len(recipients(parcels)) == 2
		})
		if got, want := recipients(parcels), []string{"deux@dehors.example", "un@dehors.example"}; !slices.Equal(got, want) {
			t.Errorf("the outbox is for %q, want %q", got, want)
		}
		for _, p := range parcels {
			if p.MailFrom != a.address {
				t.Errorf("the reverse-path in the outbox is %q, want %q", p.MailFrom, a.address)
			}
			trace, found := strings.CutSuffix(p.bytes, head+rest)
			if !found || !strings.HasPrefix(trace, "Received: ") || strings.Contains(trace, "127.0.0.1") {
				t.Errorf("the outbox holds\n%q\nwant a Received without the client's address, then\n%q", p.bytes, head+rest)
			}
		}
	})
}

// parcel is one N.eml of the outbox with its N.json.
type parcel struct {
	MailFrom string   `json:"mail_from"`
	RcptTo   []string `json:"rcpt_to"`
	bytes    string
}

// parcelsWith reads the finished parcels of the outbox that hold a mark.
func parcelsWith(tb testing.TB, d *demo, mark string) []parcel {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(d.outbox(), "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var found []parcel
	for _, name := range names {
		text, err := os.ReadFile(strings.TrimSuffix(name, ".json") + ".eml")
		if err != nil {
			tb.Fatalf("an envelope without its message: %v", err)
		}
		if !strings.Contains(string(text), mark) {
			continue
		}
		p := parcel{bytes: string(text)}
		envelope, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		if err := json.Unmarshal(envelope, &p); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		found = append(found, p)
	}
	return found
}

// recipients are those of parcels, sorted.
func recipients(parcels []parcel) []string {
	var all []string
	for _, p := range parcels {
		all = append(all, p.RcptTo...)
	}
	slices.Sort(all)
	return all
}
