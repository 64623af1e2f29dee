// Package safeio is the only place that writes and renames files whose loss would matter: a file appears whole and
// synced under its name, or not at all.
package safeio

import (
	"fmt"
	"os"
	"path/filepath"
)

// File is a file being written under a temporary name in its final folder.
type File struct {
	f    *os.File
	dir  string
	done bool
}

// Create begins a file in dir, readable by its owner only. The caller ends it with Commit or Abort.
func Create(dir string) (*File, error) {
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return nil, fmt.Errorf("create a file: %w", err)
	}
	return &File{f: f, dir: dir}, nil
}

// Write appends p.
func (w *File) Write(p []byte) (int, error) { return w.f.Write(p) }

// Commit syncs the file, gives it its name within its folder, and syncs the folder. On error nothing has that name,
// or (when only the folder's sync failed) it may: the caller must not refer to it.
func (w *File) Commit(name string) error {
	if w.done {
		return fmt.Errorf("commit %s: already ended", name)
	}
	w.done = true
	tmp := w.f.Name()
	if err := w.f.Sync(); err != nil {
		w.f.Close()
		os.Remove(tmp)
		return fmt.Errorf("sync %s: %w", name, err)
	}
	if err := w.f.Close(); err != nil {
		os.Remove(tmp)
		return fmt.Errorf("close %s: %w", name, err)
	}
	if err := os.Rename(tmp, filepath.Join(w.dir, name)); err != nil {
		os.Remove(tmp)
		return fmt.Errorf("name %s: %w", name, err)
	}
	return SyncDir(w.dir)
}

// Abort ends the file without a trace. After Commit it does nothing.
func (w *File) Abort() {
	if !w.done {
		w.done = true
		w.f.Close()
		os.Remove(w.f.Name())
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
func SyncDir(dir string) error {
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
