package roster

import (
	"hash/maphash"
	"slices"
)

// What a run knows of people and functions stands in flat arrays, not in maps: of 1,200,000 lines that is 30 MB, a
// third of what maps take.

// roll is the people of a file, by the hash of their id_rh, and what a run did to each.
type roll struct {
	ids    []uint64 // sorted, distinct
	states []personState
}

// mark adds to what is known of somebody. Who is not of the file (a record into which one of its id_rh was merged) is
// put in.
func (r *roll) mark(id uint64, state personState) {
	at, there := slices.BinarySearch(r.ids, id)
	if !there {
		r.ids, r.states = slices.Insert(r.ids, at, id), slices.Insert(r.states, at, 0)
	}
	r.states[at] |= state
}

// state gives what is known of somebody.
func (r *roll) state(id uint64) personState {
	if at, there := slices.BinarySearch(r.ids, id); there {
		return r.states[at]
	}
	return 0
}

// lineOf says which line named a function: an open-addressing table of functionKey.packed, which is never 0.
type lineOf struct {
	keys  []uint64
	lines []int32
	used  int
	seed  maphash.Seed
}

// newLineOf makes room for so many functions; it grows beyond.
func newLineOf(n int) *lineOf {
	t := &lineOf{seed: maphash.MakeSeed()}
	t.resize(n + n/3 + 8)
	return t
}

func (t *lineOf) resize(n int) {
	keys, lines := t.keys, t.lines
	t.keys, t.lines = make([]uint64, n), make([]int32, n)
	for i, key := range keys {
		if key != 0 {
			at := t.find(key)
			t.keys[at], t.lines[at] = key, lines[i]
		}
	}
}

// find gives the place of a key, or the free one where it would stand.
func (t *lineOf) find(key uint64) int {
	at := int(maphash.Comparable(t.seed, key) % uint64(len(t.keys)))
	for t.keys[at] != 0 && t.keys[at] != key {
		if at++; at == len(t.keys) {
			at = 0
		}
	}
	return at
}

// get gives the line, 0 for none.
func (t *lineOf) get(key functionKey) int32 { return t.lines[t.find(key.packed())] }

// set notes the line.
func (t *lineOf) set(key functionKey, line int32) {
	if t.used*8 >= len(t.keys)*7 {
		t.resize(2 * len(t.keys))
	}
	at := t.find(key.packed())
	if t.keys[at] == 0 {
		t.used++
	}
	t.keys[at], t.lines[at] = key.packed(), line
}
