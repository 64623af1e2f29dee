package enrolment

import (
	"cmp"
	"context"
	"slices"

	"navette/internal/store"
)

// lost is whom an export takes away: of a complete one, who is in its establishments and it does not name; of a delta,
// whom it deletes.
type lost struct {
	leaving   []leaver // pupils with rows of the year in the establishments of the export, by school
	pupils    []int64  // of them and others: in no establishment any more
	guardians []int64
	staff     []int64
	divisions []int64
	addresses bool // the export takes some from legal guardians
	bySchool  map[string]*loss
}

// leaver is a pupil who leaves.
type leaver struct {
	id  int64
	uai string // one of the schools
}

// loss counts for the brakes; guardians whoever they are, legal or not; addresses of legal ones.
type loss struct{ pupils, guardians, classes, addresses int }

func (l *lost) at(uai string) *loss {
	one := l.bySchool[uai]
	if one == nil {
		one = &loss{}
		l.bySchool[uai] = one
	}
	return one
}

// chunk is how many people one query or one transaction is about.
const chunk = 1000

// findLost looks for whom the export takes away. Only the current year tells who is absent: in one that is prepared,
// people who go with the old year are no loss.
func (r *run) findLost(ctx context.Context) (*lost, error) {
	l := &lost{bySchool: map[string]*loss{}}
	err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		*l = lost{bySchool: map[string]*loss{}}
		if err := r.lostPupils(ctx, tx, l); err != nil {
			return err
		}
		if r.year.State == Current {
			if err := r.lostGuardians(ctx, tx, l); err != nil {
				return err
			}
			if err := r.lostStaff(ctx, tx, l); err != nil {
				return err
			}
		}
		if err := r.lostAddresses(ctx, tx, l); err != nil {
			return err
		}
		r.lostDivisions(l)
		return r.findUntouched(ctx, tx)
	})
	r.report.Pupils.Absent, r.report.Guardians.Absent, r.report.Staff.Absent = len(l.pupils), len(l.guardians), len(l.staff)
	return l, err
}

// missing tells whether the export takes somebody away, as far as the record goes.
func (r *run) missing(k known) bool {
	if r.export.Complete {
		return k.state&named == 0
	}
	return k.state&deleted != 0
}

