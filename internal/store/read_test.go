package store_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// Package invariant 4: all queries of one closure see one instant, in which no transaction is half done.
func TestAReaderSeesOneInstant(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		ctx := t.Context()
		count := func(tx *store.Tx) (n int, err error) {
			err = tx.QueryRow(ctx, `SELECT count(*) FROM thing`).Scan(&n)
			return n, err
		}
		err := db.Read(ctx, func(tx *store.Tx) error {
			before, err := count(tx)
			if err != nil {
				return err
			}
			// The writer commits while the snapshot is open: it waits for no reader.
			if err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
				return errors.Join(insert(t, 1, 0)(tx), insert(t, 2, 0)(tx))
			}); err != nil {
				return err
			}
			after, err := count(tx)
			if before != 0 || after != 0 {
				t.Errorf("one snapshot saw %d and then %d things", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(t, db); len(got) != 2 {
			t.Errorf("a reader after the commit sees %v", got)
		}
	})
}

func TestNoReaderSeesHalfATransaction(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		ctx := t.Context()
		var writers sync.WaitGroup
		done := make(chan struct{})
		for w := range int64(3) {
			writers.Go(func() {
				for i := range int64(30) {
					// Two rows that cancel each other out.
					err := db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
						id := w<<32 | 2*i
						return errors.Join(insert(t, id, i+1)(tx), insert(t, id+1, -i-1)(tx))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		go func() { writers.Wait(); close(done) }()
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			err := db.Read(ctx, func(tx *store.Tx) error {
				var sum sql.NullInt64
				if err := tx.QueryRow(ctx, `SELECT sum(n) FROM thing`).Scan(&sum); err != nil {
					return err
				}
				if sum.Int64 != 0 {
					t.Errorf("a reader saw half a transaction: the sum is %d", sum.Int64)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A reader's closure that fails, panics or leaves rows open leaves its connection usable.
func TestReadersGiveTheirConnectionsBack(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		db := openWith(t, url, func(o *store.Options) { o.Readers = 1 })
		defer db.Close()
		things(t, db)
		for range 3 {
			cut, cancel := context.WithCancel(t.Context())
			if err := db.Read(cut, func(tx *store.Tx) error {
				cancel()
				var n int
				return tx.QueryRow(cut, `SELECT count(*) FROM thing`).Scan(&n)
			}); !errors.Is(err, context.Canceled) {
				t.Errorf("a reader who went was told %v", err)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("a panic in a read was swallowed")
					}
				}()
				db.Read(t.Context(), func(*store.Tx) error { panic("a mistake") }) //nolint:errcheck // it does not return
			}()
			if got := ids(t, db); len(got) != 0 {
				t.Fatalf("there are %v", got)
			}
		}
	})
}

func TestAReaderThatOnlyLooksWritesNothing(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		server := openWith(t, url, nil)
		defer server.Close()
		things(t, server)
		looking := openWith(t, url, func(o *store.Options) { o.ReadOnly = true })
		defer looking.Close()
		if err := looking.Write(t.Context(), store.Interactive, insert(t, 1, 0)); err == nil {
			t.Error("it could write")
		}
		if err := server.Write(t.Context(), store.Interactive, insert(t, 2, 0)); err != nil {
			t.Fatal(err)
		}
		if got := ids(t, looking); len(got) != 1 || got[0] != 2 {
			t.Errorf("it sees %v, expected what the server wrote", got)
		}
	})
}
