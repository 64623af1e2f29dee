package roster

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/store"
)

// ending is a function that the file no longer names.
type ending struct {
	key      functionKey
	account  int64
	hrID     string
	display  string
	function directory.Function
}

// row tells of it in the history.
func (e ending) row() history.Row {
	return history.Row{Account: e.account, Kind: history.FunctionEnd, Before: functionText(e.function), Reference: e.function.Reference}
}

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
		if r.opt.Details {
			for _, e := range absent {
				row := e.row()
				row.Account = 0
				r.detail(Detail{HRID: e.hrID, Name: e.display, Change: row})
			}
		}
		return nil
	}
	return failure.New(failure.Conflict, "une autre importation est en cours ; relancer celle-ci ensuite")
}

// absent gives the functions that are open and were not named, and the version of the directory.
func (r *run) absent(ctx context.Context) (version int64, absent []ending, err error) {
	err = r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		absent = nil
		if version, err = tx.Meta(ctx, "directory"); err != nil {
			return err
		}
		keys, err := r.unnamed(ctx, tx)
		for len(keys) > 0 && err == nil {
			some := keys[:min(len(keys), batchLines)]
			keys = keys[len(some):]
			absent, err = loadEndings(ctx, tx, absent, some)
		}
		return err
	})
	return version, absent, err
}

// unnamed gives the keys of the open functions that the file does not name.
func (r *run) unnamed(ctx context.Context, tx *store.Tx) (keys [][]int64, err error) {
	rows, err := tx.Query(ctx, `SELECT f.person_id, f.function_id, p.id_rh FROM function f JOIN person p ON p.person_id = f.person_id
		WHERE f.ended_at = 0 ORDER BY f.person_id, f.function_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key functionKey
		var idRH string
		if err := rows.Scan(&key.person, &key.function, &idRH); err != nil {
			return nil, err
		}
		if r.seen.get(key) == 0 && !r.protected[idRH] {
			keys = append(keys, []int64{key.person, key.function})
		}
	}
	return keys, rows.Err()
}

// loadEndings reads what is told of functions that end.
func loadEndings(ctx context.Context, tx *store.Tx, to []ending, keys [][]int64) ([]ending, error) {
	staged, arg := tx.Dialect().Rows(1, []string{"person_id", "function_id"}, keys)
	rows, err := tx.Query(ctx, `SELECT f.person_id, f.function_id, f.corps, f.category, f.function, f.uai, f.starts, f.ends, f.reference, f.discipline,
			a.account_id, a.display_name, p.id_rh
		FROM (`+staged+`) AS s JOIN function f ON f.person_id = s.person_id AND f.function_id = s.function_id
		JOIN person p ON p.person_id = f.person_id JOIN account a ON a.person_id = f.person_id ORDER BY f.person_id, f.function_id`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e ending
		var starts, ends string
		f := &e.function
		if err := rows.Scan(&e.key.person, &e.key.function, &f.Corps, &f.Category, &f.Fonction, &f.UAI, &starts, &ends, &f.Reference, &f.Discipline,
			&e.account, &e.display, &e.hrID); err != nil {
			return nil, err
		}
		if f.Start, err = storedDate(starts); err == nil {
			f.End, err = storedDate(ends)
		}
		if err != nil {
			return nil, fmt.Errorf("function %d of person %d: %w", e.key.function, e.key.person, err)
		}
		to = append(to, e)
	}
	return to, rows.Err()
}

// end marks functions as ended now, in one transaction: an observer sees the file's world, or the one before.
func (r *run) end(ctx context.Context, version int64, absent []ending) error {
	keys, changes := make([][]int64, len(absent)), make([]history.Row, len(absent))
	for i, e := range absent {
		keys[i] = []int64{e.key.person, e.key.function}
		changes[i] = e.row()
		changes[i].Actor, changes[i].Source = actor, r.source(0)
	}
	first, err := r.cfg.DB.NewIDs(ctx, history.IDs, int64(len(changes)))
	if err != nil {
		return err
	}
	return r.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		now, err := tx.NextMeta(ctx, "directory")
		if err != nil {
			return err
		}
		if now != version+1 {
			return errConflict
		}
		staged, arg := tx.Dialect().Rows(1, []string{"person_id", "function_id"}, keys)
		_, err = tx.Exec(ctx, `UPDATE function SET ended_at = $2 FROM (`+staged+`) AS s
			WHERE function.person_id = s.person_id AND function.function_id = s.function_id`, arg, tx.NowMicros())
		if err != nil {
			return err
		}
		return history.Append(ctx, tx, first, changes)
	})
}
