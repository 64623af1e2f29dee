package identity_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// watched is a connection that holds a principal: how often it was told that the principal ended.
type watched struct {
	p     identity.Principal
	ended chan struct{}
	watch *identity.Watch
}

func (n *node) connect(login, secret string) *watched {
	n.t.Helper()
	w := &watched{p: n.mustVerify(imap(login, secret)), ended: make(chan struct{}, 10)}
	w.watch = n.Watch(w.p, func() { w.ended <- struct{}{} })
	return w
}

func (w *watched) mustHaveEnded(t *testing.T, n *node, why string) {
	t.Helper()
	if len(w.ended) != 1 {
		t.Errorf("%s: told %d times", why, len(w.ended))
	}
	if n.StillValid(w.p) {
		t.Errorf("%s: still valid", why)
	}
}

func (w *watched) mustBeOpen(t *testing.T, n *node, why string) {
	t.Helper()
	if len(w.ended) != 0 {
		t.Errorf("%s: told %d times", why, len(w.ended))
	}
	if !n.StillValid(w.p) {
		t.Errorf("%s: no longer valid", why)
	}
}

// twoNodes opens two nodes on one database, with Claire and Paul active. On SQLite, where one process writes, they
// share the handle.
func twoNodes(t *testing.T, url string) (here, there *node) {
	t.Helper()
	here = newNode(t, url).withClaire()
	here.appoint(7, "pdurand", "paul", "durand")
	if err := here.Activate(t.Context(), by(), 7, "un autre mot de passe"); err != nil {
		t.Fatal(err)
	}
	there = &node{t: t, clock: here.clock, log: &logs{}, db: here.db}
	if here.db.Dialect() == store.PostgreSQL {
		there.db = stores.OpenAt(t, url, here.clock.Now)
	}
	there.start()
	return here, there
}

// Invariant 6 of the design: at once on the node of the change, at the next poll on the others.
func TestASuspensionEndsWhatIsOpenEverywhere(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		here, there := twoNodes(t, url)
		local, remote := here.connect("cmartin", password), there.connect("cmartin", password)
		paul := there.connect("pdurand", "un autre mot de passe")
		if err := here.Suspend(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		local.mustHaveEnded(t, here, "on the node of the change")
		remote.mustBeOpen(t, there, "before the poll")
		there.pollNow()
		remote.mustHaveEnded(t, there, "after the poll")
		here.pollNow()
		there.pollNow()
		local.mustHaveEnded(t, here, "after another poll")
		remote.mustHaveEnded(t, there, "after another poll")
		paul.mustBeOpen(t, there, "of somebody else")
	})
}

func TestEveryChangeOfCredentialsEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		app, err := n.GenerateAppPassword(t.Context(), by(), claire, "téléphone")
		if err != nil {
			t.Fatal(err)
		}
		secret := password
		for _, change := range []struct {
			name string
			run  func() error
		}{
			{"a new password", func() error {
				secret = "une toute autre phrase"
				return n.SetPassword(t.Context(), by(), claire, secret)
			}},
			{"an application password revoked", func() error { return n.RevokeAppPassword(t.Context(), by(), claire, app.ID) }},
			{"a departure", func() error {
				err := n.db.Write(t.Context(), store.Interactive, func(tx *store.Tx) error {
					return identity.Depart(t.Context(), tx, by(), claire)
				})
				n.pollNow()
				return err
			}},
			{"a suspension", func() error { return n.Suspend(t.Context(), by(), claire) }},
		} {
			w := n.connect("cmartin", secret)
			if err := change.run(); err != nil {
				t.Fatal(err)
			}
			w.mustHaveEnded(t, n, change.name)
		}
	})
}

func TestALogInAfterTheRevocationIsGood(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		old := n.connect("cmartin", password)
		if err := n.SetPassword(t.Context(), by(), claire, "une toute autre phrase"); err != nil {
			t.Fatal(err)
		}
		fresh := n.connect("cmartin", "une toute autre phrase")
		n.pollNow() // reads the row of the change that this node has acted on already
		old.mustHaveEnded(t, n, "before the change")
		fresh.mustBeOpen(t, n, "after the change")
	})
}

