package store_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

var errMine = errors.New("the closure's own error")

// queued runs closures while the writer is held up, so that on SQLite they come into one group, and returns what each
// was told. start begins one; release lets all go on.
type queued struct {
	tb   testing.TB
	db   *store.DB
	hold chan struct{}
	wg   sync.WaitGroup
	errs []*error
}

// holdWriters keeps SQLite's one writer, or nobody on PostgreSQL, busy until release.
func holdWriters(tb testing.TB, db *store.DB) *queued {
	q := &queued{tb: tb, db: db, hold: make(chan struct{})}
	held := make(chan struct{})
	var once sync.Once
	q.wg.Go(func() {
		err := db.Write(tb.Context(), store.Interactive, func(*store.Tx) error {
			once.Do(func() { close(held) })
			<-q.hold
			return nil
		})
		if err != nil && !failure.Is(err, failure.Temporary) { // where it shares the fate of its group
			tb.Errorf("the first write: %v", err)
		}
	})
	<-held
	return q
}

// start queues a closure and returns where its answer will be.
func (q *queued) start(ctx context.Context, p store.Priority, fn func(*store.Tx) error) {
	told := new(error)
	q.errs = append(q.errs, told)
	q.wg.Go(func() { *told = q.db.Write(ctx, p, fn) })
	for q.db.Dialect() == store.SQLite && q.db.Stats().Waiting < int64(len(q.errs)) {
		runtime.Gosched()
	}
}

func (q *queued) release() []error {
	close(q.hold)
	q.wg.Wait()
	errs := make([]error, len(q.errs))
	for i, told := range q.errs {
		errs[i] = *told
	}
	return errs
}

