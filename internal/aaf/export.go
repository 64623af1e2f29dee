package aaf

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"navette/internal/directory"
)

// Export is what AAF gave at one time for one degree: files that belong together.
type Export struct {
	Name     string // what the names of its files begin with, after its folder
	Degree   Degree
	Complete bool // who is not in it is absent; false for a delta
	Date     directory.Date
	Files    []File // in the order of loading: structures first, staff last
	Gaps     []Gap  // what is missing from it

	limits Limits
}

// File is a part of an export.
type File struct {
	Name
	Path string // within the container
	Size int64  // octets, uncompressed
	open func() (io.ReadCloser, error)
}

// Gap is something that an export should have and has not. A complete export with a gap does not tell who is absent.
type Gap struct {
	Category Category
	Sequence int // of the chunk that is missing; -1: the whole category, which a complete export of people needs
}

// String says what is missing, in French, then in English.
func (g Gap) String() string {
	if g.Sequence < 0 {
		return both(fmt.Sprintf("aucun fichier %s", g.Category), fmt.Sprintf("no %s file", g.Category))
	}
	return both(fmt.Sprintf("%s : le fichier %04d manque", g.Category, g.Sequence), fmt.Sprintf("%s: file %04d is missing", g.Category, g.Sequence))
}

// Open finds the exports in a container, in the order in which they are to be loaded: by date, a complete one before the
// delta of its day. A container without any is refused. The degree is the one that names tell, of the container or below,
// or else the one whose attributes the files use.
func Open(ctx context.Context, c *Container) ([]*Export, error) {
	groups := map[groupKey]*Export{}
	names := newNames()
	for _, e := range c.entries {
		dir, base := path.Split(e.path)
		n, _ := names.parse(base) // the builder kept no others
		key := groupKey{dir + n.Issuer, n.Complete, n.Date}
		x := groups[key]
		if x == nil {
			x = &Export{Name: key.name, Complete: n.Complete, Date: n.Date, limits: c.limits}
			groups[key] = x
		}
		x.Files = append(x.Files, File{Name: n, Path: e.path, Size: e.size, open: e.open})
	}
	if len(groups) == 0 {
		return nil, c.empty()
	}
	var exports []*Export
	for _, x := range groups {
		if err := x.arrange(ctx, c.name); err != nil {
			return nil, err
		}
		exports = append(exports, x)
	}
	slices.SortFunc(exports, func(a, b *Export) int {
		return cmp.Or(a.Date.Compare(b.Date), compareBool(b.Complete, a.Complete), cmp.Compare(a.Degree, b.Degree), cmp.Compare(a.Name, b.Name))
	})
	return exports, nil
}

// empty is the refusal of a container without an export. Some are archives of archives.
func (c *Container) empty() error {
	for _, name := range c.Ignored {
		switch strings.ToLower(path.Ext(name)) {
		case ".zip", ".tgz", ".gz", ".tar":
			return refusal(c.name, fmt.Sprintf("aucun fichier d'export AAF, mais une archive, %.80q, à importer elle-même", name),
				"no file of an AAF export, but an archive, which is to be imported itself")
		}
	}
	return refusal(c.name, "aucun fichier d'export AAF", "no file of an AAF export")
}

// groupKey is what the files of an export have in common.
type groupKey struct {
	name     string // folder and issuer
	complete bool
	date     directory.Date
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// arrange puts the files in order, and finds what is missing and which degree they are of.
func (x *Export) arrange(ctx context.Context, container string) error {
	slices.SortFunc(x.Files, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Sequence, b.Sequence))
	})
	for i, f := range x.Files[1:] {
		if before := x.Files[i]; before.Category == f.Category && before.Sequence == f.Sequence {
			return refusal(container, fmt.Sprintf("%s : deux fichiers de même numéro, %.80q et %.80q", f.Category, before.Path, f.Path),
				"two files with the same number")
		}
	}
	x.Gaps = gaps(x.Files, x.Complete)
	var err error
	x.Degree, err = x.findDegree(ctx, container)
	return err
}

