package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"navette/internal/testkit/peer"
)

// webDir is where the pages' sources and their own tests are.
const webDir = root + "/web"

// browserPatience is how long all browser tests together may take.
const browserPatience = 12 * time.Minute

// outcome is what one of the pages' own tests came to.
type outcome struct {
	name   string
	passed bool
	text   string // what is told of a failure
}

// report makes each outcome a subtest, so that it is counted and told as every other test.
func report(t *testing.T, outcomes []outcome) {
	t.Helper()
	if len(outcomes) == 0 {
		t.Fatal("no test of the pages ran")
	}
	for _, o := range outcomes {
		t.Run(o.name, func(t *testing.T) {
			if !o.passed {
				t.Error(o.text)
			}
		})
	}
}

// nodeTool finds a program that `make pages` has installed; node itself comes from test/install.
func nodeTool(t *testing.T, name string) string {
	t.Helper()
	peer.Need(t, "node")
	return peer.NeedFile(t, absolute(t, filepath.Join(webDir, "node_modules", ".bin", name)))
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// watchPages looks at every file that the pages' tests are made of: see watchSources.
func watchPages(t *testing.T) {
	t.Helper()
	if err := watchSources(); err != nil {
		t.Fatal(err)
	}
}

// The parts of the pages that need no browser, their weight, and that nothing in them is younger than the floor.
func TestThePagesKeepTheirOwnRules(t *testing.T) {
	t.Parallel()
	tool := nodeTool(t, "vitest")
	watchPages(t)
	out, code := try(t, command{path: tool, args: []string{"run", "--reporter=json"}, dir: webDir,
		env: []string{"NAVETTE_REQUIRE=" + os.Getenv("NAVETTE_REQUIRE")}})
	var r struct {
		TestResults []struct {
			AssertionResults []struct {
				FullName, Status string
				FailureMessages  []string
			}
			Message string
		}
	}
	if err := json.Unmarshal([]byte(out.stdout), &r); err != nil {
		t.Fatalf("vitest (exit code %d): %v\n%s%s", code, err, tail(out.stdout), tail(out.stderr))
	}
	var outcomes []outcome
	for _, file := range r.TestResults {
		if file.Message != "" {
			t.Error(file.Message)
		}
		for _, a := range file.AssertionResults {
			if a.Status != "skipped" && a.Status != "pending" {
				outcomes = append(outcomes, outcome{a.FullName, a.Status == "passed", strings.Join(a.FailureMessages, "\n")})
			}
		}
	}
	report(t, outcomes)
}

// Every flow and every page in Chromium, against a demo of its own: web/browser holds the tests.
func TestThePagesInABrowser(t *testing.T) {
	t.Parallel()
	tool := nodeTool(t, "playwright")
	chromium := peer.Need(t, "chromium")
	if _, err := os.Stat(webDir + "/dist/portal.html"); err != nil {
		peer.NeedFile(t, absolute(t, webDir+"/dist/portal.html"))
	}
	watchPages(t)
	d := ownDemo(t, options{agents: 1000})
	out, code := try(t, command{path: tool, args: []string{"test", "--reporter=json"}, dir: webDir, wait: browserPatience,
		env: []string{"NAVETTE_DEMO=" + d.dir, "NAVETTE_CHROMIUM=" + chromium, "NAVETTE_SHOTS=" + filepath.Join(t.TempDir(), "shots"),
			"NAVETTE_CONSENT=" + consentLinks(t, d)}})
	var r struct {
		Suites []browserSuite
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal([]byte(out.stdout), &r); err != nil {
		t.Fatalf("playwright (exit code %d): %v\n%s%s", code, err, tail(out.stdout), tail(out.stderr))
	}
	for _, e := range r.Errors {
		t.Error(e.Message)
	}
	var outcomes []outcome
	for _, s := range r.Suites {
		outcomes = append(outcomes, s.outcomes()...)
	}
	report(t, outcomes)
}

// browserSuite is what Playwright tells of a file, or of a group within it.
type browserSuite struct {
	Suites []browserSuite
	Specs  []struct {
		Title string
		Tests []struct {
			ProjectName, Status string
			Results             []struct {
				Errors []struct{ Message string }
			}
		}
	}
}

func (s browserSuite) outcomes() (out []outcome) {
	for _, inner := range s.Suites {
		out = append(out, inner.outcomes()...)
	}
	for _, spec := range s.Specs {
		for _, test := range spec.Tests {
			if test.Status == "skipped" {
				continue
			}
			o := outcome{name: test.ProjectName + ": " + spec.Title, passed: test.Status == "expected"}
			for _, r := range test.Results {
				for _, e := range r.Errors {
					o.text += e.Message + "\n"
				}
			}
			out = append(out, o)
		}
	}
	return out
}
