package imapd

import (
	"cmp"
	"slices"
	"strings"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// condition is a search key made ready: text folded, flags as bits, sequence numbers as UIDs, the cheap before the dear.
type condition struct {
	imap.SearchKey
	kids    []condition
	flag    mailbox.Flags // of SearchFlag; 0 for a keyword
	id      int64         // of SearchEmailID and SearchThreadID; 0 where the text is nobody's
	cost    int
	needles needle // of Text
}

// query is a search made ready.
type query struct {
	key    condition
	need   mailbox.Need
	modSeq bool // MODSEQ stands in it
}

// What the keys cost to decide, rising.
const (
	costPlacement = iota
	costEmail
	costFacts
	costText
	costOctets
)

func newQuery(s *session, key imap.SearchKey) *query {
	q := &query{}
	q.key = q.prepare(s, key)
	q.modSeq = key.Any(func(k imap.SearchKey) bool { return k.Op == imap.SearchModSeq })
	return q
}

// prepare makes one key ready and notes what it needs.
func (q *query) prepare(s *session, key imap.SearchKey) condition {
	c := condition{SearchKey: key}
	switch key.Op {
	case imap.SearchSeq:
		c.Set = s.box.uids.Select(key.Set, false)
	case imap.SearchUID:
		c.Set = s.box.uids.Select(key.Set, true)
	case imap.SearchFlag:
		c.Text = strings.ToLower(key.Text)
		c.flag = flagBit(key.Text)
	case imap.SearchEmailID:
		c.id = s.idIn(emailKind, key.Text)
	case imap.SearchThreadID:
		c.id, c.cost = s.idIn(threadKind, key.Text), costEmail
		q.need |= mailbox.NeedEmail
	case imap.SearchBefore, imap.SearchOn, imap.SearchSince, imap.SearchLarger, imap.SearchSmaller, imap.SearchOlder,
		imap.SearchYounger:
		c.cost = costEmail
		q.need |= mailbox.NeedEmail
	case imap.SearchSentBefore, imap.SearchSentOn, imap.SearchSentSince:
		c.cost = costFacts
		q.need |= mailbox.NeedFacts
	case imap.SearchHeader:
		c.needles = newNeedle(key.Text)
		c.cost = costFacts
		if !inFacts(key.Field) {
			c.cost = costOctets
		}
		q.need |= mailbox.NeedFacts
	case imap.SearchBody, imap.SearchText:
		c.needles = newNeedle(key.Text)
		c.cost = costText
		if key.Op == imap.SearchText {
			c.cost = costOctets
		}
		q.need |= mailbox.NeedFacts | mailbox.NeedText
	}
	for _, kid := range key.Kids {
		k := q.prepare(s, kid)
		c.cost = max(c.cost, k.cost)
		c.kids = append(c.kids, k)
	}
	slices.SortStableFunc(c.kids, func(a, b condition) int { return cmp.Compare(a.cost, b.cost) })
	return c
}

// flagBit is the bit of a flag or registered keyword, 0 for other keywords.
func flagBit(name string) mailbox.Flags {
	for _, f := range flagNames {
		if strings.EqualFold(f.name, name) {
			return f.bit
		}
	}
	return 0
}

// within is which messages the search need look at: a set at its top, alone or among others that must all hold,
// narrows them.
func (q *query) within(uids *imap.UIDRuns) imap.NumSet {
	set := uids.All()
	narrow := func(c condition) {
		if c.Op == imap.SearchSeq || c.Op == imap.SearchUID {
			set = uids.Intersect(set.Minus(set.Minus(c.Set)))
		}
	}
	narrow(q.key)
	if q.key.Op == imap.SearchAnd {
		for _, kid := range q.key.kids {
			narrow(kid)
		}
	}
	return set
}

// verdict is what is known of a message's match.
type verdict int

const (
	never verdict = iota
	yes
	maybe
)

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return never
}

// glance decides by the placement alone, as far as that goes.
func (q *query) glance(c *condition, it *mailbox.Item) verdict {
	switch c.Op {
	case imap.SearchAnd:
		all := yes
		for i := range c.kids {
			switch q.glance(&c.kids[i], it) {
			case never:
				return never
			case maybe:
				all = maybe
			}
		}
		return all
	case imap.SearchOr:
		one := never
		for i := range c.kids {
			switch q.glance(&c.kids[i], it) {
			case yes:
				return yes
			case maybe:
				one = maybe
			}
		}
		return one
	case imap.SearchNot:
		switch q.glance(&c.kids[0], it) {
		case yes:
			return never
		case never:
			return yes
		}
		return maybe
	}
	if c.cost > costPlacement {
		return maybe
	}
	return verdictOf(c.placement(it))
}

// placement decides the keys of costPlacement.
func (c *condition) placement(it *mailbox.Item) bool {
	switch c.Op {
	case imap.SearchAll:
		return true
	case imap.SearchSeq, imap.SearchUID:
		return c.Set.Contains(it.UID)
	case imap.SearchFlag:
		if c.flag != 0 {
			return it.Flags&c.flag != 0
		}
		return slices.Contains(it.Keywords, c.Text)
	case imap.SearchModSeq:
		return uint64(it.Modseq) >= c.Number
	case imap.SearchEmailID:
		return it.Email == c.id
	}
	return false // SearchRecent: nothing is recent
}
