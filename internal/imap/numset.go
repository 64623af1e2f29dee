package imap

import (
	"slices"
	"strconv"
	"strings"
)

// Range is the numbers from First to Last, both included. A zero stands for
// "*", the largest number in use.
type Range struct{ First, Last uint32 }

// NumSet is a set of sequence numbers or UIDs as a client wrote it (RFC 3501 §9,
// "sequence-set"): ranges in any order, overlapping at will, with "*" in them.
type NumSet []Range

// Bounded replaces "*" by largest, orders the ends of each range, sorts the
// ranges and merges those that touch. The result holds no zero; it is nil when
// nothing is left. largest is 0 in an empty mailbox: "*" then names nothing.
func (s NumSet) Bounded(largest uint32) NumSet {
	out := make(NumSet, 0, len(s))
	for _, r := range s {
		if (r.First == 0 || r.Last == 0) && largest == 0 {
			continue
		}
		if r.First == 0 {
			r.First = largest
		}
		if r.Last == 0 {
			r.Last = largest
		}
		if r.First > r.Last {
			r.First, r.Last = r.Last, r.First
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Range) int { return int(int64(a.First) - int64(b.First)) })
	merged := out[:0]
	for _, r := range out {
		if n := len(merged); n > 0 && uint64(r.First) <= uint64(merged[n-1].Last)+1 {
			merged[n-1].Last = max(merged[n-1].Last, r.Last)
			continue
		}
		merged = append(merged, r)
	}
	if len(merged) == 0 {
		return nil
	}
	return merged
}

// Contains tells whether n is in a set that Bounded made.
func (s NumSet) Contains(n uint32) bool {
	_, found := slices.BinarySearchFunc(s, n, func(r Range, n uint32) int {
		switch {
		case r.Last < n:
			return -1
		case r.First > n:
			return 1
		}
		return 0
	})
	return found
}

// Add appends n to a set whose numbers are added in rising order.
func (s NumSet) Add(n uint32) NumSet {
	if k := len(s); k > 0 && s[k-1].Last == n-1 && n > 0 {
		s[k-1].Last = n
		return s
	}
	return append(s, Range{n, n})
}

// Minus returns the numbers of s that are not in o, both being sets that Bounded or Add made.
func (s NumSet) Minus(o NumSet) NumSet {
	var out NumSet
	for _, r := range s {
		from := uint64(r.First)
		for len(o) > 0 && o[0].Last < r.First {
			o = o[1:]
		}
		for _, cut := range o {
			if cut.First > r.Last {
				break
			}
			if uint64(cut.First) > from {
				out = append(out, Range{uint32(from), cut.First - 1})
			}
			from = uint64(cut.Last) + 1
		}
		if from <= uint64(r.Last) {
			out = append(out, Range{uint32(from), r.Last})
		}
	}
	return out
}

// Len is how many numbers a set that Bounded or Add made holds.
func (s NumSet) Len() int {
	n := 0
	for _, r := range s {
		n += int(r.Last-r.First) + 1
	}
	return n
}

// All yields the numbers of a set that Bounded or Add made, in rising order.
func (s NumSet) All() func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for _, r := range s {
			for n := r.First; ; n++ {
				if !yield(n) {
					return
				}
				if n == r.Last {
					break
				}
			}
		}
	}
}

// String writes the set as the wire does.
func (s NumSet) String() string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		writeNumber(&b, r.First)
		if r.Last != r.First {
			b.WriteByte(':')
			writeNumber(&b, r.Last)
		}
	}
	return b.String()
}

func writeNumber(b *strings.Builder, n uint32) {
	if n == 0 {
		b.WriteByte('*')
		return
	}
	b.WriteString(strconv.FormatUint(uint64(n), 10))
}

// numSet reads a set of numbers.
func (d *Decoder) numSet() NumSet {
	var s NumSet
	for d.err == nil {
		r := Range{First: d.setNumber()}
		r.Last = r.First
		if d.accept(':') {
			r.Last = d.setNumber()
		}
		s = append(s, r)
		if !d.accept(',') {
			break
		}
	}
	return s
}

// setNumber reads a number above zero, or "*" as zero.
func (d *Decoder) setNumber() uint32 {
	switch d.peek() {
	case '*':
		d.pos++
		return 0
	case '$':
		d.fail("SEARCHRES is not offered: '$' names no messages")
		return 0
	}
	n := d.number("a message number, a range or '*'", 32)
	if n == 0 {
		d.fail("message numbers begin at 1")
	}
	return uint32(n)
}
