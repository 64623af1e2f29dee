package origin

import (
	"hash/maphash"
	"slices"
	"strings"

	"navette/internal/annuaire"
)

// index knows the names of the académie by the hashes of their keys and of how they look. It is immutable once built.
type index struct {
	seed    maphash.Seed
	written map[uint64]Sign // key -> whose
	looks   map[uint64]Sign // skeleton of the key -> whose
}

// maxNames bounds the memory of an index: more than there are people in any académie, or in all of them.
const maxNames = 2_000_000

func newIndex() *index {
	return &index{seed: maphash.MakeSeed(), written: map[uint64]Sign{}, looks: map[uint64]Sign{}}
}

// add takes a face in. The first sign of two for one name stays the stronger one: a head's before an agent's.
func (x *index) add(e eye, f annuaire.Face) {
	sign := AgentName
	switch {
	case f.Kind == annuaire.Box:
		sign = ServiceName
	case f.Heads:
		sign = HeadName
	}
	k := key(words(f.Name))
	if k == "" || len(x.written) >= maxNames {
		return
	}
	x.put(x.written, k, sign)
	x.put(x.looks, look(e, k), sign)
}

func (x *index) put(in map[uint64]Sign, k string, sign Sign) {
	h := maphash.String(x.seed, k)
	if in[h] != HeadName {
		in[h] = sign
	}
}

// look is the skeleton of a key, in order again: look-alike letters may sort elsewhere.
func look(e eye, k string) string {
	list := strings.Fields(e.sees(k))
	slices.Sort(list)
	return strings.Join(list, " ")
}

// whose tells whose name a displayed one is. disguised: it only looks like it.
func (x *index) whose(e eye, display string) (sign Sign, disguised bool) {
	for _, piece := range pieces(display) {
		if k := key(words(piece)); k != "" {
			if sign, known := x.written[maphash.String(x.seed, k)]; known {
				return sign, false
			}
		}
	}
	for _, piece := range pieces(display) {
		if k := key(words(e.latin(piece))); k != "" {
			if sign, known := x.looks[maphash.String(x.seed, look(e, k))]; known {
				return sign, true
			}
		}
	}
	return "", false
}

// phrases are the words, folded, with which somebody speaks in the name of the institution.
func phrases() [][]string {
	var out [][]string
	for _, phrase := range []string{
		"rectorat", "recteur de l academie", "rectrice de l academie", "recteur d academie", "rectrice d academie", "dsden", "dasen",
		"inspection academique", "services academiques", "education nationale", "messagerie academique", "webmail academique",
		"assistance academique", "plateforme academique", "dsi academie",
	} {
		out = append(out, strings.Fields(phrase))
	}
	return out
}

// contains reports that some words stand in others one after the other.
func contains(list, some []string) bool {
	for i := 0; i+len(some) <= len(list); i++ {
		if slices.Equal(list[i:i+len(some)], some) {
			return true
		}
	}
	return false
}
