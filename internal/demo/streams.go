package demo

import (
	"hash/fnv"
	"math/rand/v2"
)

// streams are the random streams of one seed.
type streams struct {
	seed uint64
}

// at gives the source of the i-th thing of a kind. Two places of a stream, and two streams, know
// nothing of each other.
func (s streams) at(kind string, i int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(kind)) // never fails
	return rand.New(rand.NewPCG(scatter(s.seed^h.Sum64()), scatter(uint64(i))))
}

// scatter spreads neighbouring numbers over all 64 bits (the finaliser of SplitMix64).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// pick gives one of the list.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// pickFront gives one of the list, the first ones more often: names are not equally common.
func pickFront[T any](r *rand.Rand, list []T) T {
	x := r.Float64()
	return list[int(x*x*float64(len(list)))]
}

// chance is true in percent of the cases.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }
