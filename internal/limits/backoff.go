package limits

import (
	"sync"
	"time"
)

// Backoff makes the attempts of a key wait, the longer the more of them have failed. It never shuts a key out: an
// attempt waits at most Longest, or is told to come again when so many attempts already wait that it would have to
// wait longer.
type Backoff[K comparable] struct {
	now Clock
	opt BackoffOptions

	mu   sync.Mutex
	keys table[K, failures]
}

// BackoffOptions are the shape of a Backoff.
type BackoffOptions struct {
	Free    int           // failures that cost nothing
	First   time.Duration // the wait after the next; each further failure doubles it
	Longest time.Duration // at most
	Halve   time.Duration // every so often half of the failures are forgotten
	MaxKeys int
}

// failureCap bounds what is counted, so that fading does not take for ever after a storm.
const failureCap = 64

type failures struct {
	count int
	at    time.Time // when count was right
	next  time.Time // when the next attempt may run
}

// NewBackoff returns a Backoff without failures.
func NewBackoff[K comparable](opt BackoffOptions, now Clock) *Backoff[K] {
	return &Backoff[K]{now: now, opt: opt, keys: newTable[K, failures](opt.MaxKeys)}
}

// Reserve takes the next turn of key. The attempt runs after wait; with ok false it must not run, and wait tells when
// trying again makes sense. Attempts of a key take turns, as far apart as its failures say.
func (b *Backoff[K]) Reserve(key K) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.keys.get(key)
	if f == nil {
		return 0, true
	}
	now := b.now()
	b.fade(f, now)
	apart := b.delay(f.count)
	if f.next.Before(now) {
		f.next = now
	}
	wait = f.next.Sub(now)
	if wait > b.opt.Longest {
		return wait, false
	}
	f.next = f.next.Add(apart)
	return wait, true
}

// Fail counts a failed attempt, one that its caller abandoned included: otherwise hanging up would be a way to guess
// faster.
func (b *Backoff[K]) Fail(key K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	f := b.keys.getOrAdd(key)
	b.fade(f, now)
	f.count = min(f.count+1, failureCap)
	if next := now.Add(b.delay(f.count)); f.next.Before(next) {
		f.next = next
	}
}

// Succeed forgets the failures of key.
func (b *Backoff[K]) Succeed(key K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys.remove(key)
}

// Delay tells how far apart the attempts of key are now.
func (b *Backoff[K]) Delay(key K) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.keys.get(key)
	if f == nil {
		return 0
	}
	b.fade(f, b.now())
	return b.delay(f.count)
}

func (b *Backoff[K]) fade(f *failures, now time.Time) {
	if f.count == 0 || b.opt.Halve <= 0 {
		f.at = now
		return
	}
	for f.count > 0 && now.Sub(f.at) >= b.opt.Halve {
		f.count /= 2
		f.at = f.at.Add(b.opt.Halve)
	}
}

func (b *Backoff[K]) delay(count int) time.Duration {
	over := count - b.opt.Free
	if over <= 0 {
		return 0
	}
	d := b.opt.First
	for ; over > 1 && d < b.opt.Longest; over-- {
		d *= 2
	}
	return min(d, b.opt.Longest)
}
