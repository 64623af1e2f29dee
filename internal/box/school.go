package box

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/store"
)

// makeSchools makes the boxes of the establishments of the directory, and of those that a function names. A UAI with a
// wrong key gets none: files hold codes of replacement zones and slips of the pen, and an address is for ever.
func (s *Service) makeSchools(ctx context.Context) (made int, err error) {
	var list []Box
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT u.uai, COALESCE(e.name, '') FROM (SELECT uai FROM establishment
				UNION SELECT uai FROM function WHERE ended_at = 0 AND (ends = '' OR ends >= $1)) AS u
			LEFT JOIN establishment e ON e.uai = u.uai
			WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.login = $2 || lower(u.uai)) ORDER BY u.uai`, s.today().String(), schoolPrefix)
		if err != nil {
			return err
		}
		defer rows.Close()
		list = nil
		for rows.Next() {
			var uai, name string
			if err := rows.Scan(&uai, &name); err != nil {
				return err
			}
			if right, err := directory.ParseUAI(uai); err == nil && right == uai {
				list = append(list, Box{Local: schoolPrefix + uai, Display: displayOf(uai, name), UAI: uai, Reference: "établissement " + uai})
			}
		}
		return rows.Err()
	})
	if err != nil {
		return 0, err
	}
	return s.Create(ctx, byItself(), list)
}

// displayOf is the name beside the address of an establishment's box.
func displayOf(uai, name string) string {
	if name == "" {
		return "Établissement " + uai
	}
	return name
}

// rename gives the boxes of establishments the names that these have now.
func (s *Service) rename(ctx context.Context) (renamed int, err error) {
	type box struct {
		account int64
		name    string
	}
	var list []box
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT a.account_id, e.name FROM establishment e JOIN account a ON a.login = $1 || lower(e.uai)
			WHERE e.name <> '' AND a.kind = 'functional' AND a.display_name <> e.name ORDER BY a.account_id`, schoolPrefix)
		if err != nil {
			return err
		}
		defer rows.Close()
		list = nil
		for rows.Next() {
			var b box
			if err := rows.Scan(&b.account, &b.name); err != nil {
				return err
			}
			list = append(list, b)
		}
		return rows.Err()
	})
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(list, atOnce) {
		err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			var names []string
			for _, b := range some {
				if _, err := tx.Exec(ctx, `UPDATE account SET display_name = $2, updated_at = $3 WHERE account_id = $1`, b.account, b.name, tx.NowMicros()); err != nil {
					return err
				}
				names = append(names, fmt.Sprintf("%d: %s", b.account, b.name))
			}
			return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "box.rename", Subject: fmt.Sprintf("account:%d", some[0].account),
				Reason: "nom de l'établissement", Detail: strings.Join(names, "; ")})
		})
		if err != nil {
			return renamed, err
		}
		renamed += len(some)
	}
	return renamed, nil
}
