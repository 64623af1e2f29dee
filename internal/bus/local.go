package bus

import (
	"sync"
	"sync/atomic"
)

// shardCount spreads accounts over locks, so that a letter to 25,000 mailboxes and thousands of clients that come
// and go seldom meet. A power of two.
const shardCount = 64

// Local is the bus of one process. The zero Local is not usable: NewLocal makes one.
type Local struct {
	shards [shardCount]shard
}

var _ Bus = (*Local)(nil)

// shard holds the subscriptions of some accounts, as a ring-free doubly linked list an account: joining and leaving
// cost the same with one subscriber as with thousands, and an account without any costs nothing.
type shard struct {
	mu    sync.Mutex
	heads map[int64]*Subscription
}

// NewLocal returns an empty bus.
func NewLocal() *Local {
	b := &Local{}
	for i := range b.shards {
		b.shards[i].heads = make(map[int64]*Subscription)
	}
	return b
}

func (b *Local) shard(account int64) *shard {
	// Ids are given in sequence: their low bits spread evenly.
	return &b.shards[uint64(account)%shardCount]
}

// Publish tells the subscribers of account that it changed, up to modseq.
func (b *Local) Publish(account, modseq int64) {
	s := b.shard(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := s.heads[account]; sub != nil; sub = sub.next {
		sub.tell(modseq)
	}
}

// Subscribe has a token put into wake whenever account changes.
func (b *Local) Subscribe(account int64, wake chan<- struct{}) *Subscription {
	sub := &Subscription{bus: b, account: account, wake: wake}
	s := b.shard(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	if head := s.heads[account]; head != nil {
		head.prev, sub.next = sub, head
	}
	s.heads[account] = sub
	return sub
}

// WakeAll puts a token into every subscriber's channel: what a bus between nodes does when it may have lost hints.
func (b *Local) WakeAll() {
	for i := range b.shards {
		s := &b.shards[i]
		s.mu.Lock()
		for _, head := range s.heads {
			for sub := head; sub != nil; sub = sub.next {
				sub.wakeUp()
			}
		}
		s.mu.Unlock()
	}
}

// Subscription is one watcher's place on the bus.
type Subscription struct {
	bus        *Local
	account    int64
	wake       chan<- struct{}
	modseq     atomic.Int64
	prev, next *Subscription // guarded by the shard's lock
	cancelled  bool          // guarded by the shard's lock
}

// Modseq returns the highest modseq told since the subscription was made, 0 for none. It may run ahead of what the
// subscriber's snapshot shows, never behind what a token announced.
func (s *Subscription) Modseq() int64 { return s.modseq.Load() }

// Cancel ends the subscription; after it returns no token comes by it. Cancelling again does nothing.
func (s *Subscription) Cancel() {
	sh := s.bus.shard(s.account)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if s.cancelled {
		return
	}
	s.cancelled = true
	if s.next != nil {
		s.next.prev = s.prev
	}
	switch {
	case s.prev != nil:
		s.prev.next = s.next
	case s.next != nil:
		sh.heads[s.account] = s.next
	default:
		delete(sh.heads, s.account)
	}
	s.prev, s.next = nil, nil
}

// tell runs under the shard's lock, so the highest modseq needs no loop.
func (s *Subscription) tell(modseq int64) {
	if modseq > s.modseq.Load() {
		s.modseq.Store(modseq)
	}
	s.wakeUp()
}

func (s *Subscription) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
