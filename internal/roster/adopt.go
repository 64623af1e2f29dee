package roster

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/store"
)

// mergedInto gives the people into whose records id_rh of a set were merged.
func mergedInto(ctx context.Context, tx *store.Tx, set string, arg any) (map[string]int64, error) {
	rows, err := tx.Query(ctx, `SELECT id_rh, person_id FROM person_alias WHERE id_rh IN (`+set+`)`, arg)
	if err != nil {
		return nil, fmt.Errorf("read merged records: %w", err)
	}
	defer rows.Close()
	merged := map[string]int64{}
	for rows.Next() {
		var id string
		var person int64
		if err := rows.Scan(&id, &person); err != nil {
			return nil, fmt.Errorf("read merged records: %w", err)
		}
		merged[id] = person
	}
	return merged, rows.Err()
}

// loadAliases reads which records were merged, and whether provisional accounts wait.
func (r *run) loadAliases(ctx context.Context) error {
	r.aliases = map[string]string{}
	err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		var waiting int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM provisional`).Scan(&waiting); err != nil {
			return err
		}
		r.expecting = waiting > 0
		rows, err := tx.Query(ctx, `SELECT s.id_rh, p.id_rh FROM person_alias s JOIN person p ON p.person_id = s.person_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var merged, record string
			if err := rows.Scan(&merged, &record); err != nil {
				return err
			}
			r.aliases[merged] = record
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("read merged records: %w", err)
	}
	return nil
}

// adopt finds the provisional accounts that lines of unknown people take over: the birth date, the birth name, the
// first forename and the school that a head declared are those of the line, and no other account waits for the same.
func (r *run) adopt(ctx context.Context, tx *store.Tx, known map[string]*subject, lines []Line) error {
	if !r.expecting {
		return nil
	}
	waits := map[string]string{} // match -> id_rh of the line, "" where lines of two people have it
	var keys []string
	for _, line := range lines {
		idRH := line.Person.HRID
		if known[idRH] != nil {
			continue
		}
		key := provisionalMatch(line.Person, line.Function.UAI)
		switch other, twice := waits[key]; {
		case !twice:
			waits[key] = idRH
			keys = append(keys, key)
		case other != idRH:
			waits[key] = ""
		}
	}
	found, err := provisionals(ctx, tx, keys)
	if err != nil {
		return err
	}
	for key, waiting := range found {
		idRH := waits[key]
		if idRH == "" || len(waiting) > 1 || known[idRH] != nil {
			continue // two for one: a human says which is which
		}
		people, err := loadSubjects(ctx, tx, []Line{{Person: directory.Person{HRID: waiting[0]}}})
		if err != nil {
			return err
		}
		if s := people[waiting[0]]; s != nil {
			s.adopted = true
			known[idRH] = s
		}
	}
	return nil
}

// provisionals gives the id_rh of the provisional accounts by what they are matched by.
func provisionals(ctx context.Context, tx *store.Tx, keys []string) (map[string][]string, error) {
	set, arg := tx.Dialect().TextSet(1, keys)
	rows, err := tx.Query(ctx, `SELECT v.match, p.id_rh FROM provisional v JOIN person p ON p.person_id = v.person_id WHERE v.match IN (`+set+`)`, arg)
	if err != nil {
		return nil, fmt.Errorf("look for provisional accounts: %w", err)
	}
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var key, idRH string
		if err := rows.Scan(&key, &idRH); err != nil {
			return nil, fmt.Errorf("look for provisional accounts: %w", err)
		}
		found[key] = append(found[key], idRH)
	}
	return found, rows.Err()
}

// confirm takes the mark off provisional accounts whose HR line came.
func (w *writer) confirm(ctx context.Context) error {
	var rows [][]any
	for _, s := range w.plan.subjects {
		if s.adopted {
			rows = append(rows, []any{s.person.ID})
		}
	}
	return w.exec(ctx, "confirm provisional accounts", []column{intColumn("person_id")}, rows, `DELETE FROM provisional WHERE person_id IN (%s)`)
}
