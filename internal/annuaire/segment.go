package annuaire

import "slices"

// segment is an index of records, immutable once built. The number of a record is its place in their order.
type segment struct {
	records []*record

	names     dictionary // words of names
	nameTerms lists      // record -> words
	nameOf    lists      // word -> records

	facets    map[string]uint32 // by key
	facetList []string          // keys by number
	facetsOf  lists             // record -> facets
	holders   lists             // facet -> records
	labels    dictionary        // words of facets
	labelOf   lists             // word -> facets

	accounts []uint32 // records of people and boxes by account
}

// newSegment indexes records, which it sorts.
func newSegment(records []*record) *segment {
	slices.SortFunc(records, (*record).compare)
	s := &segment{records: records, facets: map[string]uint32{}}
	numbered := map[string]uint32{}
	var facetTerms lists
	labels := map[string]uint32{}
	for i, r := range records {
		s.nameTerms.add(number(numbered, r.terms())...)
		var of []uint32
		r.facets(func(f facet) {
			n, known := s.facets[f.key]
			if !known {
				n = uint32(len(s.facetList))
				s.facets[f.key], s.facetList = n, append(s.facetList, f.key)
				facetTerms.add(number(labels, f.terms())...)
			}
			of = append(of, n)
		})
		slices.Sort(of)
		s.facetsOf.add(slices.Compact(of)...)
		if r.account != 0 {
			s.accounts = append(s.accounts, uint32(i))
		}
	}
	slices.SortFunc(s.accounts, func(a, b uint32) int { return int(s.records[a].account - s.records[b].account) })
	s.names, s.nameOf = sorted(numbered, &s.nameTerms)
	s.labels, s.labelOf = sorted(labels, &facetTerms)
	s.holders = s.facetsOf.invert(len(s.facetList))
	return s
}

// number gives words their numbers, and new ones the next.
func number(numbered map[string]uint32, words []string) []uint32 {
	out := make([]uint32, len(words))
	for i, word := range words {
		n, known := numbered[word]
		if !known {
			n = uint32(len(numbered))
			numbered[word] = n
		}
		out[i] = n
	}
	return out
}

// sorted makes a dictionary of numbered words, changes the lists of words to its numbers, and inverts them.
func sorted(numbered map[string]uint32, of *lists) (dictionary, lists) {
	d, renumber := newDictionary(numbered)
	for i, n := range of.items {
		of.items[i] = renumber[n]
	}
	of.items = slices.Clip(of.items)
	return d, of.invert(len(d.terms))
}

// byAccount gives the number of an account's record.
func (s *segment) byAccount(account int64) (uint32, bool) {
	at, found := slices.BinarySearchFunc(s.accounts, account, func(i uint32, account int64) int { return int(s.records[i].account - account) })
	if !found {
		return 0, false
	}
	return s.accounts[at], true
}
