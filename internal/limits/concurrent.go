package limits

import "sync"

// Concurrent counts how many hold a key at the same time. It needs no bound on keys: each has a holder.
type Concurrent[K comparable] struct {
	limit int
	mu    sync.Mutex
	held  map[K]int
}

// NewConcurrent allows limit holders a key; 0 or less means no limit.
func NewConcurrent[K comparable](limit int) *Concurrent[K] {
	return &Concurrent[K]{limit: limit, held: make(map[K]int)}
}

// Acquire takes a place of key. With ok true the caller calls release when it is done; a second call does nothing.
func (c *Concurrent[K]) Acquire(key K) (release func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit > 0 && c.held[key] >= c.limit {
		return nil, false
	}
	c.held[key]++
	return sync.OnceFunc(func() { c.release(key) }), true
}

func (c *Concurrent[K]) release(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[key]--; c.held[key] == 0 {
		delete(c.held, key)
	}
}

// Held tells how many places of key are taken.
func (c *Concurrent[K]) Held(key K) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[key]
}
