package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
	"navette/internal/testkit/cut"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

// Package invariant 2: two closures that lock each other out are both told success, and each has its effect once.
func TestADeadlockIsSolvedByRunningOneAgain(t *testing.T) {
	t.Parallel()
	db := stores.Open(t, pg.Start(t).NewDatabase(t))
	things(t, db)
	ctx := t.Context()
	if err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		return errors.Join(insert(t, 1, 0)(tx), insert(t, 2, 0)(tx))
	}); err != nil {
		t.Fatal(err)
	}
	add := func(tx *store.Tx, id int64) error {
		_, err := tx.Exec(ctx, `UPDATE thing SET n = n + 1 WHERE id = $1`, id)
		return err
	}
	var met sync.WaitGroup // both hold their first row
	met.Add(2)
	var wg sync.WaitGroup
	for _, order := range [][2]int64{{1, 2}, {2, 1}} {
		wg.Go(func() {
			runs := 0
			err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
				runs++
				if err := add(tx, order[0]); err != nil {
					return err
				}
				if runs == 1 {
					met.Done()
					met.Wait()
				}
				return add(tx, order[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sumIs(t, db, 4)
	if db.Stats().Retries == 0 {
		t.Error("no closure ran again: there was no deadlock, and the test proved nothing")
	}
}

// A closure that asks for more isolation than usual is run again when PostgreSQL cannot serialize it (40001).
func TestASerializationFailureIsSolvedByRunningAgain(t *testing.T) {
	t.Parallel()
	db := stores.Open(t, pg.Start(t).NewDatabase(t))
	things(t, db)
	ctx := t.Context()
	if err := db.Write(ctx, store.Interactive, insert(t, 1, 0)); err != nil {
		t.Fatal(err)
	}
	runs := 0
	err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		runs++
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`); err != nil {
			return err
		}
		var n int64
		if err := tx.QueryRow(ctx, `SELECT n FROM thing WHERE id = 1`).Scan(&n); err != nil {
			return err
		}
		if runs == 1 {
			if err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE thing SET n = n + 10 WHERE id = 1`)
				return err
			}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE thing SET n = $1 WHERE id = 1`, n+1)
		return err
	})
	if err != nil || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
	sumIs(t, db, 11)
}

func sumIs(t *testing.T, db *store.DB, want int64) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		var sum int64
		err := tx.QueryRow(t.Context(), `SELECT sum(n)::bigint FROM thing`).Scan(&sum)
		if sum != want {
			t.Errorf("the sum is %d, expected %d", sum, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Package invariant 1: a COMMIT whose answer is lost is neither success nor failure, whatever came of it.
func TestACommitWhoseAnswerIsLostIsUnknown(t *testing.T) {
	t.Parallel()
	proxy, url := cut.Start(t, pg.Start(t).NewDatabase(t))
	db := stores.Open(t, url)
	things(t, db)
	for _, c := range []struct {
		moment cut.Moment
		there  bool
	}{{cut.Before, false}, {cut.After, true}} {
		id := int64(c.moment)
		runs := 0
		proxy.Cut(c.moment, 1)
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error { runs++; return insert(t, id, 0)(tx) })
		if !failure.Is(err, failure.CommitUnknown) || runs != 1 {
			t.Errorf("moment %d: told %v after %d runs", c.moment, err, runs)
		}
		if there := slices.Contains(ids(t, db), id); there != c.there {
			t.Errorf("moment %d: there: %t", c.moment, there)
		}
	}
	if proxy.Cuts() != 2 {
		t.Errorf("%d connections were cut", proxy.Cuts())
	}
}

// An id that was taken may be lost with a connection; it is never given again.
func TestIdsSurviveLostCommits(t *testing.T) {
	t.Parallel()
	proxy, url := cut.Start(t, pg.Start(t).NewDatabase(t))
	db := stores.Open(t, url)
	last := int64(0)
	for i, moment := range []cut.Moment{cut.Never, cut.Before, cut.During, cut.After, cut.Never} {
		proxy.Cut(moment, 1)
		first, err := db.NewIDs(t.Context(), "content", 1500) // always a new block
		if (err != nil) != (moment != cut.Never) {
			t.Errorf("step %d: %v", i, err)
		}
		if err == nil {
			if first <= last {
				t.Errorf("step %d gave %d after %d", i, first, last)
			}
			last = first + 1499
		}
	}
}

// A connection that dies before COMMIT leaves nothing: the closure runs again on another one.
func TestAConnectionThatDiesBeforeCommit(t *testing.T) {
	t.Parallel()
	server := pg.Start(t)
	db := stores.Open(t, server.NewDatabase(t))
	things(t, db)
	ctx := t.Context()
	runs := 0
	err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		runs++
		if err := insert(t, 1, 0)(tx); err != nil {
			return err
		}
		if runs == 1 {
			var pid int
			if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
				return err
			}
			if err := server.Exec(ctx, fmt.Sprintf(`SELECT pg_terminate_backend(%d, 10000)`, pid)); err != nil {
				return err
			}
		}
		return insert(t, 2, 0)(tx)
	})
	if got := ids(t, db); err != nil || runs != 2 || !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("%v after %d runs, there are %v", err, runs, got)
	}
}

// The server is killed and restarted under load, twice: what was acknowledged is there, once, and the program goes on.
func TestPostgreSQLKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := pg.StartOwn(t)
	db := stores.Open(t, server.NewDatabase(t))
	things(t, db)
	var mu sync.Mutex
	acknowledged := map[int64]bool{}
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range int64(6) {
		wg.Go(func() {
			for i := int64(0); !stop.Load(); i++ {
				id := w<<32 | i
				err := db.Write(t.Context(), store.Interactive, insert(t, id, 0))
				switch failure.KindOf(err) {
				case failure.CommitUnknown, failure.Temporary:
				case 0:
					if err != nil {
						t.Errorf("told %v", err)
						return
					}
					mu.Lock()
					acknowledged[id] = true
					mu.Unlock()
				default:
					t.Errorf("told %v", err)
					return
				}
			}
		})
	}
	writes := func(n int64) {
		for from := db.Stats().Writes; db.Stats().Writes < from+n && t.Context().Err() == nil; {
			time.Sleep(time.Millisecond)
		}
	}
	for range 2 {
		writes(200)
		if err := server.Kill(); err != nil {
			t.Error(err)
		}
		if err := server.Restart(); err != nil {
			t.Error(err)
		}
	}
	writes(50)
	stop.Store(true)
	wg.Wait()
	there := ids(t, db)
	for id := range acknowledged {
		if _, found := slices.BinarySearch(there, id); !found {
			t.Errorf("%d was acknowledged and is not there", id)
		}
	}
	if len(acknowledged) < 400 {
		t.Errorf("only %d were acknowledged", len(acknowledged))
	}
}

func TestADatabaseThatAcknowledgesTooEarlyIsRefused(t *testing.T) {
	t.Parallel()
	url := pg.Start(t).NewDatabase(t)
	_, err := store.Open(t.Context(), url+"&options=-csynchronous_commit%3Doff", store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if !failure.Is(err, failure.Permanent) {
		t.Errorf("opened with %v", err)
	}
}

// The tests' own clusters run without fsync: production, which asks for durability, must not open one.
func TestAServerThatAPowerCutWouldRobIsRefused(t *testing.T) {
	t.Parallel()
	url := pg.Start(t).NewDatabase(t)
	db, err := store.Open(t.Context(), url, store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), RequireDurable: true})
	if !failure.Is(err, failure.Permanent) {
		t.Errorf("opened %v with %v", db, err)
	}
}

// A commit that the synchronous standby never confirmed is not acknowledged, and looking for its rows proves nothing.
func TestACommitThatIsNotOnTheStandbyIsUnknown(t *testing.T) {
	t.Parallel()
	server := pg.StartOwn(t)
	db := stores.Open(t, server.NewDatabase(t))
	things(t, db)
	for _, sql := range []string{`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, `SELECT pg_reload_conf()`} {
		if err := server.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { // else DROP DATABASE waits for the standby too
		for _, sql := range []string{`ALTER SYSTEM RESET ALL`, `SELECT pg_reload_conf()`} {
			if err := server.Exec(context.Background(), sql); err != nil {
				t.Error(err)
			}
		}
	})
	// The server's checkpointer takes the new setting over in its own time: the first commits may not wait yet.
	var err error
	for id := int64(1); err == nil && t.Context().Err() == nil; id++ {
		told := make(chan error)
		go func() { told <- db.Write(t.Context(), store.Interactive, insert(t, id, 0)) }()
		err = impatience(t, server, told)
	}
	if !failure.Is(err, failure.CommitUnknown) || !errors.Is(err, store.ErrNotReplicated) {
		t.Errorf("told %v", err)
	}
}

// impatience is an operator who ends waits for the standby until told has an answer.
func impatience(t *testing.T, server *pg.Server, told <-chan error) error {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-told:
			return err
		case <-tick.C:
			if err := server.Exec(t.Context(), `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`); err != nil {
				t.Error(err)
			}
		}
	}
}

// Several nodes start on an empty database at once: one migrates, the others wait for it.
func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	url := pg.Start(t).NewDatabase(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), url, store.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if epoch, err := db.Epoch(t.Context()); err != nil || epoch != 1 {
				t.Errorf("epoch %d, %v", epoch, err)
			}
		})
	}
	wg.Wait()
}
