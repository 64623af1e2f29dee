package limits

import (
	"sync"
	"time"
)

// Window allows Max within any span of about Span.
type Window struct {
	Span time.Duration
	Max  int64
}

// SenderWindows are the limits of a sender in the national messaging, counted by recipient (DOMAIN §3): what they
// allow is sent, what is above is refused until later.
func SenderWindows() []Window {
	return []Window{{time.Minute, 700}, {10 * time.Minute, 1000}, {time.Hour, 4000}, {10 * time.Hour, 8000}}
}

// slices is in how many parts a window is counted: a part leaves it as a whole, so a window is exact to a twelfth.
const slices = 12

// Windows counts, for each key, what was taken within each of several windows.
type Windows[K comparable] struct {
	now     Clock
	windows []Window

	mu     sync.Mutex
	counts table[K, []counts]
}

// counts is one window of one key: what was taken in each slice of it. Slices are numbered from the zero time.
type counts struct {
	newest int64 // number of the slice that was last written
	taken  [slices]int64
}

// NewWindows allows what all of windows allow, a key, and remembers maxKeys keys.
func NewWindows[K comparable](windows []Window, maxKeys int, now Clock) *Windows[K] {
	return &Windows[K]{now: now, windows: windows, counts: newTable[K, []counts](maxKeys)}
}

// Take takes n of key in all windows, or, where one of them has no room, none at all; retry is then a time after which
// it is worth trying again. A window from which nothing was taken has room for an n above its Max: what comes at once
// (one message to a thousand colleagues) would otherwise be refused for ever, and its sender told to try again for
// ever. It then has no room until that has left it.
func (w *Windows[K]) Take(key K, n int64) (ok bool, retry time.Duration) {
	return w.TakeScaled(key, n, 1)
}

// TakeScaled is Take with every Max multiplied by scale: a quarter at night, half at the week-end.
func (w *Windows[K]) TakeScaled(key K, n int64, scale float64) (ok bool, retry time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	of := w.counts.getOrAdd(key)
	if *of == nil {
		*of = make([]counts, len(w.windows))
	}
	ok = true
	for i, window := range w.windows {
		c := &(*of)[i]
		c.advance(now.UnixNano() / int64(window.slice()))
		sum := c.sum()
		never := sum == 0 && n > window.Max
		if !never && sum+n > int64(float64(window.Max)*scale) {
			ok = false
			retry = max(retry, window.slice())
		}
	}
	if !ok {
		return false, retry
	}
	for i := range w.windows {
		c := &(*of)[i]
		c.taken[c.newest%slices] += n
	}
	return true, 0
}

func (w Window) slice() time.Duration { return max(1, w.Span/slices) }

// advance forgets the slices that have left the window by the slice number current.
func (c *counts) advance(current int64) {
	if current-c.newest >= slices {
		c.taken = [slices]int64{}
		c.newest = current
	}
	for c.newest < current {
		c.newest++
		c.taken[c.newest%slices] = 0
	}
}

func (c *counts) sum() (sum int64) {
	for _, n := range c.taken {
		sum += n
	}
	return sum
}
