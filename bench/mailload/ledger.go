package main

import (
	"sort"
	"sync"
	"time"
)

// ledger records what the server accepted, per user number.
type ledger struct {
	mu     sync.Mutex
	byUser map[int]map[string]int // user -> load id -> copies accepted
	total  int
}

func newLedger() *ledger { return &ledger{byUser: map[int]map[string]int{}} }

func (l *ledger) add(user int, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byUser[user] == nil {
		l.byUser[user] = map[string]int{}
	}
	l.byUser[user][id]++
	l.total++
}

// verify reads mailboxes back until each holds what was accepted or the settle
// time is over, and reports lost, duplicate and unexpected messages.
func (l *ledger) verify(c *config, res map[string]any) {
	users := make([]int, 0, len(l.byUser))
	for u := range l.byUser {
		users = append(users, u)
	}
	sort.Ints(users)
	if c.verify >= 0 && c.verify < len(users) {
		r := c.rng(5)
		r.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
		users = users[:c.verify]
	}
	start := time.Now()
	deadline := start.Add(c.settle)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs errlog
	lost, dup, alien, found, checked := 0, 0, 0, 0, 0
	work := make(chan int)
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for u := range work {
				lo, du, al, fo, err := l.check(c, u, deadline)
				mu.Lock()
				lost, dup, alien, found = lost+lo, dup+du, alien+al, found+fo
				if err == nil {
					checked++
				}
				mu.Unlock()
				if err != nil {
					errs.add(err)
				}
			}
		}()
	}
	for _, u := range users {
		work <- u
	}
	close(work)
	wg.Wait()
	v := map[string]any{"mailboxes": checked, "found": found, "lost": lost, "duplicate": dup, "unexpected": alien,
		"took_s": round(time.Since(start).Seconds())}
	errs.put(v)
	res["accepted"], res["verify"] = l.total, v
}

func (l *ledger) check(c *config, u int, deadline time.Time) (lost, dup, alien, found int, err error) {
	want := l.byUser[u]
	ic, err := login(c, u)
	if err != nil {
		return len(want), 0, 0, 0, err
	}
	defer ic.logout()
	for {
		n, err := ic.selectInbox(true)
		if err != nil {
			return len(want), 0, 0, 0, err
		}
		have := map[string]int{}
		if n > 0 {
			ids, err := ic.loadIDs(c.runID)
			if err != nil {
				return len(want), 0, 0, 0, err
			}
			for _, id := range ids {
				have[id]++
			}
		}
		lost, dup, alien, found = compare(want, have)
		if lost == 0 || time.Now().After(deadline) {
			return lost, dup, alien, found, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// compare says what became of the messages that a mailbox should hold: want
// and have map load ids to copies.
func compare(want, have map[string]int) (lost, dup, alien, found int) {
	for id, n := range want {
		found += have[id]
		lost += max(0, n-have[id])
		dup += max(0, have[id]-n)
	}
	for id, n := range have {
		if want[id] == 0 {
			alien += n
		}
	}
	return lost, dup, alien, found
}
