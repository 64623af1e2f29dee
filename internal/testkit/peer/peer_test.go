package peer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder stands in for the testing.TB of a test that asks for a peer, since
// a real one cannot fail without failing the test that watches it.
type recorder struct {
	testing.TB
	logged, skipped, failed string
}

func (r *recorder) Helper()                        {}
func (r *recorder) Context() context.Context       { return context.Background() }
func (r *recorder) Logf(format string, a ...any)   { r.logged = fmt.Sprintf(format, a...) }
func (r *recorder) Skip(a ...any)                  { r.skipped = fmt.Sprint(a...) }
func (r *recorder) Fatalf(format string, a ...any) { r.failed = fmt.Sprintf(format, a...) }

func TestAPresentPeerIsFoundAndItsVersionLogged(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = --version ] && echo 'postillon release 3.14-2 (Debian)'\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "postillon"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	r := &recorder{TB: t}
	if got, want := Need(r, "postillon"), filepath.Join(dir, "postillon"); got != want {
		t.Errorf("Need = %q, want %q", got, want)
	}
	if want := "peer: postillon 3.14-2"; r.logged != want {
		t.Errorf("logged %q, want %q", r.logged, want)
	}
	if r.skipped != "" || r.failed != "" {
		t.Errorf("skipped %q, failed %q for a peer that is there", r.skipped, r.failed)
	}
}

func TestAMissingPeerSkipsAloudAndFailsWhenRequired(t *testing.T) {
	for _, need := range []func(testing.TB, string) string{Need, NeedFile} {
		t.Setenv(Require, "")
		r := &recorder{TB: t}
		need(r, "/nonexistent/postillon")
		if !strings.Contains(r.skipped, "/nonexistent/postillon") || !strings.Contains(r.skipped, "test/install") {
			t.Errorf("skipped with %q: the peer and the remedy must be named", r.skipped)
		}
		if r.failed != "" {
			t.Errorf("failed with %q although %s is not set", r.failed, Require)
		}
		t.Setenv(Require, "1")
		r = &recorder{TB: t}
		need(r, "/nonexistent/postillon")
		if !strings.Contains(r.failed, "/nonexistent/postillon") {
			t.Errorf("failed with %q, want the missing peer named", r.failed)
		}
	}
}

func TestParseVersion(t *testing.T) {
	for _, c := range []struct{ output, want string }{
		{"swaks version 20201014.0\n", "20201014.0"},
		{"isync 1.4.4\n", "1.4.4"},
		{"tmux 3.3a\n", "3.3a"},
		{"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18"},
		{"usage: thing\n  v2 of it\n", "2"},
		{"", "(version unknown)"},
	} {
		if got := parseVersion(c.output); got != c.want {
			t.Errorf("parseVersion(%q) = %q, want %q", c.output, got, c.want)
		}
	}
}
