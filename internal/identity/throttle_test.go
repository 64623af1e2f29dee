package identity_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
)

func from(peer string, c identity.Credential) identity.Credential {
	c.Peer = netip.MustParseAddr(peer)
	return c
}

func guess() identity.Credential { return imap("cmartin", "pas le bon mot de passe") }

// waitsOf makes n wrong log-ins and returns how long each waited.
func (n *node) waitsOf(times int, c func(i int) identity.Credential) (waits []time.Duration) {
	n.t.Helper()
	n.waited()
	for i := range times {
		n.mustDeny(c(i))
		var sum time.Duration
		for _, w := range n.waited() {
			sum += w
		}
		waits = append(waits, sum)
	}
	return waits
}

func TestGuessingOneAccountFromOneNetworkGetsSlow(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, trusting("192.0.2.0/24")).withClaire()
	waits := n.waitsOf(14, func(int) identity.Credential { return guess() })
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	want := []time.Duration{0, 0, 0, 0, 0, 0, ms(250), ms(500), ms(1000), ms(2000), ms(4000), ms(8000), ms(15000), ms(15000)}
	if !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	// The right password, at the end of the wait, opens: nobody is locked out. Then all is forgiven.
	n.mustVerify(imap("cmartin", password))
	n.waited()
	n.mustDeny(guess())
	if w := n.waited(); len(w) != 0 {
		t.Errorf("after a success an attempt waits %v", w)
	}
}

func TestGuessingGetsAsSlowForNobody(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	known := n.waitsOf(18, func(int) identity.Credential { return from("198.51.100.1", guess()) })
	unknown := n.waitsOf(18, func(int) identity.Credential {
		return from("198.51.100.2", imap("inconnu", "pas le bon mot de passe"))
	})
	if !slices.Equal(known, unknown) {
		t.Errorf("the waits tell who exists:\n%v\n%v", known, unknown)
	}
	// Nor do a login and an address share a counter, which would tell that they are one account's.
	address := n.waitsOf(1, func(int) identity.Credential {
		return from("198.51.100.3", imap("claire.martin@ac-paris.example", "pas le bon mot de passe"))
	})
	if address[0] != 0 {
		t.Errorf("an address waits %v for what its login did", address[0])
	}
}

func TestANetworkThatTriesEverybodyGetsSlow(t *testing.T) {
	t.Parallel()
	spray := func(peer string) func(int) identity.Credential {
		return func(i int) identity.Credential { return from(peer, imap(fmt.Sprintf("agent%d", i), "Rentree2026!!")) }
	}
	n := sqliteNode(t, trusting("10.0.0.0/8")).withClaire()
	waits := n.waitsOf(30, spray("198.51.100.1"))
	if waits[20] != 0 || waits[21] == 0 || waits[29] != 15*time.Second {
		t.Errorf("waits %v", waits)
	}
	if waits := n.waitsOf(1, spray("198.51.100.2")); waits[0] != 0 {
		t.Errorf("the neighbour waits %v", waits[0])
	}
	// A subscriber has a whole /64.
	v6 := n.waitsOf(30, func(i int) identity.Credential { return spray(fmt.Sprintf("2001:db8:1:2::%x", i+1))(i) })
	if v6[29] != 15*time.Second {
		t.Errorf("IPv6 waits %v", v6)
	}
	// Thousands stand behind the address of a trusted network.
	if waits := n.waitsOf(30, spray("10.1.2.3")); slices.Max(waits) != 0 {
		t.Errorf("a trusted network waits %v", waits)
	}
}

// A storm from all over the world costs the owner nothing where they were seen, and seconds elsewhere.
func TestAStrangerCannotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	n.mustVerify(imap("cmartin", password))
	for i := range 500 {
		n.mustDeny(from(fmt.Sprintf("203.0.%d.%d", i/200, i%200+1), guess()))
	}
	n.waited()
	n.pass(10 * time.Minute) // no longer warm
	n.pass(0)
	n.mustVerify(imap("cmartin", password))
	if w := n.waited(); len(w) != 0 {
		t.Errorf("at home the owner waits %v", w)
	}
	n.pass(10 * time.Minute)
	n.mustVerify(from("192.0.2.200", imap("cmartin", password)))
	for _, w := range n.waited() {
		if w > 3*time.Second {
			t.Errorf("at a new place the owner waits %v", w)
		}
	}
}

func TestGuessingFromEverywhereGetsSlow(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	waits := n.waitsOf(40, func(i int) identity.Credential { return from(fmt.Sprintf("203.0.113.%d", i+1), guess()) })
	if waits[20] != 0 || waits[21] == 0 || waits[39] != 3*time.Second {
		t.Errorf("waits %v", waits)
	}
}

// Somebody behind the same address guesses without pause: programs whose secret was proved lately go on unhindered.
func TestAStormNextDoorDoesNotStopWhatRuns(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, trusting("192.0.2.0/24")).withClaire()
	n.mustVerify(imap("cmartin", password))
	for range 10 {
		n.mustDeny(guess())
	}
	n.waited()
	cost := n.hashesOf(func() { n.mustVerify(imap("cmartin", password)) })
	if w := n.waited(); len(w) != 0 || cost != 0 {
		t.Errorf("it waits %v and costs %d hashes", w, cost)
	}
}

func TestHangingUpCountsAsAFailure(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, trusting("192.0.2.0/24"), func(o *identity.Options) {
		o.Wait = func(context.Context, time.Duration) error { return context.Canceled } // the client is gone
	}).withClaire()
	for range 100 {
		if _, err := n.Verify(t.Context(), guess()); !errors.Is(err, context.Canceled) {
			if !failure.Is(err, failure.Temporary) {
				t.Fatal(err)
			}
			return // turned away: so many wait that another would wait too long
		}
	}
	t.Error("a hundred guesses that hung up are still let in")
}

func TestTooManyWaitingAreToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, trusting("192.0.2.0/24"), func(o *identity.Options) {
		o.Wait = func(context.Context, time.Duration) error { return nil } // they wait at the same time: no time passes
	}).withClaire()
	var last error
	for range 20 {
		if _, last = n.Verify(t.Context(), guess()); failure.Is(last, failure.Temporary) {
			break
		}
	}
	if !failure.Is(last, failure.Temporary) || failure.TextOf(last, "") == "" {
		t.Errorf("the last: %v", last)
	}
	n.pass(time.Minute)
	n.mustVerify(imap("cmartin", password))
}
