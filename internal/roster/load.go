package roster

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"navette/internal/directory"
	"navette/internal/store"
)

// loadSubjects reads the people whom lines name, by id_rh, with their functions.
func loadSubjects(ctx context.Context, tx *store.Tx, lines []Line) (map[string]*subject, error) {
	ids := make([]string, 0, len(lines))
	asked := make(map[string]bool, len(lines))
	for _, line := range lines {
		if !asked[line.Person.HRID] {
			asked[line.Person.HRID] = true
			ids = append(ids, line.Person.HRID)
		}
	}
	known, byPerson := make(map[string]*subject, len(ids)), make(map[int64]*subject, len(ids))
	set, arg := tx.Dialect().TextSet(1, ids)
	merged, err := mergedInto(ctx, tx, set, arg)
	if err != nil {
		return nil, err
	}
	where := `p.id_rh IN (` + set + `) AND NOT EXISTS (SELECT 1 FROM person_alias s WHERE s.id_rh = p.id_rh)`
	if err := readSubjects(ctx, tx, known, byPerson, where, arg); err != nil {
		return nil, err
	}
	if len(merged) > 0 {
		people := slices.Collect(maps.Values(merged))
		set, arg := tx.Dialect().IntSet(1, people)
		if err := readSubjects(ctx, tx, known, byPerson, `p.person_id IN (`+set+`)`, arg); err != nil {
			return nil, err
		}
		for id, person := range merged {
			known[id] = byPerson[person]
		}
	}
	return known, loadFunctions(ctx, tx, byPerson)
}

// readSubjects reads the people of a condition on p, which are not read yet.
func readSubjects(ctx context.Context, tx *store.Tx, known map[string]*subject, byPerson map[int64]*subject, where string, arg any) error {
	rows, err := tx.Query(ctx, `SELECT p.person_id, p.id_rh, p.civility, p.birth_name, p.usage_name, p.forenames, p.birth_date, p.reference,
		a.account_id, a.state, a.display_name
		FROM person p JOIN account a ON a.person_id = p.person_id WHERE `+where, arg)
	if err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		s := &subject{}
		var birth, state string
		p := &s.person
		if err := rows.Scan(&p.ID, &p.HRID, &p.Civility, &p.BirthName, &p.UsageName, &p.Forenames, &birth, &s.reference,
			&s.account, &state, &s.display); err != nil {
			return fmt.Errorf("read people: %w", err)
		}
		if p.Birth, err = storedDate(birth); err != nil {
			return fmt.Errorf("person %d: %w", p.ID, err)
		}
		if s.state, err = directory.ParseAccountState(state); err != nil {
			return fmt.Errorf("account %d: %w", s.account, err)
		}
		if byPerson[p.ID] == nil {
			known[p.HRID], byPerson[p.ID] = s, s
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	return nil
}

// loadFunctions reads all functions that people ever held, in the order of their ids.
func loadFunctions(ctx context.Context, tx *store.Tx, people map[int64]*subject) error {
	ids := make([]int64, 0, len(people))
	for id := range people {
		ids = append(ids, id)
	}
	set, arg := tx.Dialect().IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT person_id, function_id, corps, category, function, uai, starts, ends, reference, discipline, ended_at
		FROM function WHERE person_id IN (`+set+`) ORDER BY person_id, function_id`, arg)
	if err != nil {
		return fmt.Errorf("read functions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		h := &held{}
		var starts, ends string
		var endedAt int64
		if err := rows.Scan(&h.PersonID, &h.ID, &h.Corps, &h.Category, &h.Fonction, &h.UAI, &starts, &ends, &h.Reference, &h.Discipline,
			&endedAt); err != nil {
			return fmt.Errorf("read functions: %w", err)
		}
		if h.Start, err = storedDate(starts); err == nil {
			h.End, err = storedDate(ends)
		}
		if err != nil {
			return fmt.Errorf("function %d of person %d: %w", h.ID, h.PersonID, err)
		}
		h.ended = endedAt != 0
		s := people[h.PersonID]
		s.functions = append(s.functions, h)
	}
	return rows.Err()
}

// storedDate reads an ISO date, or the empty text for none.
func storedDate(s string) (directory.Date, error) {
	if s == "" {
		return directory.Date{}, nil
	}
	return directory.ParseDate(s)
}
