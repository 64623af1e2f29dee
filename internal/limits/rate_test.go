package limits_test

import (
	"testing"
	"time"

	"navette/internal/limits"
)

func TestRateGivesTheBurstThenThePace(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := limits.NewRate[string](2, 10, 100, c.Now)
	for i := range 10 {
		if ok, _ := r.Take("a", 1); !ok {
			t.Fatalf("the burst ended at %d", i)
		}
	}
	ok, retry := r.Take("a", 1)
	if ok || retry != 500*time.Millisecond {
		t.Errorf("after the burst: %v, retry after %v", ok, retry)
	}
	if ok, _ := r.Take("b", 10); !ok {
		t.Error("another key paid for the first")
	}
	c.Pass(retry)
	if ok, _ := r.Take("a", 1); !ok {
		t.Error("nothing was there after the time that Take told")
	}
	c.Pass(time.Hour)
	if ok, _ := r.Take("a", 11); ok {
		t.Error("more than the burst was saved up")
	}
	if ok, _ := r.Take("a", 10); !ok {
		t.Error("a refusal took tokens")
	}
}

func TestRateTellsWhatWillNeverBe(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := limits.NewRate[int](1, 5, 100, c.Now)
	if ok, retry := r.Take(1, 6); ok || retry != 24*time.Hour {
		t.Errorf("%v, %v", ok, retry)
	}
	never := limits.NewRate[int](0, 1, 100, c.Now)
	never.Take(1, 1)
	if ok, retry := never.Take(1, 1); ok || retry != 24*time.Hour {
		t.Errorf("a rate of nothing: %v, %v", ok, retry)
	}
}

func TestRateSurvivesAClockSetBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := limits.NewRate[int](1, 5, 100, c.Now)
	r.Take(1, 5)
	c.Pass(-time.Hour)
	if ok, _ := r.Take(1, 1); ok {
		t.Error("going back in time gave a token")
	}
	c.Pass(time.Second)
	if ok, _ := r.Take(1, 1); !ok {
		t.Error("the bucket fills no more")
	}
}

// The memory of a limiter is bounded, and what makes room is what was used longest ago.
func TestTheKeyUsedLongestAgoMakesRoom(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := limits.NewRate[int](0.001, 1, 3, c.Now)
	for key := range 3 {
		r.Take(key, 1)
	}
	if ok, _ := r.Take(0, 1); ok {
		t.Fatal("key 0 was forgotten early")
	}
	r.Take(3, 1) // key 1 is now the oldest, and goes
	for key, fresh := range map[int]bool{0: false, 2: false, 3: false} {
		if ok, _ := r.Take(key, 1); ok != fresh {
			t.Errorf("key %d: taken %v", key, ok)
		}
	}
	if ok, _ := r.Take(1, 1); !ok {
		t.Error("key 1 was kept: memory is not bounded")
	}
}
