// Package e2e starts the real program and drives it with clients that we did not write: swaks, Python's smtplib and
// imaplib, curl, mbsync, getmail, offlineimap, neomutt, emersion's imapclient. Then it kills the program, its database
// and its disk under load, and looks for what was acknowledged.
//
// Nothing here knows the inside of Navette: a test has the binary, the files of a demo (DESIGN §6), and the protocols.
// Servers listen on loopback ports of their own, and nothing outlives the tests: the kernel ends every process that
// they started when the test process dies.
//
// Who keeps the ledger of what was acknowledged is a process of its own (load_test.go), this test binary started again
// with another task.
package e2e

import (
	"fmt"
	"os"
	"testing"

	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(loadTask); task != "" {
		os.Exit(runLoad(task))
	}
	os.Exit(pg.Wrap(tidied{m}).Run())
}

// tidied runs the tests, then ends the shared demo and removes what was built.
type tidied struct{ tests pg.Main }

func (t tidied) Run() int {
	code := t.tests.Run()
	if err := shared.end(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	if built.dir != "" {
		if err := os.RemoveAll(built.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	return code
}

// long asks for the tests that find rare things: NAVETTE_LONG=1.
func long() bool { return os.Getenv("NAVETTE_LONG") == "1" }
