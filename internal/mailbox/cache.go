package mailbox

import (
	"sync"
	"time"

	"navette/internal/content"
)

// cacheBytes bounds what the cache of emails holds, in octets: some forty thousand emails.
const cacheBytes = 64 << 20

// known is what never changes about an email: its message with its facts, its thread, when it was received. So it is
// kept without ever being dropped for a change; flags and keywords are read anew each time. Nobody changes it.
type known struct {
	message  content.Message
	thread   int64
	received time.Time
}

// emailKey names an email. Ids are never used twice, so a key never comes to mean another email; and it is found only
// by who has just read a placement of it (DESIGN invariant 3).
type emailKey struct{ account, email int64 }

// emailCache keeps the emails that were listed last, in two generations: what is found in the old one moves to the
// young one; when that is full it becomes the old one. Its methods may be called from many goroutines.
type emailCache struct {
	mu         sync.Mutex
	limit      int // octets of one generation
	size       int // octets of the young one
	young, old map[emailKey]*known
}

func newEmailCache(bytes int) *emailCache {
	return &emailCache{limit: bytes / 2, young: map[emailKey]*known{}}
}

// lookUp returns what is known of each item's email, nil where nothing is.
func (c *emailCache) lookUp(account int64, items []Item) []*known {
	out := make([]*known, len(items))
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range items {
		key := emailKey{account, items[i].Email}
		k := c.young[key]
		if k == nil {
			if k = c.old[key]; k == nil {
				continue
			}
			c.add(key, k)
		}
		out[i] = k
	}
	return out
}

// keep adds what was read of each item's email; nil is skipped.
func (c *emailCache) keep(account int64, items []Item, ks []*known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range ks {
		if k != nil {
			c.add(emailKey{account, items[i].Email}, k)
		}
	}
}

func (c *emailCache) add(key emailKey, k *known) {
	if c.young[key] != nil {
		return
	}
	if c.size >= c.limit {
		c.old, c.young, c.size = c.young, make(map[emailKey]*known, len(c.young)/2), 0
	}
	c.young[key] = k
	c.size += 200 + len(k.message.Prefix) + len(k.message.RawFacts)
}
