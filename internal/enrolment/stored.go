package enrolment

import (
	"context"
	"fmt"
	"strings"

	"navette/internal/store"
)

// What is stored of somebody, as a record would say it: what a modification is a change of.

func (r *run) storedGuardian(ctx context.Context, k known) (*guardian, error) {
	g := &guardian{Key: k.key}
	err := r.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT civility, usage_name, forename, mail FROM guardian WHERE guardian_id = $1`, k.id).
			Scan(&g.Civility, &g.UsageName, &g.Forename, &g.Mail)
	})
	if err != nil {
		return nil, fmt.Errorf("read guardian %d: %w", k.id, err)
	}
	return g, nil
}

func (r *run) storedPupil(ctx context.Context, k known) (p *pupil, err error) {
	err = r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		p = &pupil{Key: k.key}
		if err := tx.QueryRow(ctx, `SELECT birth_name, usage_name, forename, birth_date, mail FROM pupil WHERE pupil_id = $1`, k.id).
			Scan(&p.BirthName, &p.UsageName, &p.Forename, &p.Birth, &p.Mail); err != nil {
			return err
		}
		if err := each(ctx, tx, func(row scanner) error {
			var uai string
			err := row.Scan(&uai)
			p.Schools = append(p.Schools, uai)
			return err
		}, `SELECT uai FROM enrolment WHERE pupil_id = $1 AND year = $2`, k.id, r.year.Year); err != nil {
			return err
		}
		if err := each(ctx, tx, func(row scanner) error {
			var id int64
			err := row.Scan(&id)
			if at, there := r.divisions.withID(id); there {
				p.Divisions = append(p.Divisions, at)
			}
			return err
		}, `SELECT x.division_id FROM division_pupil x JOIN division d ON d.division_id = x.division_id WHERE x.pupil_id = $1 AND d.year = $2`,
			k.id, r.year.Year); err != nil {
			return err
		}
		return each(ctx, tx, func(row scanner) error {
			var id int64
			var l link
			err := row.Scan(&id, &l.Code, &l.Legal, &l.Contact)
			if at, there := r.guardians.place(id); there && r.holds(r.guardians.list[at]) {
				l.Guardian = at
				p.Links = append(p.Links, l)
			}
			return err
		}, `SELECT guardian_id, link, legal, contact FROM guardianship WHERE pupil_id = $1 AND year = $2`, k.id, r.year.Year)
	})
	if err != nil {
		return nil, fmt.Errorf("read pupil %d: %w", k.id, err)
	}
	return p, nil
}

func (r *run) storedStaff(ctx context.Context, k known) (s *staff, err error) {
	err = r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		s = &staff{Key: k.key}
		if err := tx.QueryRow(ctx, `SELECT birth_name, usage_name, forename, birth_date, mail FROM staff WHERE staff_id = $1`, k.id).
			Scan(&s.BirthName, &s.UsageName, &s.Forename, &s.Birth, &s.Mail); err != nil {
			return err
		}
		if err := each(ctx, tx, func(row scanner) error {
			var p post
			err := row.Scan(&p.UAI, &p.Function, &p.Code, &p.Label)
			s.Posts = append(s.Posts, p)
			return err
		}, `SELECT uai, function, post, post_label FROM staff_post WHERE staff_id = $1 AND year = $2`, k.id, r.year.Year); err != nil {
			return err
		}
		return each(ctx, tx, func(row scanner) error {
			var id int64
			var t teaching
			var subjects string
			err := row.Scan(&id, &t.Principal, &subjects)
			if subjects != "" {
				t.Subjects = strings.Split(subjects, subjectsBetween)
			}
			if at, there := r.divisions.withID(id); there {
				t.Division = at
				s.Teaches = append(s.Teaches, t)
			}
			return err
		}, `SELECT t.division_id, t.principal, t.subjects FROM teaching t JOIN division d ON d.division_id = t.division_id
			WHERE t.staff_id = $1 AND d.year = $2`, k.id, r.year.Year)
	})
	if err != nil {
		return nil, fmt.Errorf("read staff %d: %w", k.id, err)
	}
	return s, nil
}

// each gives the rows of a query to a function.
func each(ctx context.Context, tx *store.Tx, fn func(row scanner) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
