// Package stores gives tests a real database of each engine: a SQLite file in a folder of the test's own, and a
// PostgreSQL database in the cluster that the test process shares.
//
// A package whose tests use Each gives the cluster back in its TestMain (see package pg):
//
//	func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }
package stores

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"navette/internal/store"
	"navette/internal/testkit/pg"
)

// Each runs test once on each engine, as parallel sub-tests named sqlite and postgres. Where PostgreSQL is not
// installed that sub-test is skipped, or fails under NAVETTE_REQUIRE=1, so a conformance suite that ran on one engine
// alone never looks like one that ran on both. NAVETTE_ENGINE=sqlite leaves the other out: test/run sets it under the race
// detector, where each engine would find the same races.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url)) })
}

// EachURL is Each for tests that open the database themselves: several nodes on one, or one again after a crash.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLiteURL(t))
	})
	if os.Getenv("NAVETTE_ENGINE") == "sqlite" {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, pg.Start(t).NewDatabase(t))
	})
}

// SQLite opens a database in a folder of the test's own, for tests in which the engine makes no difference.
func SQLite(tb testing.TB) *store.DB {
	tb.Helper()
	return Open(tb, SQLiteURL(tb))
}

// SQLiteURL names a database file that does not exist yet.
func SQLiteURL(tb testing.TB) string {
	tb.Helper()
	return "sqlite:" + filepath.Join(tb.TempDir(), "navette.db")
}

// Open opens the database at url on the machine's clock, and closes it when the test ends.
func Open(tb testing.TB, url string) *store.DB {
	tb.Helper()
	return OpenAt(tb, url, time.Now)
}

// OpenAt is Open on the test's clock.
func OpenAt(tb testing.TB, url string, now func() time.Time) *store.DB {
	tb.Helper()
	db, err := store.Open(tb.Context(), url, store.Options{Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close the database: %v", err)
		}
	})
	return db
}

// Column gives what a query of one text column finds, in its order.
func Column(tb testing.TB, db *store.DB, query string, args ...any) (out []string) {
	tb.Helper()
	err := db.Read(tb.Context(), func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(tb.Context(), query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			out = append(out, text)
		}
		return rows.Err()
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}
