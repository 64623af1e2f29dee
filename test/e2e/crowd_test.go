package e2e

import (
	"slices"
	"strings"
	"testing"
)

// The demo under load: enough people that a message to all of them is placed in several chunks on both engines.
const (
	crowdAgents = 720
	crowdFew    = 12
)

// crowd is the part of each account in a load, and what was written about it.
type crowd struct {
	sender  account   // submits
	writers []account // work in their own mailboxes; nobody writes to them
	readers []account // get mail; the first crowdFew get most of it
	ledgers []string

	database string // URL of a PostgreSQL database, or ""
}

func crowdOf(d *demo) *crowd {
	return &crowd{sender: d.accounts[0], writers: d.accounts[1:3], readers: d.accounts[3:], database: d.database}
}

func (c *crowd) few() []string { return addresses(c.readers[:min(crowdFew, len(c.readers))]) }

func (c *crowd) all() []string { return addresses(c.readers) }

func addresses(accounts []account) []string {
	var all []string
	for _, a := range accounts {
		all = append(all, a.address)
	}
	return all
}

// entries are those of all ledgers.
func (c *crowd) entries(tb testing.TB) []entry {
	tb.Helper()
	var all []entry
	for _, path := range c.ledgers {
		all = append(all, readLedger(tb, path)...)
	}
	return all
}

// fate is where a message may be in a mailbox, and what it may look like there.
type fate struct {
	id     string
	size   int
	exact  bool     // no trace stands before it
	places []string // folders; "" is nowhere
	flags  []string // "", \Flagged
}

// fates are those of the messages of one account, by id.
type fates map[string]*fate

// expectation is what ledgers allow.
type expectation struct {
	accounts map[string]fates    // by address
	together map[string][]string // the recipients of one transaction: all have it, or none
	outside  map[string]*fate    // parcels of the outbox, by id
}

// expect reads a crowd's ledgers: what was acknowledged must be there once, what ended otherwise may be there once, and
// what was refused for ever may not.
func expect(tb testing.TB, c *crowd) expectation {
	tb.Helper()
	x := expectation{accounts: map[string]fates{}, together: map[string][]string{}, outside: map[string]*fate{}}
	for _, a := range append(slices.Clone(c.readers), c.writers...) {
		x.accounts[a.address] = fates{}
	}
	all := c.all()
	for _, e := range c.entries(tb) {
		if e.All {
			e.To = all
		}
		switch e.Kind {
		case reception, broadcast, submission:
			x.message(e)
		default:
			x.accounts[e.To[0]].step(e)
		}
	}
	return x
}

// message takes in an entry about a message for inboxes here, and of a submission for the outbox.
func (x expectation) message(e entry) {
	if e.Event == tried {
		f := &fate{id: e.ID, size: e.Size, places: []string{"", inbox}, flags: []string{""}}
		for _, to := range e.To {
			x.accounts[to][e.ID] = f
		}
		x.together[e.ID] = e.To
		if e.Kind == submission {
			x.outside[e.ID] = f
		}
		return
	}
	f := x.accounts[e.To[0]][e.ID]
	switch {
	case e.Event == acknowledged:
		f.places = []string{inbox}
	case e.Final:
		f.places = []string{""}
	}
}

// step takes in an entry about a message of a writer's own.
func (f fates) step(e entry) {
	m := f[e.ID]
	if m == nil {
		m = &fate{id: e.ID, size: e.Size, exact: true, places: []string{""}, flags: []string{""}}
		f[e.ID] = m
	}
	place, flag := map[string]string{storing: archive, moving: sent, erasing: "", flagging: ""}[e.Kind], ""
	switch {
	case e.Kind == flagging:
		flag = `\Flagged`
		m.flags = after(e.Event, m.flags, flag)
	case e.Kind == erasing:
		m.places = after(e.Event, m.places, place)
		// Erasing is two commands: between them the message is there, and marked as deleted.
		m.flags = append(m.flags, strings.TrimSpace(`\Deleted `+m.flags[0]))
	default:
		m.places = after(e.Event, m.places, place)
	}
}

// after is what may be, from what may have been, when a change was tried or acknowledged.
func after(event string, before []string, change string) []string {
	switch {
	case event == acknowledged:
		return []string{change}
	case event == tried && !slices.Contains(before, change):
		return append(before, change)
	}
	return before
}
