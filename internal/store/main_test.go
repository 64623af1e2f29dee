package store_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"navette/internal/store"
	"navette/internal/testkit/pg"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(fullDiskRole); role != "" {
		runOutOfDisk(role)
	}
	os.Exit(pg.Wrap(m).Run())
}

// things makes a table for tests, the same on both engines.
func things(tb testing.TB, db *store.DB) {
	tb.Helper()
	err := db.Write(tb.Context(), store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(tb.Context(), `CREATE TABLE thing (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// insert returns a closure that inserts a thing.
func insert(tb testing.TB, id, n int64) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(tb.Context(), `INSERT INTO thing (id, n) VALUES ($1, $2)`, id, n)
		return err
	}
}

// ids returns the things there are, in order.
func ids(tb testing.TB, db *store.DB) (out []int64) {
	tb.Helper()
	err := db.Read(tb.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(tb.Context(), `SELECT id FROM thing ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			out = append(out, id)
		}
		return rows.Err()
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// openWith opens a database with other options than usual; the caller closes it.
func openWith(tb testing.TB, url string, change func(*store.Options)) *store.DB {
	tb.Helper()
	opt := store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&opt)
	}
	db, err := store.Open(tb.Context(), url, opt)
	if err != nil {
		tb.Fatal(err)
	}
	return db
}
