package bus_test

import (
	"runtime"
	"testing"

	"navette/internal/bus"
	"navette/internal/bus/bustest"
)

func TestLocalConforms(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(*testing.T) bus.Bus { return bus.NewLocal() })
}

func TestWakeAllWakesEveryAccount(t *testing.T) {
	t.Parallel()
	b := bus.NewLocal()
	const accounts = 200
	wakes := make([]chan struct{}, 2*accounts)
	for i := range wakes {
		wakes[i] = make(chan struct{}, 1)
		b.Subscribe(int64(i%accounts), wakes[i])
	}
	b.WakeAll()
	for i, wake := range wakes {
		select {
		case <-wake:
		default:
			t.Fatalf("subscriber %d was not woken", i)
		}
	}
}

// The promise to idle connections: a subscription costs at most 200 bytes beside its channel (96 bytes), its place in
// the map included.
func TestASubscriptionIsSmall(t *testing.T) {
	const n = 20_000
	b := bus.NewLocal()
	subs := make([]*bus.Subscription, n)
	chans := make([]chan struct{}, n)
	before := heap()
	for i := range subs {
		chans[i] = make(chan struct{}, 1)
		subs[i] = b.Subscribe(int64(i), chans[i])
	}
	each := (heap() - before) / n
	runtime.KeepAlive(subs)
	runtime.KeepAlive(chans)
	t.Logf("%d bytes a subscription, with its channel", each)
	if each > 200+96 {
		t.Errorf("a subscription costs %d bytes with its channel", each)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkPublishToOneOfManySubscribers(b *testing.B) {
	local := bus.NewLocal()
	for i := range int64(10_000) {
		local.Subscribe(i, make(chan struct{}, 1))
	}
	var m int64
	for b.Loop() {
		m++
		local.Publish(m%10_000, m)
	}
}
