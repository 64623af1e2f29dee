package box

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Summary is a box in a list.
type Summary struct {
	Box     int64
	Login   string
	Display string
	Owners  []string // logins
	Members int      // of any role, owners too
}

// List gives every box, by login, with who owns it now.
func (s *Service) List(ctx context.Context) (list []Summary, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		at := map[int64]int{}
		if err := eachBox(ctx, tx, func(b Summary) {
			at[b.Box] = len(list)
			list = append(list, b)
		}); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT m.account_id, a.login, max(CASE m.role WHEN 'owner' THEN 1 ELSE 0 END) FROM `+members+`
			WHERE `+running("$1")+` GROUP BY m.account_id, a.login ORDER BY m.account_id, a.login`, s.today().String())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var box int64
			var login string
			var owns bool
			if err := rows.Scan(&box, &login, &owns); err != nil {
				return err
			}
			if i, known := at[box]; known {
				list[i].Members++
				if owns {
					list[i].Owners = append(list[i].Owners, login)
				}
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list boxes: %w", err)
	}
	return list, nil
}

func eachBox(ctx context.Context, tx *store.Tx, each func(Summary)) error {
	rows, err := tx.Query(ctx, `SELECT b.account_id, b.login, b.display_name FROM box k JOIN account b ON b.account_id = k.account_id ORDER BY b.login`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b Summary
		if err := rows.Scan(&b.Box, &b.Login, &b.Display); err != nil {
			return err
		}
		each(b)
	}
	return rows.Err()
}

// Details are what there is to say of a box besides its members.
type Details struct {
	Login       string
	Display     string
	Addresses   []string       // the primary one first
	UAI         string         // of the establishment whose head owns it, or ""
	School      string         // its name, where the directory knows it
	OrphanSince directory.Date // zero while it has an owner
}

// Show gives the details of a box; failure.NotFound where the account is none.
func (s *Service) Show(ctx context.Context, box int64) (d Details, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		var orphan string
		err := tx.QueryRow(ctx, `SELECT b.login, b.display_name, k.uai, COALESCE(e.name, ''), k.orphan_since FROM box k
			JOIN account b ON b.account_id = k.account_id LEFT JOIN establishment e ON e.uai = k.uai WHERE k.account_id = $1`, box).
			Scan(&d.Login, &d.Display, &d.UAI, &d.School, &orphan)
		if errors.Is(err, sql.ErrNoRows) {
			return failure.New(failure.NotFound, "ce n'est pas une boîte fonctionnelle")
		}
		if err != nil {
			return err
		}
		if orphan != "" {
			if d.OrphanSince, err = directory.ParseDate(orphan); err != nil {
				return err
			}
		}
		d.Addresses, err = addressesOf(ctx, tx, box)
		return err
	})
	if err != nil {
		return Details{}, fmt.Errorf("show box %d: %w", box, err)
	}
	return d, nil
}
