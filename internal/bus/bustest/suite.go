// Package bustest is the conformance suite of bus.Bus: every implementation runs it.
package bustest

import (
	"sync"
	"testing"
	"time"

	"navette/internal/bus"
)

// patience bounds the wait for a hint that must come. It is long because it is only ever waited for in full by a test
// that fails.
const patience = 30 * time.Second

// Run runs the suite; open returns a fresh bus for each test and takes it away at the test's end.
func Run(t *testing.T, open func(t *testing.T) bus.Bus) {
	tests := []struct {
		name string
		run  func(*testing.T, bus.Bus)
	}{
		{"a subscriber is woken by a change of its account", woken},
		{"a subscriber is not woken by another account", notWokenByOthers},
		{"all subscribers of an account are woken", allWoken},
		{"many hints become one token with the highest modseq", coalesced},
		{"an older modseq does not take the place of a newer one", olderAfterNewer},
		{"one channel serves several accounts", sharedChannel},
		{"a cancelled subscription gets nothing, others stay", cancelled},
		{"cancelling twice does no harm", cancelledTwice},
		{"publishing does not block on a subscriber that never looks", neverBlocks},
		{"publishing to nobody does nothing", nobody},
		{"no hint is missed while others come and go", noHintMissed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, open(t))
		})
	}
}

// await takes one token, or fails.
func await(t *testing.T, wake <-chan struct{}) {
	t.Helper()
	select {
	case <-wake:
	case <-time.After(patience):
		t.Fatal("no hint came")
	}
}

// awaitModseq takes tokens until sub has been told of modseq.
func awaitModseq(t *testing.T, sub *bus.Subscription, wake <-chan struct{}, modseq int64) {
	t.Helper()
	for sub.Modseq() < modseq {
		await(t, wake)
	}
}

// flush waits until all that was published before has reached the subscribers, on a bus that may take its time: hints
// of one publisher keep their order, so a marker on an account of its own comes last.
func flush(t *testing.T, b bus.Bus) {
	t.Helper()
	const marker = int64(1) << 60
	wake := make(chan struct{}, 1)
	sub := b.Subscribe(marker, wake)
	defer sub.Cancel()
	b.Publish(marker, 1)
	awaitModseq(t, sub, wake, 1)
}

func mustBeEmpty(t *testing.T, wake <-chan struct{}) {
	t.Helper()
	select {
	case <-wake:
		t.Error("a token came that nobody should have sent")
	default:
	}
}

func woken(t *testing.T, b bus.Bus) {
	wake := make(chan struct{}, 1)
	sub := b.Subscribe(7, wake)
	defer sub.Cancel()
	b.Publish(7, 41)
	await(t, wake)
	if got := sub.Modseq(); got != 41 {
		t.Errorf("modseq %d, want 41", got)
	}
}

func notWokenByOthers(t *testing.T, b bus.Bus) {
	wake := make(chan struct{}, 1)
	sub := b.Subscribe(7, wake)
	defer sub.Cancel()
	// Accounts that an implementation may well put into one shard or subject with 7.
	for _, other := range []int64{0, 8, 70, 77, -7, 7 + 64, 7 + 1024, 7 + 1<<32} {
		b.Publish(other, 5)
	}
	flush(t, b)
	mustBeEmpty(t, wake)
	if got := sub.Modseq(); got != 0 {
		t.Errorf("modseq %d from another account", got)
	}
}

func allWoken(t *testing.T, b bus.Bus) {
	var subs []*bus.Subscription
	var wakes []chan struct{}
	for range 50 {
		wake := make(chan struct{}, 1)
		wakes = append(wakes, wake)
		subs = append(subs, b.Subscribe(7, wake))
	}
	b.Publish(7, 3)
	for i, sub := range subs {
		awaitModseq(t, sub, wakes[i], 3)
		sub.Cancel()
	}
}

