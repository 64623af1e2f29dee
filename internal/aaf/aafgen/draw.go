package aafgen

import "hash/fnv"

// draw is a source of random numbers for one thing (SplitMix64).
type draw struct{ state uint64 }

// source gives each thing its draw.
type source struct{ seed uint64 }

// of gives the draw of the i-th thing of a kind.
func (s source) of(kind string, i int) draw {
	h := fnv.New64a()
	h.Write([]byte(kind)) // never fails
	d := draw{s.seed ^ h.Sum64()}
	d.state = d.next() + uint64(i)*0x9e3779b97f4a7c15
	d.next()
	return d
}

func (d *draw) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	x := d.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below gives a number from 0 to n-1.
func (d *draw) below(n int) int { return int(d.next() >> 1 % uint64(n)) }

// chance is true in percent of the cases.
func (d *draw) chance(percent int) bool { return d.below(100) < percent }

// pick gives one of a list.
func pick[T any](d *draw, list []T) T { return list[d.below(len(list))] }

// pickFront gives one of a list, the first ones more often: names are not equally common.
func pickFront[T any](d *draw, list []T) T {
	n := len(list)
	return list[min(d.below(n), d.below(n))]
}
