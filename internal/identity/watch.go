package identity

import (
	"sync"
	"time"
)

// registry knows, in memory, which principals are worth nothing any more, and whom to tell.
type registry struct {
	mu sync.RWMutex
	// epochs holds, for each account that was revoked while this process ran, the lowest epoch that is still good.
	epochs map[int64]int64
	// generation grows when everything that was given before is void.
	generation uint64
	watches    map[int64]*Watch // the first of each account's
	// ending are the watches of what ends by itself, and nextEnd when the first of them does, in microseconds; 0: none.
	ending  map[*Watch]struct{}
	nextEnd int64
	now     func() time.Time
}

func newRegistry(now func() time.Time) *registry {
	return &registry{generation: 1, epochs: make(map[int64]int64), watches: make(map[int64]*Watch), ending: make(map[*Watch]struct{}), now: now}
}

// Watch is a standing order to be told when a principal is worth nothing any more.
type Watch struct {
	of         *registry
	account    int64
	epoch      int64
	until      int64
	ended      func()
	prev, next *Watch
	linked     bool
}

func (r *registry) current() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.generation
}

func (r *registry) valid(p Principal) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.validLocked(p)
}

func (r *registry) validLocked(p Principal) bool {
	return p.generation == r.generation && p.AuthEpoch >= r.epochs[p.Account] && (p.until == 0 || r.now().UnixMicro() < p.until)
}

func (r *registry) watch(p Principal, ended func()) *Watch {
	w := &Watch{of: r, account: p.Account, epoch: p.AuthEpoch, until: p.until, ended: ended}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.validLocked(p) {
		go ended()
		return w
	}
	if head := r.watches[w.account]; head != nil {
		head.prev, w.next = w, head
	}
	r.watches[w.account] = w
	w.linked = true
	if w.until != 0 {
		r.ending[w] = struct{}{}
		r.nextEnd = earlier(r.nextEnd, w.until)
	}
	return w
}

// earlier is the earlier of two moments of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Stop ends the watch: what is revoked after it returns does not start the function. What was revoked before may just be
// starting it.
func (w *Watch) Stop() {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	w.of.unlink(w)
}

func (r *registry) unlink(w *Watch) {
	if !w.linked {
		return
	}
	w.linked = false
	switch {
	case w.prev != nil:
		w.prev.next = w.next
	case w.next != nil:
		r.watches[w.account] = w.next
	default:
		delete(r.watches, w.account)
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
	delete(r.ending, w)
}

// expire tells whose principals have ended by themselves.
func (r *registry) expire() {
	now := r.now().UnixMicro()
	var told []func()
	r.mu.Lock()
	if r.nextEnd != 0 && r.nextEnd <= now {
		r.nextEnd = 0
		for w := range r.ending {
			if w.until <= now {
				told = append(told, w.ended)
				r.unlink(w)
			} else {
				r.nextEnd = earlier(r.nextEnd, w.until)
			}
		}
	}
	r.mu.Unlock()
	for _, ended := range told {
		ended()
	}
}

// revoke voids what the account was given before epoch, and tells who watches it.
func (r *registry) revoke(account, epoch int64) {
	r.mu.Lock()
	if epoch > r.epochs[account] {
		r.epochs[account] = epoch
	}
	var told []func()
	for w := r.watches[account]; w != nil; {
		next := w.next
		if w.epoch < epoch {
			told = append(told, w.ended)
			r.unlink(w)
		}
		w = next
	}
	r.mu.Unlock()
	for _, ended := range told {
		ended()
	}
}

// revokeAll voids everything that was given, and tells everybody. Epochs start afresh: after a restore of the database
// they may be lower than what was seen.
func (r *registry) revokeAll() {
	r.mu.Lock()
	r.generation++
	clear(r.epochs)
	var told []func()
	for _, head := range r.watches {
		for w := head; w != nil; w = w.next {
			told = append(told, w.ended)
			w.linked = false
		}
	}
	clear(r.watches)
	clear(r.ending)
	r.nextEnd = 0
	r.mu.Unlock()
	for _, ended := range told {
		ended()
	}
}
