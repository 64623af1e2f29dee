package guard_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A door that is added to the package must be added to the tests of its policy.
func TestEveryDoorIsListed(t *testing.T) {
	t.Parallel()
	var declared []string
	ofDoor := false // an iota list names its type once
	for node := range ast.Preorder(parse(t, "guard.go")) {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			continue
		}
		if kind, ok := spec.Type.(*ast.Ident); ok {
			ofDoor = kind.Name == "Door"
		} else if len(spec.Values) > 0 {
			ofDoor = false
		}
		for _, name := range spec.Names {
			if ofDoor {
				declared = append(declared, name.Name)
			}
		}
	}
	slices.Sort(declared)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(doors)), declared); diff != "" {
		t.Errorf("(-tested +declared)\n%s", diff)
	}
}

// These rooms ask the guard, and no other does: whoever lets messages in is known here, with the doors it speaks for.
func TestWhoAsksTheGuardIsKnown(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"autoreply":  {"System"},
		"box":        {"System"},
		"career":     {"System"},
		"demo":       {"System"},
		"forward":    {"System"},
		"frame":      {"System"},
		"list":       {"System"},
		"notice":     {"System"},
		"outbound":   {"System"},
		"smtpd":      {"LMTP", "Reception"},
		"submission": {"Submission", "Webmail"},
	}
	asks, speaksFor := map[string]bool{}, map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		room := strings.Split(filepath.ToSlash(path), "/")[1]
		if room == "testkit" {
			return nil
		}
		for node := range ast.Preorder(parse(t, path)) {
			used, ok := node.(*ast.SelectorExpr)
			if from, named := usedFrom(used); !ok || !named || from != "guard" {
				continue
			}
			if used.Sel.Name == "Decide" {
				asks[room] = true
			}
			if _, door := doors[used.Sel.Name]; door && !slices.Contains(speaksFor[room], used.Sel.Name) {
				speaksFor[room] = append(speaksFor[room], used.Sel.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for room := range asks {
		slices.Sort(speaksFor[room])
		got[room] = speaksFor[room]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-known +asking)\n%s", diff)
	}
}

// usedFrom is the package or value before the dot.
func usedFrom(used *ast.SelectorExpr) (string, bool) {
	if used == nil {
		return "", false
	}
	from, ok := used.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return from.Name, true
}
