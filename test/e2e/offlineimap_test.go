package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/testkit/peer"
)

// The program's own separator is the dot, with which it cannot keep folders that have one in their names, as functional
// boxes do.
const offlineimapConfiguration = `
[general]
accounts = demo
metadata = %[1]s/metadata
ui = quiet
socktimeout = 30
[Account demo]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = %[1]s/near
sep = /
[Repository far]
type = IMAP
remotehost = localhost
remoteport = %[2]s
remoteuser = %[3]s
remotepass = %[4]s
ssl = yes
sslcacertfile = %[5]s
`

func TestOfflineimapSynchronisesBothWays(t *testing.T) {
	t.Parallel()
	d := shared.get(t, "sqlite")
	a := d.take(t)
	mark := marks(t)
	c := signIn(t, d, a)
	b := newBox(t, d, mark())
	b.admit(t, a, "member")
	inBox := b.arrive(t, c, mark, 1)[0]
	dir := t.TempDir()
	config := filepath.Join(dir, "offlineimaprc")
	text := fmt.Sprintf(offlineimapConfiguration, dir, d.port("imaps"), a.login, a.password, d.ca())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	words := command{path: peer.Need(t, "offlineimap"), args: []string{"-c", config, "-o", "-1"}, dir: dir}
	same := func() {
		t.Helper()
		for _, folder := range folders {
			if diff := cmp.Diff(inFolder(t, c, folder), inMaildirFolder(t, filepath.Join(dir, "near", inMaildir(folder)))); diff != "" {
				t.Errorf("%s is not the same on both sides (-server +Maildir):\n%s", folder, tail(diff))
			}
		}
	}
	gone, delivered := mark(), mark()
	deliver(t, d, letter(gone), a.address)
	awaitMessage(t, c, inbox, gone)
	run(t, words)
	same()
	fileWith(t, filepath.Join(dir, "near", "Bo&AO4-tes partag&AOk-es", b.login), inBox)

	if err := os.Remove(fileWith(t, filepath.Join(dir, "near", inbox), gone)); err != nil {
		t.Fatal(err)
	}
	deliver(t, d, letter(delivered), a.address)
	awaitMessage(t, c, inbox, delivered)
	run(t, words)
	if n := count(t, c, inbox, gone); n != 0 {
		t.Errorf("the message erased here is still there %d times", n)
	}
	same()
	before := states(t, c, folders)
	run(t, words)
	if diff := cmp.Diff(before, states(t, c, folders)); diff != "" {
		t.Errorf("a run with nothing to do changed the server (-before +after):\n%s", diff)
	}
}
