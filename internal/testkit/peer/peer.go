// Package peer finds the programs that we did not write and that a test drives
// or talks to: swaks, mbsync, neomutt, the PostgreSQL server…
//
// A test never installs anything: test/install does, from Debian. A test that
// lacks its peer is skipped with the name of what is missing, so that the
// suite runs on any machine; under NAVETTE_REQUIRE=1, which .ci/run sets, it
// fails instead, so that a hole in test/install cannot look like success.
package peer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Require names the environment variable that turns a missing peer from a
// skip into a failure when it is "1".
const Require = "NAVETTE_REQUIRE"

// versionTimeout bounds the run of a peer that is asked for its version.
const versionTimeout = 20 * time.Second

// Need returns the absolute path of the program called name, which is looked
// up in PATH unless it holds a slash, and logs "peer: NAME VERSION". Without
// that program the test ends here: skipped, or failed when [Require] is set.
func Need(tb testing.TB, name string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		missing(tb, fmt.Sprintf("peer missing: %s: run test/install as root on Debian", name))
		return "" // only reached when tb does not stop the goroutine, as a fake may not
	}
	tb.Logf("peer: %s %s", filepath.Base(path), Version(tb.Context(), path))
	return path
}

// NeedFile is [Need] for what is no program: a Python module's folder, a
// shared library. It returns path as it is.
func NeedFile(tb testing.TB, path string) string {
	tb.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(tb, fmt.Sprintf("peer missing: %s: run test/install as root on Debian", path))
	}
	return path
}

func missing(tb testing.TB, reason string) {
	tb.Helper()
	if os.Getenv(Require) == "1" {
		tb.Fatalf("%s (%s=1)", reason, Require)
	}
	tb.Skip(reason)
}

// Version runs the program at path for its version and returns the first
// version number that it prints, or "(version unknown)".
func Version(ctx context.Context, path string) string {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	// Some programs print their version and exit with a failure: the text counts.
	out, _ := exec.CommandContext(ctx, path, versionFlag(filepath.Base(path))).CombinedOutput()
	return parseVersion(string(out))
}

// versionFlag is what makes a program print its version.
func versionFlag(name string) string {
	switch name {
	case "tmux":
		return "-V"
	case "neomutt":
		return "-v"
	default:
		return "--version"
	}
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)*[0-9A-Za-z.+~-]*`)

// parseVersion returns the first word with a number in it of the first line
// that has one.
func parseVersion(output string) string {
	for line := range strings.Lines(output) {
		if v := versionNumber.FindString(line); v != "" {
			return v
		}
	}
	return "(version unknown)"
}
