package enrolment

import (
	"context"
	"slices"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// takeStaff resolves somebody who works in schools.
func (r *run) takeStaff(ctx context.Context, rec *aaf.Record) error {
	at, taken := r.place(r.staff, rec)
	if !taken {
		return nil
	}
	s := &staff{Key: rec.Key, civil: civilOf(rec.Staff.Identity)}
	if rec.Action == aaf.Modify {
		var err error
		if s, err = r.storedStaff(ctx, r.staff.list[at]); err != nil {
			return err
		}
		s.amend(rec.Staff.Identity, rec.Set)
	}
	if s.UsageName == "" || s.Forename == "" {
		r.refuse(rec, "le nom ou le prénom manque")
		return nil
	}
	s.Mail = storedMail(s.Mail)
	r.hold(rec, s)
	r.instruct(rec, s)
	r.tidyStaff(s)
	s.At = r.staff.put(rec.Key)
	k := &r.staff.list[s.At]
	k.state |= named
	s.Print = r.sumStaff(s)
	_, err := r.keep(&r.report.Staff, k, s.Print, s, &r.changed.staff)
	for _, p := range s.Posts {
		r.tallyOf(p.UAI).staff[s.At] = true
	}
	return err
}

// hold resolves what somebody does in which school.
func (r *run) hold(rec *aaf.Record, s *staff) {
	from := rec.Staff
	if rec.Set.Has(aaf.FieldPosts) {
		s.Posts = nil
		for _, p := range from.Posts {
			if at := r.structures[p.Structure]; at != nil {
				s.Posts = append(s.Posts, post{UAI: at.uai, Function: p.Function, Code: p.Code, Label: p.CodeLabel})
			} else {
				r.warned.add(rec, "fonction dans un établissement inconnu : laissée de côté")
			}
		}
	}
	if rec.Set.Has(aaf.FieldDirects) {
		for _, key := range from.Directs {
			at := r.structures[key]
			if at != nil && !slices.ContainsFunc(s.Posts, func(p post) bool { return p.UAI == at.uai && p.Function == directory.FonctionHead }) {
				s.Posts = append(s.Posts, post{UAI: at.uai, Function: directory.FonctionHead})
			}
		}
	}
	if at := r.structures[from.Structure]; len(s.Posts) == 0 && rec.Set.Has(aaf.FieldStructures) && at != nil {
		fonction := ""
		if from.Teaches() {
			fonction = "ENS"
		}
		s.Posts = append(s.Posts, post{UAI: at.uai, Function: fonction})
	}
}

// instruct resolves the classes and groups that somebody teaches, and answers for.
func (r *run) instruct(rec *aaf.Record, s *staff) {
	from := rec.Staff
	for _, of := range []struct {
		field aaf.Fields
		kind  int
		list  []aaf.Teaching
	}{{aaf.FieldClasses, class, from.Classes}, {aaf.FieldGroups, group, from.Groups}} {
		if !rec.Set.Has(of.field) {
			continue
		}
		mine := func(t teaching) bool { return r.divisions.list[t.Division].kind == of.kind }
		principal := map[int32]bool{} // a field of its own
		for _, t := range s.Teaches {
			principal[t.Division] = t.Principal
		}
		s.Teaches = slices.DeleteFunc(s.Teaches, func(t teaching) bool { return mine(t) && (!t.Principal || rec.Set.Has(aaf.FieldPrincipal)) })
		for i := range s.Teaches {
			if mine(s.Teaches[i]) {
				s.Teaches[i].Subjects = nil
			}
		}
		for _, t := range of.list {
			at, known := r.divisionOf(rec, t.Division, of.kind)
			if !known {
				continue
			}
			entry := s.teach(at)
			entry.Principal = principal[at]
			if label := r.subject(t.Subject); label != "" {
				entry.Subjects = append(entry.Subjects, label)
			}
		}
	}
	if rec.Set.Has(aaf.FieldPrincipal) {
		r.lead(rec, s)
	}
	for _, t := range s.Teaches {
		r.divisions.list[t.Division].named = true
	}
}

// lead resolves of which classes somebody is professeur principal.
func (r *run) lead(rec *aaf.Record, s *staff) {
	for i := range s.Teaches {
		s.Teaches[i].Principal = false
	}
	for _, d := range rec.Staff.Principal {
		if at, known := r.divisionOf(rec, d, class); known {
			s.teach(at).Principal = true
		}
	}
}

// divisionOf finds a class or a group that a record of the staff names.
func (r *run) divisionOf(rec *aaf.Record, d aaf.Division, kind int) (int32, bool) {
	s := r.structures[d.Structure]
	if s == nil || d.Name == "" {
		r.warned.add(rec, "classe ou groupe d'un établissement inconnu : laissé de côté")
		return 0, false
	}
	return r.divisions.name(divisionKey{s.uai, kind, d.Name}), true
}

// subject gives the label of a subject, or its code where no export gave one.
func (r *run) subject(code string) string {
	if label := r.subjects[code]; label != "" {
		return label
	}
	return code
}
