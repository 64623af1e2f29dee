package roster

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// PutEstablishments adds establishments to the directory, or changes those it has. UAIs are not
// checked: what is entered by hand goes through SetEstablishment.
func (s *Service) PutEstablishments(ctx context.Context, list []directory.Establishment) error {
	for len(list) > 0 {
		some := list[:min(len(list), batchLines)]
		list = list[len(some):]
		err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error { return WriteEstablishments(ctx, tx, some) })
		if err != nil {
			return fmt.Errorf("put establishments: %w", err)
		}
	}
	return nil
}

// WriteEstablishments is PutEstablishments within the transaction of a service that learns of establishments by other
// ways. It takes the directory's number.
func WriteEstablishments(ctx context.Context, tx *store.Tx, list []directory.Establishment) error {
	if _, err := tx.NextMeta(ctx, "directory"); err != nil { // package annuaire shows them
		return err
	}
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{e.UAI, e.Name, e.Nature, e.Department, e.City}
	}
	columns := []column{textColumn("uai"), textColumn("name"), textColumn("nature"), textColumn("department"), textColumn("city")}
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
}

// SetEstablishment describes an establishment by hand, in the place of what the directory has of it. What a file may
// bring with a warning is refused here (failure.Policy): a UAI with a wrong key, a nature that the register does not have.
func (s *Service) SetEstablishment(ctx context.Context, by identity.By, e directory.Establishment) error {
	uai, err := directory.ParseUAI(e.UAI)
	switch {
	case err != nil:
		return failure.Wrap(failure.Policy, err, err.Error())
	case strings.TrimSpace(e.Name) == "":
		return failure.New(failure.Policy, "un établissement a un nom")
	case directory.NatureLabel(e.Nature) == "":
		return failure.New(failure.Policy, "nature inconnue : %q (340 collège, 306 lycée polyvalent, 151 école élémentaire…)", e.Nature)
	}
	e.UAI, e.Name, e.Department = uai, strings.TrimSpace(e.Name), uai[:3]
	detail, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode establishment: %w", err)
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := WriteEstablishments(ctx, tx, []directory.Establishment{e}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "establishment.set", Subject: "uai:" + uai, Reason: by.Reason, Detail: string(detail)})
	})
	if err != nil {
		return fmt.Errorf("set establishment: %w", err)
	}
	return nil
}

// Establishments lists the directory's, by UAI.
func (s *Service) Establishments(ctx context.Context) (list []directory.Establishment, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT uai, name, nature, department, city FROM establishment ORDER BY uai`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e directory.Establishment
			if err := rows.Scan(&e.UAI, &e.Name, &e.Nature, &e.Department, &e.City); err != nil {
				return err
			}
			list = append(list, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list establishments: %w", err)
	}
	return list, nil
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
