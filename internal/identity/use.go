package identity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"navette/internal/store"
)

// What mail programs sign in with is shown with its last use, which is coarse so that it costs next to nothing: it is
// noted in memory when the stored one is older than useGrain, and written for all in one transaction, every flushEvery.
// A crash loses what was noted since.
const (
	useGrain   = time.Hour
	flushEvery = 30 * time.Second
	// maxUses is how many wait to be written; beyond, the next use is noted.
	maxUses = 1 << 14
)

// used names what was used: a credential, or a token.
type used struct {
	account, id int64
	token       bool
}

// uses are last uses that wait to be written.
type uses struct {
	mu      sync.Mutex
	waiting map[used]int64 // when, in microseconds
	flushed time.Time
}

// note remembers a use at now, where the stored one is old enough.
func (u *uses) note(what used, stored int64, now time.Time) {
	if now.Sub(time.UnixMicro(stored)) < useGrain {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, again := u.waiting[what]; again || len(u.waiting) < maxUses {
		if u.waiting == nil {
			u.waiting = make(map[used]int64)
		}
		u.waiting[what] = now.UnixMicro()
	}
}

// take empties the notes.
func (u *uses) take(now time.Time) map[used]int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	waiting := u.waiting
	u.waiting, u.flushed = nil, now
	return waiting
}

// due tells whether it is time to write.
func (u *uses) due(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.waiting) > 0 && now.Sub(u.flushed) >= flushEvery
}

// FlushUses writes the last uses that were noted. Run calls it; what cannot be written is forgotten.
func (s *Service) FlushUses(ctx context.Context) error {
	waiting := s.uses.take(s.db.Now())
	if len(waiting) == 0 {
		return nil
	}
	all := make([]used, 0, len(waiting))
	for what := range waiting {
		all = append(all, what)
	}
	// In one order everywhere, so that nodes which write at the same time do not wait for each other in a circle.
	slices.SortFunc(all, func(a, b used) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.id, b.id))
	})
	err := s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		for _, what := range all {
			query := `UPDATE credential SET used_at = $3 WHERE account_id = $1 AND credential_id = $2 AND used_at < $3`
			if what.token {
				query = `UPDATE access_token SET used_at = $3 WHERE account_id = $1 AND token_id = $2 AND used_at < $3`
			}
			if _, err := tx.Exec(ctx, query, what.account, what.id, waiting[what]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write last uses: %w", err)
	}
	return nil
}
