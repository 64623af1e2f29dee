package store_test

import (
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestASetOfByteStringsHoldsThemAsTheyAre(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			for _, want := range [][]string{{}, {"a"}, {"\x00\xff", "é"}} {
				var values [][]byte
				for _, w := range want {
					values = append(values, []byte(w))
				}
				set, arg := tx.Dialect().BlobSet(1, values)
				got := column[[]byte](t, tx, set, arg)
				if len(got) != len(want) {
					t.Fatalf("%q came back as %q", want, got)
				}
				for i := range want {
					if string(got[i]) != want[i] {
						t.Errorf("%q came back as %q", want, got)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestQueriesOfReadsAreCounted(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		before := db.Stats().Queries
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			column[int64](t, tx, `SELECT value FROM store_meta`)
			_, err := tx.Meta(t.Context(), "epoch")
			return err
		})
		if n := db.Stats().Queries - before; n != 2 || err != nil {
			t.Errorf("%d queries, %v; want 2", n, err)
		}
	})
}