// Package invariant 1, and the promise of Write that an error rolls back nobody else's work.
func TestAClosureThatFailsTakesNobodyWithIt(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(context.Context, context.CancelFunc, *store.Tx) error{
		"error": func(context.Context, context.CancelFunc, *store.Tx) error { return errMine },
		"panic": func(context.Context, context.CancelFunc, *store.Tx) error { panic("a mistake") },
		"constraint": func(ctx context.Context, _ context.CancelFunc, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO store_meta (name, value) VALUES ('epoch', 7)`)
			return err
		},
		"cancelled before a statement": func(ctx context.Context, cancel context.CancelFunc, tx *store.Tx) error {
			cancel()
			_, err := tx.Exec(ctx, `INSERT INTO thing (id, n) VALUES (98, 0)`)
			return err
		},
		"cancelled before a query of one row": func(ctx context.Context, cancel context.CancelFunc, tx *store.Tx) error {
			cancel()
			var id int64
			return tx.QueryRow(ctx, `INSERT INTO thing (id, n) VALUES (98, 0) RETURNING id`).Scan(&id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stores.Each(t, func(t *testing.T, db *store.DB) {
				things(t, db)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				q := holdWriters(t, db)
				q.start(t.Context(), store.Interactive, insert(t, 1, 0))
				q.start(ctx, store.Interactive, func(tx *store.Tx) error {
					if err := insert(t, 99, 0)(tx); err != nil {
						return err
					}
					return fail(ctx, cancel, tx)
				})
				q.start(t.Context(), store.Bulk, insert(t, 2, 0))
				q.start(t.Context(), store.Interactive, insert(t, 3, 0))
				errs := q.release()
				if errs[1] == nil || failure.Is(errs[1], failure.CommitUnknown) {
					t.Errorf("the failing closure was told %v", errs[1])
				}
				for _, i := range []int{0, 2, 3} {
					if errs[i] != nil {
						t.Errorf("closure %d: %v", i, errs[i])
					}
				}
				if got := ids(t, db); !slices.Equal(got, []int64{1, 2, 3}) {
					t.Errorf("there are %v", got)
				}
			})
		})
	}
}

// A statement that is running when its caller goes ends as it would have, or is rolled back with its closure alone.
func TestACallerWhoGoesInTheMiddleOfAStatement(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		q := holdWriters(t, db)
		q.start(t.Context(), store.Interactive, insert(t, 1, 0))
		running := make(chan struct{})
		var once sync.Once
		q.start(ctx, store.Interactive, func(tx *store.Tx) error {
			once.Do(func() { close(running) })
			_, err := tx.Exec(ctx, `INSERT INTO thing WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 300000)
				SELECT 100 + max(x), 0 FROM c`)
			return err
		})
		go func() {
			<-running
			time.Sleep(10 * time.Millisecond) // into the statement, or after it: both must hold
			cancel()
		}()
		q.start(t.Context(), store.Interactive, insert(t, 2, 0))
		errs := q.release()
		if errs[0] != nil || errs[2] != nil {
			t.Errorf("the others were told %v and %v", errs[0], errs[2])
		}
		want := []int64{1, 2}
		if errs[1] == nil {
			want = append(want, 300100)
		}
		if got := ids(t, db); !slices.Equal(got, want) {
			t.Errorf("there are %v, expected %v (%v)", got, want, errs[1])
		}
	})
}

func TestErrorsComeBackAsTheClosureGaveThem(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		ctx := t.Context()
		if err := db.Write(ctx, store.Interactive, func(*store.Tx) error { return errMine }); !errors.Is(err, errMine) || failure.KindOf(err) != 0 {
			t.Errorf("own error came back as %v", err)
		}
		if err := db.Write(ctx, store.Interactive, func(*store.Tx) error { panic("a mistake") }); err == nil || !strings.Contains(err.Error(), "a mistake") {
			t.Errorf("a panic came back as %v", err)
		}
		twice := func(tx *store.Tx) error { return errors.Join(insert(t, 1, 0)(tx), insert(t, 1, 0)(tx)) }
		if err := db.Write(ctx, store.Interactive, twice); !failure.Is(err, failure.Conflict) {
			t.Errorf("a broken key came back as %v", err)
		}
		if err := db.Read(ctx, func(*store.Tx) error { return errMine }); !errors.Is(err, errMine) {
			t.Errorf("a reader's error came back as %v", err)
		}
		if got := ids(t, db); len(got) != 0 {
			t.Errorf("there are %v", got)
		}
	})
}

func TestAContextThatIsOver(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		over, cancel := context.WithCancel(t.Context())
		cancel()
		never := func(*store.Tx) error { t.Error("a closure ran for a caller who had gone"); return nil }
		if err := db.Write(over, store.Interactive, never); !errors.Is(err, context.Canceled) {
			t.Errorf("write: %v", err)
		}
		if err := db.Read(over, never); !errors.Is(err, context.Canceled) {
			t.Errorf("read: %v", err)
		}
		if _, err := db.NewIDs(over, "thing", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("ids: %v", err)
		}
		// After the closure has returned, the outcome is waited for and told.
		late, cancel := context.WithCancel(t.Context())
		err := db.Write(late, store.Interactive, func(tx *store.Tx) error {
			defer cancel()
			return insert(t, 1, 0)(tx)
		})
		if got := ids(t, db); err != nil || !slices.Equal(got, []int64{1}) {
			t.Errorf("a caller who goes at COMMIT was told %v, and there are %v", err, got)
		}
	})
}

func TestAClosureThatStillWaitsIsNotRunForACallerWhoHasGone(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t) // PostgreSQL's writers do not wait for each other
	things(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	q := holdWriters(t, db)
	q.start(ctx, store.Interactive, insert(t, 1, 0))
	cancel()
	if errs := q.release(); !errors.Is(errs[0], context.Canceled) {
		t.Errorf("it was told %v", errs[0])
	}
	if got := ids(t, db); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
}

func TestInteractiveWritesPassBulkOnes(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	things(t, db)
	var order []string
	note := func(what string) func(*store.Tx) error {
		return func(*store.Tx) error { order = append(order, what); return nil } // one at a time: no lock needed
	}
	q := holdWriters(t, db)
	for range 40 {
		q.start(t.Context(), store.Bulk, note("bulk"))
	}
	for range 3 {
		q.start(t.Context(), store.Interactive, note("click"))
	}
	if err := errors.Join(q.release()...); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order[:5], " "); got != "click click click bulk bulk" {
		t.Errorf("they ran in the order %s", got)
	}
	if n := db.Stats(); n.Writes != 45 || n.Commits > 8 {
		t.Errorf("%d closures in %d commits: they were not grouped", n.Writes, n.Commits)
	}
}

func TestHintsAreToldAfterTheCommitAndOnlyThen(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		var mu sync.Mutex
		told := map[int64]int64{}
		db := openWith(t, url, func(o *store.Options) {
			o.OnHints = func(hints []store.Hint) {
				mu.Lock()
				defer mu.Unlock()
				for _, h := range hints {
					told[h.Account] = max(told[h.Account], h.Modseq)
				}
			}
		})
		hint := func(account int64, err error) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				mu.Lock()
				defer mu.Unlock()
				if told[account] != 0 {
					t.Error("hinted before the commit")
				}
				tx.Hint(account, 7)
				return err
			}
		}
		q := holdWriters(t, db)
		q.start(t.Context(), store.Interactive, hint(1, nil))
		q.start(t.Context(), store.Interactive, hint(2, errMine))
		q.start(t.Context(), store.Bulk, hint(3, nil))
		q.release()
		if err := db.Close(); err != nil { // the committer's last hints are told by then
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if told[1] != 7 || told[2] != 0 || told[3] != 7 {
			t.Errorf("hints: %v", told)
		}
	})
}

func TestCloseEndsWhatWaitsAndRefusesWhatComes(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		db := openWith(t, url, nil)
		things(t, db)
		var writers sync.WaitGroup
		acknowledged := make([]int64, 0, 1000)
		var mu sync.Mutex
		for w := range int64(4) {
			writers.Go(func() {
				for i := int64(0); ; i++ {
					err := db.Write(t.Context(), store.Interactive, insert(t, w<<32|i, 0))
					if err != nil {
						if !failure.Is(err, failure.Temporary) {
							t.Errorf("a write at Close: %v", err)
						}
						return
					}
					mu.Lock()
					acknowledged = append(acknowledged, w<<32|i)
					mu.Unlock()
				}
			})
		}
		for db.Stats().Writes < 50 {
			time.Sleep(time.Millisecond)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		writers.Wait()
		if err := db.Read(t.Context(), func(*store.Tx) error { return nil }); !failure.Is(err, failure.Temporary) {
			t.Errorf("a read after Close: %v", err)
		}
		slices.Sort(acknowledged)
		if got := ids(t, stores.Open(t, url)); !slices.Equal(got, acknowledged) {
			t.Errorf("%d acknowledged, %d there", len(acknowledged), len(got))
		}
	})
}
