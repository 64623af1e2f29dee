package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"navette/internal/testkit/peer"
)

const neomuttConfiguration = `
set folder="imaps://localhost:%s/"
set spoolfile="+INBOX"
set imap_user="%s"
set imap_pass="%s"
set certificate_file="%s"
set ssl_force_tls=yes
set quit=yes delete=yes move=no copy=no
set confirmappend=no confirmcreate=no wait_key=no beep=no
set sort=date mark_old=no
`

// keys are what a person types: to each message by its subject, flag, copy, save elsewhere, erase; then quit.
const neomuttKeys = `<search>~s%[1]s<enter><flag-message>` +
	`<search>~s%[2]s<enter><copy-message>=Archives<enter>` +
	`<search>~s%[3]s<enter><save-message>=Envoyés<enter>` +
	`<search>~s%[4]s<enter><delete-message>` +
	`<quit>`

func TestNeomuttFlagsCopiesSavesAndErases(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, d *demo) {
		a := d.take(t)
		mark := marks(t)
		c := signIn(t, d, a)
		flagged, copied, saved, erased := mark(), mark(), mark(), mark()
		for _, m := range []string{flagged, copied, saved, erased} {
			deliver(t, d, letter(m), a.address)
			awaitMessage(t, c, inbox, m)
		}
		config := filepath.Join(t.TempDir(), "neomuttrc")
		text := fmt.Sprintf(neomuttConfiguration, d.port("imaps"), a.login, a.password, d.ca()) +
			"push \"" + fmt.Sprintf(neomuttKeys, flagged, copied, saved, erased) + "\"\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		// script (bsdutils, in every Debian) is the terminal.
		run(t, command{path: peer.Need(t, "script"), args: []string{"-qec", peer.Need(t, "neomutt") + " -n -F " + config, "/dev/null"}})

		if got := awaitMessage(t, c, inbox, flagged); got.flags != `\Flagged` {
			t.Errorf("the flagged message has the flags %q", got.flags)
		}
		for _, want := range []struct {
			mark, folder string
			n            int
		}{{copied, inbox, 1}, {copied, archive, 1}, {saved, inbox, 0}, {saved, sent, 1}, {erased, inbox, 0}} {
			if n := count(t, c, want.folder, want.mark); n != want.n {
				t.Errorf("%s is %d times in %s, want %d", want.mark, n, want.folder, want.n)
			}
		}
		received(t, awaitMessage(t, c, archive, copied), letter(copied))
		received(t, awaitMessage(t, c, sent, saved), letter(saved))
	})
}
