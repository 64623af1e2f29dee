package store_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"navette/internal/store"
)

func TestWritesAreReadBack(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "navette.db"), store.Options{Now: time.Now, Log: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a, err := db.NewIDs(ctx, "content", 3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := db.NewIDs(ctx, "content", 2000)
	if err != nil {
		t.Fatal(err)
	}
	if a < 1 || b < a+3 {
		t.Fatalf("ids overlap: %d then %d", a, b)
	}
	err = db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		set, arg := tx.Dialect().Rows(1, []string{"a", "m"}, [][]int64{{7, 1}, {8, 2}})
		_, err := tx.Exec(ctx, `INSERT INTO account_state SELECT a, m, 1, 1, 0, 0 FROM (`+set+`) AS s`, arg)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		s, err := tx.LockAccounts(ctx, 8, 7, 9)
		if err != nil || len(s) != 2 || s[0].Account != 7 || s[1].Modseq != 2 {
			t.Errorf("states %v, %v", s, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
