package annuaire

import (
	"slices"
	"sort"
	"strings"
)

// lists are many short lists of numbers in one piece of memory: list i is items[start[i]:start[i+1]].
type lists struct {
	start []uint32
	items []uint32
}

func (l *lists) at(i uint32) []uint32 { return l.items[l.start[i]:l.start[i+1]] }

// add appends a list.
func (l *lists) add(items ...uint32) {
	if len(l.start) == 0 {
		l.start = append(l.start, 0)
	}
	l.items = append(l.items, items...)
	l.start = append(l.start, uint32(len(l.items)))
}

// invert gives, for each of n numbers, the lists that hold it, ascending.
func (l *lists) invert(n int) lists {
	counts := make([]uint32, n+1)
	for _, item := range l.items {
		counts[item+1]++
	}
	for i := range n {
		counts[i+1] += counts[i]
	}
	out := lists{start: counts, items: make([]uint32, len(l.items))}
	next := slices.Clone(counts)
	for i := range max(1, len(l.start)) - 1 {
		for _, item := range l.at(uint32(i)) {
			out.items[next[item]] = uint32(i)
			next[item]++
		}
	}
	return out
}

// span is a range of terms: from lo to before hi.
type span struct{ lo, hi uint32 }

// dictionary is sorted words in one piece of memory; the number of a word is its place.
type dictionary struct {
	blob  string // the words, each after a line feed, and one at the end
	terms []string
}

// newDictionary sorts the words of numbered, and gives the new number of each old one.
func newDictionary(numbered map[string]uint32) (d dictionary, renumber []uint32) {
	sorted := make([]string, 0, len(numbered))
	size := 1
	for term := range numbered {
		sorted = append(sorted, term)
		size += len(term) + 1
	}
	slices.Sort(sorted)
	var blob strings.Builder
	blob.Grow(size)
	blob.WriteByte('\n')
	for _, term := range sorted {
		blob.WriteString(term)
		blob.WriteByte('\n')
	}
	d = dictionary{blob: blob.String(), terms: sorted}
	renumber = make([]uint32, len(sorted))
	at := 1
	for i, term := range sorted {
		renumber[numbered[term]] = uint32(i)
		d.terms[i] = d.blob[at : at+len(term)] // so that nothing else is kept
		at += len(term) + 1
	}
	return d, renumber
}

// exact gives the word itself, as a range of one or none.
func (d *dictionary) exact(word string) span {
	at, found := slices.BinarySearch(d.terms, word)
	if !found {
		return span{}
	}
	return span{uint32(at), uint32(at + 1)}
}

// prefix gives the words that begin with it.
func (d *dictionary) prefix(word string) span {
	lo := sort.SearchStrings(d.terms, word)
	hi := lo + sort.Search(len(d.terms)-lo, func(i int) bool { return !strings.HasPrefix(d.terms[lo+i], word) })
	return span{uint32(lo), uint32(hi)}
}

// inside gives the words that hold it anywhere.
func (d *dictionary) inside(word string) (found []span) {
	at := 0
	for {
		next := strings.Index(d.blob[at:], word)
		if next < 0 {
			return found
		}
		at += next
		i := d.numberAt(at)
		found = append(found, span{i, i + 1})
		end := strings.IndexByte(d.blob[at:], '\n')
		at += end
	}
}

// numberAt gives the word that stands at an offset of the blob.
func (d *dictionary) numberAt(at int) uint32 {
	start := strings.LastIndexByte(d.blob[:at], '\n') + 1
	end := start + strings.IndexByte(d.blob[start:], '\n')
	i, _ := slices.BinarySearch(d.terms, d.blob[start:end])
	return uint32(i)
}
