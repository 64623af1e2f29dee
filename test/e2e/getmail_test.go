package e2e

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"navette/internal/testkit/peer"
)

const getmailConfiguration = `
[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = %s
username = %s
password = %s
mailboxes = ALL
ca_certs = %s
[destination]
type = Maildir
path = %s/
[options]
read_all = false
delivered_to = false
received = false
`

func TestGetmailRetrievesEverythingOnce(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a := d.take(t)
	c := signIn(t, d, a)
	dir, who := dropRoot(t)
	config, maildir := filepath.Join(dir, "getmailrc"), filepath.Join(dir, "mail")
	give(t, who, filepath.Join(dir, "ca.pem"), readFile(t, d.ca()))
	give(t, who, config, fmt.Sprintf(getmailConfiguration, d.port("imaps"), a.login, a.password, filepath.Join(dir, "ca.pem"), maildir))
	for _, sub := range []string{"", "new", "cur", "tmp"} {
		giveFolder(t, who, filepath.Join(maildir, sub))
	}
	words := command{path: peer.Need(t, "getmail"), args: []string{"--getmaildir", dir, "--rcfile", config}, dir: dir, as: who}
	run(t, words)
	want := kept(t, everything(t, c))
	if len(want) < 10 {
		t.Fatalf("the account has %d messages: too few to show anything", len(want))
	}
	if diff := cmp.Diff(want, kept(t, inMaildirFolder(t, maildir))); diff != "" {
		t.Errorf("getmail has not what the server has (-server +getmail):\n%s", tail(diff))
	}
	// It remembers UIDs with UIDVALIDITY: a second run brings what is new, and nothing else.
	m := marks(t)()
	deliver(t, d, letter(m), a.address)
	awaitMessage(t, c, inbox, m)
	run(t, words)
	if diff := cmp.Diff(kept(t, everything(t, c)), kept(t, inMaildirFolder(t, maildir))); diff != "" {
		t.Errorf("after a second run (-server +getmail):\n%s", tail(diff))
	}
}

// everything is what all folders hold, comparably.
func everything(t *testing.T, c *imapclient.Client) []string {
	t.Helper()
	var all []string
	for _, folder := range folders {
		all = append(all, inFolder(t, c, folder)...)
	}
	return all
}

// kept is what getmail leaves as it is, sorted: it folds fields anew and adds some, but keeps the Message-ID and the body.
func kept(t *testing.T, messages []string) []string {
	t.Helper()
	var all []string
	for _, m := range messages {
		head, body, found := strings.Cut(m, "\n\n")
		id := messageID.FindStringSubmatch(head)
		if !found || id == nil {
			t.Fatalf("no Message-ID and body in %q", m)
		}
		all = append(all, id[1]+"\n"+body)
	}
	slices.Sort(all)
	return all
}

var messageID = regexp.MustCompile(`(?im)^Message-ID:\s*(<.*>)`)

// dropRoot returns a folder for a program that refuses to work as root, and who it runs as; nil: as ourselves.
func dropRoot(t *testing.T) (string, *syscall.Credential) {
	t.Helper()
	if os.Geteuid() != 0 {
		return t.TempDir(), nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, uidErr := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(nobody.Gid, 10, 32)
	if uidErr != nil || gidErr != nil {
		t.Fatalf("user nobody is %s:%s", nobody.Uid, nobody.Gid)
	}
	who := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	// Not t.TempDir: its parents are closed to other users.
	dir, err := os.MkdirTemp("", "navette-e2e-nobody-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	own(t, who, dir)
	return dir, who
}

func own(t *testing.T, who *syscall.Credential, path string) {
	t.Helper()
	if who == nil {
		return
	}
	if err := os.Chown(path, int(who.Uid), int(who.Gid)); err != nil {
		t.Fatal(err)
	}
}

func give(t *testing.T, who *syscall.Credential, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	own(t, who, path)
}

func giveFolder(t *testing.T, who *syscall.Credential, path string) {
	t.Helper()
	if err := os.Mkdir(strings.TrimSuffix(path, "/"), 0o700); err != nil {
		t.Fatal(err)
	}
	own(t, who, path)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
