package aafgen_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/aaf"
	"navette/internal/aaf/aafgen"
	"navette/internal/directory"
)

// options are those of a small académie.
func options() aafgen.Options {
	return aafgen.Options{Seed: 7, Degree: aaf.Second, Pupils: 1500, Guardians: 2600, Schools: 9, PerFile: 400,
		Date: directory.Date{Year: 2026, Month: 9, Day: 1}}
}

// generate writes an export into a folder in memory.
func generate(t require, o aafgen.Options) fstest.MapFS {
	t.Helper()
	folder := fstest.MapFS{}
	_, err := aafgen.Generate(context.Background(), o, func(name string) (io.WriteCloser, error) {
		return &memory{name: name, folder: folder}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// require is what tests and properties have in common.
type require interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// memory is a file that lands in a folder when it is closed.
type memory struct {
	bytes.Buffer
	name   string
	folder fstest.MapFS
}

func (m *memory) Close() error {
	m.folder[m.name] = &fstest.MapFile{Data: m.Bytes()}
	return nil
}

// read gives the only export of a folder and its records.
func read(t require, folder fstest.MapFS) (*aaf.Export, []*aaf.Record) {
	t.Helper()
	c, err := aaf.Folder("export", folder, aaf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	exports, err := aaf.Open(context.Background(), c)
	if err != nil || len(exports) != 1 {
		t.Fatal("exports", len(exports), err)
	}
	var records []*aaf.Record
	for r, err := range exports[0].Records(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return exports[0], records
}

// What is written is read back as it was meant, in either dialect and encoding, whatever the size.
func TestWhatIsGeneratedIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := aafgen.Options{
			Seed: rapid.Uint64().Draw(t, "seed"), Degree: aaf.Degree(rapid.IntRange(1, 2).Draw(t, "degree")),
			Pupils: rapid.IntRange(1, 120).Draw(t, "pupils"), Guardians: rapid.IntRange(0, 300).Draw(t, "guardians"),
			Schools: rapid.IntRange(1, 5).Draw(t, "schools"), PerFile: rapid.IntRange(20, 400).Draw(t, "per file"),
			Latin: rapid.Bool().Draw(t, "latin"), Delta: rapid.Bool().Draw(t, "delta"), Date: directory.Date{Year: 2026, Month: 10, Day: 3},
		}
		want, err := aafgen.Records(o)
		if err != nil {
			t.Fatal(err)
		}
		folder := generate(t, o)
		if len(folder) == 0 { // a quiet day
			if len(want) > 0 {
				t.Errorf("%d records, and no file", len(want))
			}
			return
		}
		x, got := read(t, folder)
		if x.Degree != o.Degree || x.Complete == o.Delta || x.Date != o.Date {
			t.Errorf("export of degree %d, complete %v, %v", x.Degree, x.Complete, x.Date)
		}
		if len(got) != len(want) {
			t.Fatalf("%d records, %d were written", len(got), len(want))
		}
		for i, r := range got {
			if len(r.Doubts) > 0 {
				t.Errorf("%s %s: %q", r.Category, r.Key, r.Doubts)
			}
			r.File, r.Line = "", 0
			if r.Action == aaf.Add {
				r.Set = 0
			}
			if diff := cmp.Diff(want[i], r); diff != "" {
				t.Fatalf("record %d (-written +read):\n%s", i, diff)
			}
		}
	})
}

// Families lie in blocks of a thousand pupils: an académie of more than one is read back too.
func TestMoreThanABlockOfFamiliesIsReadBack(t *testing.T) {
	t.Parallel()
	o := options()
	want, err := aafgen.Records(o)
	if err != nil {
		t.Fatal(err)
	}
	_, got := read(t, generate(t, o))
	if len(got) != len(want) {
		t.Fatalf("%d records, %d were written", len(got), len(want))
	}
	for i, r := range got {
		if r.Key != want[i].Key || !cmp.Equal(r.Pupil, want[i].Pupil) || !cmp.Equal(r.Guardian, want[i].Guardian) {
			t.Fatalf("record %d: %s %s", i, r.Category, r.Key)
		}
	}
}

func TestASeedGivesTheSameOctets(t *testing.T) {
	t.Parallel()
	first, again := generate(t, options()), generate(t, options())
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same options: %s", diff)
	}
	o := options()
	o.Seed++
	other := generate(t, o)
	for name := range first {
		if strings.Contains(name, "PersRelEleve") && bytes.Equal(first[name].Data, other[name].Data) {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}
