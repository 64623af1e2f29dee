// Package safeio is the only place that writes and renames files whose loss would matter: a file appears whole and
// synced under its name, or not at all.
package safeio

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Disk is the few calls that files are written with. OS is the machine's; tests hand in one that fails.
type Disk interface {
	// Create makes a new file of a random name that begins with prefix, readable by its owner only.
	Create(dir, prefix string) (Handle, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
}

// Handle is an open file.
type Handle interface {
	io.WriteCloser
	Sync() error
	Name() string
}

// OS is the machine's file system.
type OS struct{}

var _ Disk = OS{}

// Create makes a file.
func (OS) Create(dir, prefix string) (Handle, error) { return os.CreateTemp(dir, prefix+"*") }

// Rename gives a file another name, in place of one that has it.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file.
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir makes the names in a folder durable.
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// unfinished begins the names of files that are not committed.
const unfinished = ".new-"

// IsUnfinished tells whether a name is that of a file which is, or was, being written.
func IsUnfinished(name string) bool { return strings.HasPrefix(name, unfinished) }

// File is a file being written under a temporary name in its final folder.
type File struct {
	disk Disk
	f    Handle
	dir  string
	bad  error // of an earlier Write
	done bool
}

// Create begins a file in dir. The caller ends it with Commit or Abort.
func Create(dir string) (*File, error) { return CreateOn(OS{}, dir) }

// CreateOn is Create on a disk that may fail.
func CreateOn(disk Disk, dir string) (*File, error) {
	f, err := disk.Create(dir, unfinished)
	if err != nil {
		return nil, fmt.Errorf("create a file: %w", err)
	}
	return &File{disk: disk, f: f, dir: dir}, nil
}

// Write appends p.
func (w *File) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if err != nil {
		w.bad = err
	}
	return n, err
}

// Commit syncs the file, gives it its name within its folder, and syncs the folder. On error nothing has that name,
// or (when only the folder's sync failed) it may: the caller must not refer to it. A file with a failed Write is not
// committed.
func (w *File) Commit(name string) error {
	if w.done {
		return fmt.Errorf("commit %s: already ended", name)
	}
	if w.bad != nil {
		w.Abort()
		return fmt.Errorf("commit %s: %w", name, w.bad)
	}
	w.done = true
	tmp := w.f.Name()
	if err := w.f.Sync(); err != nil {
		w.f.Close()
		w.disk.Remove(tmp) //nolint:errcheck // SweepUnfinished finds it
		return fmt.Errorf("sync %s: %w", name, err)
	}
	if err := w.f.Close(); err != nil {
		w.disk.Remove(tmp) //nolint:errcheck // SweepUnfinished finds it
		return fmt.Errorf("close %s: %w", name, err)
	}
	if err := w.disk.Rename(tmp, filepath.Join(w.dir, name)); err != nil {
		w.disk.Remove(tmp) //nolint:errcheck // SweepUnfinished finds it
		return fmt.Errorf("name %s: %w", name, err)
	}
	return w.disk.SyncDir(w.dir)
}

// Abort ends the file without a trace. After Commit it does nothing.
func (w *File) Abort() {
	if !w.done {
		w.done = true
		w.f.Close()
		w.disk.Remove(w.f.Name()) //nolint:errcheck // SweepUnfinished finds it
	}
}

// WriteFile writes a whole small file in one call.
func WriteFile(path string, data []byte) error {
	w, err := Create(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return w.Commit(filepath.Base(path))
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error { return OS{}.SyncDir(dir) }
