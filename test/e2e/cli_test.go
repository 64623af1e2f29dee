package e2e

import (
	"strings"
	"testing"
)

// navette runs a command of the program.
func navette(t *testing.T, code int, args ...string) result {
	t.Helper()
	return navetteWith(t, code, "", args...)
}

// navetteWith runs a command that reads its standard input.
func navetteWith(t *testing.T, code int, stdin string, args ...string) result {
	t.Helper()
	return run(t, command{path: product(t), args: args, stdin: stdin, code: code})
}

// refused runs a command that must fail with a code and one line on standard error that says why.
func refused(t *testing.T, code int, why string, args ...string) {
	t.Helper()
	r := navette(t, code, args...)
	if strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "navette: ") || !strings.Contains(r.stderr, why) {
		t.Errorf("navette %s wrote to standard error\n%q\nwant one line with %q", strings.Join(args, " "), r.stderr, why)
	}
	if r.stdout != "" {
		t.Errorf("navette %s failed and wrote %q", strings.Join(args, " "), r.stdout)
	}
}

// accountLine is a line of `account list`.
type accountLine struct {
	login, state, kind string
	addresses          []string
}

// accountList is what `account list` prints of a demo, by login.
func accountList(t *testing.T, dir string) map[string]accountLine {
	t.Helper()
	return accountsOf(t, "--dir", dir)
}

// accountsOf is accountList of the server that two words name.
func accountsOf(t *testing.T, option, value string) map[string]accountLine {
	t.Helper()
	found := map[string]accountLine{}
	for line := range strings.Lines(navette(t, 0, "account", "list", option, value).stdout) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			t.Fatalf("account list: %d fields in %q", len(f), line)
		}
		found[f[0]] = accountLine{f[0], f[1], f[2], strings.Fields(f[3])}
	}
	return found
}

// verified has `navette check` read every octet that is stored, beside the running server.
func verified(t *testing.T, dir string) {
	t.Helper()
	r, code := try(t, command{path: product(t), args: []string{"check", "--deep", "--dir", dir}})
	if code != 0 || !strings.HasSuffix(r.stdout, "\nclean\n") {
		t.Errorf("navette check: exit code %d\n%s%s", code, tail(r.stdout), tail(r.stderr))
	}
}
