package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(victimRole); role != "" {
		runVictim(role)
		return
	}
	os.Exit(Wrap(m).Run())
}

func TestEachDatabaseIsItsOwnAndGoesWithItsTest(t *testing.T) {
	t.Parallel()
	s := Start(t)
	other := s.NewDatabase(t)
	var url string
	t.Run("a test", func(t *testing.T) {
		url = s.NewDatabase(t)
		query[int](t, url, "CREATE TABLE mine (n int)")
		if n := query[int](t, other, "SELECT count(*) FROM pg_class WHERE relname = 'mine'"); n != 0 {
			t.Error("a table of one database shows in another")
		}
		if c := query[string](t, url, "SELECT datcollate FROM pg_database WHERE datname = current_database()"); c != "C.UTF-8" {
			t.Errorf("collation is %q, want C.UTF-8", c)
		}
		// A connection that the test forgets must not keep its database alive.
		if _, err := pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("the database is still there after its test")
	}
}

func TestDatabasesCanBeMadeAtOnce(t *testing.T) {
	t.Parallel()
	s := Start(t)
	if again := Start(t); again != s {
		t.Fatal("two shared clusters in one process")
	}
	var (
		mu   sync.Mutex
		urls []string
	)
	t.Run("at once", func(t *testing.T) {
		for range 8 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				url := s.NewDatabase(t)
				mu.Lock()
				defer mu.Unlock()
				urls = append(urls, url)
			})
		}
	})
	slices.Sort(urls)
	if n := len(slices.Compact(urls)); n != 8 {
		t.Errorf("%d different databases, want 8", n)
	}
}

func TestTheSharedClusterCannotBePulledAway(t *testing.T) {
	t.Parallel()
	s := Start(t)
	for name, pull := range map[string]func() error{"Kill": s.Kill, "Stop": s.Stop, "Restart": s.Restart} {
		if err := pull(); !errors.Is(err, errShared) {
			t.Errorf("%s of the shared cluster answered %v, want %v", name, err, errShared)
		}
	}
}

func TestWhatWasCommittedSurvivesKillAndStop(t *testing.T) {
	t.Parallel()
	s := StartOwn(t)
	url := s.NewDatabase(t)
	query[int](t, url, "CREATE TABLE kept (n int)")
	for i, pull := range []func() error{s.Kill, s.Stop, func() error { return nil }} {
		query[int](t, url, fmt.Sprintf("INSERT INTO kept VALUES (%d)", i))
		if err := pull(); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			if _, err := pgx.Connect(t.Context(), url); err == nil {
				t.Fatal("the server answers after its end")
			}
		}
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		if n := query[int](t, url, "SELECT count(*) FROM kept"); n != i+1 {
			t.Errorf("%d rows after end number %d, want %d", n, i, i+1)
		}
	}
}

func TestKillLeavesNoProcess(t *testing.T) {
	t.Parallel()
	s := StartOwn(t)
	conn, err := pgx.Connect(t.Context(), s.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	p := s.process
	children, err := childrenOf(p.pid)
	if err != nil {
		t.Fatal(err)
	}
	if backend := int(conn.PgConn().PID()); !slices.Contains(children, backend) {
		t.Fatalf("children %v lack the backend %d", children, backend)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range append(children, p.pid) {
		if alive(pid) {
			t.Errorf("process %d lives after Kill", pid)
		}
	}
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the connection answers after Kill")
	}
	if err := s.Kill(); err != nil {
		t.Errorf("Kill of a dead server: %v", err)
	}
}

func TestTheEndOfTheTestRemovesItsCluster(t *testing.T) {
	t.Parallel()
	var dirs []string
	for _, end := range []func(*Server) error{(*Server).Stop, (*Server).Kill, func(*Server) error { return nil }} {
		t.Run("", func(t *testing.T) {
			s := StartOwn(t)
			dirs = append(dirs, s.dir)
			if err := end(s); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, dir := range dirs {
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left behind: %v", filepath.Base(dir), err)
		}
	}
}

// query runs sql on a connection of its own and returns the first column of
// the first row, the zero value for a statement without rows.
func query[T any](t *testing.T, url, sql string) (value T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&value)
	}
	rows.Close()
	if err = errors.Join(err, rows.Err()); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := start(false)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.remove(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewDatabase(b *testing.B) {
	s := StartOwn(b)
	for b.Loop() {
		s.NewDatabase(b)
	}
}
