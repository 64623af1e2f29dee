package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/delivery"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

const (
	letters     = 4  // from each node
	storeRounds = 60 // of each client that changes flags
)

// TestTwoNodesWriteTheSameMailboxes has two nodes on one database (one node twice where there is one writer only) send
// overlapping letters in opposite orders while clients change flags, copy, move and expunge on both, and others watch.
// No error escapes, no watcher misses a change (DESIGN invariant 11), every letter is in every mailbox once (invariant
// 1), and nobody met a deadlock, not even one that running a closure again has hidden (store.LockAccounts).
func TestTwoNodesWriteTheSameMailboxes(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		first := house.New(t, stores.Open(t, url))
		second := first
		if first.DB.Dialect() == store.PostgreSQL {
			second = house.New(t, stores.Open(t, url))
		}
		nodes := []*house.House{first, second}
		accounts := first.Accounts(t, delivery.PlaceNow+60) // too many to be placed at once
		for _, n := range slices.Compact(slices.Clone(nodes)) {
			n.Delivery.Start(t.Context())
			t.Cleanup(n.Delivery.Stop)
		}
		c := &crowd{ctx: t.Context(), accounts: accounts, done: make(chan struct{})}
		for i, n := range nodes {
			c.write(func() error { return sendLetters(t, n, i, accounts) })
			c.write(func() error { return c.changeFlags(n, uint64(i)) })
			c.write(func() error { return c.shuffle(n, uint64(i)) })
			for k := range 3 {
				c.watch(n, accounts[k*100+i])
			}
		}
		c.wait(t)
		for i, n := range nodes {
			if again := n.DB.Stats().Retries; again > 0 {
				t.Errorf("node %d ran %d closures again", i, again)
			}
		}
		if first.DB.Dialect() == store.PostgreSQL {
			noDeadlocks(t, first.DB)
		}
		for i, a := range accounts {
			if i%7 == 0 || i < 20 {
				lettersOnce(t, first, a)
			}
		}
	})
}

// crowd is the clients of the test.
type crowd struct {
	ctx      context.Context
	accounts []int64
	writers  sync.WaitGroup
	watchers sync.WaitGroup
	done     chan struct{} // closed when the writers have ended

	mu   sync.Mutex
	errs []error
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

func (c *crowd) write(fn func() error) {
	c.writers.Go(func() {
		if err := fn(); err != nil {
			c.fail(err)
		}
	})
}

func (c *crowd) wait(t *testing.T) {
	t.Helper()
	c.writers.Wait()
	close(c.done)
	c.watchers.Wait()
	if err := errors.Join(c.errs...); err != nil {
		t.Fatal(err)
	}
}

// sendLetters sends letters to all accounts, one node in ascending and the other in descending order, and waits until
// the last account has them.
func sendLetters(t *testing.T, h *house.House, node int, accounts []int64) error {
	targets := make([]delivery.Target, len(accounts))
	for i, a := range accounts {
		targets[i] = delivery.Target{Account: a, Mailbox: mailbox.Inbox}
	}
	if node == 1 {
		slices.Reverse(targets)
	}
	for i := range letters {
		m := message{id: fmt.Sprintf("letter-%d-%d@x.example", node, i), subject: "Lettre"}
		r, err := h.Accept(t, m.octets(), targets...)
		if err != nil {
			return fmt.Errorf("letter: %w", err)
		}
		if err := h.Placed(t.Context(), r); err != nil {
			return err
		}
	}
	return nil
}

// changeFlags is a client of some accounts that marks what it finds.
func (c *crowd) changeFlags(h *house.House, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 1))
	for range storeRounds {
		a := c.accounts[random.IntN(len(c.accounts))]
		change := mailbox.FlagChange{Mode: mailbox.StoreMode(random.IntN(3)), Flags: mailbox.Flags(random.IntN(8)), UnchangedSince: -1}
		if _, err := h.Mailboxes.Store(c.ctx, a, mailbox.Inbox, allUIDs, change); err != nil {
			return fmt.Errorf("flags: %w", err)
		}
	}
	return nil
}

