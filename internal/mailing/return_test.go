package mailing

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/delivery"
	"navette/internal/directory"
)

func keyed(key string) *Service { return New(Config{Key: []byte(key), Domain: "ac-paris.example"}) }

// A reverse-path says which copy it is of to whoever has the key, whatever its case, and cannot be made without
// (package invariant 3).
func TestAReversePathIsOfOneCopyAndCannotBeMade(t *testing.T) {
	t.Parallel()
	ours, theirs := keyed("a"), keyed("b")
	rapid.Check(t, func(t *rapid.T) {
		c := delivery.Return{Mailing: rapid.Int64Range(1, 1<<50).Draw(t, "mailing"), Seq: rapid.Int64Range(0, 1<<20).Draw(t, "seq")}
		address := ours.reversePath(c)
		l, err := directory.ParseLookup(strings.ToUpper(address))
		if err != nil || l.Local != directory.ReturnLocal || len(strings.Split(address, "@")[0]) > 64 {
			t.Fatalf("%q: %v", address, err)
		}
		if got, ok := ours.Return(l.Tag); !ok || got != c {
			t.Errorf("%q is of %v, want %v", address, got, c)
		}
		if got, ok := theirs.Return(l.Tag); ok {
			t.Errorf("another installation takes it for %v", got)
		}
		tag := []byte(l.Tag)
		at := rapid.IntRange(0, len(tag)-1).Draw(t, "at")
		tag[at] = rapid.SampledFrom([]byte("0123456789ABCDEFGHIJKLMNOPQRSTUV=-é")).Draw(t, "octet")
		if got, ok := ours.Return(string(tag)); ok && got != c {
			t.Errorf("changed to %q it is of %v", tag, got)
		}
	})
	for _, tag := range []string{"", "0", "zz", strings.Repeat("v", 200)} {
		if _, ok := ours.Return(tag); ok {
			t.Errorf("%q is taken", tag)
		}
	}
}

func FuzzReversePath(f *testing.F) {
	s := keyed("a")
	given := delivery.Return{Mailing: 7, Seq: 3}
	f.Add(s.tag(given))
	f.Fuzz(func(t *testing.T, tag string) {
		if c, ok := s.Return(tag); ok && c != given {
			t.Errorf("%q was made up, and taken for %v", tag, c)
		}
	})
}
