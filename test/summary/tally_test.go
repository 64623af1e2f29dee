package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stream writes events as `go test -json` would: "ACTION TEST" or "output TEST: text", all of package p.
func stream(t *testing.T, lines ...string) *tally {
	t.Helper()
	var b strings.Builder
	for _, line := range lines {
		head, text, _ := strings.Cut(line, ": ")
		action, name, _ := strings.Cut(head, " ")
		fmt.Fprintf(&b, "{\"Action\":%q,\"Package\":\"p\",\"Test\":%q,\"Output\":%q}\n", action, name, text+"\n")
	}
	got := newTally()
	if err := got.read(strings.NewReader(b.String())); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		events []string
		want   counts
	}{
		{"a test of each kind", []string{"pass TestA", "fail TestB", "skip TestC", "fail "}, counts{1, 1, 1}},
		{"a parent is not counted beside its subtests",
			[]string{"run TestA", "pass TestA/x", "pass TestA/y", "pass TestA", "pass "}, counts{Passed: 2}},
		{"a failure below is one failure",
			[]string{"pass TestA/x", "fail TestA/y/z", "fail TestA/y", "fail TestA", "fail "}, counts{Passed: 1, Failed: 1}},
		{"a parent that fails by itself is one failure",
			[]string{"pass TestA/x", "fail TestA", "fail "}, counts{Passed: 1, Failed: 1}},
		{"a package that fails without a test", []string{"pass TestA", "fail "}, counts{Passed: 1, Failed: 1}},
		{"a test that took its process with it",
			[]string{"pass TestA", "run TestB", "output TestB: panic: oh", "fail "}, counts{Passed: 1, Failed: 2}},
		{"nothing", nil, counts{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, stream(t, c.events...).counts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOnlyFailuresSkipsPeersAndTheClosingLineArePrinted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	stream(t,
		"output TestA: a_test.go:3: peer: swaks 20201014.0", "output TestA: chatter", "pass TestA",
		"output : -test.shuffle 17",
		"output TestB: === RUN   TestB", "output TestB: want 1, got 2", "fail TestB",
		"output TestC: === RUN TestC", "output TestC: c_test.go:9: peer missing: mutt", "output TestC: --- SKIP: TestC", "skip TestC",
		"fail ",
	).print(&out, "unit", 61*time.Second)
	want := `FAIL p TestB (-shuffle=17)
    want 1, got 2
SKIPPED 1: c_test.go:9: peer missing: mutt
unit: peers swaks 20201014.0
unit: 1 tests passed, 1 failed, 1 skipped in 1m1s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestACompilerErrorIsShown(t *testing.T) {
	t.Parallel()
	got := newTally()
	err := got.read(strings.NewReader(`{"ImportPath":"p [p.test]","Action":"build-output","Output":"p.go:1: undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"start","Package":"p"}
{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}
`))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	got.print(&out, "unit", 0)
	if !strings.Contains(out.String(), "undefined: x") || got.counts() != (counts{Failed: 1}) {
		t.Errorf("%+v\n%s", got.counts(), out.String())
	}
}

func TestStoreTestsMustRunOnBothEngines(t *testing.T) {
	t.Parallel()
	both := []string{"pass TestS/sqlite/a", "pass TestS/sqlite", "pass TestS/postgres/a", "pass TestS/postgres", "pass TestS"}
	for _, c := range []struct {
		name     string
		events   []string
		required bool
		failed   int
	}{
		{"the same on both", both, true, 0},
		{"one more on one of them", append(both, "pass TestS/sqlite/b"), true, 1},
		{"none at all", []string{"pass TestA"}, true, 1},
		{"PostgreSQL missing", []string{"pass TestS/sqlite", "output TestS/postgres: peer missing: postgres", "skip TestS/postgres", "pass TestX/sqlite"}, false, 0},
		{"PostgreSQL missing where it is required", []string{"pass TestS/sqlite", "output TestS/postgres: peer missing: postgres", "skip TestS/postgres", "pass TestX/sqlite"}, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := stream(t, c.events...)
			got.compareEngines(c.required)
			if n := got.counts().Failed; n != c.failed {
				t.Errorf("%d failures, want %d: %q", n, c.failed, got.problems)
			}
		})
	}
}

// script is a command that prints events and exits as told, in the place of `go test -json`.
func script(text string) []string { return []string{"sh", "-c", text} }

func TestStagesAddUpAndFailuresShowInTheExit(t *testing.T) {
	t.Parallel()
	totals := filepath.Join(t.TempDir(), "totals")
	const pass = `echo '{"Action":"pass","Package":"p","Test":"TestA"}'`
	const fail = `echo '{"Action":"fail","Package":"p","Test":"TestB"}'; exit 1`
	for _, c := range []struct {
		name string
		args []string
		ok   bool
		want string // in the output
	}{
		{"nothing ran yet", []string{"-close"}, false, "0 passed, 0 failed, 0 skipped\n"},
		{"a stage that passes", append([]string{"-stage", "unit", "--"}, script(pass)...), true, "unit: 1 tests passed, 0 failed"},
		{"what passes adds up", []string{"-close"}, true, "1 passed, 0 failed, 0 skipped\n"},
		{"a stage that fails", append([]string{"-stage", "race", "--"}, script(pass+";"+fail)...), false, "race: 1 tests passed, 1 failed"},
		{"a command that fails without a test", append([]string{"-stage", "e2e", "--"}, script("echo bad flag >&2; exit 2")...), false, "bad flag"},
		{"a line that is no event", append([]string{"-stage", "e2e", "--"}, script("echo fatal error")...), false, "fatal error"},
		{"the sum", []string{"-close"}, false, "2 passed, 3 failed, 0 skipped\n"},
	} {
		var out bytes.Buffer
		ok, err := run(t.Context(), append([]string{"-totals", totals}, c.args...), &out)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if ok != c.ok || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: ok %t, printed %q; want %t and %q", c.name, ok, out.String(), c.ok, c.want)
		}
	}
}
