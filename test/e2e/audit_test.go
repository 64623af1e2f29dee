package e2e

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5"
)

// Invariant 1: what was acknowledged is there, once, octet for octet; what was not is there once or not at all.

// audit reads every mailbox of a crowd and holds it against the ledgers. Large deliveries are placed after their
// acceptance, and parcels leave after theirs, so what is missing gets time to come.
func audit(t *testing.T, d *demo, c *crowd) {
	t.Helper()
	x := expect(t, c)
	found := &finds{byAccount: map[string]map[string][]find{}}
	todo := append(slices.Clone(c.readers), c.writers...)
	comes(func() bool { // what does not come is told by judge
		todo = found.read(t, d, x, todo)
		return len(todo) == 0
	})
	problems := append(found.judge(x), auditOutbox(t, d, c, x)...)
	slices.Sort(problems)
	for _, p := range problems[:min(len(problems), 20)] {
		t.Error(p)
	}
	all := c.entries(t)
	t.Logf("audited: %d acknowledged, %d refused, %d lost of %d attempts", tally(all, acknowledged, ""), tally(all, refusedNow, ""),
		tally(all, lost, ""), tally(all, tried, ""))
	if len(problems) > 0 {
		t.Fatalf("%d problems", len(problems))
	}
}

// find is one message of the load in a mailbox.
type find struct {
	folder, flags string
	intact        bool // its octets, or those that were read, are what was sent
}

// finds are the messages of the load, by account and id.
type finds struct {
	mu        sync.Mutex
	byAccount map[string]map[string][]find
}

// read reads the mailboxes of accounts, a few at a time, and returns those in which something is missing.
func (f *finds) read(t *testing.T, d *demo, x expectation, accounts []account) (missing []account) {
	t.Helper()
	work := make(chan account)
	var failures []error
	var readers sync.WaitGroup
	for range 6 {
		readers.Go(func() {
			for a := range work {
				got, err := readMailbox(d, a, x.accounts[a.address])
				f.mu.Lock()
				if err != nil {
					failures = append(failures, err)
				}
				f.byAccount[a.address] = got
				if err == nil && !complete(x.accounts[a.address], got) {
					missing = append(missing, a)
				}
				f.mu.Unlock()
			}
		})
	}
	for _, a := range accounts {
		work <- a
	}
	close(work)
	readers.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	return missing
}

// complete tells whether everything is there that must be.
func complete(want fates, got map[string][]find) bool {
	for id, f := range want {
		if !slices.Contains(f.places, "") && len(got[id]) == 0 {
			return false
		}
	}
	return true
}

// readMailbox reads the messages of the load: whole where few accounts are concerned, by their id where all are.
func readMailbox(d *demo, a account, want fates) (map[string][]find, error) {
	c, err := signInTo(d.address("imap"), a, nil)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	got := map[string][]find{}
	places := []string{inbox}
	section := &imap.FetchItemBodySection{Peek: true}
	if slices.ContainsFunc(slices.Collect(maps.Values(want)), func(f *fate) bool { return f.exact }) {
		places = []string{archive, sent, inbox, trash}
	} else if !slices.Contains(crowdOf(d).few(), a.address) {
		section = &imap.FetchItemBodySection{Peek: true, Specifier: imap.PartSpecifierHeader, HeaderFields: []string{idField}}
	}
	whole := section.Specifier == imap.PartSpecifierNone
	for _, folder := range places {
		messages, err := listFolder(c, folder, section)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.login, err)
		}
		for _, m := range messages {
			if id := idIn(m.bytes); id != "" {
				got[id] = append(got[id], find{folder, m.flags, !whole || intact(want[id], d, m.bytes)})
			}
		}
	}
	return got, nil
}

// idIn is the id of a message of the load, "" in any other.
func idIn(text string) string {
	_, rest, found := strings.Cut(text, idField+": ")
	if !found {
		return ""
	}
	id, _, _ := strings.Cut(rest, "\r\n")
	return id
}

// intact tells whether the octets are those that were sent, with our trace before them where there is one.
func intact(f *fate, d *demo, text string) bool {
	if f == nil {
		return true // nobody sent it, which is told
	}
	want := essay(f.id, f.size)
	if f.exact {
		return text == want
	}
	if strings.Contains(f.id, ".submit.") {
		want = strings.Replace(want, "essai@dehors.example", crowdOf(d).sender.address, 1)
	}
	return strings.HasSuffix(text, want)
}

// judge tells everything that is not as the ledgers say.
func (f *finds) judge(x expectation) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for address, want := range x.accounts {
		got := f.byAccount[address]
		for id, all := range got {
			switch {
			case want[id] == nil:
				say("%s: %s was never sent to them", address, id)
			case len(all) > 1:
				say("%s: %s is there %d times: %v", address, id, len(all), all)
			case !slices.Contains(want[id].places, all[0].folder):
				say("%s: %s is in %s, may be in %q", address, id, all[0].folder, want[id].places)
			case !slices.Contains(want[id].flags, all[0].flags):
				say("%s: %s has the flags %q, may have %q", address, id, all[0].flags, want[id].flags)
			case !all[0].intact:
				say("%s: the octets of %s have changed", address, id)
			}
		}
		for id, m := range want {
			if len(got[id]) == 0 && !slices.Contains(m.places, "") {
				say("%s: %s was acknowledged and is lost", address, id)
			}
		}
	}
	for id, recipients := range x.together {
		n := 0
		for _, address := range recipients {
			n += min(1, len(f.byAccount[address][id]))
		}
		if n != 0 && n != len(recipients) {
			say("%s reached %d of its %d recipients", id, n, len(recipients))
		}
	}
	return problems
}

// auditOutbox holds the outbox against what was submitted for outside.
func auditOutbox(t *testing.T, d *demo, c *crowd, x expectation) (problems []string) {
	t.Helper()
	var counts map[string]int
	var missing []string
	comes(func() bool { // what does not come is told below
		counts, missing = map[string]int{}, nil
		for _, p := range parcelsWith(t, d, idField) {
			counts[idIn(p.bytes)]++
		}
		for id, f := range x.outside {
			if counts[id] == 0 && !slices.Contains(f.places, "") {
				missing = append(missing, id)
			}
		}
		return len(missing) <= queued(t, c)
	})
	if len(missing) > queued(t, c) {
		problems = append(problems, fmt.Sprintf("outbox: %q were acknowledged, and are neither there nor in the queue", missing))
	}
	for id, n := range counts {
		if n > 1 || x.outside[id] == nil || slices.Equal(x.outside[id].places, []string{""}) {
			problems = append(problems, fmt.Sprintf("outbox: %s is there %d times", id, n))
		}
	}
	return problems
}

// queued is how many messages for outside may wait longer than this test: on PostgreSQL, where there may be other
// nodes, what a node had taken from the queue when it was killed is taken by the next ten minutes later. It is the one
// thing here that only the database can tell.
func queued(t *testing.T, c *crowd) (n int) {
	t.Helper()
	if c.database == "" {
		return 0
	}
	conn, err := pgx.Connect(t.Context(), c.database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM outbound WHERE state = 0").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
