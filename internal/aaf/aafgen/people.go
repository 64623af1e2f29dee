package aafgen

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// The first join keys of each category; those of 1D and 2D are of different spaces, and may be equal.
const (
	firstPupilKey    = 700_000
	firstGuardianKey = 2_000_000
	firstStaffKey    = 5_000_000
)

func pupilKey(i int) string    { return strconv.Itoa(firstPupilKey + i) }
func guardianKey(i int) string { return strconv.Itoa(firstGuardianKey + i) }

// unique is a number as it ends a local part.
func (g *generator) unique(i int) string { return fmt.Sprintf(".%d%06d", g.Degree, i) }

// place is where a pupil learns.
type place struct {
	school   int
	division int
}

// placeOf finds the school and class of a pupil: schools have theirs one after the other.
func (g *generator) placeOf(pupil int) place {
	low, high := 0, len(g.schools)-1
	for low < high { // the last school whose first pupil is not after this one
		middle := (low + high + 1) / 2
		if g.schools[middle].first <= pupil {
			low = middle
		} else {
			high = middle - 1
		}
	}
	s := &g.schools[low]
	return place{low, (pupil - s.first) % len(s.divisions)}
}

// pupil is the record of the i-th pupil.
func (g *generator) pupil(i int) *aaf.Record {
	b := g.block(i / blockSize)
	family := b.familyOf(i - b.firstPupil)
	t := g.traits(b, family)
	at := g.placeOf(i)
	s, k := &g.schools[at.school], g.kinds[at.school]
	class := s.divisions[at.division]
	l := k.levels[class.level]
	d := g.of("pupil", i)
	girl := d.chance(49)
	forename, civility := pickFront(&d, g.names.boys), "M."
	if girl {
		forename, civility = pickFront(&d, g.names.girls), "Mme"
	}
	p := &aaf.Pupil{
		Identity: aaf.Identity{
			Civility: civility, BirthName: t.surname, UsageName: t.surname, Forename: forename, Forenames: []string{forename},
			Birth: directory.DateOf(time.Date(g.year()-l.age, time.January, 1+d.below(365), 0, 0, 0, 0, time.UTC)),
		},
		INE:        fmt.Sprintf("%09dZ%c", i, 'A'+rune(g.Degree)),
		Structures: []string{s.key},
		Links:      g.links(&d, b, family, t, s.old),
		Classes:    []aaf.Division{s.in(class)},
		MEFs:       []string{l.mef}, Level: l.label,
		Entries: []aaf.Passage{{Division: aaf.Division{Structure: s.key, Name: class.name}, Day: g.start()}},
	}
	if other := pickFront(&d, g.names.girls); d.chance(25) && other != forename {
		p.Forenames = append(p.Forenames, other)
	}
	for n := range 2 {
		of := s.groups[class.level*len(teachingGroups())+(n+d.below(2)*2)%len(teachingGroups())]
		if group := s.in(of); len(p.Groups) == 0 || p.Groups[0] != group {
			p.Groups = append(p.Groups, group)
		}
	}
	if g.Degree == aaf.First {
		p.MEFs = nil
		return &aaf.Record{Action: aaf.Add, Category: aaf.Eleve, Key: pupilKey(i), Pupil: p}
	}
	p.Status, p.Stream, p.Entered = "SCOLAIRE", l.label, g.start()
	all := subjects()
	for n := range 7 + d.below(3) {
		p.Subjects = append(p.Subjects, all[n].code)
	}
	if l.age >= 15 && d.chance(35) {
		p.Mail = fold(forename) + "." + fold(t.surname) + g.unique(i) + "@lyceens.example"
	}
	return &aaf.Record{Action: aaf.Add, Category: aaf.Eleve, Key: pupilKey(i), Pupil: p}
}

// links are the people in charge of a pupil. Old offices write légal 2 for the second parent, and the old codes.
func (g *generator) links(d *draw, b block, family int, t traits, old bool) []aaf.Link {
	var links []aaf.Link
	for place, adult := range b.adultsOf(family) {
		l := aaf.Link{Guardian: guardianKey(b.firstAdult + adult)}
		switch {
		case g.Degree == aaf.First:
			l.Code, l.Rank = 10+10*min(place, 1), 1
			if place > 1 {
				l.Code = 39
			}
		case place == 0 && t.placed:
			l.Code, l.Rank, l.Contact = 42, 2, true // a foster family has the pupil in charge, not the authority
		case place == 0:
			l.Code, l.Rank, l.Financial = 10, 1, true
		case place == 1:
			l.Code, l.Rank, l.Financial = 20, 1, t.separated && d.chance(40)
		default:
			l.Code, l.Contact, l.Payment = pick(d, []int{38, 37, 39, 41, 90}), true, d.chance(5)
		}
		if old && g.Degree == aaf.Second {
			l.Code = oldCode(l.Code)
			if place == 1 {
				l.Rank = 2
			}
		}
		links = append(links, l)
	}
	return links
}

// oldCode gives the code of a link in the old nomenclature.
func oldCode(code int) int {
	switch code {
	case 10:
		return 2
	case 20:
		return 1
	case 42, 51:
		return 5
	case 37, 38, 39:
		return 4
	}
	return 6
}

// guardian is the record of the i-th person in charge, the n-th of block b.
func (g *generator) guardian(b block, n int) *aaf.Record {
	i := b.firstAdult + n
	family, place := b.placeOf(n)
	t := g.traits(b, family)
	d := g.of("guardian", i)
	woman := place == 0 && !d.chance(7) || place == 1 && d.chance(4) || place > 1 && d.chance(60)
	a := &aaf.Guardian{Identity: aaf.Identity{Civility: "M.", Forename: pickFront(&d, g.names.men)}, PassedOn: d.chance(35)}
	if woman {
		a.Civility, a.Forename = "Mme", pickFront(&d, g.names.women)
	}
	switch {
	case place == 0:
		a.BirthName, a.UsageName = t.maiden, t.surname
		if t.separated && d.chance(60) {
			a.UsageName = t.maiden
		}
	case place == 1:
		a.BirthName, a.UsageName = t.surname, t.surname
	default:
		a.BirthName = pickFront(&d, g.names.surnames)
		a.UsageName = a.BirthName
	}
	if a.Mail = t.mailbox; t.mailbox == "" || place > 1 {
		a.Mail = g.address(&d, a.Identity, i)
	}
	if g.Degree == aaf.First || d.chance(40) {
		for _, p := range b.pupilsOf(family) {
			a.Pupils = append(a.Pupils, pupilKey(b.firstPupil+p))
		}
	}
	return &aaf.Record{Action: aaf.Add, Category: aaf.PersRelEleve, Key: guardianKey(i), Guardian: a}
}

// address invents one, or "": a tenth of families gave none.
func (g *generator) address(d *draw, who aaf.Identity, i int) string {
	local := fold(who.Forename) + "." + fold(who.UsageName)
	switch x := d.below(100); {
	case x < 12:
		return ""
	case x < 30: // Gmail: dots anywhere, and a local part that it would not let anybody have
		return local[:1] + "." + local[1:] + ".exemple.fictif.de.navette" + g.unique(i) + "@gmail.com"
	case x < 34:
		return strings.ToUpper(local+g.unique(i)) + "@COURRIEL.EXAMPLE"
	case x < 37:
		return local + g.unique(i) + "+ecole@boite.example"
	case x < 60:
		return local + g.unique(i) + "@courriel.example"
	case x < 80:
		return local + g.unique(i) + "@boite.example"
	}
	return strings.ReplaceAll(local, ".", "") + g.unique(i) + "@messagerie.example"
}
