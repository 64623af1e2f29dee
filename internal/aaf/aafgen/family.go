package aafgen

// blockSize is how many neighbouring pupils families are made among: some schools' worth.
const blockSize = 1000

// block is one lot of neighbouring pupils with the people in charge of them. Pupils and adults in it are numbered from 0.
type block struct {
	number           int
	firstPupil       int // in the whole académie
	firstAdult       int
	pupils, adults   int
	families         int
	couples          int // families with a second adult
	stride, unstride int // pupil k is the (k × stride mod pupils)-th to find a family, and back
}

// block gives the i-th block; the last one given is kept, since people are told in their order.
func (g *generator) block(i int) block {
	if g.last.pupils == 0 || g.last.number != i {
		g.last = g.newBlock(i)
	}
	return g.last
}

func (g *generator) newBlock(i int) block {
	b := block{number: i, firstPupil: i * blockSize}
	b.pupils = min(blockSize, g.Pupils-b.firstPupil)
	share := func(pupils int) int { return int(int64(g.Guardians) * int64(pupils) / int64(g.Pupils)) }
	b.firstAdult = share(b.firstPupil)
	b.adults = share(b.firstPupil+b.pupils) - b.firstAdult
	b.families = min((b.pupils*3+3)/4, b.adults)
	b.couples = min(b.families*22/25, b.adults-b.families)
	b.stride, b.unstride = coprime(b.pupils)
	return b
}

// blocks is how many there are.
func (g *generator) blocks() int { return (g.Pupils + blockSize - 1) / blockSize }

// coprime gives a number that goes round n in steps, and the one that goes back.
func coprime(n int) (stride, back int) {
	for stride = min(389, n); stride > 1; stride-- {
		for back = 1; back < n; back++ {
			if stride*back%n == 1 {
				return stride, back
			}
		}
	}
	return 1, 1
}

// familyOf gives the family of a pupil: the first ones found one each, the others join one that has a pupil already.
func (b block) familyOf(pupil int) int {
	k := pupil * b.stride % b.pupils
	if k < b.families {
		return k
	}
	return (k - b.families) % max(1, b.families*2/3)
}

// pupilsOf gives the pupils of a family.
func (b block) pupilsOf(family int) []int {
	at := func(k int) int { return k * b.unstride % b.pupils }
	pupils := []int{at(family)}
	joined := max(1, b.families*2/3)
	if family < joined {
		for k := b.families + family; k < b.pupils; k += joined {
			pupils = append(pupils, at(k))
		}
	}
	return pupils
}

// adultsOf gives the adults of a family, the first of every family, then a second of most, then others of some.
func (b block) adultsOf(family int) []int {
	if family >= b.adults {
		return nil
	}
	adults := []int{family}
	if family < b.couples {
		adults = append(adults, b.families+family)
	}
	for a := b.families + b.couples + family; a < b.adults; a += b.families {
		adults = append(adults, a)
	}
	return adults
}

// placeOf gives the family of an adult and their place in it: 0 the first, 1 the second, 2 and more the others.
func (b block) placeOf(adult int) (family, place int) {
	switch {
	case adult < b.families:
		return adult, 0
	case adult < b.families+b.couples:
		return adult - b.families, 1
	}
	others := adult - b.families - b.couples
	return others % b.families, 2 + others/b.families
}

// traits are what the members of a family share.
type traits struct {
	surname   string // of the pupils, and of the second adult
	maiden    string // of the first
	separated bool
	mailbox   string // of the whole household, or ""
	placed    bool   // the pupil is in the care of somebody else than a parent
}

// traits gives those of a family.
func (g *generator) traits(b block, family int) traits {
	d := g.of("family", b.number*blockSize+family)
	t := traits{surname: pickFront(&d, g.names.surnames), maiden: pickFront(&d, g.names.surnames)}
	t.separated = d.chance(30)
	t.placed = d.chance(1)
	if !t.separated && d.chance(8) {
		t.mailbox = "famille." + fold(t.surname) + g.unique(b.firstAdult+family) + "@foyer.example"
	}
	return t
}
