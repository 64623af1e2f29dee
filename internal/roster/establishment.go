package roster

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/store"
)

// PutEstablishments adds establishments to the directory, or changes those it has. UAIs are not
// checked: a hand-made entry checks its own (directory.ParseUAI).
func (s *Service) PutEstablishments(ctx context.Context, list []directory.Establishment) error {
	for len(list) > 0 {
		some := list[:min(len(list), batchLines)]
		list = list[len(some):]
		if err := s.putEstablishments(ctx, some); err != nil {
			return fmt.Errorf("put establishments: %w", err)
		}
	}
	return nil
}

func (s *Service) putEstablishments(ctx context.Context, list []directory.Establishment) error {
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{e.UAI, e.Name, e.Nature, e.Department, e.City}
	}
	columns := []column{textColumn("uai"), textColumn("name"), textColumn("nature"), textColumn("department"), textColumn("city")}
	return s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		if _, err := tx.NextMeta(ctx, "directory"); err != nil { // the directory shows them
			return err
		}
		staged, arg, err := stage(tx.Dialect(), 1, columns, rows)
		if err != nil {
			return err
		}
		// WHERE true: without it SQLite takes ON for a join's.
		_, err = tx.Exec(ctx, `INSERT INTO establishment (uai, name, nature, department, city, created_at)
			SELECT uai, name, nature, department, city, $2 FROM (`+staged+`) AS s WHERE true
			ON CONFLICT (uai) DO UPDATE SET name = excluded.name, nature = excluded.nature, department = excluded.department, city = excluded.city`,
			arg, tx.NowMicros())
		return err
	})
}

// knownSchools gives the UAIs of the directory.
func (s *Service) knownSchools(ctx context.Context) (map[string]bool, error) {
	known := map[string]bool{}
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT uai FROM establishment`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var uai string
			if err := rows.Scan(&uai); err != nil {
				return err
			}
			known[uai] = true
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read establishments: %w", err)
	}
	return known, nil
}
