package enrolment

import (
	"context"
	"slices"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// takePupil resolves a pupil.
func (r *run) takePupil(ctx context.Context, rec *aaf.Record) error {
	at, taken := r.place(r.pupils, rec)
	if !taken {
		return nil
	}
	p := &pupil{Key: rec.Key, civil: civilOf(rec.Pupil.Identity)}
	if rec.Action == aaf.Modify {
		var err error
		if p, err = r.storedPupil(ctx, r.pupils.list[at]); err != nil {
			return err
		}
		p.amend(rec.Pupil.Identity, rec.Set)
	}
	if p.UsageName == "" || p.Forename == "" {
		r.refuse(rec, "le nom ou le prénom manque")
		return nil
	}
	r.checkMail(rec, &p.Mail)
	if !r.attend(rec, p) {
		r.refuse(rec, "aucun établissement connu : sa fiche EtabEducNat manque")
		return nil
	}
	if rec.Set.Has(aaf.FieldLinks) {
		r.answer(rec, p)
	}
	r.tidyPupil(p)
	p.At = r.pupils.put(rec.Key)
	k := &r.pupils.list[p.At]
	k.state |= named
	p.Print = r.sumPupil(p)
	kept, err := r.keep(&r.report.Pupils, k, p.Print, p, &r.changed.pupils)
	if kept {
		school := ""
		if len(p.Schools) > 0 {
			school = p.Schools[0]
		}
		r.changed.pupilAt = append(r.changed.pupilAt, r.schoolNumber(school))
	}
	r.countPupil(p)
	return err
}

// attend resolves the schools, classes and groups of a pupil; false where the record names schools, and none is known.
func (r *run) attend(rec *aaf.Record, p *pupil) bool {
	from, day := rec.Pupil, r.year.AsOf
	if rec.Set.Has(aaf.FieldLeft) && !from.Left.IsZero() && from.Left.Compare(day) <= 0 {
		p.Schools, p.Divisions = nil, nil // has left the establishment
		return true
	}
	asked := 0
	if rec.Set.Has(aaf.FieldStructures) {
		p.Schools = nil
		for _, key := range from.Structures {
			asked++
			if s := r.structures[key]; s != nil {
				p.Schools = append(p.Schools, s.uai)
			} else {
				r.warned.add(rec, "établissement de rattachement inconnu")
			}
		}
	}
	for _, of := range []struct {
		field aaf.Fields
		kind  int
		list  []aaf.Division
	}{{aaf.FieldClasses, class, from.Classes}, {aaf.FieldGroups, group, from.Groups}} {
		if !rec.Set.Has(of.field) {
			for _, d := range p.Divisions { // a modification keeps them
				r.divisions.list[d].named = r.divisions.list[d].named || r.divisions.list[d].kind == of.kind
			}
			continue
		}
		p.Divisions = slices.DeleteFunc(p.Divisions, func(d int32) bool { return r.divisions.list[d].kind == of.kind })
		for _, d := range of.list {
			s := r.structures[d.Structure]
			switch asked++; {
			case s == nil:
				r.warned.add(rec, "classe ou groupe d'un établissement inconnu : laissé de côté")
			case d.Name == "" || hasLeft(from, d, day):
			default:
				p.Schools = append(p.Schools, s.uai)
				p.Divisions = append(p.Divisions, r.divisions.name(divisionKey{s.uai, of.kind, d.Name}))
			}
		}
	}
	return len(p.Schools) > 0 || asked == 0 && rec.Action == aaf.Modify
}

// hasLeft reports that a pupil left a class or group on a day that has come, and did not come back.
func hasLeft(p *aaf.Pupil, d aaf.Division, day directory.Date) bool {
	last := func(list []aaf.Passage) (at directory.Date) {
		for _, x := range list {
			if x.Structure == d.Structure && x.Name == d.Name && x.Day.Compare(at) > 0 {
				at = x.Day
			}
		}
		return at
	}
	out := last(p.Exits)
	return !out.IsZero() && out.Compare(day) <= 0 && last(p.Entries).Compare(out) <= 0
}

// answer resolves who answers for a pupil.
func (r *run) answer(rec *aaf.Record, p *pupil) {
	p.Links = nil
	for _, l := range rec.Pupil.Links {
		at, there := r.guardians.find(l.Guardian)
		if !there || !r.holds(r.guardians.list[at]) {
			r.warned.add(rec, "responsable cité sans fiche : il ne sera pas joint")
			continue
		}
		p.Links = append(p.Links, link{Guardian: at, Code: l.Code, Legal: l.Legal(), Contact: l.Contact})
	}
}

// holds reports that somebody is there once the export is in: a complete one must name them.
func (r *run) holds(k known) bool {
	if r.export.Complete {
		return k.state&named != 0
	}
	return k.state&named != 0 || k.state&(deleted|absent) == 0
}
