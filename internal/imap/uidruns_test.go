package imap

import (
	"math"
	"slices"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// uids lists a bounded set.
func uids(s NumSet) []uint32 { return slices.Collect(s.All()) }

// drawSet draws a bounded set of numbers below top.
func drawSet(t *rapid.T, top uint32) NumSet {
	var set NumSet
	for range rapid.IntRange(0, 5).Draw(t, "ranges") {
		set = append(set, Range{rapid.Uint32Range(1, top).Draw(t, "first"), rapid.Uint32Range(1, top).Draw(t, "last")})
	}
	return set.Bounded(top)
}

func TestUIDRunsAgreeWithAPlainList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var runs UIDRuns
		var list []uint32
		next := uint32(1)
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				first := next + rapid.Uint32Range(0, 3).Draw(t, "gap")
				last := first + rapid.Uint32Range(0, 5).Draw(t, "more")
				if err := runs.Append(first, last); err != nil {
					t.Fatal(err)
				}
				for n := first; n <= last; n++ {
					list = append(list, n)
				}
				next = last + 1
			},
			"remove": func(t *rapid.T) {
				set := drawSet(t, next)
				var got, want []uint32
				runs.Remove(set, func(seq uint32) { got = append(got, seq) })
				// As a client hears it: one removal after the other.
				for n := range set.All() {
					if i := slices.Index(list, n); i >= 0 {
						want = append(want, uint32(i+1))
						list = slices.Delete(list, i, i+1)
					}
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Fatal("announced", diff)
				}
			},
			"look": func(t *rapid.T) {
				set := drawSet(t, next+3)
				var byUID, bySeq, seqs []uint32
				for i, n := range list {
					if set.Contains(n) {
						byUID, seqs = append(byUID, n), append(seqs, uint32(i+1))
					}
					if set.Contains(uint32(i + 1)) {
						bySeq = append(bySeq, n)
					}
				}
				for what, pair := range map[string][2][]uint32{
					"by UID": {byUID, uids(runs.Select(set, true))}, "by number": {bySeq, uids(runs.Select(set, false))},
					"intersection": {byUID, uids(runs.Intersect(set))}, "numbers": {seqs, uids(runs.Seqs(set))},
				} {
					if diff := cmp.Diff(pair[0], pair[1], cmpopts.EquateEmpty()); diff != "" {
						t.Fatal(what, diff)
					}
				}
			},
			"": func(t *rapid.T) {
				if int(runs.Len()) != len(list) {
					t.Fatalf("%d messages, want %d", runs.Len(), len(list))
				}
				if diff := cmp.Diff(list, uids(runs.All()), cmpopts.EquateEmpty()); diff != "" {
					t.Fatal(diff)
				}
				for i, n := range list {
					if runs.UID(uint32(i+1)) != n || runs.Seq(n) != uint32(i+1) {
						t.Fatalf("message %d with UID %d is given as UID %d and number %d", i+1, n, runs.UID(uint32(i+1)), runs.Seq(n))
					}
				}
				for n := range next + 2 {
					if !slices.Contains(list, n) && runs.Seq(n) != 0 {
						t.Fatalf("UID %d is there", n)
					}
				}
				if runs.UID(0) != 0 || runs.UID(uint32(len(list)+1)) != 0 {
					t.Fatal("a number outside has a UID")
				}
				for i, r := range runs.runs {
					if r.first > r.last || i > 0 && r.first <= runs.runs[i-1].last+1 {
						t.Fatalf("runs are not maximal: %v", runs.runs)
					}
				}
			},
		})
	})
}

func TestTenThousandNeighbouringUIDsTakeOneRun(t *testing.T) {
	t.Parallel()
	var u UIDRuns
	for n := uint32(1); n <= 10_000; n++ {
		if err := u.Append(n, n); err != nil {
			t.Fatal(err)
		}
	}
	if octets := uintptr(cap(u.runs)) * unsafe.Sizeof(uidRun{}); octets > 64 {
		t.Errorf("%d octets for 10,000 messages", octets)
	}
}

func TestUIDRunsHoldTheLargestUID(t *testing.T) {
	t.Parallel()
	var u UIDRuns
	if err := u.Append(math.MaxUint32-2, math.MaxUint32); err != nil {
		t.Fatal(err)
	}
	if err := u.Append(math.MaxUint32, math.MaxUint32); err == nil {
		t.Error("appended a UID twice")
	}
	var gone []uint32
	u.Remove(NumSet{{math.MaxUint32, math.MaxUint32}}, func(seq uint32) { gone = append(gone, seq) })
	if diff := cmp.Diff([]uint32{3}, gone); diff != "" || u.Max() != math.MaxUint32-1 {
		t.Error(diff, u.Max())
	}
}

func TestNumbersBeyondTheMailboxAreTheClientsError(t *testing.T) {
	t.Parallel()
	var u UIDRuns
	if !u.Beyond(NumSet{{1, 0}}) || !u.Beyond(NumSet{{0, 0}}) {
		t.Error("an empty mailbox has no last message")
	}
	if err := u.Append(10, 12); err != nil {
		t.Fatal(err)
	}
	if u.Beyond(NumSet{{1, 0}, {0, 3}}) || !u.Beyond(NumSet{{2, 4}}) {
		t.Error("three messages have numbers 1 to 3")
	}
}

func BenchmarkRemoveEveryOtherOf100000(b *testing.B) {
	var set NumSet
	for n := uint32(2); n < 100_000; n += 2 {
		set = append(set, Range{n, n})
	}
	for b.Loop() {
		var u UIDRuns
		if err := u.Append(1, 100_000); err != nil {
			b.Fatal(err)
		}
		u.Remove(set, func(uint32) {})
	}
}