// gaps finds chunks that are missing: numbers begin at 0 or 1, and have no hole. A complete export has
// establishments, pupils, guardians and staff.
func gaps(files []File, complete bool) []Gap {
	var missing []Gap
	next := map[Category]int{}
	for _, f := range files { // sorted
		expected, seen := next[f.Category]
		if !seen && f.Sequence == 1 {
			expected = 1
		}
		for ; expected < f.Sequence && len(missing) < 1000; expected++ {
			missing = append(missing, Gap{f.Category, expected})
		}
		next[f.Category] = f.Sequence + 1
	}
	for _, c := range []Category{EtabEducNat, Eleve, PersRelEleve, PersEducNat} {
		if _, seen := next[c]; complete && !seen {
			missing = append(missing, Gap{c, -1})
		}
	}
	slices.SortFunc(missing, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Sequence, b.Sequence))
	})
	return missing
}

// findDegree asks the names, then the attributes that the files use. Exports that tell nothing are of the second.
func (x *Export) findDegree(ctx context.Context, container string) (Degree, error) {
	for _, name := range []string{x.Name, container} {
		if d := degreeOfName(name); d != 0 {
			return d, nil
		}
	}
	for _, f := range x.Files {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		head, err := f.head(headSize)
		if err != nil {
			return 0, err
		}
		if d := degreeOfContent(head); d != 0 {
			return d, nil
		}
	}
	return Second, nil
}

// headSize is how much of a file is looked at for its degree: some tens of records.
const headSize = 64 << 10

// head gives the first octets of a file.
func (f File) head(n int64) ([]byte, error) {
	in, err := f.open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.Path, err)
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, n))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Path, err)
	}
	return head, nil
}

// Sum is the SHA-256 of the names and octets of all files, in their order: two exports with the same sum say the same.
func (x *Export) Sum(ctx context.Context) ([sha256.Size]byte, error) {
	sum := sha256.New()
	for _, f := range x.Files {
		fmt.Fprintf(sum, "%s\x00%d\x00", path.Base(f.Path), f.Size)
		in, err := f.open()
		if err != nil {
			return [sha256.Size]byte{}, fmt.Errorf("open %s: %w", f.Path, err)
		}
		_, err = io.Copy(sum, &counter{in: in, ctx: ctx})
		if err = errors.Join(err, in.Close()); err != nil {
			return [sha256.Size]byte{}, fmt.Errorf("read %s: %w", f.Path, err)
		}
	}
	return [sha256.Size]byte(sum.Sum(nil)), nil
}

// Records gives the requests of all files, in their order. Beside a record there may come, instead of one:
//
//   - a *RecordError: that request is left out, and the next one comes;
//   - a *FileError: the rest of that file is left out, and the next file comes;
//   - another error, of reading or of the context: it is the last thing that comes.
//
// A record is its receiver's.
func (x *Export) Records(ctx context.Context) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for _, f := range x.Files {
			if !x.fileRecords(ctx, f, yield) {
				return
			}
		}
	}
}

// fileRecords gives the requests of one file; false when nothing more is to come.
func (x *Export) fileRecords(ctx context.Context, f File, yield func(*Record, error) bool) bool {
	in, err := f.open()
	if err != nil {
		yield(nil, fmt.Errorf("open %s: %w", f.Path, err))
		return false
	}
	defer in.Close()
	r := NewReader(&counter{in: in, ctx: ctx}, path.Base(f.Path), f.Category, x.limits)
	for {
		rec, err := r.Next()
		var damaged *FileError
		switch {
		case errors.Is(err, io.EOF):
			return true
		case errors.As(err, &damaged):
			return yield(nil, err)
		case err != nil && !isRecordError(err):
			yield(nil, err)
			return false
		}
		if !yield(rec, err) {
			return false
		}
	}
}

func isRecordError(err error) bool {
	var r *RecordError
	return errors.As(err, &r)
}
