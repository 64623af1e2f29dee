package imap

import (
	"fmt"
	"slices"
	"sort"
)

// UIDRuns is what a session knows of its mailbox: the UIDs in rising order, so
// that the n-th is the UID of sequence number n. Neighbouring UIDs share one
// run of 12 octets; a mailbox that only grows is one run, whatever its size.
// The zero value is an empty mailbox. It is used by one goroutine.
type UIDRuns struct{ runs []uidRun }

// uidRun is the UIDs from first to last; before counts the messages in the runs
// before it.
type uidRun struct{ first, last, before uint32 }

func (r uidRun) len() uint32 { return r.last - r.first + 1 }

// Len is how many messages there are.
func (u *UIDRuns) Len() uint32 {
	if len(u.runs) == 0 {
		return 0
	}
	last := u.runs[len(u.runs)-1]
	return last.before + last.len()
}

// Max is the largest UID, 0 when there are none.
func (u *UIDRuns) Max() uint32 {
	if len(u.runs) == 0 {
		return 0
	}
	return u.runs[len(u.runs)-1].last
}

// Append adds the UIDs first to last, which must be above all others.
func (u *UIDRuns) Append(first, last uint32) error {
	if first == 0 || first > last || first <= u.Max() {
		return fmt.Errorf("append UIDs %d:%d to a mailbox whose largest is %d", first, last, u.Max())
	}
	if n := len(u.runs); n > 0 && u.runs[n-1].last+1 == first {
		u.runs[n-1].last = last
		return nil
	}
	u.runs = append(u.runs, uidRun{first, last, u.Len()})
	return nil
}

// Clip gives back memory kept for growth.
func (u *UIDRuns) Clip() { u.runs = slices.Clip(u.runs) }

// UID returns the UID of a sequence number, 0 when there is none.
func (u *UIDRuns) UID(seq uint32) uint32 {
	if seq == 0 || seq > u.Len() {
		return 0
	}
	// The last run that begins before seq.
	i := sort.Search(len(u.runs), func(i int) bool { return u.runs[i].before >= seq }) - 1
	return u.runs[i].first + (seq - 1 - u.runs[i].before)
}

// Seq returns the sequence number of a UID, 0 when it is not there.
func (u *UIDRuns) Seq(uid uint32) uint32 {
	i := u.find(uid)
	if i == len(u.runs) || uid < u.runs[i].first {
		return 0
	}
	return u.runs[i].before + 1 + (uid - u.runs[i].first)
}

// find returns the index of the first run that ends at uid or later.
func (u *UIDRuns) find(uid uint32) int {
	return sort.Search(len(u.runs), func(i int) bool { return u.runs[i].last >= uid })
}

// Select returns the UIDs that a client's set names: UIDs themselves when uid,
// else sequence numbers. Numbers that name no message are left out. "*" is the
// last message.
func (u *UIDRuns) Select(set NumSet, uid bool) NumSet {
	if uid {
		return u.Intersect(set.Bounded(u.Max()))
	}
	var out NumSet
	for _, r := range set.Bounded(u.Len()) {
		if r.First > u.Len() {
			break
		}
		first, last := u.UID(r.First), u.UID(min(r.Last, u.Len()))
		for i := u.find(first); i < len(u.runs) && u.runs[i].first <= last; i++ {
			out = out.join(max(first, u.runs[i].first), min(last, u.runs[i].last))
		}
	}
	return out
}

// Beyond tells whether a client's set of sequence numbers names one that does
// not exist, which is the client's error (RFC 3501 §9, "seq-number").
func (u *UIDRuns) Beyond(set NumSet) bool {
	for _, r := range set {
		if r.First > u.Len() || r.Last > u.Len() || (u.Len() == 0 && (r.First == 0 || r.Last == 0)) {
			return true
		}
	}
	return false
}

// Intersect returns the UIDs of a bounded set that exist.
func (u *UIDRuns) Intersect(set NumSet) NumSet {
	var out NumSet
	i := 0
	for _, r := range set {
		for i < len(u.runs) && u.runs[i].last < r.First {
			i++
		}
		for j := i; j < len(u.runs) && u.runs[j].first <= r.Last; j++ {
			out = out.join(max(r.First, u.runs[j].first), min(r.Last, u.runs[j].last))
		}
	}
	return out
}

// Seqs returns the sequence numbers of the UIDs of a bounded set that exist.
func (u *UIDRuns) Seqs(uids NumSet) NumSet {
	var out NumSet
	for _, r := range u.Intersect(uids) {
		// The UIDs of r stand in one run or in neighbouring ones: their
		// sequence numbers have no gap.
		out = out.join(u.Seq(r.First), u.Seq(r.Last))
	}
	return out
}

// All yields the runs of UIDs as a set.
func (u *UIDRuns) All() NumSet {
	out := make(NumSet, len(u.runs))
	for i, r := range u.runs {
		out[i] = Range{r.first, r.last}
	}
	return out
}

// Remove takes away the UIDs of a bounded set. It calls gone for each that was
// there with the sequence number to announce: in rising order, each number
// counting what was announced before it (RFC 3501 §7.4.1).
func (u *UIDRuns) Remove(uids NumSet, gone func(seq uint32)) {
	cut := u.Intersect(uids) // each of its ranges lies within one run
	if len(cut) == 0 {
		return
	}
	var left UIDRuns
	left.runs = make([]uidRun, 0, len(u.runs)+len(cut))
	removed := uint32(0)
	for _, r := range u.runs {
		from := uint64(r.first) // what is left of the run begins here
		for ; len(cut) > 0 && cut[0].First <= r.last; cut = cut[1:] {
			c := cut[0]
			left.keep(from, uint64(c.First)-1)
			seq := r.before + 1 + (c.First - r.first) - removed
			for range c.Last - c.First + 1 {
				gone(seq)
				removed++
			}
			from = uint64(c.Last) + 1
		}
		left.keep(from, uint64(r.last))
	}
	u.runs = slices.Clip(left.runs)
}

// keep appends a run unless it is empty.
func (u *UIDRuns) keep(first, last uint64) {
	if first <= last {
		u.runs = append(u.runs, uidRun{uint32(first), uint32(last), u.Len()})
	}
}

// join appends first:last, merging it with the last range when they touch.
func (s NumSet) join(first, last uint32) NumSet {
	if n := len(s); n > 0 && s[n-1].Last+1 >= first {
		s[n-1].Last = max(s[n-1].Last, last)
		return s
	}
	return append(s, Range{first, last})
}
