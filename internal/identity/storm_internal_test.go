package identity

import (
	"context"
	"encoding/binary"
	"net/netip"
	"runtime"
	"strconv"
	"testing"
	"time"

	"navette/internal/limits"
)

// However many logins are guessed at, from however many places, what the throttle remembers of them is bounded.
func TestMemoryIsFlatUnderAStormOfGuesses(t *testing.T) {
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	throttle := newThrottle(nil, make([]byte, 32), func() time.Time { return now }, func(context.Context, time.Duration) error { return nil })
	n := uint32(0)
	storm := func() uint64 {
		for range 2 * limits.DefaultKeys {
			n++
			var peer [4]byte
			binary.BigEndian.PutUint32(peer[:], n)
			a := throttle.attempt("login "+strconv.Itoa(int(n)), netip.AddrFrom4(peer), "")
			if err := a.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
			leave, err := a.guess(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			leave()
			a.failed()
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	full := storm()
	for range 3 {
		if again := storm(); again > full+full/10 {
			t.Errorf("%d octets after a storm, %d after another as large", full, again)
		}
	}
	runtime.KeepAlive(throttle)
}
