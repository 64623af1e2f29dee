// Package dropfolder takes files from a folder in which other programs put them: HR files and AAF exports.
package dropfolder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"navette/internal/failure"
	"navette/internal/safeio"
)

// Folder takes files from a folder in which another program puts them.
//
// A file is taken when it is complete and stable: its size and date are the same at two looks in a row, and whoever imports
// it finds it whole. One that stays incomplete for Patience is refused. What was imported goes to done/, what was refused
// to refused/, each under the day and hour before its name, with its report beside it (.html). The files hold secrets or
// personal data: both folders are for their owner only (0700), and the files in them too (0600).
//
// A failure that is not the file's (the database, another import) leaves the file where it is, for the next look.
type Folder struct {
	Path       string
	Extensions []string      // of the files that are taken, in lower case: ".csv"
	Patience   time.Duration // 0: DefaultPatience
	Now        func() time.Time
	Log        *slog.Logger

	// Import imports a file, and changes nothing where it fails with an error that wraps Incomplete: more of the file may
	// come. The report is read also when it fails.
	Import     func(ctx context.Context, name string, file *os.File) (Report, error)
	Incomplete error

	seen map[string]look
}

// Report is what an import says of a file.
type Report interface {
	// WriteHTML writes it as a page; refusal is the text of the error that stopped the file, or "".
	WriteHTML(w io.Writer, refusal string) error
}

// DefaultPatience is how long a file may stay incomplete: an upload over a slow line takes minutes.
const DefaultPatience = 30 * time.Minute

// The folders within the drop folder.
const (
	doneFolder    = "done"
	refusedFolder = "refused"
)

// look is a file as it was seen.
type look struct {
	size     int64
	modified time.Time
	since    time.Time // when it was first seen so
}

// Scan looks into the folder once, and imports what is ready, in the order of the names. Call it again and again, from
// one goroutine.
func (d *Folder) Scan(ctx context.Context) error {
	for _, name := range []string{doneFolder, refusedFolder} {
		if err := os.MkdirAll(filepath.Join(d.Path, name), 0o700); err != nil {
			return fmt.Errorf("prepare the drop folder: %w", err)
		}
	}
	entries, err := os.ReadDir(d.Path)
	if err != nil {
		return fmt.Errorf("read the drop folder: %w", err)
	}
	now := map[string]look{}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.takes(info) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the drop folder: %w", err)
		}
		was, seen := d.seen[e.Name()]
		l := look{size: info.Size(), modified: info.ModTime(), since: d.Now()}
		stable := seen && was.size == l.size && was.modified.Equal(l.modified)
		if stable {
			l.since = was.since
		}
		now[e.Name()] = l
	}
	before := d.seen
	d.seen = now
	for _, e := range entries {
		l, here := now[e.Name()]
		if was, seen := before[e.Name()]; !here || !seen || was.since != l.since {
			continue // not there twice the same
		}
		if err := d.take(ctx, e.Name(), d.Now().Sub(l.since)); err != nil {
			return err
		}
	}
	return nil
}

// takes leaves alone what other programs write under names of their own until it is whole.
func (d *Folder) takes(info fs.FileInfo) bool {
	name := strings.ToLower(info.Name())
	return info.Mode().IsRegular() && !strings.HasPrefix(name, ".") && slices.Contains(d.Extensions, filepath.Ext(name))
}

// take imports one file, unless it is still incomplete after only waited.
func (d *Folder) take(ctx context.Context, name string, waited time.Duration) error {
	// O_NOFOLLOW: a link put in the file's place meanwhile must not have us read elsewhere.
	f, err := os.OpenFile(filepath.Join(d.Path, name), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open a dropped file: %w", err)
	}
	defer f.Close()
	patience := d.Patience
	if patience <= 0 {
		patience = DefaultPatience
	}
	report, err := d.Import(ctx, name, f)
	switch {
	case err == nil:
		d.Log.InfoContext(ctx, "dropped file imported", "file", name)
		return d.put(f, name, doneFolder, report, "")
	case errors.Is(err, d.Incomplete) && waited < patience:
		return nil // perhaps more of it comes
	case failure.Is(err, failure.Permanent), failure.Is(err, failure.Policy):
		d.Log.WarnContext(ctx, "dropped file refused", "file", name, "reason", err)
		return d.put(f, name, refusedFolder, report, failure.TextOf(err, err.Error()))
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		d.Log.ErrorContext(ctx, "dropped file waits", "file", name, "error", err)
		return nil
	}
}

// put moves a file away and writes its report beside it. The report comes first: a crash between the two leaves the
// file to be imported once more, which changes nothing.
func (d *Folder) put(f *os.File, name, folder string, report Report, refusal string) error {
	dir := filepath.Join(d.Path, folder)
	stamp := d.Now().Format("20060102-150405") + "-" + name
	out, err := safeio.Create(dir)
	if err != nil {
		return err
	}
	if err := report.WriteHTML(out, refusal); err != nil {
		out.Abort()
		return fmt.Errorf("write the report of %s: %w", name, err)
	}
	if err := out.Commit(stamp + ".html"); err != nil {
		return err
	}
	same, err := stillThere(f, filepath.Join(d.Path, name))
	if err != nil || !same {
		return err // another file came under the name: it has its turn
	}
	to := filepath.Join(dir, stamp)
	if err := os.Rename(filepath.Join(d.Path, name), to); err != nil {
		return fmt.Errorf("move a dropped file: %w", err)
	}
	if err := os.Chmod(to, 0o600); err != nil {
		return fmt.Errorf("close a dropped file to others: %w", err)
	}
	delete(d.seen, name)
	return safeio.SyncDir(dir)
}

// stillThere tells whether a name is still that of an open file.
func stillThere(f *os.File, path string) (bool, error) {
	opened, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("look at a dropped file: %w", err)
	}
	named, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at a dropped file: %w", err)
	}
	return os.SameFile(opened, named), nil
}
