package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"navette/internal/testkit/peer"
)

const mbsyncConfiguration = `
IMAPAccount demo
Host localhost
Port %s
User %s
Pass %s
SSLType %s
CertificateFile %s

IMAPStore far
Account demo

MaildirStore near
Path %[6]s/
Inbox %[6]s/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`

// mbsync is one account that the program synchronises with a Maildir, both ways.
type mbsync struct {
	path, config, near string
}

func newMbsync(t *testing.T, d *demo, a account, door, tls string) mbsync {
	t.Helper()
	dir := t.TempDir()
	m := mbsync{path: peer.Need(t, "mbsync"), config: filepath.Join(dir, "mbsyncrc"), near: filepath.Join(dir, "near")}
	if err := os.Mkdir(m.near, 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(mbsyncConfiguration, d.port(door), a.login, a.password, tls, d.ca(), m.near)
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

// sync synchronises, then once more, which must change nothing on either side; both sides then hold the same.
func (m mbsync) sync(t *testing.T, c *imapclient.Client, folders ...string) {
	t.Helper()
	words := command{path: m.path, args: []string{"-c", m.config, "--all"}}
	run(t, words)
	near, far := tree(t, m.near), states(t, c, folders)
	run(t, words)
	if diff := cmp.Diff(near, tree(t, m.near)); diff != "" {
		t.Errorf("the second run changed the Maildir (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(far, states(t, c, folders)); diff != "" {
		t.Errorf("the second run changed the server (-first +second):\n%s", diff)
	}
	for _, folder := range folders {
		if diff := cmp.Diff(inFolder(t, c, folder), inMaildirFolder(t, m.dir(folder))); diff != "" {
			t.Errorf("%s is not the same on both sides (-server +Maildir):\n%s", folder, tail(diff))
		}
	}
}

func (m mbsync) dir(folder string) string { return filepath.Join(m.near, inMaildir(folder)) }

// states are the numbers of folders that any change moves.
func states(t *testing.T, c *imapclient.Client, folders []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, folder := range folders {
		s, err := c.Status(folder, &imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, HighestModSeq: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		found[folder] = fmt.Sprint(*s.NumMessages, s.UIDNext, s.UIDValidity, s.HighestModSeq)
	}
	return found
}

func TestMbsyncSynchronisesBothWays(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a := d.take(t)
		mark := marks(t)
		c := signIn(t, d, a)
		stays, flaggedHere, goneHere, flaggedThere, goneThere := mark(), mark(), mark(), mark(), mark()
		for _, m := range []string{stays, flaggedHere, goneHere, flaggedThere, goneThere} {
			deliver(t, d, letter(m), a.address)
			awaitMessage(t, c, inbox, m)
		}
		m := newMbsync(t, d, a, "imaps", "IMAPS")
		m.sync(t, c, folders...)
		if len(inFolder(t, c, inbox)) < 10 || len(inFolder(t, c, sent)) == 0 {
			t.Fatal("this account has too little mail to show anything")
		}

		// Here: a flag, an erased message, a message written into a folder with a French name.
		path := fileWith(t, m.dir(inbox), flaggedHere)
		renamed := filepath.Join(m.dir(inbox), "cur", strings.TrimSuffix(filepath.Base(path), ":2,")+":2,F")
		written := mark()
		file := filepath.Join(m.dir(sent), "cur", "1.ici.client.example:2,S")
		for _, err := range []error{
			os.Rename(path, renamed),
			os.Remove(fileWith(t, m.dir(inbox), goneHere)),
			os.WriteFile(file, []byte(strings.ReplaceAll(letter(written), "\r\n", "\n")), 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		// There: a delivery, a flag, an erased message.
		delivered := mark()
		deliver(t, d, letter(delivered), a.address)
		awaitMessage(t, c, inbox, delivered)
		change(t, c, inbox, flaggedThere, imap.FlagAnswered)
		change(t, c, inbox, goneThere, imap.FlagDeleted)
		if err := c.Expunge().Close(); err != nil {
			t.Fatal(err)
		}

		m.sync(t, c, folders...)
		for _, gone := range []string{goneHere, goneThere} {
			if n := count(t, c, inbox, gone); n != 0 {
				t.Errorf("a message erased on one side is still there %d times", n)
			}
		}
		for found, want := range map[string]string{stays: "", flaggedHere: `\Flagged`, flaggedThere: `\Answered`, delivered: ""} {
			if got := awaitMessage(t, c, inbox, found); got.flags != want {
				t.Errorf("the flags of %s are %q, want %q", found, got.flags, want)
			}
		}
		if got := awaitMessage(t, c, sent, written); got.flags != `\Seen` || comparable("", got.bytes) != comparable("", letter(written)) {
			t.Errorf("the message written here is there as %q, %q", got.flags, got.bytes)
		}
	})
}

func TestMbsyncWorksWithSTARTTLS(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a := d.take(t)
	newMbsync(t, d, a, "imap", "STARTTLS").sync(t, signIn(t, d, a), folders...)
}

// change adds a flag to the message with a mark.
func change(t *testing.T, c *imapclient.Client, folder, mark string, flag imap.Flag) {
	t.Helper()
	uid := awaitMessage(t, c, folder, mark).uid
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
}
