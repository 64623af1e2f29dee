package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"navette/internal/safeio"
)

// Folder keeps objects as files dir/kk/key, kk being the key's first two hexadecimal digits.
type Folder struct {
	dir    string
	random io.Reader
}

var _ Store = (*Folder)(nil)

// OpenFolder returns the objects in dir, and makes the folder and its 256 parts where they are missing.
// random gives the keys (crypto/rand.Reader).
func OpenFolder(dir string, random io.Reader) (*Folder, error) {
	if _, err := os.Stat(filepath.Join(dir, "ff")); err == nil {
		return &Folder{dir, random}, nil
	}
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, fmt.Errorf("make the objects' folder: %w", err)
		}
	}
	if err := safeio.SyncDir(dir); err != nil {
		return nil, err
	}
	if err := safeio.SyncDir(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	return &Folder{dir, random}, nil
}

type folderWriter struct {
	*safeio.File
	key string
}

func (w folderWriter) Commit() (string, error) { return w.key, w.File.Commit(w.key) }

// Create begins an object under a new random key.
func (f *Folder) Create(context.Context) (Writer, error) {
	var raw [16]byte
	if _, err := io.ReadFull(f.random, raw[:]); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	key := hex.EncodeToString(raw[:])
	file, err := safeio.Create(filepath.Join(f.dir, key[:2]))
	if err != nil {
		return nil, err
	}
	return folderWriter{file, key}, nil
}

func (f *Folder) path(key string) (string, error) {
	if raw, err := hex.DecodeString(key); err != nil || len(raw) != 16 {
		return "", fmt.Errorf("object key %q: %w", key, fs.ErrNotExist)
	}
	return filepath.Join(f.dir, key[:2], key), nil
}

// Open reads an object.
func (f *Folder) Open(_ context.Context, key string) (io.ReadCloser, error) {
	p, err := f.path(key)
	if err != nil {
		return nil, err
	}
	return os.Open(p)
}

// Delete removes an object.
func (f *Folder) Delete(_ context.Context, key string) error {
	p, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Walk lists the objects; files that a crash left half written are listed under their temporary names' own removal.
func (f *Folder) Walk(ctx context.Context, fn func(string, int64, time.Time) error) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return ctx.Err()
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".new-") {
			return nil
		}
		return fn(d.Name(), info.Size(), info.ModTime())
	})
}

// SweepUnfinished removes what writers that died left under temporary names before the given time.
func (f *Folder) SweepUnfinished(before time.Time) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), ".new-") {
			return err
		}
		if info, err := d.Info(); err == nil && info.ModTime().Before(before) {
			return os.Remove(path)
		}
		return nil
	})
}
