package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output
	Test        string
	Output      string
	FailedBuild string
}

// counts are numbers of tests. A test with subtests stands for itself only when it failed and none of them did; a
// package that failed without a failed test (it did not build, panicked or ran out of time) counts as one failure.
type counts struct{ Passed, Failed, Skipped int }

// test is one test or subtest, or with an empty name a package.
type test struct {
	pkg, name string
	result    string // pass, fail, skip; "" while it runs
	output    []string
	parent    bool
}

// tally gathers the events of one run.
type tally struct {
	tests    map[string]*test
	order    []*test
	builds   map[string][]string // import path -> what the compiler said
	peers    map[string]bool     // "swaks 20201014.0"
	problems []string            // failures that no test reported
	engines  map[string]int      // store engine -> tests run on it
	compared bool
}

func newTally() *tally {
	return &tally{
		tests:   map[string]*test{},
		builds:  map[string][]string{},
		peers:   map[string]bool{},
		engines: map[string]int{},
	}
}

// problem records a failure of the run itself.
func (t *tally) problem(format string, args ...any) {
	t.problems = append(t.problems, fmt.Sprintf(format, args...))
}

// read takes events until r ends. A line that is no event is kept as a problem: the go command prints none.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil {
				t.add(e)
			} else {
				t.problem("%s", line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
	}
}

var peerLine = regexp.MustCompile(`\bpeer: (\S+ \S.*)`)

func (t *tally) add(e event) {
	switch e.Action {
	case "build-output":
		t.builds[e.ImportPath] = append(t.builds[e.ImportPath], e.Output)
		return
	case "build-fail", "start":
		return
	}
	this := t.test(e.Package, e.Test)
	switch e.Action {
	case "output":
		this.output = append(this.output, e.Output)
		if m := peerLine.FindStringSubmatch(e.Output); m != nil {
			t.peers[strings.TrimSpace(m[1])] = true
		}
	case "pass", "fail", "skip":
		this.result = e.Action
		if e.Test == "" && e.Action == "fail" && e.FailedBuild != "" {
			this.output = append(this.output, t.builds[e.FailedBuild]...)
		}
	}
}

// test returns the test of that name, made on first sight.
func (t *tally) test(pkg, name string) *test {
	key := pkg + "\x00" + name
	if known := t.tests[key]; known != nil {
		return known
	}
	fresh := &test{pkg: pkg, name: name}
	t.tests[key] = fresh
	t.order = append(t.order, fresh)
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		t.test(pkg, name[:i]).parent = true
	}
	if engine := engineOf(name); engine != "" {
		t.engines[engine]++
	}
	return fresh
}

// engineOf returns the store engine that a subtest names in its path.
func engineOf(name string) string {
	for _, part := range strings.Split(strings.ToLower(name), "/")[1:] {
		switch part {
		case "sqlite":
			return "sqlite"
		case "postgres", "postgresql":
			return "postgres"
		}
	}
	return ""
}

// compareEngines makes it a problem when a store test ran on one engine alone. Where PostgreSQL may be missing and is,
// its tests were skipped as a whole and there is nothing to compare.
func (t *tally) compareEngines(required bool) {
	t.compared = true
	sqlite, postgres := t.engines["sqlite"], t.engines["postgres"]
	if !required && slices.ContainsFunc(t.order, func(x *test) bool {
		return x.result == "skip" && strings.Contains(x.reason(), "postgres")
	}) {
		return
	}
	if sqlite != postgres || sqlite == 0 {
		t.problem("conformance: %d tests ran on SQLite and %d on PostgreSQL; they must be the same", sqlite, postgres)
	}
}

// failures lists what failed: the tests below which nothing failed, and packages none of whose tests did.
func (t *tally) failures() []*test {
	blamed := map[*test]bool{} // a part of it failed
	for _, x := range t.order {
		if x.result != "fail" || x.name == "" {
			continue
		}
		blamed[t.test(x.pkg, "")] = true
		for name := x.name; ; {
			i := strings.LastIndexByte(name, '/')
			if i < 0 {
				break
			}
			name = name[:i]
			blamed[t.test(x.pkg, name)] = true
		}
	}
	var failed []*test
	for _, x := range t.order {
		// A test that ran when its process died has no result; its output holds the panic.
		died := x.result == "" && x.name != "" && !x.parent && t.test(x.pkg, "").result == "fail"
		if x.result == "fail" && !blamed[x] || died {
			failed = append(failed, x)
		}
	}
	return failed
}

func (t *tally) counts() counts {
	c := counts{Failed: len(t.failures()) + len(t.problems)}
	for _, x := range t.order {
		switch {
		case x.name == "" || x.parent:
		case x.result == "pass":
			c.Passed++
		case x.result == "skip":
			c.Skipped++
		}
	}
	return c
}

// reason is what a skipped test said: its last line of output that is no frame of the test runner.
func (x *test) reason() string {
	for _, line := range slices.Backward(x.output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
			return line
		}
	}
	return "no reason given"
}

// shuffle is the flag that runs a package's tests in the same order again, "" when they were not shuffled.
func (t *tally) shuffle(pkg string) string {
	for _, line := range t.test(pkg, "").output {
		if seed, ok := strings.CutPrefix(line, "-test.shuffle "); ok {
			return " (-shuffle=" + strings.TrimSpace(seed) + ")"
		}
	}
	return ""
}

// print writes what the reader needs.
func (t *tally) print(out io.Writer, stage string, took time.Duration) {
	for _, x := range t.failures() {
		fmt.Fprintf(out, "FAIL %s %s%s\n", x.pkg, x.name, t.shuffle(x.pkg))
		for _, line := range condense(x.output) {
			if !strings.HasPrefix(line, "=== ") {
				fmt.Fprint(out, "    ", line)
			}
		}
	}
	for _, x := range t.order {
		if x.result != "fail" || !slices.Contains(t.failures(), x) {
			for _, line := range races(x.output) {
				fmt.Fprint(out, "    ", line)
			}
		}
	}
	for _, p := range t.problems {
		fmt.Fprintln(out, "FAIL", p)
	}
	skipped := map[string]int{}
	for _, x := range t.order {
		if x.result == "skip" && x.name != "" && !x.parent {
			skipped[x.reason()]++
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(out, "SKIPPED %d: %s\n", skipped[reason], reason)
	}
	if len(t.peers) > 0 {
		fmt.Fprintf(out, "%s: peers %s\n", stage, strings.Join(slices.Sorted(maps.Keys(t.peers)), ", "))
	}
	if t.compared {
		fmt.Fprintf(out, "%s: conformance sqlite=%d postgres=%d\n", stage, t.engines["sqlite"], t.engines["postgres"])
	}
	c := t.counts()
	fmt.Fprintf(out, "%s: %d tests passed, %d failed, %d skipped in %s\n", stage, c.Passed, c.Failed, c.Skipped, took.Round(time.Second))
}
