package annuaire

import (
	"math/bits"
	"slices"
	"sort"
	"strings"
)

// How well an entry answers the words, the best first. All words are to be found, in any order; the level says how.
const (
	levelName       = iota // each is a word of the name
	levelNamePrefix        // each begins a word of the name
	levelWord              // each is a word of the name, of a function, a corps, an establishment
	levelPrefix            // each begins one
	levelInside            // the same, and words of three letters or more may also stand inside a word of the name
	levels
)

// insideLetters is how long a word must be to be looked for inside others.
const insideLetters = 3

// position is the place of an entry in an answer: by level, colleagues first, then in the order of records.
type position struct {
	Level   int    `json:"l"`
	Far     int    `json:"f"` // 0: a colleague of who asks; 1: not
	Key     string `json:"k"`
	Account int64  `json:"a"`
}

// hit is an entry found.
type hit struct {
	level, far int
	record     *record
}

func (h hit) compare(other hit) int {
	if h.level != other.level {
		return h.level - other.level
	}
	if h.far != other.far {
		return h.far - other.far
	}
	return h.record.compare(other.record)
}

// asked is what a search looks for, before any index.
type asked struct {
	words    [][]string // each with its spellings
	filters  []func(*segment) *require
	schools  []string // UAIs of who asks
	after    *position
	limit    int
	everyone bool // no words and no filter: colleagues alone
}

// require is one thing that an entry must have: one of some words in its name, or one of some facets.
type require struct {
	names  []span
	facets bitSet
	weight int // entries that have it, counted twice where they have it twice
}

// matches reports that a record has it.
func (q *require) matches(s *segment, i uint32) bool {
	for _, f := range s.facetsOf.at(i) {
		if q.facets.has(f) {
			return true
		}
	}
	if len(q.names) == 0 {
		return false
	}
	for _, term := range s.nameTerms.at(i) {
		at := sort.Search(len(q.names), func(k int) bool { return q.names[k].hi > term })
		if at < len(q.names) && q.names[at].lo <= term {
			return true
		}
	}
	return false
}

// weigh counts what it leads to.
func (q *require) weigh(s *segment) *require {
	for _, n := range q.names {
		q.weight += int(s.nameOf.start[n.hi] - s.nameOf.start[n.lo])
	}
	q.facets.each(func(f uint32) { q.weight += len(s.holders.at(f)) })
	return q
}

// lists calls each with every list of records that have it.
func (q *require) lists(s *segment, each func([]uint32)) {
	for _, n := range q.names {
		for term := n.lo; term < n.hi; term++ {
			each(s.nameOf.at(term))
		}
	}
	q.facets.each(func(f uint32) { each(s.holders.at(f)) })
}

// word gives what an entry must have for a word at a level.
func (s *segment) word(spellings []string, level int) *require {
	q := &require{facets: newBits(len(s.facetList))}
	addName := func(n span) {
		if n.lo < n.hi {
			q.names = append(q.names, n)
		}
	}
	addLabels := func(n span) {
		for label := n.lo; label < n.hi; label++ {
			for _, f := range s.labelOf.at(label) {
				q.facets.set(f)
			}
		}
	}
	for _, w := range spellings {
		if level == levelName || level == levelWord {
			addName(s.names.exact(w))
		} else {
			addName(s.names.prefix(w))
		}
		switch level {
		case levelWord:
			addLabels(s.labels.exact(w))
		case levelPrefix, levelInside:
			addLabels(s.labels.prefix(w))
		}
		if level == levelInside && len(w) >= insideLetters {
			q.names = append(q.names, s.names.inside(w)...)
		}
	}
	q.names = merge(q.names)
	return q.weigh(s)
}

// merge makes spans ascending and apart.
func merge(list []span) []span {
	slices.SortFunc(list, func(a, b span) int { return int(a.lo) - int(b.lo) })
	var out []span
	for _, n := range list {
		if last := len(out) - 1; last >= 0 && n.lo <= out[last].hi {
			out[last].hi = max(out[last].hi, n.hi)
		} else {
			out = append(out, n)
		}
	}
	return out
}

// having gives the requirement of one of some facets; havingPrefix that of those whose key begins so.
func (s *segment) having(keys ...string) *require {
	q := &require{facets: newBits(len(s.facetList))}
	for _, key := range keys {
		if f, known := s.facets[key]; known {
			q.facets.set(f)
		}
	}
	return q.weigh(s)
}

