package blob_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"navette/internal/blob"
	"navette/internal/blob/blobtest"
	"navette/internal/safeio"
	"navette/internal/testkit/baddisk"
)

func open(t *testing.T, disk safeio.Disk, dir string) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolderOn(disk, dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFolder(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) (blob.Store, func() blob.Store) {
		dir := filepath.Join(t.TempDir(), "objects")
		return open(t, safeio.OS{}, dir), func() blob.Store { return open(t, safeio.OS{}, dir) }
	})
}

// Whatever call of the disk fails, Commit tells it: no row will refer to the object. What was committed before stays.
func TestAFailingDiskNeverGivesAKey(t *testing.T) {
	t.Parallel()
	for _, op := range baddisk.Operations {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			disk := baddisk.New()
			dir := filepath.Join(t.TempDir(), "objects")
			f := open(t, disk, dir)
			write := func() (string, error) {
				w, err := f.Create(t.Context())
				if err != nil {
					return "", err
				}
				defer w.Abort()
				if _, err := w.Write([]byte("octets")); err != nil {
					return "", err
				}
				return w.Commit()
			}
			good, err := write()
			if err != nil {
				t.Fatal(err)
			}
			disk.Fail(op)
			key, err := write()
			if op == baddisk.Remove { // is not called on the way to a commit
				if err != nil || key == "" {
					t.Fatalf("%q, %v", key, err)
				}
				if err := f.Delete(t.Context(), key); !errors.Is(err, baddisk.ErrFailed) {
					t.Errorf("delete: %v", err)
				}
			} else if !errors.Is(err, baddisk.ErrFailed) {
				t.Errorf("key %q, %v", key, err)
			}
			disk.Heal()
			if r, err := f.Open(t.Context(), good); err != nil {
				t.Errorf("the object before: %v", err)
			} else {
				r.Close()
			}
			if _, err := write(); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// A Write that failed and was not looked at must not be followed by a Commit that succeeds.
func TestAFailedWriteIsNotForgotten(t *testing.T) {
	t.Parallel()
	disk := baddisk.New()
	f := open(t, disk, filepath.Join(t.TempDir(), "objects"))
	w, err := f.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	disk.Fail(baddisk.Write)
	w.Write([]byte("lost")) //nolint:errcheck // that is the test
	disk.Heal()
	if key, err := w.Commit(); !errors.Is(err, baddisk.ErrFailed) {
		t.Errorf("committed as %q, %v", key, err)
	}
}

// The folder may hold files of others: an operator's notes, a file system's own. They are no objects.
func TestOtherFilesAreNoObjects(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "objects")
	f := open(t, safeio.OS{}, dir)
	stray := strings.Repeat("ab", 16)
	for _, name := range []string{"lost+found", "README", "00/notes.txt", "00/" + stray} { // the last lies in the wrong part
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Walk(t.Context(), func(key string, _ int64, _ time.Time) error {
		t.Errorf("walk saw %q", key)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.SweepUnfinished(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "README")); err != nil {
		t.Errorf("the sweep took a file that is not its own: %v", err)
	}
}

func TestObjectsAreTheirOwnersOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "objects")
	f := open(t, safeio.OS{}, dir)
	w, err := f.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Join(key[:2], key): 0o600, key[:2]: 0o700, "": 0o700} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v", name, info.Mode(), err)
		}
	}
}

// Objects that are written at the same time lie in one part, whose syncs they share; the parts fill alike in the long run.
func TestObjectsOfOneMomentLieInOnePart(t *testing.T) {
	t.Parallel()
	f := open(t, safeio.OS{}, filepath.Join(t.TempDir(), "objects"))
	runs, last := 0, ""
	parts := map[string]bool{}
	for range 20 * 256 {
		w, err := f.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key := w.(interface{ Key() string }).Key()
		w.Abort()
		if key[:2] != last {
			runs++
		}
		last = key[:2]
		parts[last] = true
	}
	if runs > 20 || len(parts) < 10 {
		t.Errorf("%d changes of part and %d parts in 20 times 256 objects", runs, len(parts))
	}
}
