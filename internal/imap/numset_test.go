package imap

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBoundedSetsHaveNoStarNoOverlapAndNoDisorder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in      NumSet
		largest uint32
		want    string
	}{
		{NumSet{{1, 1}}, 5, "1"},
		{NumSet{{1, 0}}, 5, "1:5"},
		{NumSet{{0, 0}}, 5, "5"},
		{NumSet{{9, 0}}, 5, "5:9"}, // RFC 3501 §9: the order of the ends does not matter
		{NumSet{{9, 0}}, 0, ""},
		{NumSet{{0, 0}}, 0, ""},
		{NumSet{{5, 3}, {1, 1}, {2, 2}, {4, 7}}, 100, "1:7"},
		{NumSet{{4294967295, 4294967295}, {1, 1}}, 9, "1,4294967295"},
		{NumSet{{1, 4294967295}, {7, 9}}, 9, "1:4294967295"},
	} {
		if got := c.in.Bounded(c.largest).String(); got != c.want {
			t.Errorf("%v with largest %d: got %q, want %q", c.in, c.largest, got, c.want)
		}
	}
}

func TestNumSetAgreesWithASetOfNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		largest := rapid.Uint32Range(1, 40).Draw(t, "largest")
		var set NumSet
		member := map[uint32]bool{}
		for range rapid.IntRange(0, 6).Draw(t, "ranges") {
			a, b := rapid.Uint32Range(0, 40).Draw(t, "a"), rapid.Uint32Range(0, 40).Draw(t, "b")
			set = append(set, Range{a, b})
			if a == 0 {
				a = largest
			}
			if b == 0 {
				b = largest
			}
			for n := min(a, b); n <= max(a, b); n++ {
				member[n] = true
			}
		}
		bounded := set.Bounded(largest)
		if bounded.Len() != len(member) {
			t.Fatalf("%v: %d numbers, want %d", bounded, bounded.Len(), len(member))
		}
		var rebuilt NumSet
		for n := range bounded.All() {
			if !member[n] || !bounded.Contains(n) {
				t.Fatalf("%v holds %d", bounded, n)
			}
			rebuilt = rebuilt.Add(n)
		}
		if diff := cmp.Diff(bounded, rebuilt); diff != "" {
			t.Fatal(diff)
		}
		other := drawSet(t, 40)
		left := bounded.Minus(other)
		for n := range uint32(45) {
			if left.Contains(n) != (member[n] && !other.Contains(n)) {
				t.Fatalf("%v minus %v is %v", bounded, other, left)
			}
			if bounded.Contains(n) != member[n] {
				t.Fatalf("%v: Contains(%d) is %v", bounded, n, !member[n])
			}
		}
	})
}
