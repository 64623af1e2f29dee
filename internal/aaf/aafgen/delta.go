package aafgen

import (
	"fmt"

	"navette/internal/aaf"
)

// delta gives what changed on the day after the complete export of the same options: of a hundred guardians one has
// another address and of a thousand one is gone; of two hundred pupils one has changed class; some teachers are no longer
// professeurs principaux.
func (g *generator) delta(yield func(*aaf.Record) error) error {
	for i := range g.Pupils {
		d := g.of("pupil moves", i)
		if d.below(200) > 0 {
			continue
		}
		if err := yield(g.moved(i)); err != nil {
			return err
		}
	}
	for i := range g.blocks() {
		b := g.block(i)
		for n := range b.adults {
			if r := g.changed(b, n); r != nil {
				if err := yield(r); err != nil {
					return err
				}
			}
		}
	}
	n := 0
	return g.staff(func(r *aaf.Record) error {
		d := g.of("staff changes", n)
		n++
		if len(r.Staff.Principal) == 0 || d.below(50) > 0 {
			return nil
		}
		return yield(&aaf.Record{Action: aaf.Modify, Category: aaf.PersEducNat, Key: r.Key, Set: aaf.FieldPrincipal, Staff: &aaf.Staff{}})
	})
}

// moved puts a pupil into the next class of the school.
func (g *generator) moved(i int) *aaf.Record {
	at := g.placeOf(i)
	s := &g.schools[at.school]
	to := s.divisions[(at.division+1)%len(s.divisions)]
	return &aaf.Record{Action: aaf.Modify, Category: aaf.Eleve, Key: pupilKey(i), Set: aaf.FieldClasses,
		Pupil: &aaf.Pupil{Classes: []aaf.Division{s.in(to)}}}
}

// changed gives what happened to somebody in charge, or nil.
func (g *generator) changed(b block, n int) *aaf.Record {
	i := b.firstAdult + n
	d := g.of("guardian changes", i)
	switch x := d.below(1000); {
	case x == 0:
		return &aaf.Record{Action: aaf.Delete, Category: aaf.PersRelEleve, Key: guardianKey(i)}
	case x <= 10:
		return &aaf.Record{Action: aaf.Modify, Category: aaf.PersRelEleve, Key: guardianKey(i), Set: aaf.FieldMail,
			Guardian: &aaf.Guardian{Identity: aaf.Identity{Mail: fmt.Sprintf("nouvelle.adresse%s@courriel.example", g.unique(i))}}}
	}
	return nil
}
