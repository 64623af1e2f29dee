package limits_test

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"navette/internal/limits"
)

func TestConcurrentHoldsItsLimit(t *testing.T) {
	t.Parallel()
	l := limits.NewConcurrent[string](3)
	var now, most atomic.Int64
	var running sync.WaitGroup
	for range 50 {
		running.Go(func() {
			for range 100 {
				release, ok := l.Acquire("a")
				if !ok {
					continue
				}
				for n := now.Add(1); ; {
					m := most.Load()
					if n <= m || most.CompareAndSwap(m, n) {
						break
					}
				}
				now.Add(-1)
				release()
				release() // a second release gives no second place
			}
		})
	}
	running.Wait()
	if most.Load() > 3 {
		t.Errorf("%d held it at once", most.Load())
	}
	if n := l.Held("a"); n != 0 {
		t.Errorf("%d places are held by nobody", n)
	}
}

func TestConcurrentRefusesTheOneTooMany(t *testing.T) {
	t.Parallel()
	l := limits.NewConcurrent[string](2)
	first, ok1 := l.Acquire("a")
	_, ok2 := l.Acquire("a")
	_, ok3 := l.Acquire("a")
	_, other := l.Acquire("b")
	if !ok1 || !ok2 || ok3 || !other {
		t.Fatalf("acquired %v %v %v, other key %v", ok1, ok2, ok3, other)
	}
	first()
	if _, ok := l.Acquire("a"); !ok {
		t.Error("a released place is not free")
	}
	unlimited := limits.NewConcurrent[string](0)
	for range 1000 {
		if _, ok := unlimited.Acquire("a"); !ok {
			t.Fatal("no limit refused")
		}
	}
}

func TestRecentForgetsAfterItsLife(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := limits.NewRecent[string](time.Hour, 2, c.Now)
	r.Add("a")
	if !r.Has("a") || r.Has("b") {
		t.Error("a is not remembered, or b is")
	}
	c.Pass(time.Hour)
	if r.Has("a") {
		t.Error("a is remembered for too long")
	}
	r.Add("a")
	r.Add("b")
	r.Add("c")
	if r.Has("a") || !r.Has("b") || !r.Has("c") {
		t.Error("memory is not bounded by what was used longest ago")
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	n, err := limits.ParseNetworks([]string{"127.0.0.0/8", " 2001:db8::/32", "192.0.2.7", "::ffff:198.51.100.0/120", "10.1.2.3/16"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"127.0.0.1": true, "::ffff:127.9.9.9": true, "128.0.0.1": false,
		"2001:db8:5::1": true, "2001:db9::1": false, "2001:db8::1%eth0": true,
		"192.0.2.7": true, "192.0.2.8": false,
		"198.51.100.77": true, "198.51.101.77": false,
		"10.1.255.255": true, "10.2.0.0": false,
	} {
		if got := n.Contain(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if n.Contain(netip.Addr{}) {
		t.Error("no address at all lies in a network")
	}
	for _, wrong := range []string{"", "example.fr", "1.2.3.4/33", "::ffff:0.0.0.0/80", "fe80::1%eth0"} {
		if _, err := limits.ParseNetworks([]string{wrong}); err == nil {
			t.Errorf("%q was taken for a network", wrong)
		}
	}
}

func TestNetworkOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7/32",
		"::ffff:192.0.2.7":     "192.0.2.7/32",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
	} {
		if got := limits.NetworkOf(netip.MustParseAddr(text)).String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if p := limits.NetworkOf(netip.Addr{}); p.IsValid() {
		t.Errorf("no address: %v", p)
	}
}
