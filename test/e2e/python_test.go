package e2e

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"navette/internal/testkit/peer"
)

// systemPython is the one whose standard library Debian ships: no other may be found first.
const systemPython = "/usr/bin/python3"

// pythonTask is what a script of testdata reads from its standard input.
type pythonTask struct {
	Port     int      `json:"port"`
	TLS      string   `json:"tls"`
	CA       string   `json:"ca"`
	Login    string   `json:"login"`
	Password string   `json:"password"`
	From     string   `json:"from,omitempty"`
	To       []string `json:"to,omitempty"`
	Folder   string   `json:"folder,omitempty"`
	Messages any      `json:"messages,omitempty"` // octets, which JSON has in base64
}

func (k pythonTask) json(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// python runs a script of testdata with the standard library alone.
func python(t *testing.T, script string, task pythonTask) string {
	t.Helper()
	return run(t, command{path: peer.Need(t, systemPython), args: []string{"-I", filepath.Join("testdata", script)}, stdin: task.json(t)}).stdout
}

// roundTrip is what imaplib read of one message.
type roundTrip struct {
	Whole  []byte `json:"whole"`
	Pieces []byte `json:"pieces"`
	Header []byte `json:"header"`
	Text   []byte `json:"text"`
	Size   int    `json:"size"`
}

func TestImaplibReadsBackWhatItAppended(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a := d.take(t)
		for _, c := range []struct{ door, tls string }{{"imap", "none"}, {"imap", "starttls"}, {"imaps", "implicit"}} {
			t.Run(c.tls, func(t *testing.T) {
				messages := map[string][]byte{}
				for name, text := range nasty() {
					messages[name] = []byte(text)
				}
				var found map[string]roundTrip
				out := python(t, "imaplib_roundtrip.py", pythonTask{Port: d.ports[c.door], TLS: c.tls, CA: d.ca(), Login: a.login,
					Password: a.password, Folder: "Essai-" + c.tls, Messages: messages})
				if err := json.Unmarshal([]byte(out), &found); err != nil {
					t.Fatal(err)
				}
				for name, want := range messages {
					got := found[name]
					for part, octets := range map[string][]byte{"BODY[]": got.Whole, "BODY[]<…>": got.Pieces, "HEADER and TEXT": append(got.Header, got.Text...)} {
						if string(octets) != string(want) {
							t.Errorf("%s, %s: %d octets\n%q\nwant %d\n%q", name, part, len(octets), tail(string(octets)), len(want), tail(string(want)))
						}
					}
					if got.Size != len(want) {
						t.Errorf("%s: RFC822.SIZE %d, want %d", name, got.Size, len(want))
					}
				}
			})
		}
	})
}

func TestSmtplibsMessagesArriveOctetForOctet(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a := d.take(t)
		task := pythonTask{Port: d.ports["smtp"], TLS: "starttls", CA: d.ca(), From: outsider, To: []string{a.address}}
		messages := map[string]string{} // by mark
		var texts [][]byte
		mark := marks(t)
		for _, text := range nasty() {
			if sendable(text) {
				m := mark()
				messages[m] = "X-Essai: " + m + "\r\n" + text
				texts = append(texts, []byte(messages[m]))
			}
		}
		if len(texts) < 8 {
			t.Fatalf("only %d messages can be sent", len(texts))
		}
		task.Messages = texts
		python(t, "smtplib_send.py", task)
		c := signIn(t, d, a)
		for m, text := range messages {
			received(t, awaitMessage(t, c, inbox, "X-Essai: "+m+"\r\n"), text)
		}
	})
}

func TestSmtplibSubmits(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a, colleague := d.take(t), d.take(t)
	mark := marks(t)
	for _, c := range []struct{ door, tls string }{{"submission", "starttls"}, {"submissions", "implicit"}, {"submission", "none"}} {
		m := mark()
		text := "From: =?utf-8?q?H=C3=A9l=C3=A8ne?= <" + a.address + ">\r\nTo: " + colleague.address + "\r\nSubject: " + m +
			"\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <" + m + "@client.example>\r\n\r\nBonjour\xe9.\r\n"
		python(t, "smtplib_send.py", pythonTask{Port: d.ports[c.door], TLS: c.tls, CA: d.ca(), Login: a.login, Password: a.password,
			From: a.address, To: []string{colleague.address}, Messages: [][]byte{[]byte(text)}})
		received(t, awaitMessage(t, signIn(t, d, colleague), inbox, m), text)
	}
}

func TestImaplibIsToldOfANewMessageWhileIdle(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a, m := d.take(t), marks(t)()
		cmd := exec.Command(peer.Need(t, systemPython), "-I", filepath.Join("testdata", "imaplib_idle.py"))
		cmd.Stdin = strings.NewReader(pythonTask{Port: d.ports["imaps"], CA: d.ca(), Login: a.login, Password: a.password}.json(t))
		p, err := startProcess(cmd)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.kill() })
		await(t, "IDLE", func() bool { return p.stdout.has("idling") || isClosed(p.ended) })
		deliver(t, d, letter(m), a.address)
		await(t, "the end of the idle client", func() bool { return isClosed(p.ended) })
		if p.err != nil || !strings.Contains(p.stdout.String(), "EXISTS") {
			t.Errorf("the idle client: %v\n%s%s", p.err, p.stdout.String(), p.stderr.String())
		}
	})
}

// isClosed tells without waiting.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
