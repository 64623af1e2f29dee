package enrolment

import (
	"slices"
	"strings"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// takeStructure resolves an establishment with the classes and groups that it declares.
func (r *run) takeStructure(rec *aaf.Record) {
	known := r.structures[rec.Key]
	if known != nil && known.named {
		r.refuse(rec, "deuxième fiche de la même clé dans cet export ; la première est gardée")
		return
	}
	if rec.Action != aaf.Add && known == nil {
		r.refuse(rec, "fiche inconnue : le prochain export complet la donnera")
		return
	}
	if rec.Action == aaf.Delete { // establishments are closed by hand, with their boxes
		r.warned.add(rec, "un delta retire l'établissement : il reste, avec ses classes")
		return
	}
	s := structureOf(rec, known)
	if s.uai == "" {
		r.refuse(rec, "l'UAI manque")
		return
	}
	if _, err := directory.ParseUAI(s.uai); err != nil {
		r.warned.add(rec, "la clé de l'UAI est fausse")
	}
	var f fingerprint
	f.text("structure 1", s.uai, s.name, s.nature, s.city)
	s.fingerprint = f.sum()
	r.report.Structures.Named++
	switch {
	case known == nil:
		r.report.Structures.New++
		r.changed.structures[strings.Clone(rec.Key)] = s
	case known.fingerprint != s.fingerprint:
		r.report.Structures.Changed++
		r.changed.structures[strings.Clone(rec.Key)] = s
	default:
		r.report.Structures.Unchanged++
	}
	r.structures[strings.Clone(rec.Key)] = s
	r.scope[s.uai] = true
	r.declare(rec, s)
}

// structureOf is what a record says of an establishment; what a modification does not speak of stays.
func structureOf(rec *aaf.Record, known *structure) *structure {
	s := &structure{named: true}
	if known != nil {
		s.uai, s.name, s.nature, s.city = known.uai, known.name, known.nature, known.city
	}
	for field, to := range map[aaf.Fields]struct {
		into *string
		text string
	}{
		aaf.FieldUAI: {&s.uai, rec.Structure.UAI}, aaf.FieldName: {&s.name, rec.Structure.Name},
		aaf.FieldNature: {&s.nature, rec.Structure.Nature}, aaf.FieldCity: {&s.city, rec.Structure.City},
	} {
		if rec.Set.Has(field) {
			*to.into = strings.Clone(to.text)
		}
	}
	if s.name == "" {
		s.name = s.uai
	}
	return s
}

// declare notes the classes and groups of an establishment, with their longer names.
func (r *run) declare(rec *aaf.Record, s *structure) {
	note := func(kind int, name, label string) {
		if name == "" {
			return
		}
		d := &r.divisions.list[r.divisions.name(divisionKey{s.uai, kind, name})]
		if label != "" && label != d.label {
			d.label, d.relabels = strings.Clone(label), true
		}
	}
	if rec.Set.Has(aaf.FieldClasses) {
		for _, c := range rec.Structure.Classes {
			note(class, c.Name, c.Label)
		}
	}
	if rec.Set.Has(aaf.FieldGroups) {
		for _, g := range rec.Structure.Groups {
			note(group, g.Name, g.Label)
		}
	}
}

// tally is what an export says of one establishment.
type tally struct {
	SchoolCount
	staff map[int32]bool
}

func (r *run) tallyOf(uai string) *tally {
	t := r.counts[uai]
	if t == nil {
		t = &tally{SchoolCount: SchoolCount{UAI: uai}, staff: map[int32]bool{}}
		r.counts[uai] = t
	}
	return t
}

// schoolNumber numbers establishments in the order in which pupils name them.
func (r *run) schoolNumber(uai string) int32 {
	n, there := r.schoolNo[uai]
	if !there {
		n = int32(len(r.schools)) //nolint:gosec // establishments of one académie
		r.schoolNo[uai] = n
		r.schools = append(r.schools, uai)
	}
	return n
}

// countPupil adds a pupil to the tallies of the schools, with whoever answers in law for them.
func (r *run) countPupil(p *pupil) {
	for _, uai := range p.Schools {
		t := r.tallyOf(uai)
		t.Pupils++
		for _, l := range p.Links {
			if l.Legal {
				t.Links++
				r.answers = append(r.answers, int64(r.schoolNumber(uai))<<32|int64(l.Guardian))
			}
		}
	}
	for _, l := range p.Links {
		if l.Legal {
			r.report.Legal++
		} else {
			r.report.Contacts++
		}
	}
}

// settleTallies ends the survey: the counts of each establishment, and the classes.
func (r *run) settleTallies() {
	slices.Sort(r.answers)
	for _, answer := range slices.Compact(r.answers) {
		t := r.tallyOf(r.schools[answer>>32])
		t.Guardians++
		if r.guardians.list[int32(answer)].state&mute == 0 { //nolint:gosec // its low half is a place
			t.Addresses++
		}
	}
	r.answers = nil
	for _, d := range r.divisions.list {
		if !d.named {
			continue
		}
		t, counts := r.tallyOf(d.uai), &r.report.Classes
		if d.kind == group {
			counts = &r.report.Groups
			t.Groups++
		} else {
			t.Classes++
		}
		counts.Named++
		switch {
		case d.id == 0:
			counts.New++
		case d.relabels || d.gone:
			counts.Changed++
		default:
			counts.Unchanged++
		}
	}
	for _, t := range r.counts {
		t.Staff = len(t.staff)
		r.report.Schools = append(r.report.Schools, t.SchoolCount)
	}
	slices.SortFunc(r.report.Schools, func(a, b SchoolCount) int { return strings.Compare(a.UAI, b.UAI) })
}
