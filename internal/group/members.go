package group

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"navette/internal/guard"
	"navette/internal/store"
)

// Member is one person of a group.
type Member struct {
	Account int64       // of staff; else 0
	Address string      // of a guardian or a pupil, as AAF has it; "" has none, or is staff
	Person  int64       // guardian_id or pupil_id; 0 of staff
	Holds   guard.Holds // what the group holds
	Pupils  []int64     // of a guardian: for whom they are in the group; of a pupil: themselves; ascending
	Schools []string    // UAI of the group
}

// Members gives who is in a group now: staff by account, guardians and pupils by id; each once. It is for whoever
// delivers; failure.NotFound where there is no such group.
func (s *Service) Members(ctx context.Context, id int64) (out []Member, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out, err = s.members(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("members of group %d: %w", id, err)
	}
	return out, nil
}

func (s *Service) members(ctx context.Context, tx *store.Tx, id int64) (out []Member, err error) {
	var kind Kind
	var uai string
	err = tx.QueryRow(ctx, `SELECT kind, uai FROM school_group WHERE group_id = $1`, id).Scan(&kind, &uai)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoGroup()
	}
	if err != nil {
		return nil, err
	}
	q := memberships(tx, kind.Holds(), []int64{id}, s.cfg.Reach.Today())
	rows, err := tx.Query(ctx, `SELECT person, pupil, mail FROM (`+q.text+`) AS m ORDER BY person, pupil`, q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var person, pupil int64
		var mail string
		if err := rows.Scan(&person, &pupil, &mail); err != nil {
			return nil, err
		}
		out = joined(out, kind.Holds(), uai, person, pupil, mail)
	}
	return out, rows.Err()
}

// joined adds a row to the members; those of one person follow each other.
func joined(out []Member, holds guard.Holds, uai string, person, pupil int64, mail string) []Member {
	m := Member{Holds: holds, Schools: []string{uai}}
	if holds == guard.Staff {
		m.Account = person
		if n := len(out); n > 0 && out[n-1].Account == person {
			return out
		}
		return append(out, m)
	}
	if n := len(out); n > 0 && out[n-1].Person == person {
		if !slices.Contains(out[n-1].Pupils, pupil) {
			out[n-1].Pupils = append(out[n-1].Pupils, pupil)
		}
		return out
	}
	m.Person, m.Address, m.Pupils = person, mail, []int64{pupil}
	return append(out, m)
}

// Count is how many people are in a group.
type Count struct {
	Members int
	Without int // of whom no address is known
}

// counts counts the members of groups that hold the same.
func (s *Service) counts(ctx context.Context, tx *store.Tx, holds guard.Holds, ids []int64) (map[int64]Count, error) {
	q := memberships(tx, holds, ids, s.cfg.Reach.Today())
	rows, err := tx.Query(ctx, `SELECT group_id, count(DISTINCT person), count(DISTINCT CASE WHEN mail = '' THEN person END) FROM (`+q.text+`) AS m GROUP BY group_id`, q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]Count{}
	for rows.Next() {
		var id int64
		var c Count
		if err := rows.Scan(&id, &c.Members, &c.Without); err != nil {
			return nil, err
		}
		out[id] = c
	}
	return out, rows.Err()
}

// query is a text with its arguments.
type query struct {
	text string
	args []any
}

// memberships gives the rows group_id, person, pupil, mail of groups that hold the same; one person may stand in several.
func memberships(tx *store.Tx, holds guard.Holds, ids []int64, day string) query {
	set, arg := tx.Dialect().IntSet(1, ids)
	switch holds {
	case guard.Guardians:
		return query{`SELECT n.group_id, g.guardian_id AS person, n.pupil_id AS pupil, g.mail AS mail FROM (` + enrolled(set) + `) AS n
			CROSS JOIN guardianship s CROSS JOIN guardian g
			WHERE s.year = n.year AND s.pupil_id = n.pupil_id AND s.legal = 1 AND g.guardian_id = s.guardian_id AND g.absent_at = 0`, []any{arg}}
	case guard.Pupils:
		return query{`SELECT n.group_id, p.pupil_id AS person, p.pupil_id AS pupil, p.mail AS mail FROM (` + enrolled(set) + `) AS n
			CROSS JOIN pupil p WHERE p.pupil_id = n.pupil_id`, []any{arg}}
	}
	directors, directorsArg := tx.Dialect().TextSet(3, directs())
	teachers, teachersArg := tx.Dialect().TextSet(4, teaches())
	return query{staff(set, directors, teachers), []any{arg, day, directorsArg, teachersArg}}
}

