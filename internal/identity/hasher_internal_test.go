package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"navette/internal/failure"
)

func cheapHasher(parallel, queue int) *hasher {
	return newHasher(Argon2{MemoryKiB: 8, Passes: 1, Threads: 1}, parallel, queue, rand.Reader)
}

// What does not fit in the queue is told so at once: a storm of log-ins takes bounded memory.
func TestTheQueueIsBoundedAndFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := cheapHasher(2, 3)
		release := make(chan struct{})
		var running sync.WaitGroup
		var ran int
		var mu sync.Mutex
		for range 5 {
			running.Go(func() {
				err := h.turn(t.Context(), func() error {
					mu.Lock()
					ran++
					mu.Unlock()
					<-release
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if ran != 2 {
			t.Errorf("%d run at once, want 2", ran)
		}
		nothing := func() error { return nil }
		if err := h.turn(t.Context(), nothing); !failure.Is(err, failure.Temporary) {
			t.Errorf("the sixth: %v", err)
		}
		close(release)
		running.Wait()
		if err := h.turn(t.Context(), nothing); err != nil {
			t.Errorf("after the storm: %v", err)
		}
	})
}

func TestWhoGivesUpWaitingLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := cheapHasher(1, 1)
		release := make(chan struct{})
		go func() {
			if err := h.turn(t.Context(), func() error { <-release; return nil }); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 3 {
			if err := h.turn(ctx, func() error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		}
		close(release)
		synctest.Wait()
	})
}

func TestPHC(t *testing.T) {
	t.Parallel()
	h := cheapHasher(1, 0)
	phc, err := h.hash(t.Context(), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.hash(t.Context(), []byte("secret"))
	if err != nil || again == phc {
		t.Errorf("two hashes of one secret are equal, or %v", err)
	}
	for secret, want := range map[string]bool{"secret": true, "Secret": false, "": false} {
		if ok, err := h.matches(phc, []byte(secret)); err != nil || ok != want {
			t.Errorf("%q: %v, %v", secret, ok, err)
		}
	}
	// As the reference implementation's command line writes it (argon2 somesalt -id -t 2 -m 16 -p 1, "password").
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := h.matches(known, []byte("password")); err != nil || !ok {
		t.Errorf("the reference's hash: %v, %v", ok, err)
	}
}

func TestADamagedHashIsAnErrorAndCostsNothing(t *testing.T) {
	t.Parallel()
	h := cheapHasher(1, 0)
	good := h.decoy()
	for name, phc := range map[string]string{
		"empty":           "",
		"cut":             good[:len(good)/2],
		"another kind":    strings.Replace(good, "argon2id", "argon2i", 1),
		"another version": strings.Replace(good, "v=19", "v=16", 1),
		"a terabyte":      strings.Replace(good, "m=8", "m=1073741824", 1),
		"too little":      strings.Replace(good, "m=8", "m=7", 1),
		"no pass":         strings.Replace(good, "t=1", "t=0", 1),
		"endless passes":  strings.Replace(good, "t=1", "t=4000000000", 1),
		"no thread":       strings.Replace(good, "p=1", "p=0", 1),
		"a sign":          strings.Replace(good, "t=1", "t=+1", 1),
		"no salt":         "$argon2id$v=19$m=8,t=1,p=1$$" + strings.Repeat("A", 43),
		"no hash":         "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
		"a tail":          good + " ",
		"a digest":        "sha256:00",
	} {
		if ok, err := h.matches(phc, []byte("secret")); err == nil || ok {
			t.Errorf("%s (%s): %v", name, phc, ok)
		}
	}
	if n := h.hashes.Load(); n != 0 {
		t.Errorf("%d hashes were computed", n)
	}
}
