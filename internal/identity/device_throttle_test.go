package identity_test

import (
	"context"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
)

func wrong(context.Context) (bool, error) { return false, nil }
func right(context.Context) (bool, error) { return true, nil }

func TestANeighbourCannotSlowDownAKnownDevice(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t)
	guess := identity.Trial{Purpose: "second", Subject: "42", Peer: home()}
	own := guess
	own.Device = "digest of her browser"
	for range 60 {
		if ok, err := n.Try(t.Context(), guess, wrong); ok || err != nil && !failure.Is(err, failure.Temporary) {
			t.Fatal(ok, err)
		}
	}
	if waits := n.waited(); len(waits) == 0 {
		t.Error("the neighbour waited for nothing")
	}
	if ok, err := n.Try(t.Context(), own, right); !ok || err != nil || len(n.waited()) != 0 {
		t.Errorf("%v, %v", ok, err)
	}
	// A device is no way to guess: its own failures count.
	for range 20 {
		if _, err := n.Try(t.Context(), own, wrong); err != nil {
			t.Fatal(err)
		}
	}
	var sum time.Duration
	for _, w := range n.waited() {
		sum += w
	}
	if sum < time.Minute {
		t.Errorf("twenty wrong answers from a known device waited %v", sum)
	}
}

func TestPurposesAreCountedApart(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, trusting("192.0.2.0/24"))
	for range 30 {
		if _, err := n.Try(t.Context(), identity.Trial{Purpose: "activation", Subject: "cmartin", Peer: home()}, wrong); err != nil {
			t.Fatal(err)
		}
	}
	n.waited()
	if ok, err := n.Try(t.Context(), identity.Trial{Purpose: "forgotten", Subject: "cmartin", Peer: home()}, right); !ok || err != nil || len(n.waited()) != 0 {
		t.Errorf("%v, %v", ok, err)
	}
}
