package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// SQLite answers some errors by rolling back the whole transaction. What came before in the group was then not
// committed, and must not be told that it was; what comes after must find a working writer.
func TestWhenSQLiteRollsTheWholeGroupBackNobodyIsAcknowledged(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	things(t, db)
	ctx := t.Context()
	q := holdWriters(t, db)
	q.start(ctx, store.Interactive, insert(t, 1, 0))
	q.start(ctx, store.Interactive, func(tx *store.Tx) error {
		// What a full disk does to a statement without a journal of its own.
		if _, err := tx.Exec(ctx, `ROLLBACK`); err != nil {
			return err
		}
		return errMine
	})
	q.start(ctx, store.Interactive, insert(t, 2, 0))
	errs := q.release()
	if !failure.Is(errs[0], failure.Temporary) || errs[1] == nil || errs[2] != nil {
		t.Errorf("told %v", errs)
	}
	if got := ids(t, db); !slices.Equal(got, []int64{2}) {
		t.Errorf("there are %v", got)
	}
}

// A database that may grow no more refuses what is too large, and takes what fits.
func TestADatabaseThatIsFull(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	things(t, db)
	ctx := t.Context()
	err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		var pages int64
		if err := tx.QueryRow(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
			return err
		}
		return tx.QueryRow(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+20)).Scan(&pages)
	})
	if err != nil {
		t.Fatal(err)
	}
	q := holdWriters(t, db)
	q.start(ctx, store.Interactive, insert(t, 1, 0))
	q.start(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO gc_mark (kind, id, marked_at, object) VALUES (1, 1, 1, $1)`, strings.Repeat("x", 1<<20))
		return err
	})
	q.start(ctx, store.Interactive, insert(t, 2, 0))
	errs := q.release()
	if !failure.Is(errs[1], failure.Temporary) {
		t.Errorf("what does not fit was told %v", errs[1])
	}
	acknowledged := []int64{}
	for i, id := range map[int]int64{0: 1, 2: 2} {
		if errs[i] == nil {
			acknowledged = append(acknowledged, id)
		}
	}
	slices.Sort(acknowledged)
	if got := ids(t, db); !slices.Equal(got, acknowledged) {
		t.Errorf("acknowledged %v, there are %v", acknowledged, got)
	}
	if err := db.Write(ctx, store.Interactive, insert(t, 3, 0)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// fullDiskRole, set in the environment, makes this test binary the child of the test below; its value is the database.
const fullDiskRole = "NAVETTE_STORE_FULL_DISK"

// The kernel refuses a child process to let its files grow: writes to the log fail in the middle. What the child was
// acknowledged is there afterwards, and every row that is there is whole.
func TestWritesThatTheKernelRefuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "navette.db")
	db := openWith(t, "sqlite:"+path, nil)
	things(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), fullDiskRole+"="+path)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		t.Fatalf("the child: %v", err)
	}
	acknowledged := map[int64]bool{}
	refused := 0
	for line := range strings.Lines(string(out)) {
		var id int64
		if _, err := fmt.Sscanf(line, "acknowledged %d", &id); err == nil {
			acknowledged[id] = true
		}
		if strings.HasPrefix(line, "refused") {
			refused++
		}
	}
	if len(acknowledged) == 0 || refused == 0 {
		t.Fatalf("%d acknowledged, %d refused: the test proved nothing", len(acknowledged), refused)
	}
	there := ids(t, stores.Open(t, "sqlite:"+path))
	for id := range acknowledged {
		if !slices.Contains(there, id) {
			t.Errorf("%d was acknowledged and is not there", id)
		}
	}
}

// runOutOfDisk is the child.
func runOutOfDisk(path string) {
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+path, store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	info, err := os.Stat(path)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()) + 100_000, Max: uint64(info.Size()) + 100_000})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	refused := 0
	for id := int64(1); refused < 3 && id < 1000; id++ {
		err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id, n) VALUES ($1, 0)`, id)
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO gc_mark (kind, id, marked_at, object) VALUES (1, $1, 1, $2)`, id, strings.Repeat("x", 5000))
			}
			return err
		})
		if err == nil {
			fmt.Println("acknowledged", id)
			continue
		}
		refused++
		fmt.Println("refused", err)
		if !failure.Is(err, failure.Temporary) && !failure.Is(err, failure.CommitUnknown) {
			fmt.Fprintln(os.Stderr, "a refused write was told:", err)
			os.Exit(1)
		}
	}
	os.Exit(0) // as killed: nothing is closed
}

// What is acknowledged survives a power cut (package invariant 1): the connection that writes, which alone runs these
// closures, syncs its log at every commit. What the URL asks for is one thing, what the engine does another.
func TestTheWriterOfSQLiteSyncsEveryCommit(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	for range 2 { // each in a transaction of its own
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			var synchronous int
			if err := tx.QueryRow(t.Context(), `PRAGMA synchronous`).Scan(&synchronous); err != nil {
				return err
			}
			var journal string
			err := tx.QueryRow(t.Context(), `PRAGMA journal_mode`).Scan(&journal)
			if full := 2; synchronous != full || journal != "wal" {
				t.Errorf("synchronous is %d, expected FULL (%d); journal_mode is %q, expected wal", synchronous, full, journal)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCloseLeavesNoFileOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openWith(t, "sqlite:"+filepath.Join(dir, "navette.db"), nil)
	things(t, db)
	ids(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range open {
		if name, err := os.Readlink(fd); err == nil && strings.HasPrefix(name, dir) {
			t.Errorf("%s is still open", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "navette.db-wal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log was not moved into the database: %v", err)
	}
}

func TestTheDatabaseFileIsItsOwnersOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openWith(t, "sqlite:"+filepath.Join(dir, "navette.db"), nil)
	defer db.Close()
	things(t, db)
	for _, name := range []string{"navette.db", "navette.db-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestUnknownURLs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "mysql://x", "navette.db", "postgres://:::"} {
		if db, err := store.Open(t.Context(), url, store.Options{Now: time.Now, Log: slog.Default()}); !failure.Is(err, failure.Permanent) {
			t.Errorf("%q gave %v, %v", url, db, err)
		}
	}
	_, err := store.Open(t.Context(), "postgres://user:verysecret@[::1/x", store.Options{Now: time.Now, Log: slog.Default()})
	if err == nil || strings.Contains(err.Error(), "verysecret") {
		t.Errorf("the error shows the password: %v", err)
	}
}
