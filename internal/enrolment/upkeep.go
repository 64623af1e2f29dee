package enrolment

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/store"
)

// Upkeep forgets what is past its time: former addresses, and people whom the exports have not named for as long as the
// rules say, from every year, whose addresses become former ones first. It also finds staff who came into the HR file
// after AAF had told of them. Nothing is written where nothing is due.
func (s *Service) Upkeep(ctx context.Context) error {
	give, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer give()
	for _, step := range []func(context.Context) error{s.forgetFormer, s.forgetPeople, s.matchAgain} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("keep school data: %w", err)
		}
	}
	return nil
}

// change runs a transaction that changes the tables outside an import.
func (s *Service) change(ctx context.Context, p store.Priority, fn func(tx *store.Tx) error) error {
	return s.cfg.DB.Write(ctx, p, func(tx *store.Tx) error {
		if _, err := tx.NextMeta(ctx, "enrolment"); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (s *Service) forgetFormer(ctx context.Context) error {
	today := s.today().String()
	var due int
	if err := s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM protected_former WHERE until <= $1`, today).Scan(&due)
	}); err != nil || due == 0 {
		return err
	}
	return s.change(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM protected_former WHERE until <= $1`, today)
		return err
	})
}

func (s *Service) matchAgain(ctx context.Context) error {
	verdicts, err := s.judgeAll(ctx, nil)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(verdicts, chunk) {
		if err := s.change(ctx, store.Bulk, func(tx *store.Tx) error { return writeVerdicts(ctx, tx, some) }); err != nil {
			return err
		}
	}
	return nil
}

// forgetPeople deletes pupils, guardians and staff whom the exports have not named for RetentionDays.
func (s *Service) forgetPeople(ctx context.Context) error {
	before := s.cfg.DB.Now().AddDate(0, 0, -s.cfg.Rules.RetentionDays).UnixMicro()
	for _, x := range []struct {
		table  string
		forget func(ctx context.Context, tx *store.Tx, ids []int64) error
	}{{"pupil", s.forgetPupils}, {"guardian", s.forgetGuardians}, {"staff", forgetStaff}} {
		for {
			ids, err := s.absentSince(ctx, x.table, before)
			if err != nil {
				return err
			}
			if len(ids) == 0 {
				break
			}
			if err := s.change(ctx, store.Bulk, func(tx *store.Tx) error { return x.forget(ctx, tx, ids) }); err != nil {
				return fmt.Errorf("forget %s: %w", x.table, err)
			}
		}
	}
	return nil
}

// absentSince gives some people of a table whom the exports have not named since a time, in microseconds.
func (s *Service) absentSince(ctx context.Context, table string, before int64) (ids []int64, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		ids = nil
		return each(ctx, tx, func(row scanner) error {
			var id int64
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT `+table+`_id FROM `+table+` WHERE absent_at <> 0 AND absent_at < $1 ORDER BY `+table+`_id LIMIT $2`, before, chunk)
	})
	return ids, err
}

func (s *Service) forgetPupils(ctx context.Context, tx *store.Tx, ids []int64) error {
	set, arg := tx.Dialect().IntSet(1, ids)
	addresses, err := readProtected(ctx, tx, `SELECT DISTINCT p.mail_key, e.uai FROM pupil p JOIN enrolment e ON e.pupil_id = p.pupil_id
		WHERE p.pupil_id IN (`+set+`) AND p.mail_key <> ''`, arg)
	if err != nil {
		return err
	}
	if _, err := s.addFormer(ctx, tx, addresses, nil); err != nil {
		return err
	}
	return deleteOf(ctx, tx, "pupil_id", ids, "division_pupil", "guardianship", "enrolment", "pupil")
}

func (s *Service) forgetGuardians(ctx context.Context, tx *store.Tx, ids []int64) error {
	set, arg := tx.Dialect().IntSet(1, ids)
	addresses, err := readProtected(ctx, tx, `SELECT DISTINCT g.mail_key, e.uai FROM guardian g JOIN guardianship x ON x.guardian_id = g.guardian_id
		JOIN enrolment e ON e.year = x.year AND e.pupil_id = x.pupil_id WHERE g.guardian_id IN (`+set+`) AND g.mail_key <> ''`, arg)
	if err != nil {
		return err
	}
	if _, err := s.addFormer(ctx, tx, addresses, nil); err != nil {
		return err
	}
	return deleteOf(ctx, tx, "guardian_id", ids, "guardianship", "guardian")
}

func forgetStaff(ctx context.Context, tx *store.Tx, ids []int64) error {
	return deleteOf(ctx, tx, "staff_id", ids, "teaching", "staff_post", "staff")
}

// deleteOf deletes the rows of people from tables, their own last.
func deleteOf(ctx context.Context, tx *store.Tx, column string, ids []int64, tables ...string) error {
	set, arg := tx.Dialect().IntSet(1, ids)
	for _, table := range tables {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE `+column+` IN (`+set+`)`, arg); err != nil {
			return fmt.Errorf("delete from %s: %w", table, err)
		}
	}
	return nil
}
