package limits

import (
	"sync"
	"time"
)

// Recent remembers keys for a time.
type Recent[K comparable] struct {
	now  Clock
	life time.Duration

	mu   sync.Mutex
	seen table[K, time.Time]
}

// NewRecent remembers up to maxKeys keys for life each.
func NewRecent[K comparable](life time.Duration, maxKeys int, now Clock) *Recent[K] {
	return &Recent[K]{now: now, life: life, seen: newTable[K, time.Time](maxKeys)}
}

// Add remembers key from now on.
func (r *Recent[K]) Add(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*r.seen.getOrAdd(key) = r.now()
}

// Has tells whether key was added within the last life.
func (r *Recent[K]) Has(key K) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.seen.get(key)
	return at != nil && r.now().Sub(*at) < r.life
}
