package e2e

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// crowdDemo starts a demo under whose load is killed, on a database of an engine.
func crowdDemo(t *testing.T, database string) *demo {
	t.Helper()
	return ownDemo(t, options{agents: crowdAgents, database: database})
}

// reopen starts a demo again in the folder of one that has ended.
func reopen(t *testing.T, d *demo, change options) *demo {
	t.Helper()
	change.dir, change.agents = d.dir, d.agents
	return ownDemo(t, change)
}

// Invariant 1, at instants that chance picks.
func TestKilledUnderLoadItLosesNothing(t *testing.T) {
	t.Parallel()
	rounds := 3
	if long() {
		rounds = 20
	}
	onFreshDatabases(t, func(t *testing.T, database string) {
		d := crowdDemo(t, database)
		crowd := crowdOf(d)
		for round := range rounds {
			l := startLoad(t, d, crowd, fmt.Sprintf("kill%d", round))
			n := 20 + rand.IntN(150)
			l.awaitAcknowledged(t, n)
			if err := d.kill(); err != nil {
				t.Fatal(err)
			}
			l.stop(t)
			d = reopen(t, d, options{})
			t.Logf("round %d: killed after %d acknowledged attempts", round, n)
			audit(t, d, crowd)
		}
		verified(t, d.dir)
	})
}

// instants are where the program is made to die (package fault), and how often it passes there first.
var instants = map[string]int{
	"store.before-commit":     60,
	"store.after-commit":      60,
	"content.after-object":    4,
	"delivery.after-accept":   15,
	"delivery.between-chunks": 2,
	"outbound.after-send":     3,
}

// elsewhere are the instants that no load brings about, and why.
var elsewhere = map[string]string{
	"content.after-row":       "garbage is collected a day after it was found",
	"delivery.between-copies": "no mail program writes to hundreds apart: TestKilledWhileCopiesAreQueuedItLosesAndDoublesNone kills the program there",
	"mailing.between-recalls": "a recall is an act of the pages, and goes on where it stopped when it is asked for again",
}

// Invariant 1, at the instants that matter.
func TestKilledAtEachNamedInstantItLosesNothing(t *testing.T) {
	t.Parallel()
	onFreshDatabases(t, func(t *testing.T, database string) {
		d := crowdDemo(t, database)
		crowd := crowdOf(d)
		for name, n := range instants {
			if err := d.stop(); err != nil {
				t.Fatalf("SIGTERM: %v\n%s", err, tail(d.stderr.String()))
			}
			dying := reopen(t, d, options{binary: mortal(t), env: []string{fmt.Sprintf("NAVETTE_FAULT=%s:%d", name, n)}})
			l := startLoad(t, dying, crowd, strings.ReplaceAll(name, ".", "-"))
			await(t, "death at "+name, func() bool { return isClosed(dying.ended) })
			if s := dying.cmd.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != syscall.SIGKILL {
				t.Fatalf("at %s it ended with %v\n%s", name, dying.err, tail(dying.stderr.String()))
			}
			l.stop(t)
			d = reopen(t, d, options{})
			t.Logf("killed at %s, pass %d", name, n)
			audit(t, d, crowd)
		}
		verified(t, d.dir)
	})
}

// TestEveryNamedInstantIsTried keeps the list above whole.
func TestEveryNamedInstantIsTried(t *testing.T) {
	t.Parallel()
	point := regexp.MustCompile(`fault\.Point\("([^"]+)"\)`)
	named := 0
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range point.FindAllStringSubmatch(string(text), -1) {
			named++
			if instants[found[1]] == 0 && elsewhere[found[1]] == "" {
				t.Errorf("%s names the instant %s: no test kills the program there", path, found[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if named == 0 {
		t.Error("no named instant was found: this test looks in the wrong place")
	}
}
