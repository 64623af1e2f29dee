package enrolment

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"navette/internal/directory"
	"navette/internal/store"
)

// applyGuardians writes guardians. Whose address changes leaves the old one protected.
func (r *run) applyGuardians(ctx context.Context, advance func(int)) error {
	for some := range slices.Chunk(r.changed.guardians, chunk) {
		list, err := read[guardian](r.spool, some)
		if err != nil {
			return err
		}
		rows := make([]store.Record, len(list))
		keys, old := map[int64]string{}, []int64{}
		for i := range list {
			g := &list[i]
			k := r.guardians.list[g.At]
			key := directory.MatchKey(g.Mail)
			keys[k.id] = key
			if k.state&fresh == 0 {
				old = append(old, k.id)
			}
			rows[i] = store.Record{Ints: []int64{k.id, g.fingerprint()}, Texts: []string{g.Key, g.Civility, g.UsageName, g.Forename, g.Mail, key}}
		}
		if err := r.write(ctx, func(tx *store.Tx) error {
			if err := r.keepFormerMails(ctx, tx, old, keys); err != nil {
				return err
			}
			return put(ctx, tx, "guardian", "guardian_id", []string{"guardian_id", "fingerprint"},
				[]string{"jointure", "civility", "usage_name", "forename", "mail", "mail_key"}, rows, same{"degree", r.degree}, same{"absent_at", 0})
		}); err != nil {
			return err
		}
		advance(len(some))
	}
	return nil
}

// applyPupils writes pupils with all that is theirs in the year: the pupils of a school in one transaction.
func (r *run) applyPupils(ctx context.Context, advance func(int)) error {
	order := make([]int, len(r.changed.pupils))
	for i := range order {
		order[i] = i
	}
	at := r.changed.pupilAt
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(at[a], at[b]), cmp.Compare(a, b)) })
	for some := range together(order, func(a, b int) bool { return at[a] == at[b] }) {
		entries := make([]entry, len(some))
		for i, place := range some {
			entries[i] = r.changed.pupils[place]
		}
		list, err := read[pupil](r.spool, entries)
		if err != nil {
			return err
		}
		if err := r.write(ctx, func(tx *store.Tx) error { return r.writePupils(ctx, tx, list) }); err != nil {
			return err
		}
		advance(len(some))
	}
	return nil
}

// together cuts a sorted list into runs of at least chunk, never between two that belong together.
func together[T any](list []T, same func(a, b T) bool) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(list) > 0 {
			n := min(chunk, len(list))
			for n < len(list) && same(list[n-1], list[n]) {
				n++
			}
			if !yield(list[:n]) {
				return
			}
			list = list[n:]
		}
	}
}

// pupilRows are the rows of some pupils.
type pupilRows struct {
	old                                    []int64 // ids of those who are there already
	pupils, schools, divisions, guardships []store.Record
}

func (r *run) pupilRows(list []pupil) (rows pupilRows) {
	for i := range list {
		p := &list[i]
		k := r.pupils.list[p.At]
		if k.state&fresh == 0 {
			rows.old = append(rows.old, k.id)
		}
		rows.pupils = append(rows.pupils, store.Record{Ints: []int64{k.id, p.Print},
			Texts: []string{p.Key, p.BirthName, p.UsageName, p.Forename, p.Birth, p.Mail, directory.MatchKey(p.Mail)}})
		for _, uai := range p.Schools {
			rows.schools = append(rows.schools, store.Record{Ints: []int64{k.id}, Texts: []string{uai}})
		}
		for _, d := range p.Divisions {
			rows.divisions = append(rows.divisions, store.Record{Ints: []int64{r.divisions.list[d].id, k.id}})
		}
		for _, l := range p.Links {
			rows.guardships = append(rows.guardships, store.Record{Ints: []int64{k.id, r.guardians.list[l.Guardian].id, int64(l.Code), number(l.Legal), number(l.Contact)}})
		}
	}
	return rows
}

func (r *run) writePupils(ctx context.Context, tx *store.Tx, list []pupil) error {
	rows := r.pupilRows(list)
	before, err := r.protects(ctx, tx, rows.old)
	if err != nil {
		return err
	}
	if err := r.clearPupils(ctx, tx, rows.old); err != nil {
		return err
	}
	if err := put(ctx, tx, "pupil", "pupil_id", []string{"pupil_id", "fingerprint"},
		[]string{"jointure", "birth_name", "usage_name", "forename", "birth_date", "mail", "mail_key"}, rows.pupils, same{"degree", r.degree}, same{"absent_at", 0}); err != nil {
		return err
	}
	if err := put(ctx, tx, "enrolment", "year, uai, pupil_id", []string{"pupil_id"}, []string{"uai"}, rows.schools, same{"year", r.year.Year}); err != nil {
		return err
	}
	if err := r.insertDivisions(ctx, tx, rows.divisions); err != nil {
		return err
	}
	if err := put(ctx, tx, "guardianship", "year, pupil_id, guardian_id", []string{"pupil_id", "guardian_id", "link", "legal", "contact"}, nil,
		rows.guardships, same{"year", r.year.Year}); err != nil {
		return err
	}
	after, err := r.protects(ctx, tx, rows.old)
	if err != nil {
		return err
	}
	return r.keepFormer(ctx, tx, before, after)
}

