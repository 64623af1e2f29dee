package limits_test

import (
	"testing"
	"time"

	"navette/internal/limits"
)

func options() limits.BackoffOptions {
	return limits.BackoffOptions{Free: 3, First: time.Second, Longest: 15 * time.Second, Halve: 15 * time.Minute, MaxKeys: 100}
}

func TestTheWaitGrowsWithEachFailure(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := limits.NewBackoff[string](options(), c.Now)
	for i, want := range []int{0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15} {
		wait, ok := b.Reserve("a")
		if !ok || wait != time.Duration(want)*time.Second {
			t.Fatalf("attempt %d: wait %v (%v), want %d s", i+1, wait, ok, want)
		}
		c.Pass(wait)
		b.Fail("a")
	}
	if wait, _ := b.Reserve("b"); wait != 0 {
		t.Errorf("another key waits %v", wait)
	}
}

func TestSuccessForgetsTheFailures(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := limits.NewBackoff[string](options(), c.Now)
	for range 10 {
		b.Fail("a")
	}
	b.Succeed("a")
	if wait, ok := b.Reserve("a"); !ok || wait != 0 {
		t.Errorf("wait %v, %v", wait, ok)
	}
}

func TestAttemptsAtTheSameTimeTakeTurns(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := limits.NewBackoff[string](options(), c.Now)
	for range 5 { // two above what is free: two seconds
		b.Fail("a")
	}
	for i, want := range []int{2, 4, 6, 8, 10, 12, 14} {
		if wait, ok := b.Reserve("a"); !ok || wait != time.Duration(want)*time.Second {
			t.Errorf("attempt %d: wait %v, %v, want %d s", i+1, wait, ok, want)
		}
	}
	if wait, ok := b.Reserve("a"); ok || wait != 16*time.Second {
		t.Errorf("the queue is longer than the longest wait: %v, %v", wait, ok)
	}
	// Those who were refused hold no place: time alone lets others in.
	c.Pass(2 * time.Second)
	if _, ok := b.Reserve("a"); !ok {
		t.Error("a refused attempt lengthened the queue")
	}
}

// However long a stranger has been at it, the wait stays bounded and ends: no lockout.
func TestAStormOfFailuresFades(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := limits.NewBackoff[string](options(), c.Now)
	for range 100_000 {
		b.Fail("a")
	}
	if d := b.Delay("a"); d != 15*time.Second {
		t.Errorf("delay %v in the storm", d)
	}
	if wait, ok := b.Reserve("a"); !ok || wait > 15*time.Second {
		t.Errorf("wait %v, %v", wait, ok)
	}
	c.Pass(15 * time.Minute)
	if d := b.Delay("a"); d != 15*time.Second {
		t.Errorf("one pause of a quarter of an hour already helped: %v", d)
	}
	c.Pass(75 * time.Minute)
	if d := b.Delay("a"); d != 0 {
		t.Errorf("delay %v an hour and a half after the storm", d)
	}
}
