package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArrowsRunDownOnly(t *testing.T) {
	t.Parallel()
	watchSources(t, "../..")
	for _, breach := range check(listPackages(t, "navette/...")) {
		t.Error(breach)
	}
}

// TestTheRulesCatchABadHouse keeps the test above honest: a plan that catches nothing is no plan.
func TestTheRulesCatchABadHouse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from string
		imports    []string
		want       string // "" where the import is fine
	}{
		{"a service uses storage", "internal/mailbox", []string{"navette/internal/store"}, ""},
		{"a service uses another", "internal/delivery", []string{"navette/internal/mailbox"}, ""},
		{"a door uses a service", "internal/imapd", []string{"navette/internal/mailbox"}, ""},
		{"a door uses the wire format", "internal/imapd", []string{"navette/internal/imap/wire"}, ""},
		{"the root knows every room", "internal/node", []string{"navette/internal/imapd", "navette/internal/store"}, ""},
		{"the library is free", "internal/mail", []string{"io", "golang.org/x/text/encoding"}, ""},
		{"a room uses what lies below it", "internal/imapd", []string{"navette/internal/imapd/session"}, ""},
		{"test helpers use the whole house", "internal/store/storetest", []string{"navette/internal/testkit/pg", "navette/internal/node"}, ""},

		{"storage calls a service", "internal/store", []string{"navette/internal/mailbox"},
			"internal/store imports internal/mailbox: an arrow upwards, from storage to services"},
		{"the model calls storage", "internal/mail", []string{"navette/internal/blob"},
			"internal/mail imports internal/blob: an arrow upwards, from model to storage"},
		{"the model does I/O", "internal/directory", []string{"os"},
			"internal/directory imports os: the model is pure"},
		{"a service calls a door", "internal/outbound", []string{"navette/internal/smtpd"},
			"internal/outbound imports internal/smtpd: an arrow upwards, from services to doors"},
		{"a door calls a door", "internal/webd", []string{"navette/internal/imapd"},
			"internal/webd imports internal/imapd: doors never call each other"},
		{"a door opens the store", "internal/imapd", []string{"navette/internal/store"},
			"internal/imapd imports internal/store: doors never see SQL"},
		{"a door speaks SQL", "internal/smtpd/session", []string{"database/sql"},
			"internal/smtpd/session imports database/sql: doors never see SQL"},
		{"a service without tables opens the store", "internal/guard", []string{"navette/internal/store"},
			"internal/guard imports internal/store: guard owns no table; the table in internal/archtest/rooms.go says who does"},
		{"the program uses the testkit", "internal/node", []string{"navette/internal/testkit/pg"},
			"internal/node imports internal/testkit/pg: only tests may use it"},
		{"the program uses test helpers", "internal/node", []string{"navette/internal/store/storetest"},
			"internal/node imports internal/store/storetest: only tests may use it"},
		{"a room that nobody planned", "internal/misc/deep", nil,
			"internal/misc is in no room: add it to the table in internal/archtest/rooms.go, on the floor where it belongs"},
		{"a command reaches behind the command line", "cmd/navette", []string{"navette/internal/store"},
			"cmd/navette imports internal/store: a command calls internal/cli and nothing else"},
		{"the pages know a room", "web", []string{"navette/internal/store"},
			"web imports internal/store: it holds pages, and knows no room"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(check([]pkg{{ImportPath: module + c.from, Imports: c.imports}}), "\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// watchSources looks at every Go file below root, so that the go command, which knows what a test opened but not what
// its children did, never takes the result of an older tree from its cache.
func watchSources(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case filepath.Ext(path) == ".go":
			_, err = os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) { // an editor at work
				err = nil
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listPackages asks the go command for packages of this module.
func listPackages(t *testing.T, pattern string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", pattern)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 2 {
		t.Fatalf("go list found %d packages: the test looks at the wrong place", len(pkgs))
	}
	return pkgs
}