// insertDivisions puts pupils into classes and groups.
func (r *run) insertDivisions(ctx context.Context, tx *store.Tx, rows []store.Record) error {
	if len(rows) == 0 {
		return nil
	}
	staged, arg := tx.Dialect().Records(1, []string{"division_id", "pupil_id"}, nil, rows)
	if _, err := tx.Exec(ctx, `INSERT INTO division_pupil (division_id, pupil_id) SELECT division_id, pupil_id FROM (`+staged+`) AS s WHERE true
		ON CONFLICT (division_id, pupil_id) DO NOTHING`, arg); err != nil {
		return fmt.Errorf("write division_pupil: %w", err)
	}
	return nil
}

// clearPupils takes away what pupils have in the year.
func (r *run) clearPupils(ctx context.Context, tx *store.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	set, arg := tx.Dialect().IntSet(2, ids)
	for _, query := range []string{
		`DELETE FROM enrolment WHERE year = $1 AND pupil_id IN (` + set + `)`,
		`DELETE FROM guardianship WHERE year = $1 AND pupil_id IN (` + set + `)`,
		`DELETE FROM division_pupil WHERE pupil_id IN (` + set + `)
			AND EXISTS (SELECT 1 FROM division d WHERE d.division_id = division_pupil.division_id AND d.year = $1)`,
	} {
		if _, err := tx.Exec(ctx, query, r.year.Year, arg); err != nil {
			return fmt.Errorf("clear pupils: %w", err)
		}
	}
	return nil
}

// applyStaff writes staff with their posts and classes of the year. Who they are is left to applyMatches.
func (r *run) applyStaff(ctx context.Context, advance func(int)) error {
	for some := range slices.Chunk(r.changed.staff, chunk) {
		list, err := read[staff](r.spool, some)
		if err != nil {
			return err
		}
		if err := r.write(ctx, func(tx *store.Tx) error { return r.writeStaff(ctx, tx, list) }); err != nil {
			return err
		}
		advance(len(some))
	}
	return nil
}

func (r *run) writeStaff(ctx context.Context, tx *store.Tx, list []staff) error {
	var people, posts, teaches []store.Record
	ids := make([]int64, 0, len(list))
	for i := range list {
		s := &list[i]
		k := r.staff.list[s.At]
		ids = append(ids, k.id)
		people = append(people, store.Record{Ints: []int64{k.id, s.Print}, Texts: []string{s.Key, s.BirthName, s.UsageName, s.Forename, s.Birth, s.Mail}})
		for _, p := range s.Posts {
			posts = append(posts, store.Record{Ints: []int64{k.id}, Texts: []string{p.UAI, p.Function, p.Code, p.Label}})
		}
		for _, t := range s.Teaches {
			teaches = append(teaches, store.Record{Ints: []int64{r.divisions.list[t.Division].id, k.id, number(t.Principal)}, Texts: []string{t.subjects()}})
		}
	}
	if err := r.clearStaff(ctx, tx, ids); err != nil {
		return err
	}
	if err := r.putStaff(ctx, tx, people); err != nil {
		return err
	}
	if err := put(ctx, tx, "staff_post", "year, uai, staff_id, function, post", []string{"staff_id"}, []string{"uai", "function", "post", "post_label"},
		posts, same{"year", r.year.Year}); err != nil {
		return err
	}
	return put(ctx, tx, "teaching", "division_id, staff_id", []string{"division_id", "staff_id", "principal"}, []string{"subjects"}, teaches)
}

// putStaff writes the people; whom a rule had matched is to be looked at again, whom a human decided is not.
func (r *run) putStaff(ctx context.Context, tx *store.Tx, people []store.Record) error {
	staged, arg := tx.Dialect().Records(1, []string{"staff_id", "fingerprint"},
		[]string{"jointure", "birth_name", "usage_name", "forename", "birth_date", "mail"}, people)
	if _, err := tx.Exec(ctx, `INSERT INTO staff (staff_id, degree, jointure, birth_name, usage_name, forename, birth_date, mail, account_id, matched, absent_at, fingerprint)
		SELECT staff_id, $2, jointure, birth_name, usage_name, forename, birth_date, mail, 0, 0, 0, fingerprint FROM (`+staged+`) AS s WHERE true
		ON CONFLICT (staff_id) DO UPDATE SET birth_name = excluded.birth_name, usage_name = excluded.usage_name, forename = excluded.forename,
			birth_date = excluded.birth_date, mail = excluded.mail, absent_at = 0, fingerprint = excluded.fingerprint`, arg, r.degree); err != nil {
		return fmt.Errorf("write staff: %w", err)
	}
	return nil
}

// clearStaff takes away what staff have in the year.
func (r *run) clearStaff(ctx context.Context, tx *store.Tx, ids []int64) error {
	set, arg := tx.Dialect().IntSet(2, ids)
	for _, query := range []string{
		`DELETE FROM staff_post WHERE year = $1 AND staff_id IN (` + set + `)`,
		`DELETE FROM teaching WHERE staff_id IN (` + set + `) AND EXISTS (SELECT 1 FROM division d WHERE d.division_id = teaching.division_id AND d.year = $1)`,
	} {
		if _, err := tx.Exec(ctx, query, r.year.Year, arg); err != nil {
			return fmt.Errorf("clear staff: %w", err)
		}
	}
	return nil
}