// shuffle copies mail to the archive, moves it back into INBOX, and expunges there the copies that it marked.
func (c *crowd) shuffle(h *house.House, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 2))
	for range storeRounds / 4 {
		a := c.accounts[random.IntN(3)*100] // those that are watched
		if _, err := h.Mailboxes.Copy(c.ctx, a, mailbox.Inbox, allUIDs[:1], "Archives"); err != nil {
			return fmt.Errorf("copy: %w", err)
		}
		archive, err := h.Mailboxes.ByName(c.ctx, a, "Archives")
		if err != nil {
			return err
		}
		moved, err := h.Mailboxes.Move(c.ctx, a, archive.ID, allUIDs, "INBOX")
		if err != nil {
			return fmt.Errorf("move: %w", err)
		}
		if len(moved.Target) == 0 {
			continue
		}
		back := ranges(moved.Target)
		if _, err := h.Mailboxes.Store(c.ctx, a, mailbox.Inbox, back, mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Deleted, UnchangedSince: -1}); err != nil {
			return fmt.Errorf("mark: %w", err)
		}
		if _, err := h.Mailboxes.Expunge(c.ctx, a, mailbox.Inbox, back); err != nil {
			return fmt.Errorf("expunge: %w", err)
		}
	}
	return nil
}

// watch polls an INBOX until the writers have ended, and then compares what it saw with the truth.
func (c *crowd) watch(h *house.House, account int64) {
	c.watchers.Go(func() {
		if err := c.watchOne(h, account); err != nil {
			c.fail(fmt.Errorf("watcher of account %d: %w", account, err))
		}
	})
}

func (c *crowd) watchOne(h *house.House, account int64) error {
	snap, err := h.Mailboxes.Select(c.ctx, account, "INBOX")
	if err != nil {
		return err
	}
	o := &observer{box: snap.ID, state: snap.AccountModseq, view: map[uint32]seen{}}
	there := func(uids []uint32) ([]seen, error) { return fetch(c.ctx, h, account, o.box, ranges(uids)) }
	if err := o.apply(mailbox.Changes{Modseq: o.state, Added: expand(snap.UIDs)}, there); err != nil {
		return err
	}
	tick := time.NewTicker(time.Millisecond) // the writers need a turn too
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-c.done:
			last = true // and once more
		case <-tick.C:
		}
		ch, err := h.Mailboxes.ChangesSince(c.ctx, account, o.box, o.state)
		if err != nil {
			return err
		}
		if ch.Modseq < o.state || ch.Reset {
			return fmt.Errorf("from modseq %d to %+v", o.state, ch)
		}
		if err := o.apply(ch, there); err != nil {
			return err
		}
	}
	truth, err := fetch(c.ctx, h, account, o.box, allUIDs)
	if err != nil {
		return err
	}
	if d := cmp.Diff(truth, o.seen()); d != "" {
		return fmt.Errorf("(-truth +observed) %s", d)
	}
	return nil
}

func expand(runs []mailbox.UIDRange) (uids []uint32) {
	for _, r := range runs {
		for u := r.First; u <= r.Last; u++ {
			uids = append(uids, u)
		}
	}
	return uids
}

// noDeadlocks fails where PostgreSQL has counted one in the database of db. Its sessions hand in their counts about once
// a second, so this is a second witness that may miss the last; the retries are exact.
func noDeadlocks(t *testing.T, db *store.DB) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		var n int64
		err := tx.QueryRow(t.Context(), `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&n)
		if n > 0 {
			t.Errorf("PostgreSQL counted %d deadlocks", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lettersOnce fails unless the account's emails are one of each letter.
func lettersOnce(t *testing.T, h *house.House, account int64) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		var emails, messages int
		err := tx.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT message_id) FROM email WHERE account_id = $1`, account).Scan(&emails, &messages)
		if err == nil && (emails != 2*letters || messages != 2*letters) {
			t.Errorf("account %d has %d emails of %d messages, expected %d", account, emails, messages, 2*letters)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
