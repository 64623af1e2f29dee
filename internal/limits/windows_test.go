package limits_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"navette/internal/limits"
)

func TestTheTightestWindowDecides(t *testing.T) {
	t.Parallel()
	c := newClock()
	w := limits.NewWindows[int64](limits.SenderWindows(), 100, c.Now)
	if ok, _ := w.Take(1, 700); !ok {
		t.Fatal("a minute's worth was refused")
	}
	ok, retry := w.Take(1, 1)
	if ok || retry <= 0 || retry > time.Minute {
		t.Errorf("the minute is full: %v, retry %v", ok, retry)
	}
	if ok, _ := w.Take(2, 700); !ok {
		t.Error("another sender paid for the first")
	}
	c.Pass(time.Minute)
	if ok, _ := w.Take(1, 301); ok {
		t.Error("ten minutes took 1,001")
	}
	if ok, _ := w.Take(1, 300); !ok {
		t.Error("a refusal counted")
	}
	c.Pass(10 * time.Minute)
	if ok, _ := w.Take(1, 700); !ok {
		t.Error("the ten minutes did not pass")
	}
}

func TestAtNightAQuarter(t *testing.T) {
	t.Parallel()
	c := newClock()
	w := limits.NewWindows[int]([]limits.Window{{Span: time.Hour, Max: 100}}, 10, c.Now)
	if ok, _ := w.TakeScaled(1, 26, 0.25); ok {
		t.Error("26 of 25 were taken")
	}
	if ok, _ := w.TakeScaled(1, 25, 0.25); !ok {
		t.Error("25 of 25 were refused")
	}
	if ok, _ := w.TakeScaled(1, 1, 0.25); ok {
		t.Error("a full quarter took more")
	}
	if ok, _ := w.Take(1, 75); !ok {
		t.Error("by day the rest is there")
	}
}

// Whatever is taken when, no window ever held more than Max within 11/12 of its span, and what the model would have
// had room for over 13/12 of it was not refused.
func TestWindowsAgreeWithALogOfAllThatWasTaken(t *testing.T) {
	t.Parallel()
	type taking struct {
		at time.Time
		n  int64
	}
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		window := limits.Window{Span: 12 * time.Minute, Max: 50}
		w := limits.NewWindows[int]([]limits.Window{window}, 10, c.Now)
		var log []taking
		within := func(d time.Duration) (sum int64) {
			for _, k := range log {
				if c.Now().Sub(k.at) < d {
					sum += k.n
				}
			}
			return sum
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c.Pass(time.Duration(rapid.IntRange(0, 200).Draw(t, "seconds")) * time.Second)
			n := rapid.Int64Range(1, 20).Draw(t, "n")
			ok, _ := w.Take(1, n)
			if ok {
				log = append(log, taking{c.Now(), n})
				if sum := within(11 * time.Minute); sum > window.Max {
					t.Fatalf("%d within 11 minutes", sum)
				}
			} else if sum := within(13 * time.Minute); sum+n <= window.Max {
				t.Fatalf("refused %d though only %d were taken", n, sum)
			}
		}
	})
}

// One message to a thousand is more than a minute allows, and would be at every retry.
func TestAnEmptyWindowTakesWhatComesAtOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	w := limits.NewWindows[int](limits.SenderWindows(), 10, func() time.Time { return now })
	if ok, _ := w.Take(1, 1000); !ok {
		t.Error("the first message to 1,000 was refused")
	}
	ok, retry := w.Take(1, 1)
	if ok || retry <= 0 {
		t.Errorf("another one in the same minute: %v, %v", ok, retry)
	}
	now = now.Add(11 * time.Minute)
	if ok, _ := w.Take(1, 1000); !ok {
		t.Error("a message to 1,000 was refused although the last one has left the windows that it filled")
	}
	if ok, _ := w.Take(2, 1); !ok {
		t.Error("somebody else was refused")
	}
}
