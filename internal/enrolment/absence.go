package enrolment

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/store"
)

// applyLost takes away whom the export does. Of a delta that is only a mark, which the next complete export confirms or
// lifts; in a year that is prepared, nobody is absent yet.
func (r *run) applyLost(ctx context.Context, l *lost) error {
	for some := range together(l.leaving, func(a, b leaver) bool { return a.uai == b.uai }) {
		ids := make([]int64, len(some))
		for i, one := range some {
			ids[i] = one.id
		}
		if err := r.write(ctx, func(tx *store.Tx) error { return r.losePupils(ctx, tx, ids, l.pupils) }); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(l.guardians, chunk) {
		if err := r.write(ctx, func(tx *store.Tx) error {
			before, err := r.guards(ctx, tx, some)
			if err != nil {
				return err
			}
			if err := markAbsent(ctx, tx, "guardian", some); err != nil {
				return err
			}
			return r.keepFormer(ctx, tx, before, nil)
		}); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(l.staff, chunk) {
		if err := r.write(ctx, func(tx *store.Tx) error {
			if r.export.Complete {
				if err := r.clearStaff(ctx, tx, some); err != nil {
					return err
				}
			}
			return markAbsent(ctx, tx, "staff", some)
		}); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(l.divisions, chunk) {
		if err := r.write(ctx, func(tx *store.Tx) error {
			set, arg := tx.Dialect().IntSet(1, some)
			_, err := tx.Exec(ctx, `UPDATE division SET gone = 1 WHERE division_id IN (`+set+`)`, arg)
			return err
		}); err != nil {
			return fmt.Errorf("mark divisions: %w", err)
		}
	}
	return nil
}

// losePupils takes pupils out of the establishments of the export; those of gone are absent from then on.
func (r *run) losePupils(ctx context.Context, tx *store.Tx, ids, gone []int64) error {
	before, err := r.protects(ctx, tx, ids)
	if err != nil {
		return err
	}
	var after map[protectedAt]bool
	if r.export.Complete {
		if err := r.leave(ctx, tx, ids); err != nil {
			return err
		}
		if after, err = r.protects(ctx, tx, ids); err != nil {
			return err
		}
	}
	if r.year.State == Current {
		absent := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { _, is := slices.BinarySearch(gone, id); return !is })
		if err := markAbsent(ctx, tx, "pupil", absent); err != nil {
			return err
		}
	}
	return r.keepFormer(ctx, tx, before, after)
}

// leave takes away what pupils have in the establishments of the export, and has their records written again when they
// come back. Who answered for them stays known.
func (r *run) leave(ctx context.Context, tx *store.Tx, ids []int64) error {
	schools := make([]string, 0, len(r.scope))
	for uai := range r.scope {
		schools = append(schools, uai)
	}
	people, arg := tx.Dialect().IntSet(2, ids)
	uais, scope := tx.Dialect().TextSet(3, schools)
	for _, query := range []string{
		`DELETE FROM enrolment WHERE year = $1 AND pupil_id IN (` + people + `) AND uai IN (` + uais + `)`,
		`DELETE FROM division_pupil WHERE pupil_id IN (` + people + `) AND EXISTS (SELECT 1 FROM division d
			WHERE d.division_id = division_pupil.division_id AND d.year = $1 AND d.uai IN (` + uais + `))`,
	} {
		if _, err := tx.Exec(ctx, query, r.year.Year, arg, scope); err != nil {
			return fmt.Errorf("take pupils out: %w", err)
		}
	}
	set, arg := tx.Dialect().IntSet(1, ids)
	if _, err := tx.Exec(ctx, `UPDATE pupil SET fingerprint = 0 WHERE pupil_id IN (`+set+`)`, arg); err != nil {
		return fmt.Errorf("take pupils out: %w", err)
	}
	return nil
}

// markAbsent notes since when the exports no longer name people, and has their records written again when they come back.
func markAbsent(ctx context.Context, tx *store.Tx, table string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	set, arg := tx.Dialect().IntSet(1, ids)
	if _, err := tx.Exec(ctx, `UPDATE `+table+` SET fingerprint = 0, absent_at = CASE WHEN absent_at = 0 THEN $2 ELSE absent_at END
		WHERE `+table+`_id IN (`+set+`)`, arg, tx.NowMicros()); err != nil {
		return fmt.Errorf("mark %s absent: %w", table, err)
	}
	return nil
}
