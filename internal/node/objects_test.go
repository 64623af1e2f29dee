package node

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"navette/internal/blob"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

func TestADatabaseAndItsObjectsStayTogether(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		ctx, own, other := t.Context(), t.TempDir(), t.TempDir()
		bind := func(db *store.DB, dir string) error {
			blobs, err := blob.OpenFolder(dir, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			return bindObjects(ctx, db, blobs, dir)
		}
		for range 2 { // the first start marks, the second finds
			if err := bind(db, own); err != nil {
				t.Fatal(err)
			}
		}
		if err := bind(db, other); err == nil || !strings.Contains(err.Error(), "same folder") {
			t.Errorf("another folder: %v", err)
		}
		if err := bind(stores.SQLite(t), own); err != nil {
			t.Errorf("an empty folder that was marked before its database was: %v", err)
		}
		if err := os.WriteFile(filepath.Join(own, "00", strings.Repeat("0", 32)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := bind(stores.SQLite(t), own); err == nil || !strings.Contains(err.Error(), "another database") {
			t.Errorf("a folder with the objects of another database: %v", err)
		}
		if err := os.WriteFile(filepath.Join(other, objectsMark), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := bind(db, other); err == nil {
			t.Error("a broken mark was taken")
		}
	})
}