func coalesced(t *testing.T, b bus.Bus) {
	wake := make(chan struct{}, 1)
	sub := b.Subscribe(7, wake)
	defer sub.Cancel()
	for m := int64(1); m <= 100; m++ {
		b.Publish(7, m)
	}
	flush(t, b)
	await(t, wake)
	mustBeEmpty(t, wake)
	if got := sub.Modseq(); got != 100 {
		t.Errorf("modseq %d, want 100", got)
	}
}

func olderAfterNewer(t *testing.T, b bus.Bus) {
	wake := make(chan struct{}, 1)
	sub := b.Subscribe(7, wake)
	defer sub.Cancel()
	b.Publish(7, 9)
	b.Publish(7, 8)
	flush(t, b)
	if got := sub.Modseq(); got != 9 {
		t.Errorf("modseq %d, want 9", got)
	}
}

func sharedChannel(t *testing.T, b bus.Bus) {
	wake := make(chan struct{}, 1)
	first, second := b.Subscribe(7, wake), b.Subscribe(8, wake)
	defer first.Cancel()
	defer second.Cancel()
	b.Publish(8, 2)
	awaitModseq(t, second, wake, 2)
	if first.Modseq() != 0 {
		t.Error("the hint of account 8 reached the subscription to account 7")
	}
	b.Publish(7, 1)
	awaitModseq(t, first, wake, 1)
}

func cancelled(t *testing.T, b bus.Bus) {
	// The first, one in the middle and the last leave in turn; those that stay must still be told.
	for leaving := range 3 {
		var subs [3]*bus.Subscription
		var wakes [3]chan struct{}
		for i := range subs {
			wakes[i] = make(chan struct{}, 1)
			subs[i] = b.Subscribe(7, wakes[i])
		}
		subs[leaving].Cancel()
		b.Publish(7, 6)
		flush(t, b)
		mustBeEmpty(t, wakes[leaving])
		for i := range subs {
			if i != leaving {
				awaitModseq(t, subs[i], wakes[i], 6)
				subs[i].Cancel()
			}
		}
	}
}

func cancelledTwice(t *testing.T, b bus.Bus) {
	wake := make(chan struct{}, 1)
	gone := b.Subscribe(7, make(chan struct{}, 1))
	gone.Cancel()
	stays := b.Subscribe(7, wake)
	defer stays.Cancel()
	gone.Cancel()
	b.Publish(7, 1)
	awaitModseq(t, stays, wake, 1)
}

func neverBlocks(t *testing.T, b bus.Bus) {
	full := make(chan struct{}, 1)
	sub := b.Subscribe(7, full)
	defer sub.Cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m := int64(1); m <= 1000; m++ {
			b.Publish(7, m)
		}
	}()
	await(t, done)
}

func nobody(t *testing.T, b bus.Bus) {
	b.Publish(12345, 1)
	wake := make(chan struct{}, 1)
	sub := b.Subscribe(12345, wake)
	defer sub.Cancel()
	flush(t, b)
	if got := sub.Modseq(); got > 1 {
		t.Errorf("modseq %d appeared from nowhere", got)
	}
}

// noHintMissed has writers publish rising modseqs of a few accounts while short subscriptions to the same accounts
// come and go; those that stay must end at the last modseq of each.
func noHintMissed(t *testing.T, b bus.Bus) {
	const accounts, last = 4, 500
	var subs [accounts]*bus.Subscription
	var wakes [accounts]chan struct{}
	for a := range subs {
		wakes[a] = make(chan struct{}, 1)
		subs[a] = b.Subscribe(int64(a), wakes[a])
	}
	var running sync.WaitGroup
	for a := range accounts {
		running.Go(func() {
			for m := int64(1); m <= last; m++ {
				b.Publish(int64(a), m)
			}
		})
		running.Go(func() {
			for range last {
				b.Subscribe(int64(a), make(chan struct{}, 1)).Cancel()
			}
		})
	}
	for a, sub := range subs {
		awaitModseq(t, sub, wakes[a], last)
		sub.Cancel()
	}
	running.Wait()
}
