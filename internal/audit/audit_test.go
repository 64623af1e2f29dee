package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"navette/internal/audit"
	"navette/internal/store"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

func entry(i int) audit.Entry {
	return audit.Entry{Actor: "cmartin", Action: "account.suspend", Subject: fmt.Sprintf("account:%d", i),
		Reason: "téléphone volé", Detail: `{"ticket":"T-1"}`}
}

func write(t *testing.T, db *store.DB, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, db *store.DB, n int) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			if err := audit.Append(ctx, tx, entry(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTheChainHoldsOverSeveralPages(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		empty, err := audit.Verify(t.Context(), db)
		if err != nil || empty.Seq != 0 {
			t.Fatalf("empty journal: %+v, %v", empty, err)
		}
		for _, n := range []int{1, 999, 1000, 500} {
			fill(t, db, n)
			if _, err := audit.Verify(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		head, err := audit.Verify(t.Context(), db)
		if err != nil || head.Seq != 2500 || head.Hash == empty.Hash {
			t.Errorf("head %+v, %v", head, err)
		}
	})
}

func TestEveryKindOfTamperingIsFoundAtItsFirstRow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		at        int64
	}{
		{"another actor", `UPDATE journal SET actor = 'x' WHERE seq = 5`, 5},
		{"another action", `UPDATE journal SET action = 'x' WHERE seq = 5`, 5},
		{"another subject", `UPDATE journal SET subject = 'account:99' WHERE seq = 5`, 5},
		{"another reason", `UPDATE journal SET reason = '' WHERE seq = 1`, 1},
		{"another detail", `UPDATE journal SET detail = '{}' WHERE seq = 9`, 9},
		{"another time", `UPDATE journal SET at = at + 1 WHERE seq = 7`, 7},
		{"text moved from one field to the next", `UPDATE journal SET actor = actor || substr(action, 1, 1), action = substr(action, 2) WHERE seq = 5`, 5},
		{"another hash", `UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 3) WHERE seq = 4`, 4},
		{"a row removed", `DELETE FROM journal WHERE seq = 5`, 5},
		{"the first row removed", `DELETE FROM journal WHERE seq = 1`, 1},
		{"the last rows removed", `DELETE FROM journal WHERE seq > 8`, 9},
		{"all rows removed", `DELETE FROM journal`, 1},
		{"a row put in", `INSERT INTO journal SELECT seq + 1, at, actor, action, subject, reason, detail, hash FROM journal WHERE seq = 10`, 11},
		{"a row put before the first", `INSERT INTO journal SELECT 0, at, actor, action, subject, reason, detail, hash FROM journal WHERE seq = 1`, 0},
		{"a row moved to the end", `UPDATE journal SET seq = 11 WHERE seq = 4`, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stores.Each(t, func(t *testing.T, db *store.DB) {
				fill(t, db, 10)
				write(t, db, func(ctx context.Context, tx *store.Tx) error {
					n, err := tx.Exec(ctx, tt.sql)
					if n == 0 {
						return errors.Join(err, errors.New("nothing was tampered with"))
					}
					return err
				})
				_, err := audit.Verify(t.Context(), db)
				var broken *audit.Broken
				if !errors.As(err, &broken) {
					t.Fatalf("not found: %v", err)
				}
				if broken.Seq != tt.at {
					t.Errorf("found at %d (%s), want %d", broken.Seq, broken.Why, tt.at)
				}
			})
		})
	}
}

func TestWritersAtTheSameTimeMakeOneChain(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		nodes := []*store.DB{stores.Open(t, url)}
		if nodes[0].Dialect() == store.PostgreSQL {
			nodes = append(nodes, stores.Open(t, url))
		}
		var writers sync.WaitGroup
		for w := range 8 {
			writers.Go(func() {
				for i := range 10 {
					err := nodes[w%len(nodes)].Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
						return audit.Append(t.Context(), tx, entry(i))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		if head, err := audit.Verify(t.Context(), nodes[0]); err != nil || head.Seq != 80 {
			t.Errorf("head %+v, %v", head, err)
		}
	})
}

func TestAnActThatFailsLeavesNoEntryAndNoGap(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db, 2)
		refused := errors.New("refused")
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			return errors.Join(audit.Append(t.Context(), tx, entry(3)), refused)
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		fill(t, db, 1)
		if head, err := audit.Verify(t.Context(), db); err != nil || head.Seq != 3 {
			t.Errorf("head %+v, %v", head, err)
		}
	})
}

func TestAnEntryWithoutActorActionOrSubjectIsRefused(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	for _, blank := range []func(*audit.Entry){
		func(e *audit.Entry) { e.Actor = "" }, func(e *audit.Entry) { e.Action = "" }, func(e *audit.Entry) { e.Subject = "" },
	} {
		e := entry(1)
		blank(&e)
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error { return audit.Append(t.Context(), tx, e) })
		if !errors.Is(err, audit.ErrIncomplete) {
			t.Errorf("%+v: %v", e, err)
		}
	}
}
