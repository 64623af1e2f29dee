package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the folder of the module.
const root = "../.."

// built holds the binaries that this test process has made, each once.
var built struct {
	sync.Mutex
	dir   string
	paths map[string]string // by build tags
}

// product is the path of the program as it is shipped.
func product(tb testing.TB) string {
	tb.Helper()
	return binary(tb, "")
}

// mortal is the path of the program that dies at NAVETTE_FAULT (package fault).
func mortal(tb testing.TB) string {
	tb.Helper()
	return binary(tb, "faultpoints")
}

func binary(tb testing.TB, tags string) string {
	tb.Helper()
	built.Lock()
	defer built.Unlock()
	if path := built.paths[tags]; path != "" {
		return path
	}
	path, err := build(tags)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

func build(tags string) (string, error) {
	if built.dir == "" {
		if err := watchSources(); err != nil {
			return "", err
		}
		dir, err := os.MkdirTemp("", "navette-e2e-bin-")
		if err != nil {
			return "", err
		}
		built.dir, built.paths = dir, map[string]string{}
	}
	path := filepath.Join(built.dir, "navette"+tags)
	cmd := exec.Command("go", "build", "-tags", tags, "-o", path, "./cmd/navette")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	p, err := startProcess(cmd)
	if err != nil {
		return "", err
	}
	<-p.ended
	if p.err != nil {
		return "", fmt.Errorf("build navette: %w: %s", p.err, p.stderr.String())
	}
	built.paths[tags] = path
	return path, nil
}

// watchSources looks at every file that the binary is built from, so that the go command, which knows what a test
// opened but not what its children did, never takes the result of an older tree from its cache.
func watchSources() error {
	for _, dir := range []string{"cmd", "internal", "web"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if err == nil && !d.IsDir() && !strings.HasSuffix(path, "_test.go") {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err := os.Stat(filepath.Join(root, "go.mod"))
	return err
}
