package forward

import (
	"context"
	"errors"
	"fmt"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/store"
)

// warnDays is how many days before the end the holder is told, the most first.
func warnDays() []int { return []int{30, 7} }

// actor is who ends forwards, in the journal.
const actor = "forward"

// Advance ends the forwards whose last day is over, and tells of those that end soon. It returns how many it ended. Call
// it each day, or more often.
func (s *Service) Advance(ctx context.Context) (over int, err error) {
	today := s.today()
	soon, err := s.ending(ctx, today.AddDays(warnDays()[0]))
	if err != nil {
		return 0, err
	}
	for _, e := range soon {
		days := e.until.DaysAfter(today)
		if days < 0 {
			ok, err := s.end(ctx, e)
			if err != nil {
				return over, err
			}
			if ok {
				over++
			}
			continue
		}
		if err := s.warn(ctx, e, days); err != nil {
			return over, err
		}
	}
	return over, nil
}

// lasting is a forward with an end.
type lasting struct {
	account  int64
	until    directory.Date
	toldDays int
}

// ending gives the forwards that end on a day at the latest.
func (s *Service) ending(ctx context.Context, day directory.Date) (list []lasting, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT account_id, until, told_days FROM forward WHERE until <> '' AND until <= $1 ORDER BY account_id`, day.String())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l lasting
			var until string
			if err := rows.Scan(&l.account, &until, &l.toldDays); err != nil {
				return err
			}
			if l.until, err = directory.ParseDate(until); err != nil {
				return fmt.Errorf("forward of account %d: %w", l.account, err)
			}
			list = append(list, l)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for forwards that end: %w", err)
	}
	return list, nil
}

// end ends a forward, and tells its holder.
func (s *Service) end(ctx context.Context, e lasting) (ok bool, err error) {
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM forward WHERE account_id = $1 AND until = $2`, e.account, e.until.String())
		if ok = n > 0; err != nil || !ok {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "forward.end", Subject: fmt.Sprintf("account:%d", e.account), Reason: "last day " + e.until.String()})
	})
	if err != nil {
		return false, fmt.Errorf("end the forward of account %d: %w", e.account, err)
	}
	if ok {
		err = s.tell(ctx, e.account, ended())
	}
	return ok, err
}

// warn tells of an end that is days away, once for each of warnDays. The mark moves first: who is told twice learns
// nothing, but who is told each hour is annoyed.
func (s *Service) warn(ctx context.Context, e lasting, days int) error {
	due := 0
	for _, step := range warnDays() {
		if days <= step && e.toldDays > step {
			due = step
		}
	}
	if due == 0 {
		return nil
	}
	errBefore := errors.New("told by somebody else")
	err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE forward SET told_days = $2 WHERE account_id = $1 AND told_days > $2`, e.account, due)
		if err == nil && n == 0 {
			return errBefore
		}
		return err
	})
	if errors.Is(err, errBefore) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("warn account %d: %w", e.account, err)
	}
	return s.tell(ctx, e.account, ending(e.until, days))
}
