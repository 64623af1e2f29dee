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
	"sync"
	"time"

	"navette/internal/safeio"
)

// partObjects is how many objects a process writes into one part before it takes another: those that are written at the
// same time lie in one folder and share its syncs, and over time the parts fill alike.
const partObjects = 256

// Folder keeps objects as files dir/kk/key, kk being the key's first two hexadecimal digits: a part.
type Folder struct {
	disk   *sharedSyncs
	dir    string
	random io.Reader

	mu   sync.Mutex
	part byte // that new objects go into
	left int  // how many more
}

var _ Store = (*Folder)(nil)

// OpenFolder returns the objects in dir, and makes the folder and its 256 parts where they are missing.
// random gives the keys (crypto/rand.Reader).
func OpenFolder(dir string, random io.Reader) (*Folder, error) {
	return OpenFolderOn(safeio.OS{}, dir, random)
}

// OpenFolderOn is OpenFolder on a disk that may fail.
func OpenFolderOn(disk safeio.Disk, dir string, random io.Reader) (*Folder, error) {
	// A crash may have left any of them unmade or unsynced: a few hundred calls at start make sure.
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, fmt.Errorf("make the objects' folder: %w", err)
		}
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := disk.SyncDir(d); err != nil {
			return nil, err
		}
	}
	return &Folder{disk: newSharedSyncs(disk), dir: dir, random: random}, nil
}

type folderWriter struct {
	*safeio.File
	key string
}

func (w folderWriter) Commit() (string, error) { return w.key, w.File.Commit(w.key) }

// Key is what Commit will return.
func (w folderWriter) Key() string { return w.key }

// Create begins an object under a new random key.
func (f *Folder) Create(context.Context) (Writer, error) {
	key, err := f.newKey()
	if err != nil {
		return nil, err
	}
	file, err := safeio.CreateOn(f.disk, filepath.Join(f.dir, key[:2]))
	if err != nil {
		return nil, err
	}
	return folderWriter{file, key}, nil
}

// newKey draws a key in the part that objects go into now: 120 random bits behind its number.
func (f *Folder) newKey() (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(f.random, raw[:]); err != nil {
		return "", fmt.Errorf("draw a key: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		f.part, f.left = raw[0], partObjects
	}
	raw[0] = f.part
	f.left--
	return hex.EncodeToString(raw[:]), nil
}

func isKey(name string) bool {
	raw, err := hex.DecodeString(name)
	return err == nil && len(raw) == 16 && strings.ToLower(name) == name
}

func (f *Folder) path(key string) (string, error) {
	if !isKey(key) {
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
		return nil // no object has such a key
	}
	if err := f.disk.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete object: %w", err)
	}
	return nil
}

// Walk lists the objects; other files in the folder are none of ours.
func (f *Folder) Walk(ctx context.Context, fn func(string, int64, time.Time) error) error {
	return f.walk(ctx, func(path string, info fs.FileInfo) error {
		if name := info.Name(); isKey(name) && filepath.Base(filepath.Dir(path)) == name[:2] {
			return fn(name, info.Size(), info.ModTime())
		}
		return nil
	})
}

// SweepUnfinished removes temporary files last written before a time.
func (f *Folder) SweepUnfinished(ctx context.Context, before time.Time) error {
	return f.walk(ctx, func(path string, info fs.FileInfo) error {
		if !safeio.IsUnfinished(info.Name()) || !info.ModTime().Before(before) {
			return nil
		}
		if err := f.disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an unfinished object: %w", err)
		}
		return nil
	})
}

// walk calls fn for every file; those that go meanwhile are left out.
func (f *Folder) walk(ctx context.Context, fn func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walk the objects: %w", err)
		}
		if d.IsDir() {
			return ctx.Err()
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("walk the objects: %w", err)
		}
		return fn(path, info)
	})
}