// enrolled gives the pupils of groups, of the year that runs, whom AAF names: group_id, year, pupil_id. CROSS JOIN has
// SQLite begin with the groups, which are few; to PostgreSQL it is any join.
func enrolled(set string) string {
	const named = ` AND p.pupil_id = e.pupil_id AND p.absent_at = 0 `
	return `SELECT q.group_id, e.year, e.pupil_id FROM school_group q CROSS JOIN enrolment e CROSS JOIN pupil p
			WHERE q.group_id IN (` + set + `) AND q.scope = 0 AND e.uai = q.uai AND e.year = ` + currentYear + named + `
		UNION ALL SELECT q.group_id, e.year, e.pupil_id FROM school_group q CROSS JOIN division d CROSS JOIN division_pupil x CROSS JOIN enrolment e CROSS JOIN pupil p
			WHERE q.group_id IN (` + set + `) AND q.scope IN (1, 2)
				AND d.uai = q.uai AND d.year = ` + currentYear + ` AND d.kind = q.scope AND d.name = q.division AND d.gone = 0
				AND x.division_id = d.division_id AND e.year = d.year AND e.uai = d.uai AND e.pupil_id = x.pupil_id` + named + `
		UNION ALL SELECT q.group_id, e.year, e.pupil_id FROM school_group q CROSS JOIN enrolment e CROSS JOIN pupil p
			WHERE q.group_id IN (` + set + `) AND q.scope = 3 AND e.pupil_id = q.pupil_id AND e.uai = q.uai AND e.year = ` + currentYear + named
}

// staff gives the rows of groups of staff on the day of parameter 2: by function, by a post that AAF names, by teaching.
// HR's word that somebody has left a school is the last.
func staff(set, directors, teachers string) string {
	fits := func(function string) string {
		return `(q.kind = 4 OR q.kind = 3 AND ` + function + ` IN (` + teachers + `) OR q.kind = 6 AND ` + function + ` IN (` + directors + `))`
	}
	const (
		runs  = `f.ended_at = 0 AND f.starts <= $2 AND (f.ends = '' OR f.ends >= $2)`
		stays = `(NOT EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id AND f.uai = q.uai)
			OR EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id AND f.uai = q.uai AND ` + runs + `))`
		person = `a.kind = 'person' AND a.state <> 'departed'`
		out    = `q.group_id, a.account_id AS person, 0 AS pupil, 'staff' AS mail`
	)
	return `SELECT ` + out + ` FROM school_group q CROSS JOIN function f CROSS JOIN account a
			WHERE q.group_id IN (` + set + `) AND q.scope = 0 AND f.uai = q.uai AND ` + runs + ` AND a.person_id = f.person_id AND ` + person + ` AND ` + fits("f.function") + `
		UNION ALL SELECT ` + out + ` FROM school_group q CROSS JOIN staff_post o CROSS JOIN staff s CROSS JOIN account a
			WHERE q.group_id IN (` + set + `) AND q.scope = 0 AND o.uai = q.uai AND o.year = ` + currentYear + ` AND o.function <> '-'
				AND s.staff_id = o.staff_id AND s.absent_at = 0 AND a.account_id = s.account_id AND ` + person + ` AND ` + stays + ` AND ` + fits("o.function") + `
		UNION ALL SELECT ` + out + ` FROM school_group q CROSS JOIN division d CROSS JOIN teaching t CROSS JOIN staff s CROSS JOIN account a
			WHERE q.group_id IN (` + set + `) AND (q.kind IN (3, 4) OR q.kind = 5 AND t.principal = 1)
				AND d.uai = q.uai AND d.year = ` + currentYear + ` AND d.gone = 0 AND (q.scope = 0 OR d.kind = q.scope AND d.name = q.division)
				AND t.division_id = d.division_id AND s.staff_id = t.staff_id AND s.absent_at = 0 AND a.account_id = s.account_id
				AND ` + person + ` AND ` + stays
}

// String is a count for logs and tests: members, and those without an address.
func (c Count) String() string { return fmt.Sprintf("%d/%d", c.Members, c.Without) }
