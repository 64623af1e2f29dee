package enrolment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/roster"
	"navette/internal/store"
)

// write runs one transaction of the run. It fails with errConflict when somebody else changed the tables since the run
// last knew them: the number's row stays locked to commit.
func (r *run) write(ctx context.Context, fn func(tx *store.Tx) error) error {
	var version int64
	err := r.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
		r.former = 0
		if version, err = tx.NextMeta(ctx, "enrolment"); err != nil {
			return err
		}
		if version != r.version+1 {
			return errConflict
		}
		return fn(tx)
	})
	if err == nil {
		r.version = version
		r.report.Former += r.former
	}
	return err
}

// apply makes the export true, in transactions that each leave everything consistent.
func (r *run) apply(ctx context.Context, l *lost) error {
	if err := r.takeIDs(ctx); err != nil {
		return err
	}
	for _, people := range []*roll{r.guardians, r.pupils, r.staff} {
		people.forgetKeys()
	}
	total := len(r.changed.guardians) + len(r.changed.pupils) + len(r.changed.staff)
	done := 0
	r.opt.Progress(0, total)
	advance := func(n int) {
		done += n
		r.opt.Progress(done, total)
	}
	for _, step := range []func() error{
		func() error { return r.applySchools(ctx) },
		func() error { return r.applyGuardians(ctx, advance) },
		func() error { return r.applyDivisions(ctx) },
		func() error { return r.applyPupils(ctx, advance) },
		func() error { return r.applyStaff(ctx, advance) },
		func() error { return r.applyLost(ctx, l) },
		func() error { return r.applyMatches(ctx) },
		func() error { return r.record(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// takeIDs gives everybody who is new an id, and the export its number.
func (r *run) takeIDs(ctx context.Context) error {
	for kind, people := range map[string]*roll{"guardian": r.guardians, "pupil": r.pupils, "staff": r.staff} {
		n := people.unnumbered()
		if n == 0 {
			continue
		}
		first, err := r.cfg.DB.NewIDs(ctx, kind, n)
		if err != nil {
			return err
		}
		people.number(first)
	}
	fresh := int64(0)
	for _, d := range r.divisions.list {
		fresh += number(d.id == 0)
	}
	if fresh > 0 {
		next, err := r.cfg.DB.NewIDs(ctx, "division", fresh)
		if err != nil {
			return err
		}
		for i := range r.divisions.list {
			if d := &r.divisions.list[i]; d.id == 0 {
				d.id, d.relabels = next, true // to be written
				next++
			}
		}
	}
	var err error
	if r.fileID, err = r.cfg.DB.NewIDs(ctx, "aaf_file", 1); err != nil {
		return err
	}
	r.report.File = r.fileID
	return nil
}

// same is a column that has one value in all rows of a put.
type same struct {
	column string
	value  any
}

// put inserts staged rows into a table, or updates those whose key is there.
func put(ctx context.Context, tx *store.Tx, table, key string, ints, texts []string, rows []store.Record, constant ...same) error {
	if len(rows) == 0 {
		return nil
	}
	staged, arg := tx.Dialect().Records(1, ints, texts, rows)
	args := []any{arg}
	into, from := slices.Concat(ints, texts), slices.Concat(ints, texts)
	for _, c := range constant {
		args = append(args, c.value)
		into, from = append(into, c.column), append(from, fmt.Sprintf("$%d", len(args)))
	}
	update := make([]string, len(into))
	for i, column := range into {
		update[i] = column + " = excluded." + column
	}
	// WHERE true: without it SQLite takes ON for a join's.
	_, err := tx.Exec(ctx, `INSERT INTO `+table+` (`+strings.Join(into, ", ")+`) SELECT `+strings.Join(from, ", ")+` FROM (`+staged+`) AS s WHERE true
		ON CONFLICT (`+key+`) DO UPDATE SET `+strings.Join(update, ", "), args...)
	if err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

// applySchools writes the year where it is new, establishments and subjects.
func (r *run) applySchools(ctx context.Context) error {
	if !r.isNew && len(r.changed.structures) == 0 && len(r.changed.subjects) == 0 {
		return nil
	}
	return r.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES ($1, $2, $3, '', 0)
			ON CONFLICT (year) DO NOTHING`, r.year.Year, int(Preparing), r.year.AsOf.String()); err != nil {
			return fmt.Errorf("add the school year: %w", err)
		}
		var rows []store.Record
		for key, s := range r.changed.structures {
			rows = append(rows, store.Record{Ints: []int64{s.fingerprint}, Texts: []string{key, s.uai, s.name, s.nature, s.city}})
		}
		if err := r.describe(ctx, tx); err != nil { // before structure forgets what it gave last
			return err
		}
		if err := put(ctx, tx, "structure", "degree, jointure", []string{"fingerprint"}, []string{"jointure", "uai", "name", "nature", "city"}, rows,
			same{"degree", r.degree}); err != nil {
			return err
		}
		rows = nil
		for code, label := range r.changed.subjects {
			rows = append(rows, store.Record{Texts: []string{code, label}})
		}
		return put(ctx, tx, "subject", "degree, code", nil, []string{"code", "label"}, rows, same{"degree", r.degree})
	})
}

// describe gives establishments to the directory: those that it does not have, and those that still are as an export
// gave them last. What was described by hand stays, but for what it leaves empty.
func (r *run) describe(ctx context.Context, tx *store.Tx) error {
	var uais []string
	for _, s := range r.changed.structures {
		uais = append(uais, s.uai)
	}
	if len(uais) == 0 {
		return nil
	}
	set, arg := tx.Dialect().TextSet(1, uais)
	there := map[string]directory.Establishment{}
	if err := each(ctx, tx, func(row scanner) error {
		var e directory.Establishment
		err := row.Scan(&e.UAI, &e.Name, &e.Nature, &e.Department, &e.City)
		there[e.UAI] = e
		return err
	}, `SELECT uai, name, nature, department, city FROM establishment WHERE uai IN (`+set+`)`, arg); err != nil {
		return fmt.Errorf("read establishments: %w", err)
	}
	given := map[string][]*structure{}
	if err := each(ctx, tx, func(row scanner) error {
		s := &structure{}
		err := row.Scan(&s.uai, &s.name, &s.nature, &s.city)
		given[s.uai] = append(given[s.uai], s)
		return err
	}, `SELECT uai, name, nature, city FROM structure WHERE uai IN (`+set+`)`, arg); err != nil {
		return fmt.Errorf("read structures: %w", err)
	}
	wanted := map[string]directory.Establishment{}
	for _, s := range r.changed.structures {
		e, known := there[s.uai]
		ours := slices.ContainsFunc(given[s.uai], func(g *structure) bool { return g.name == e.Name && g.nature == e.Nature && g.city == e.City })
		next := e
		switch {
		case !known || ours:
			next = directory.Establishment{UAI: s.uai, Name: s.name, Nature: s.nature, Department: department(s.uai), City: s.city}
		case e.Nature == "":
			next.Nature = s.nature
			fallthrough
		default:
			if e.City == "" {
				next.City = s.city
			}
		}
		if next != e {
			wanted[s.uai] = next
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	list := make([]directory.Establishment, 0, len(wanted))
	for _, e := range wanted {
		list = append(list, e)
	}
	return roster.WriteEstablishments(ctx, tx, list)
}

// department is the first three digits of an UAI.
func department(uai string) string { return uai[:min(3, len(uai))] }

// applyDivisions writes classes and groups that are new, renamed or back.
func (r *run) applyDivisions(ctx context.Context) error {
	var rows []store.Record
	for i := range r.divisions.list {
		if d := &r.divisions.list[i]; d.named && (d.relabels || d.gone) {
			rows = append(rows, store.Record{Ints: []int64{d.id, int64(d.kind)}, Texts: []string{d.uai, d.name, d.label}})
		}
	}
	for some := range slices.Chunk(rows, chunk) {
		if err := r.write(ctx, func(tx *store.Tx) error {
			return put(ctx, tx, "division", "division_id", []string{"division_id", "kind"}, []string{"uai", "name", "label"}, some,
				same{"year", r.year.Year}, same{"gone", 0})
		}); err != nil {
			return err
		}
	}
	return nil
}