func TestAWatchOnWhatIsVoidAlreadyIsToldAtOnce(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	p := n.mustVerify(imap("cmartin", password))
	if err := n.Suspend(t.Context(), by(), claire); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	n.Watch(p, func() { close(ended) })
	<-ended
	if n.StillValid(p) {
		t.Error("still valid")
	}
}

func TestAStoppedWatchIsNotTold(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	// The first, one in the middle and the last of one account's watches stop in turn.
	for stopping := range 3 {
		var all []*watched
		for range 3 {
			all = append(all, n.connect("cmartin", password))
		}
		all[stopping].watch.Stop()
		all[stopping].watch.Stop()
		if err := n.SetPassword(t.Context(), by(), claire, password); err != nil {
			t.Fatal(err)
		}
		for i, w := range all {
			if want := 1; len(w.ended) != want && i != stopping {
				t.Errorf("watch %d was told %d times", i, len(w.ended))
			}
			if i == stopping && len(w.ended) != 0 {
				t.Error("the stopped watch was told")
			}
		}
	}
}

// A node that cannot read the revocations does not know who was suspended: it vouches for nobody, and after a while
// ends what is open.
func TestABlindNodeFailsClosed(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	w := n.connect("cmartin", password)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	blindPoll := func() {
		t.Helper()
		if err := n.Poll(cancelled); err == nil {
			t.Fatal("a poll on a cancelled context reads the database")
		}
	}
	n.clock.Pass(2 * time.Second)
	blindPoll()
	w.mustBeOpen(t, n, "after two seconds")

	n.clock.Pass(500 * time.Millisecond)
	blindPoll()
	if n.StillValid(w.p) {
		t.Error("blind, the node vouches for what it gave")
	}
	if _, err := n.Verify(t.Context(), imap("cmartin", password)); !failure.Is(err, failure.Temporary) {
		t.Errorf("blind, the node verifies from memory: %v", err)
	}
	if len(w.ended) != 0 {
		t.Error("the connection ended at the first hiccup")
	}

	n.clock.Pass(27 * time.Second)
	blindPoll()
	if len(w.ended) != 0 {
		t.Error("the connection ended before its time")
	}
	n.clock.Pass(time.Second)
	blindPoll()
	w.mustHaveEnded(t, n, "after thirty seconds")

	n.pollNow() // it sees again
	if n.StillValid(w.p) {
		t.Error("what was void came back to life")
	}
	if cost := n.hashesOf(func() { n.mustVerify(imap("cmartin", password)) }); cost != 1 {
		t.Errorf("a log-in afterwards cost %d hashes", cost)
	}
}

func TestANodeThatSeesAgainInTimeKeepsWhatIsOpen(t *testing.T) {
	t.Parallel()
	n := sqliteNode(t).withClaire()
	w := n.connect("cmartin", password)
	n.clock.Pass(20 * time.Second)
	if n.StillValid(w.p) {
		t.Error("blind, the node vouches")
	}
	n.pollNow()
	w.mustBeOpen(t, n, "after a failover")
}

func TestLostRevocationsVoidEverything(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lose func(n *node)
	}{
		{"pruned while the node was away", func(n *node) { n.exec(`DELETE FROM revocation`) }},
		{"the older ones pruned", func(n *node) { n.exec(`DELETE FROM revocation WHERE seq < (SELECT max(seq) FROM revocation)`) }},
		{"one in the middle gone", func(n *node) {
			n.exec(`DELETE FROM revocation WHERE seq = (SELECT max(seq) - 1 FROM revocation)`)
		}},
		{"the database restored to before", func(n *node) {
			n.exec(`DELETE FROM revocation`)
			n.exec(`UPDATE store_meta SET value = 1 WHERE name = 'revocation'`)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stores.EachURL(t, func(t *testing.T, url string) {
				here, there := twoNodes(t, url)
				w := there.connect("pdurand", "un autre mot de passe")
				for range 3 {
					if err := here.SetPassword(t.Context(), by(), claire, password); err != nil {
						t.Fatal(err)
					}
				}
				tt.lose(here)
				there.pollNow()
				w.mustHaveEnded(t, there, tt.name)
				again := there.connect("pdurand", "un autre mot de passe")
				if err := here.Suspend(t.Context(), by(), 7); err != nil {
					t.Fatal(err)
				}
				there.pollNow()
				again.mustHaveEnded(t, there, "a suspension afterwards")
			})
		})
	}
}

