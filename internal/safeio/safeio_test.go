package safeio_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"navette/internal/safeio"
	"navette/internal/testkit/baddisk"
)

// A file that replaces another is whole or is not there: until the rename the old one stands, whatever fails.
func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, op := range baddisk.Operations {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.csv")
			if err := safeio.WriteFile(path, []byte("old")); err != nil {
				t.Fatal(err)
			}
			disk := baddisk.New()
			disk.Fail(op)
			err := replace(disk, dir, "new contents")
			want := "old"
			if op == baddisk.SyncDir || op == baddisk.Remove {
				want = "new contents" // renamed already, or nothing to remove
			}
			if failed := op != baddisk.Remove; errors.Is(err, baddisk.ErrFailed) != failed {
				t.Errorf("told %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("the file holds %q, %v; expected %q", got, err, want)
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".new-*")); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func replace(disk safeio.Disk, dir, contents string) error {
	w, err := safeio.CreateOn(disk, dir)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write([]byte(contents)); err != nil {
		return err
	}
	return w.Commit("accounts.csv")
}

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fresh.csv")
	if err := safeio.WriteFile(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
