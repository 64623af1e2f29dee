package forward

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/store"
)

// Line is a forward with whose it is.
type Line struct {
	Forward
	Login string
}

const columns = `f.account_id, a.login, f.target, f.outside, f.basis, f.set_at, f.until, f.forwarded, f.withheld, f.last_at
	FROM forward f JOIN account a ON a.account_id = f.account_id`

// Of gives the forward of an account; found is false where there is none.
func (s *Service) Of(ctx context.Context, account int64) (f Forward, found bool, err error) {
	list, err := s.read(ctx, ` WHERE f.account_id = $1`, account)
	if err != nil || len(list) == 0 {
		return Forward{}, false, err
	}
	return list[0].Forward, true, nil
}

// List gives all forwards: those outside first, by their last day, then by login.
func (s *Service) List(ctx context.Context) ([]Line, error) {
	return s.read(ctx, ` ORDER BY f.outside DESC, f.until, a.login`)
}

func (s *Service) read(ctx context.Context, clause string, args ...any) (list []Line, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT `+columns+clause, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			l, err := scan(rows)
			if err != nil {
				return err
			}
			list = append(list, l)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read forwards: %w", err)
	}
	return list, nil
}

func scan(rows *sql.Rows) (l Line, err error) {
	var outside, set, last int64
	var basis, until string
	if err := rows.Scan(&l.Account, &l.Login, &l.Target, &outside, &basis, &set, &until, &l.Forwarded, &l.Withheld, &last); err != nil {
		return l, err
	}
	l.Outside, l.Basis, l.Since = outside == 1, Basis(basis), time.UnixMicro(set)
	if last != 0 {
		l.Last = time.UnixMicro(last)
	}
	if until != "" {
		if l.Until, err = directory.ParseDate(until); err != nil {
			return l, fmt.Errorf("forward of account %d: %w", l.Account, err)
		}
	}
	return l, nil
}

// Shown is the target as a report shows it: an address outside is somebody's private one, and may be that of a guardian,
// so its first letter and its domain do.
func (f Forward) Shown() string {
	local, domain, _ := strings.Cut(f.Target, "@")
	if !f.Outside || local == "" {
		return f.Target
	}
	for i := range local {
		if i > 0 {
			local = local[:i]
			break
		}
	}
	return local + "…@" + domain
}