// After a restore an account's epoch is lower than what this node saw: that must not shut its owner out.
func TestARestoreShutsNobodyOut(t *testing.T) {
	t.Parallel()
	eachNode(t, func(t *testing.T, n *node) {
		n.withClaire()
		epoch := n.mustVerify(imap("cmartin", password)).AuthEpoch
		for range 3 {
			if err := n.SetPassword(t.Context(), by(), claire, password); err != nil {
				t.Fatal(err)
			}
		}
		n.pollNow()
		n.exec(`UPDATE account SET auth_epoch = $1`, epoch)
		n.exec(`DELETE FROM revocation WHERE seq > 1`)
		n.exec(`UPDATE store_meta SET value = 1 WHERE name = 'revocation'`)
		n.pollNow()
		n.connect("cmartin", password).mustBeOpen(t, n, "after the restore")
	})
}

func TestPruningKeepsWhatNodesMayNeed(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		here, there := twoNodes(t, url)
		there.pollNow()
		here.pass(2 * time.Hour)
		there.pollNow()
		w := there.connect("cmartin", password)
		if err := here.Suspend(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		if n, err := here.Prune(t.Context()); err != nil || n != 2 {
			t.Errorf("pruned %d, %v: want the two activations", n, err)
		}
		paul := there.connect("pdurand", "un autre mot de passe")
		there.pollNow()
		w.mustHaveEnded(t, there, "the suspension")
		paul.mustBeOpen(t, there, "of somebody else: nothing was lost")
	})
}

func TestManyRevocationsAreReadInPages(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		here, there := twoNodes(t, url)
		w := there.connect("cmartin", password)
		here.write(func(ctx context.Context, tx *store.Tx) error {
			for range 2500 {
				seq, err := tx.NextMeta(ctx, "revocation")
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `INSERT INTO revocation (seq, account_id, at) VALUES ($1, 7, $2)`, seq, tx.NowMicros()); err != nil {
					return err
				}
			}
			return nil
		})
		if err := here.Suspend(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		there.pollNow()
		w.mustHaveEnded(t, there, "the last of 2,501")
	})
}

// Run polls by itself: with the machine's clock replaced by the test's, a suspension elsewhere ends a connection
// within a second.
func TestRunActsWithinASecond(t *testing.T) {
	url := stores.SQLiteURL(t)
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), url, store.Options{Now: time.Now, Log: discard()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		n := &node{t: t, db: db, clock: &clock{}, log: &logs{}}
		n.start()
		n.withClaire()
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- n.Run(ctx) }()
		other := &node{t: t, db: db, clock: n.clock, log: n.log}
		other.start()
		w := n.connect("cmartin", password)
		suspended := time.Now()
		if err := other.Suspend(t.Context(), by(), claire); err != nil {
			t.Fatal(err)
		}
		select {
		case <-w.ended:
			if took := time.Since(suspended); took > time.Second {
				t.Errorf("it took %v", took)
			}
		case <-time.After(10 * time.Second): // of the test's clock
			t.Error("it was never told")
		}
		stop()
		if err := <-stopped; err == nil {
			t.Error("Run ended without its context's error")
		}
	})
}

func BenchmarkStillValid(b *testing.B) {
	s, ids := manyAccounts(b, stores.SQLite(b), 1)
	secret, hash := generated(b)
	if err := s.ActivateAll(b.Context(), by(), ids, hash); err != nil {
		b.Fatal(err)
	}
	poll(b, s)
	p, err := s.Verify(b.Context(), imap("agent0", secret))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !s.StillValid(p) {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkRevokeOneOf10000Watched(b *testing.B) {
	db := stores.SQLite(b)
	s, ids := manyAccounts(b, db, 10_000)
	secret, hash := generated(b)
	if err := s.ActivateAll(b.Context(), by(), ids, hash); err != nil {
		b.Fatal(err)
	}
	poll(b, s)
	for i := range ids {
		p, err := s.Verify(b.Context(), imap(fmt.Sprintf("agent%d", i), secret))
		if err != nil {
			b.Fatal(err)
		}
		s.Watch(p, func() {})
	}
	for i := 0; b.Loop(); i++ {
		if err := s.SetPassword(b.Context(), by(), ids[i%len(ids)], password); err != nil {
			b.Fatal(err)
		}
	}
}
