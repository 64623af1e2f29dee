package roster

import (
	"context"
	"fmt"

	"navette/internal/failure"
	"navette/internal/store"
)

// endAbsent ends every open function that the file did not name. The account stays: the end of a
// function is not a departure.
func (r *run) endAbsent(ctx context.Context) error {
	const attempts = 10
	for range attempts {
		version, absent, err := r.absent(ctx)
		if err != nil {
			return fmt.Errorf("look for functions that ended: %w", err)
		}
		if !r.opt.DryRun && len(absent) > 0 {
			switch err := r.end(ctx, version, absent); {
			case failure.Is(err, failure.Conflict):
				continue
			case err != nil:
				return fmt.Errorf("end functions: %w", err)
			}
		}
		r.report.Ended += len(absent)
		return nil
	}
	return failure.New(failure.Conflict, "une autre importation est en cours ; relancer celle-ci ensuite")
}

// absent gives the functions that are open and were not named, and the version of the directory.
func (r *run) absent(ctx context.Context) (version int64, absent [][]int64, err error) {
	err = r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		absent = nil
		if version, err = tx.Meta(ctx, "directory"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT f.person_id, f.function_id, p.id_rh FROM function f JOIN person p ON p.person_id = f.person_id
			WHERE f.ended_at = 0 ORDER BY f.person_id, f.function_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key functionKey
			var idRH string
			if err := rows.Scan(&key.person, &key.function, &idRH); err != nil {
				return err
			}
			if r.seen[key] == 0 && !r.protected[idRH] {
				absent = append(absent, []int64{key.person, key.function})
			}
		}
		return rows.Err()
	})
	return version, absent, err
}

// end marks functions as ended now, in one transaction: an observer sees the file's world, or the one before.
func (r *run) end(ctx context.Context, version int64, absent [][]int64) error {
	return r.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		now, err := tx.NextMeta(ctx, "directory")
		if err != nil {
			return err
		}
		if now != version+1 {
			return errConflict
		}
		staged, arg := tx.Dialect().Rows(1, []string{"person_id", "function_id"}, absent)
		_, err = tx.Exec(ctx, `UPDATE function SET ended_at = $2 FROM (`+staged+`) AS s
			WHERE function.person_id = s.person_id AND function.function_id = s.function_id`, arg, tx.NowMicros())
		return err
	})
}
