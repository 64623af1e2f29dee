package store_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// states gives n accounts a state row; account i has modseq 10i.
func states(tb testing.TB, db *store.DB, n int64) {
	tb.Helper()
	err := db.Write(tb.Context(), store.Interactive, func(tx *store.Tx) error {
		for i := int64(1); i <= n; i++ {
			if _, err := tx.Exec(tb.Context(), `INSERT INTO account_state (account_id, modseq, next_email_id, next_mailbox_id, used_bytes, quota_bytes)
				VALUES ($1, $2, 1, 1, 0, 0)`, i, 10*i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func TestLockAccountsAnswersInAscendingOrder(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		states(t, db, 5)
		for _, c := range []struct{ ask, want []int64 }{
			{[]int64{4, 2, 9, 2, 1}, []int64{1, 2, 4}}, {[]int64{3}, []int64{3}}, {[]int64{77}, nil}, {nil, nil},
		} {
			err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
				got, err := tx.LockAccounts(t.Context(), c.ask...)
				var locked []int64
				for _, s := range got {
					locked = append(locked, s.Account)
					if s.Modseq != 10*s.Account || s.NextEmailID != 1 || s.QuotaBytes != 0 {
						t.Errorf("state %+v", s)
					}
				}
				if !slices.Equal(locked, c.want) {
					t.Errorf("asked for %v, locked %v, expected %v", c.ask, locked, c.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Package invariant 3: whatever order they are named in, accounts are locked in one order, so nobody waits in a circle;
// and counters taken under the lock are never taken twice.
func TestAccountsLockedInAnyOrderNeverDeadlock(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		const n, rounds, writers = 6, 20, 4
		states(t, db, n)
		var wg sync.WaitGroup
		for w := range uint64(writers) {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(w, 0))
				for range rounds {
					order := []int64{}
					for _, i := range random.Perm(n) {
						order = append(order, int64(i+1))
					}
					err := db.Write(t.Context(), store.Bulk, func(tx *store.Tx) error {
						locked, err := tx.LockAccounts(t.Context(), order...)
						if err != nil {
							return err
						}
						for _, i := range random.Perm(n) {
							s := locked[i]
							s.Modseq++
							s.UsedBytes += 3
							if err := tx.SaveState(t.Context(), &s); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if r := db.Stats().Retries; r != 0 {
			t.Errorf("%d closures ran again: somebody met a deadlock", r)
		}
		err := db.Write(t.Context(), store.Bulk, func(tx *store.Tx) error {
			locked, err := tx.LockAccounts(t.Context(), 1, 2, 3, 4, 5, 6)
			for _, s := range locked {
				if s.Modseq != 10*s.Account+rounds*writers || s.UsedBytes != 3*rounds*writers {
					t.Errorf("account %d is at %d", s.Account, s.Modseq)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Whoever sees a number of NextMeta sees all numbers before it.
func TestTheOrderOfNextMetaIsTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		ctx := t.Context()
		var writers sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			writers.Go(func() {
				for range 20 {
					err := db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
						seq, err := tx.NextMeta(ctx, "revocation")
						if err != nil {
							return err
						}
						return insert(t, seq, 0)(tx)
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
			got := ids(t, db)
			for i, id := range got {
				if id != int64(i+1) {
					t.Fatalf("a reader saw %v: a number before its predecessor", got)
				}
			}
			if !running && len(got) != 80 {
				t.Errorf("%d numbers, expected 80", len(got))
			}
		}
	})
}

// Package invariant 6, over nodes and crashes.
func TestIdsAreNeverGivenTwice(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		nodes := []*store.DB{stores.Open(t, url)}
		if nodes[0].Dialect() == store.PostgreSQL {
			nodes = append(nodes, stores.Open(t, url), stores.Open(t, url))
		}
		var mu sync.Mutex
		given := map[int64]bool{}
		take := func(db *store.DB, n int64) {
			first, err := db.NewIDs(t.Context(), "content", n)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for id := first; id < first+n; id++ {
				if id < 1 || given[id] {
					t.Errorf("id %d given twice", id)
				}
				given[id] = true
			}
		}
		var wg sync.WaitGroup
		for i, db := range nodes {
			for g := range 3 {
				wg.Go(func() {
					random := rand.New(rand.NewPCG(uint64(i), uint64(g)))
					for range 40 {
						take(db, 1+random.Int64N(90))
					}
					take(db, 2500) // more than a block
				})
			}
		}
		wg.Wait()
		// A process that dies in the middle of a block: the next one begins another.
		if err := nodes[0].Close(); err != nil {
			t.Fatal(err)
		}
		take(stores.Open(t, url), 1)
		other, err := nodes[len(nodes)-1].NewIDs(t.Context(), "delivery", 1)
		if len(nodes) > 1 && (err != nil || other != 1) {
			t.Errorf("another kind begins at %d, %v", other, err)
		}
	})
}
