package identity

import (
	"testing"
	"time"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// clockOf is a clock on which each look takes as long again.
func clockOf(step time.Duration) func() time.Time {
	at := time.Unix(0, 0)
	return func() time.Time {
		at = at.Add(step)
		return at
	}
}

func TestPasswordsCostWhatTheMachineBearsAndNeverLess(t *testing.T) {
	t.Parallel()
	per := func(kib time.Duration) func(uint32) time.Duration {
		return func(n uint32) time.Duration { return time.Duration(n) * kib }
	}
	for _, c := range []struct {
		kib  time.Duration // a KiB takes
		want uint32
	}{{time.Microsecond, 32 << 10}, {100 * time.Nanosecond, 64 << 10}, {800 * time.Nanosecond, 47 << 10}, {time.Millisecond, 19 << 10}} {
		if got := measure(memories(), per(c.kib)); got != c.want {
			t.Errorf("%v a KiB: %d KiB, want %d", c.kib, got, c.want)
		}
	}
}

func TestTheCostOfPasswordsIsMeasuredOnceADatabase(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		fast, err := TuneArgon2(t.Context(), db, clockOf(time.Microsecond))
		if err != nil || fast.MemoryKiB != 64<<10 || fast.Passes != 2 {
			t.Fatalf("a fast machine: %+v, %v", fast, err)
		}
		later, err := TuneArgon2(t.Context(), db, clockOf(time.Second))
		if err != nil || later != fast {
			t.Errorf("a slow node of the same database: %+v, %v", later, err)
		}
	})
	db := stores.SQLite(t)
	if slow, err := TuneArgon2(t.Context(), db, clockOf(time.Second)); err != nil || slow != DefaultArgon2() {
		t.Errorf("a slow machine: %+v, %v", slow, err)
	}
}

// A faster machine must not make the logins that exist cheaper to refuse than those that do not.
func TestPasswordsOfBeforeTheMeasureKeepTheirCostForEverybody(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		old := Argon2{MemoryKiB: 32 << 10, Passes: 2, Threads: 1}
		phc := formatPHC(old, make([]byte, saltBytes), make([]byte, hashBytes))
		err := db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
			for id, hash := range []string{digestPrefix + "00", phc} {
				if err := insertCredential(t.Context(), tx, int64(id+1), proof{int64(id + 1), kindPassword}, nil, hash, ""); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		cost, err := TuneArgon2(t.Context(), db, clockOf(time.Microsecond))
		if err != nil || cost != old {
			t.Errorf("a fast machine that finds hashes of %d KiB: %+v, %v", old.MemoryKiB, cost, err)
		}
		if decoy := newHasher(cost, 1, 1, nil).decoy(); decoy != phc {
			t.Errorf("what an unknown login is compared with: %s, want the cost of %s", decoy, phc)
		}
	})
}