func (s *segment) havingPrefix(prefix string) *require {
	q := &require{facets: newBits(len(s.facetList))}
	for f, key := range s.facetList {
		if strings.HasPrefix(key, prefix) {
			q.facets.set(uint32(f))
		}
	}
	return q.weigh(s)
}

// search is one search of one segment.
type search struct {
	*segment
	asked   *asked
	levels  [levels][]*require // of the words, made when they are needed
	filters []*require
	mine    *require
	hides   func(i uint32) bool // entries that are not to be found here
}

// search gives the first entries after the position, up to the limit, in their order.
func (s *segment) search(a *asked, hides func(i uint32) bool) []hit {
	q := &search{segment: s, asked: a, hides: hides}
	keys := make([]string, len(a.schools))
	for i, uai := range a.schools {
		keys[i] = facetSchool + uai
	}
	q.mine = s.having(keys...)
	for _, f := range a.filters {
		q.filters = append(q.filters, f(s))
	}
	last := levels
	if len(a.words) == 0 {
		last = levelName + 1
	}
	var hits []hit
	for level := range last {
		for far := range 2 {
			if far == 1 && a.everyone || len(hits) >= a.limit || before(level, far, a.after) {
				continue
			}
			for _, i := range q.collect(level, far, a.limit-len(hits)) {
				hits = append(hits, hit{level, far, s.records[i]})
			}
		}
	}
	return hits
}

func before(level, far int, p *position) bool {
	return p != nil && (level < p.Level || level == p.Level && far < p.Far)
}

// at gives what the words demand at a level.
func (q *search) at(level int) []*require {
	if q.levels[level] == nil {
		q.levels[level] = []*require{}
		for _, w := range q.asked.words {
			q.levels[level] = append(q.levels[level], q.word(w, level))
		}
	}
	return q.levels[level]
}

// collect gives the first records of a level, among colleagues or the others. It goes through those that have the
// rarest of what is demanded (there is something: words, a filter, or being a colleague), and leaves each list as soon
// as its numbers are beyond what is found already.
func (q *search) collect(level, far, limit int) []uint32 {
	demands := append(slices.Clone(q.filters), q.at(level)...)
	if far == 0 {
		demands = append(demands, q.mine)
	}
	rarest := 0
	for i, d := range demands {
		if d.weight == 0 {
			return nil
		}
		if d.weight < demands[rarest].weight {
			rarest = i
		}
	}
	driver := demands[rarest]
	others := slices.Delete(demands, rarest, rarest+1)
	first := q.firstOf(level, far)
	var best []uint32
	driver.lists(q.segment, func(list []uint32) {
		start, _ := slices.BinarySearch(list, first)
		for _, i := range list[start:] {
			if len(best) == limit && i > best[limit-1] {
				return
			}
			at, found := slices.BinarySearch(best, i)
			if found || !q.wanted(i, level, far, others) {
				continue
			}
			best = slices.Insert(best, at, i)
			best = best[:min(len(best), limit)]
		}
	})
	return best
}

// firstOf gives the first record that comes after the position, where that lies in this part of the answer.
func (q *search) firstOf(level, far int) uint32 {
	p := q.asked.after
	if p == nil || p.Level != level || p.Far != far {
		return 0
	}
	after := &record{key: p.Key, account: p.Account}
	return uint32(sort.Search(len(q.records), func(i int) bool { return q.records[i].compare(after) > 0 }))
}

// wanted reports that a record belongs into this part of the answer: it has all that is demanded, is hidden from nobody
// here, and stands in no better part.
func (q *search) wanted(i uint32, level, far int, demands []*require) bool {
	if !q.matchesAll(demands, i) {
		return false
	}
	if q.hides != nil && q.hides(i) || far == 1 && q.mine.matches(q.segment, i) {
		return false
	}
	for better := range level {
		if q.matchesAll(q.at(better), i) {
			return false
		}
	}
	return true
}

func (q *search) matchesAll(demands []*require, i uint32) bool {
	for _, d := range demands {
		if !d.matches(q.segment, i) {
			return false
		}
	}
	return true
}

// bitSet is a set of small numbers.
type bitSet []uint64

func newBits(n int) bitSet { return make(bitSet, (n+63)/64) }

func (b bitSet) set(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b bitSet) has(i uint32) bool { return b != nil && b[i/64]&(1<<(i%64)) != 0 }

// each calls fn with the numbers, ascending.
func (b bitSet) each(fn func(uint32)) {
	for word, left := range b {
		for left != 0 {
			fn(uint32(word*64 + bits.TrailingZeros64(left)))
			left &= left - 1
		}
	}
}
