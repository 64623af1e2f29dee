package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// cache remembers secrets that were proved here a short while ago, as HMACs under a key that dies with the process.
// An entry counts only for the auth epoch at which it was made, which Verify reads from the database each time: what
// the cache saves is the hash, never the question whether the account is still open. Failures are not remembered.
type cache struct {
	key  []byte
	life time.Duration
	size int
	now  func() time.Time

	mu       sync.Mutex
	entries  map[cacheKey]*cacheEntry
	accounts map[int64]*cacheEntry // the first of each account's entries
	// The order of making: entries are not renewed by use, so the oldest is also the first to expire.
	oldest, newest *cacheEntry
}

type cacheKey [sha256.Size]byte

type cacheEntry struct {
	proof
	key     cacheKey
	account int64
	epoch   int64
	at      time.Time

	older, newer *cacheEntry
	prev, next   *cacheEntry // of the same account
}

func newCache(key []byte, life time.Duration, size int, now func() time.Time) *cache {
	return &cache{key: key, life: life, size: max(1, size), now: now,
		entries: make(map[cacheKey]*cacheEntry), accounts: make(map[int64]*cacheEntry)}
}

// keyOf is HMAC(process key, account ‖ secret): the same secret of another account has another key.
func (c *cache) keyOf(account int64, secret string) (k cacheKey) {
	m := hmac.New(sha256.New, c.key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(account)))
	m.Write([]byte(secret))
	m.Sum(k[:0])
	return k
}

// get returns what was proved by the secret of key, if it was in this epoch and lately.
func (c *cache) get(key cacheKey, epoch int64) (proof, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	switch {
	case e == nil:
		return proof{}, false
	case e.epoch != epoch || c.now().Sub(e.at) >= c.life:
		c.remove(e)
		return proof{}, false
	}
	return e.proof, true
}

func (c *cache) put(key cacheKey, account, epoch int64, p proof) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key]; e != nil {
		c.remove(e)
	}
	if len(c.entries) >= c.size {
		c.remove(c.oldest)
	}
	e := &cacheEntry{proof: p, key: key, account: account, epoch: epoch, at: c.now()}
	c.entries[key] = e
	if head := c.accounts[account]; head != nil {
		head.prev, e.next = e, head
	}
	c.accounts[account] = e
	if c.newest != nil {
		c.newest.newer, e.older = e, c.newest
	} else {
		c.oldest = e
	}
	c.newest = e
}

// drop forgets what an account proved before epoch.
func (c *cache) drop(account, epoch int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.accounts[account]; e != nil; {
		next := e.next
		if e.epoch < epoch {
			c.remove(e)
		}
		e = next
	}
}

// clear forgets everything.
func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	clear(c.accounts)
	c.oldest, c.newest = nil, nil
}

func (c *cache) remove(e *cacheEntry) {
	delete(c.entries, e.key)
	if e.prev != nil {
		e.prev.next = e.next
	} else if e.next != nil {
		c.accounts[e.account] = e.next
	} else {
		delete(c.accounts, e.account)
	}
	if e.next != nil {
		e.next.prev = e.prev
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		c.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		c.newest = e.older
	}
}