// schoolsOf gives the schools of people, by a query of (id, uai) whose parameters are the year and the set of ids.
func (r *run) schoolsOf(ctx context.Context, tx *store.Tx, ids []int64, query func(set string) string) (map[int64][]string, error) {
	found := map[int64][]string{}
	for some := range slices.Chunk(ids, chunk) {
		set, arg := tx.Dialect().IntSet(2, some)
		if err := each(ctx, tx, func(row scanner) error {
			var id int64
			var uai string
			err := row.Scan(&id, &uai)
			found[id] = append(found[id], uai)
			return err
		}, query(set), r.year.Year, arg); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (r *run) inScope(uai string) bool { return !r.export.Complete || r.scope[uai] }

// lostPupils finds pupils. One who is in another establishment too, which the export does not name, stays there.
func (r *run) lostPupils(ctx context.Context, tx *store.Tx, l *lost) error {
	schools, err := r.schoolsOf(ctx, tx, r.pupils.ids(r.missing), func(set string) string {
		return `SELECT pupil_id, uai FROM enrolment WHERE year = $1 AND pupil_id IN (` + set + `)`
	})
	if err != nil {
		return err
	}
	for id, uais := range schools {
		in := 0
		for _, uai := range uais {
			if r.inScope(uai) {
				in++
				l.at(uai).pupils++
			}
		}
		at, _ := r.pupils.place(id)
		if in > 0 {
			l.leaving = append(l.leaving, leaver{id, slices.Min(uais)})
		}
		if in == len(uais) && (r.export.Complete || r.pupils.list[at].state&absent == 0) {
			l.pupils = append(l.pupils, id)
		}
	}
	slices.SortFunc(l.leaving, func(a, b leaver) int { return cmp.Or(cmp.Compare(a.uai, b.uai), cmp.Compare(a.id, b.id)) })
	slices.Sort(l.pupils)
	return nil
}

// lostGuardians finds guardians: all schools of their pupils are in the export, and it does not name them.
func (r *run) lostGuardians(ctx context.Context, tx *store.Tx, l *lost) error {
	ids := r.guardians.ids(func(k known) bool { return r.missing(k) && k.state&absent == 0 })
	schools, err := r.schoolsOf(ctx, tx, ids, func(set string) string {
		return `SELECT DISTINCT s.guardian_id, e.uai FROM guardianship s JOIN enrolment e ON e.year = s.year AND e.pupil_id = s.pupil_id
			WHERE s.year = $1 AND s.guardian_id IN (` + set + `)`
	})
	if err != nil {
		return err
	}
	l.guardians = r.within(ids, schools)
	for _, id := range l.guardians {
		for _, uai := range schools[id] {
			l.at(uai).guardians++
		}
	}
	return nil
}

// lostAddresses finds legal guardians who stay, and have an address no more. A guardian has one address whatever the year:
// an export of one that is prepared takes those of the current one too.
func (r *run) lostAddresses(ctx context.Context, tx *store.Tx, l *lost) error {
	schools, err := r.schoolsOf(ctx, tx, r.guardians.ids(func(k known) bool { return k.state&muted != 0 }), func(set string) string {
		return `SELECT DISTINCT s.guardian_id, e.uai ` + reachable + ` AND s.guardian_id IN (` + set + `)`
	})
	if err != nil {
		return err
	}
	for _, uais := range schools {
		for _, uai := range uais {
			if r.inScope(uai) {
				l.at(uai).addresses++
				l.addresses = true
			}
		}
	}
	return nil
}

// reachable is from where legal guardians with an address are read, of the current year and of year $1.
const reachable = `FROM guardianship s JOIN enrolment e ON e.year = s.year AND e.pupil_id = s.pupil_id JOIN guardian g ON g.guardian_id = s.guardian_id
	WHERE (s.year = $1 OR s.year IN (SELECT year FROM school_year WHERE state = 1)) AND s.legal = 1 AND g.mail_key <> ''`

// lostStaff finds staff, by their posts and classes of the year.
func (r *run) lostStaff(ctx context.Context, tx *store.Tx, l *lost) error {
	ids := r.staff.ids(r.missing)
	schools, err := r.schoolsOf(ctx, tx, ids, func(set string) string {
		return `SELECT staff_id, uai FROM staff_post WHERE year = $1 AND staff_id IN (` + set + `)
			UNION SELECT t.staff_id, d.uai FROM teaching t JOIN division d ON d.division_id = t.division_id WHERE d.year = $1 AND t.staff_id IN (` + set + `)`
	})
	if err != nil {
		return err
	}
	l.staff = slices.DeleteFunc(r.within(ids, schools), func(id int64) bool {
		at, _ := r.staff.place(id)
		return len(schools[id]) == 0 && r.staff.list[at].state&absent != 0 // known to be absent, nothing is left of the year
	})
	return nil
}

// within keeps whose schools are all in the export; who has none goes when the export names every establishment.
func (r *run) within(ids []int64, schools map[int64][]string) []int64 {
	everywhere := true
	for _, s := range r.structures {
		everywhere = everywhere && r.scope[s.uai]
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
		return r.export.Complete && len(schools[id]) == 0 && !everywhere ||
			slices.ContainsFunc(schools[id], func(uai string) bool { return !r.inScope(uai) })
	})
}

// lostDivisions finds classes and groups that a complete export no longer names.
func (r *run) lostDivisions(l *lost) {
	r.report.Classes.Absent, r.report.Groups.Absent = 0, 0
	if !r.export.Complete {
		return
	}
	for _, d := range r.divisions.list {
		if d.named || d.gone || !r.scope[d.uai] {
			continue
		}
		l.divisions = append(l.divisions, d.id)
		if d.kind == group {
			r.report.Groups.Absent++
			continue
		}
		r.report.Classes.Absent++
		l.at(d.uai).classes++
	}
}

// findUntouched lists the establishments of the degree that have pupils and that a complete export does not name.
func (r *run) findUntouched(ctx context.Context, tx *store.Tx) error {
	r.report.Untouched = nil
	if !r.export.Complete {
		return nil
	}
	return each(ctx, tx, func(row scanner) error {
		var uai string
		err := row.Scan(&uai)
		if err == nil && !r.scope[uai] {
			r.report.Untouched = append(r.report.Untouched, uai)
		}
		return err
	}, `SELECT DISTINCT s.uai FROM structure s WHERE s.degree = $1
		AND EXISTS (SELECT 1 FROM enrolment e WHERE e.year = $2 AND e.uai = s.uai) ORDER BY s.uai`, r.degree, r.year.Year)
}
