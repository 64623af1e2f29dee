package limits

import (
	"sync"
	"time"
)

// Rate is a token bucket a key: burst tokens at first, refilled at a steady pace.
type Rate[K comparable] struct {
	now       Clock
	perSecond float64
	burst     float64

	mu      sync.Mutex
	buckets table[K, bucket]
}

type bucket struct {
	tokens float64
	at     time.Time // when tokens was right; zero for a new bucket
}

// NewRate allows burst at once and perSecond for ever, a key, and remembers maxKeys keys.
func NewRate[K comparable](perSecond, burst float64, maxKeys int, now Clock) *Rate[K] {
	return &Rate[K]{now: now, perSecond: perSecond, burst: burst, buckets: newTable[K, bucket](maxKeys)}
}

// Take takes n tokens of key, or none at all; then it tells after how long n will be there (a day at most, and a day
// where n is more than the burst and never will be).
func (r *Rate[K]) Take(key K, n float64) (ok bool, retry time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	b := r.buckets.getOrAdd(key)
	if b.at.IsZero() {
		b.tokens = r.burst
	} else {
		// A clock that was set back gives nothing and takes nothing.
		b.tokens = min(r.burst, b.tokens+max(0, now.Sub(b.at).Seconds())*r.perSecond)
	}
	b.at = now
	if n <= b.tokens {
		b.tokens -= n
		return true, 0
	}
	const longest = 24 * time.Hour
	seconds := (n - b.tokens) / r.perSecond
	if n > r.burst || !(seconds < longest.Seconds()) {
		return false, longest
	}
	return false, time.Duration(seconds * float64(time.Second))
}
