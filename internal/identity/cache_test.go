package identity_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"navette/internal/identity"
)

// hashesOf tells how many hashes fn costs.
func (n *node) hashesOf(fn func()) int64 {
	before := n.Hashes()
	fn()
	return n.Hashes() - before
}

func TestASecretProvedLatelyCostsNoHash(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		login := func() { n.mustVerify(imap("cmartin", password)) }
		if cost := n.hashesOf(login); cost != 1 {
			t.Errorf("the first log-in cost %d hashes", cost)
		}
		n.pass(4 * time.Minute)
		if cost := n.hashesOf(func() { login(); login() }); cost != 0 {
			t.Errorf("log-ins within five minutes cost %d hashes", cost)
		}
		// Use does not prolong it.
		n.pass(time.Minute)
		if cost := n.hashesOf(login); cost != 1 {
			t.Errorf("a log-in after five minutes cost %d hashes", cost)
		}
	})
}

// Invariant 3 of the design: what one account proved says nothing about another, though the secret be the same.
func TestTheMemoryOfSecretsIsOfOneAccount(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	n.appoint(7, "pdurand", "paul", "durand")
	if err := n.Activate(t.Context(), by(), 7, "un autre mot de passe"); err != nil {
		t.Fatal(err)
	}
	n.mustVerify(imap("cmartin", password))
	n.mustDeny(imap("pdurand", password))
	if p := n.mustVerify(imap("pdurand", "un autre mot de passe")); p.Account != 7 {
		t.Errorf("account %d", p.Account)
	}
}

func TestAWrongSecretIsNotRemembered(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	for range 2 {
		if cost := n.hashesOf(func() { n.mustDeny(imap("cmartin", "pas le bon mot de passe")) }); cost != 1 {
			t.Errorf("a wrong password cost %d hashes", cost)
		}
	}
}

func TestAChangeForgetsWhatWasProved(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.mustVerify(imap("cmartin", password))
		if err := n.SetPassword(t.Context(), by(), claire, "une toute autre phrase"); err != nil {
			t.Fatal(err)
		}
		n.mustDeny(imap("cmartin", password))
		n.mustVerify(imap("cmartin", "une toute autre phrase"))
		if err := n.Suspend(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		n.mustDeny(imap("cmartin", "une toute autre phrase"))
		if err := n.Resume(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		if cost := n.hashesOf(func() { n.mustVerify(imap("cmartin", "une toute autre phrase")) }); cost != 1 {
			t.Errorf("after the suspension a log-in cost %d hashes", cost)
		}
	})
}

// Another node changes the password; even before a poll has told this one, its cache lets nobody in with the old one.
func TestAChangeElsewhereIsSeenAtTheNextLogIn(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		n.mustVerify(imap("cmartin", password))
		other := &node{t: t, db: n.db, clock: n.clock, log: n.log}
		other.start()
		if err := other.SetPassword(t.Context(), by(), claire, "une toute autre phrase"); err != nil {
			t.Fatal(err)
		}
		n.mustDeny(imap("cmartin", password))
		n.mustVerify(imap("cmartin", "une toute autre phrase"))
	})
}

func TestTheMemoryOfSecretsIsBounded(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, func(o *identity.Options) { o.CacheSize = 3 }).withClaire()
	var secrets []string
	for i := range 4 {
		secret := fmt.Sprintf("mot de passe numéro %d", i)
		n.appoint(int64(100+i), fmt.Sprintf("agent%d", i), "agent", fmt.Sprint(i))
		if err := n.Activate(t.Context(), by(), int64(100+i), secret); err != nil {
			t.Fatal(err)
		}
		n.mustVerify(imap(fmt.Sprintf("agent%d", i), secret))
		secrets = append(secrets, secret)
	}
	// The first made room for the fourth; it comes last, since its return drives out another.
	for _, tt := range []struct {
		agent int
		cost  int64
	}{{1, 0}, {2, 0}, {3, 0}, {0, 1}} {
		login := func() { n.mustVerify(imap(fmt.Sprintf("agent%d", tt.agent), secrets[tt.agent])) }
		if cost := n.hashesOf(login); cost != tt.cost {
			t.Errorf("agent%d cost %d hashes, want %d", tt.agent, cost, tt.cost)
		}
	}
}

// A mail client opens several connections at once: its password is hashed once.
func TestLogInsAtTheSameTimeShareOneHash(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t, func(o *identity.Options) { o.Parallel = 1 }).withClaire()
	cost := n.hashesOf(func() {
		var clients sync.WaitGroup
		for range 16 {
			clients.Go(func() {
				if _, err := n.Verify(t.Context(), imap("cmartin", password)); err != nil {
					t.Error(err)
				}
			})
		}
		clients.Wait()
	})
	if cost != 1 {
		t.Errorf("16 connections cost %d hashes", cost)
	}
}

func TestAGeneratedSecretCostsNoHashEvenCold(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		app, err := n.GenerateAppPassword(t.Context(), by(), claire, "téléphone")
		if err != nil {
			t.Fatal(err)
		}
		if cost := n.hashesOf(func() { n.mustVerify(imap("cmartin", app.Secret)) }); cost != 0 {
			t.Errorf("it cost %d hashes", cost)
		}
	})
}
