package roster

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTheFlatArraysAreWhatMapsWouldBe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.Uint64Range(0, 40), rapid.ID).Draw(t, "people")
		slices.Sort(ids)
		r, states := roll{ids, make([]personState, len(ids))}, map[uint64]personState{}
		table, lines := newLineOf(rapid.IntRange(0, 4).Draw(t, "room")), map[functionKey]int32{}
		for range rapid.IntRange(0, 60).Draw(t, "acts") {
			id, state := rapid.Uint64Range(0, 50).Draw(t, "id"), rapid.SampledFrom([]personState{named, joined, changed}).Draw(t, "state")
			r.mark(id, state)
			states[id] |= state
			key := functionKey{rapid.Int64Range(1, 9).Draw(t, "person"), rapid.Int64Range(1, 9).Draw(t, "function")}
			line := rapid.Int32Range(1, 1000).Draw(t, "line")
			table.set(key, line)
			lines[key] = line
		}
		for id := range uint64(55) {
			if r.state(id) != states[id] {
				t.Fatalf("person %d: %b, want %b", id, r.state(id), states[id])
			}
		}
		for p := range int64(10) {
			for f := range int64(10) {
				if key := (functionKey{p, f + 1}); table.get(key) != lines[key] {
					t.Fatalf("function %v: line %d, want %d", key, table.get(key), lines[key])
				}
			}
		}
	})
}
