package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/testkit/peer"
)

// thunderbirdPreferences keep the program from asking anything of anybody; port 0 has it choose one and write it down.
const thunderbirdPreferences = `user_pref("marionette.port", 0);
user_pref("mail.provider.enabled", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
`

// thunderbirdNotes are the lines that Thunderbird writes above a message on its own disk.
var thunderbirdNotes = regexp.MustCompile(`\A(X-Mozilla-[^\n]*\n)+`)

func TestThunderbirdReadsFlagsCopiesDeletesAndIsTold(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("thunderbird")
	if err != nil {
		t.Skip("peer missing: thunderbird: run test/install --with thunderbird as root on Debian")
	}
	t.Logf("peer: thunderbird %s", peer.Version(t.Context(), path))
	d := shared.get(t, "sqlite")
	a := d.take(t)
	mark := marks(t)
	c := signIn(t, d, a)
	flagged, copied, deleted := mark(), mark(), mark()
	for _, m := range []string{flagged, copied, deleted} {
		deliver(t, d, letter(m), a.address)
		awaitMessage(t, c, inbox, m)
	}
	m := startThunderbird(t, path)
	var got struct {
		Folders map[string]string
		Source  string
	}
	m.script(t, "thunderbird_work.js", &got, authority(t, d), a.login, a.password, a.address, d.port("imaps"),
		flagged, copied, deleted)
	if diff := cmp.Diff(ownUses, got.Folders); diff != "" {
		t.Errorf("the uses of the folders (-want +got):\n%s", diff)
	}
	// Read from its own copy, which it may have made by then, a message begins with Thunderbird's notes on it.
	source := thunderbirdNotes.ReplaceAllString(strings.ReplaceAll(got.Source, "\r\n", "\n"), "")
	received(t, message{bytes: strings.ReplaceAll(source, "\n", "\r\n")}, letter(copied))

	await(t, "the flag", func() bool { return strings.Contains(awaitMessage(t, c, inbox, flagged).flags, `\Flagged`) })
	await(t, "the message to be gone", func() bool { return live(t, c, inbox, deleted) == 0 })
	for _, x := range []struct{ mark, folder string }{{copied, inbox}, {copied, archive}, {deleted, trash}} {
		if n := live(t, c, x.folder, x.mark); n != 1 {
			t.Errorf("%s is %d times in %s", x.mark, n, x.folder)
		}
	}
	received(t, awaitMessage(t, c, archive, copied), letter(copied))

	told := mark()
	deliver(t, d, letter(told), a.address)
	m.script(t, "thunderbird_wait.js", &struct{}{}, told)
}

// ownUses are the folders that Thunderbird must use, by its names of the uses.
var ownUses = map[string]string{"Inbox": inbox, "Archive": archive, "Drafts": drafts, "SentMail": sent, "Trash": trash, "Junk": junk}

// authority is the certificate that signs a demo's, in base64.
func authority(t *testing.T, d *demo) string {
	t.Helper()
	ca, _ := pem.Decode([]byte(readFile(t, d.ca())))
	return base64.StdEncoding.EncodeToString(ca.Bytes)
}

// marionette is the door by which Thunderbird lets itself be driven: JSON with its length before it.
type marionette struct {
	conn net.Conn
	in   *bufio.Reader
	last int
}

func startThunderbird(t *testing.T, path string) *marionette {
	t.Helper()
	profile := t.TempDir()
	overwrite(t, filepath.Join(profile, "user.js"), thunderbirdPreferences)
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", profile, "--marionette", "--remote-allow-system-access")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	p, err := startProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.kill() })
	var port int
	await(t, "Thunderbird's port", func() bool {
		if isClosed(p.ended) {
			t.Fatalf("Thunderbird ended: %v\n%s", p.err, tail(p.stderr.String()))
		}
		text, err := os.ReadFile(filepath.Join(profile, "MarionetteActivePort"))
		if err == nil {
			port, err = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		return err == nil
	})
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(3 * patience)); err != nil {
		t.Fatal(err)
	}
	m := &marionette{conn: conn, in: bufio.NewReader(conn)}
	m.read(t) // its greeting
	m.call(t, "WebDriver:NewSession", map[string]any{})
	m.call(t, "WebDriver:SetTimeouts", map[string]any{"script": patience.Milliseconds()})
	m.call(t, "Marionette:SetContext", map[string]any{"value": "chrome"})
	return m
}

// call has Thunderbird do something, and returns its result.
func (m *marionette) call(t *testing.T, name string, parameters map[string]any) json.RawMessage {
	t.Helper()
	m.last++
	text, err := json.Marshal([]any{0, m.last, name, parameters})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(text), text); err != nil {
		t.Fatal(err)
	}
	var answer []json.RawMessage // kind, number, error, result
	if err := json.Unmarshal(m.read(t), &answer); err != nil || len(answer) != 4 {
		t.Fatalf("%s: %d parts, %v", name, len(answer), err)
	}
	if string(answer[2]) != "null" {
		t.Fatalf("%s: %s", name, answer[2])
	}
	return answer[3]
}

func (m *marionette) read(t *testing.T) []byte {
	t.Helper()
	length, err := m.in.ReadString(':')
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		t.Fatal(err)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(m.in, text); err != nil {
		t.Fatal(err)
	}
	return text
}

// script runs a script of testdata in Thunderbird; its result goes into into.
func (m *marionette) script(t *testing.T, name string, into any, arguments ...string) {
	t.Helper()
	raw := m.call(t, "WebDriver:ExecuteAsyncScript", map[string]any{"script": readFile(t, filepath.Join("testdata", name)), "args": arguments,
		"newSandbox": true})
	var failed struct{ Value struct{ Error string } }
	if err := json.Unmarshal(raw, &failed); err != nil || failed.Value.Error != "" {
		t.Fatalf("%s: %v %s", name, err, failed.Value.Error)
	}
	result := struct{ Value any }{into}
	if err := json.Unmarshal(raw, &result); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
