package disclosure

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/directory"
	"navette/internal/frame"
	"navette/internal/store"
)

// row is a pupil of somebody, in one school and one division.
type row struct {
	pupil                     bool
	person                    int64
	forename, surname, mail   string
	child                     int64
	childName, uai, name, div string
	contact                   bool // for a pupil of whom nothing is shown
}

// peopleQuery joins guardians with their pupils of the current year, and pupils with themselves; parameter 1 is the key.
// Where a child is, a legal guardian whom the exports still name reads alone: of anybody else's pupils, there or gone, no
// more is told than that there is one.
const peopleQuery = `SELECT 0 AS pupil, g.guardian_id AS person, g.forename, g.usage_name, g.mail, COALESCE(p.pupil_id, 0) AS child, COALESCE(p.forename, ''),
		COALESCE(e.uai, ''), COALESCE(s.name, ''), COALESCE(d.kind, 0) AS kind, COALESCE(d.name, ''),
		CASE WHEN a.legal = 1 AND g.absent_at = 0 OR a.pupil_id IS NULL THEN 0 ELSE 1 END
	FROM guardian g
	LEFT JOIN (SELECT a.guardian_id, a.pupil_id, a.legal, a.year FROM guardianship a JOIN school_year y ON y.year = a.year AND y.state = 1) a ON a.guardian_id = g.guardian_id
	LEFT JOIN pupil p ON p.pupil_id = a.pupil_id AND p.absent_at = 0 AND a.legal = 1 AND g.absent_at = 0
	LEFT JOIN enrolment e ON e.year = a.year AND e.pupil_id = p.pupil_id
	LEFT JOIN establishment s ON s.uai = e.uai
	LEFT JOIN (SELECT dp.pupil_id, d.kind, d.name, d.uai, d.year FROM division_pupil dp JOIN division d ON d.division_id = dp.division_id) d
		ON d.pupil_id = p.pupil_id AND d.uai = e.uai AND d.year = e.year
	WHERE g.mail_key = $1
	UNION ALL
	SELECT 1, p.pupil_id, p.forename, p.usage_name, p.mail, p.pupil_id, p.forename, COALESCE(e.uai, ''), COALESCE(s.name, ''), COALESCE(d.kind, 0), COALESCE(d.name, ''), 0
	FROM pupil p
	LEFT JOIN (SELECT e.pupil_id, e.uai, e.year FROM enrolment e JOIN school_year y ON y.year = e.year AND y.state = 1) e ON e.pupil_id = p.pupil_id
	LEFT JOIN establishment s ON s.uai = e.uai
	LEFT JOIN (SELECT dp.pupil_id, d.kind, d.name, d.uai, d.year FROM division_pupil dp JOIN division d ON d.division_id = dp.division_id) d
		ON d.pupil_id = p.pupil_id AND d.uai = e.uai AND d.year = e.year
	WHERE p.mail_key = $1
	ORDER BY 1, 2, 6, 8, 10, 11`

// people gives who has the address now.
func people(ctx context.Context, tx *store.Tx, key string) (out []Person, err error) {
	rows, err := tx.Query(ctx, peopleQuery, key)
	if err != nil {
		return nil, fmt.Errorf("read who has an address: %w", err)
	}
	defer rows.Close()
	var last row
	for rows.Next() {
		var r row
		var kind int
		if err := rows.Scan(&r.pupil, &r.person, &r.forename, &r.surname, &r.mail, &r.child, &r.childName, &r.uai, &r.name, &kind, &r.div, &r.contact); err != nil {
			return nil, fmt.Errorf("read who has an address: %w", err)
		}
		if len(out) == 0 || r.pupil != last.pupil || r.person != last.person {
			out = append(out, Person{Pupil: r.pupil, Name: directory.DisplayName(r.forename, r.surname), Address: r.mail})
			last = row{}
		}
		p := &out[len(out)-1]
		p.Contact = p.Contact || r.contact
		if r.child != 0 && r.uai != "" {
			if r.child != last.child || r.uai != last.uai {
				p.Pupils = append(p.Pupils, Pupil{Forename: r.childName, School: School{r.uai, r.name}})
			}
			if r.div != "" {
				of := &p.Pupils[len(p.Pupils)-1]
				of.Divisions = append(of.Divisions, r.div)
			}
		}
		last = r
	}
	return out, rows.Err()
}

func marks(ctx context.Context, tx *store.Tx, key string) (out []School, err error) {
	rows, err := tx.Query(ctx, `SELECT m.uai, COALESCE(s.name, '') FROM protected_mark m LEFT JOIN establishment s ON s.uai = m.uai
		WHERE m.mail_key = $1 ORDER BY m.uai`, key)
	if err != nil {
		return nil, fmt.Errorf("read marks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s School
		if err := rows.Scan(&s.UAI, &s.Name); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func former(ctx context.Context, tx *store.Tx, digest []byte, today string) (out []Former, err error) {
	rows, err := tx.Query(ctx, `SELECT f.uai, COALESCE(s.name, ''), f.until FROM protected_former f LEFT JOIN establishment s ON s.uai = f.uai
		WHERE f.hash = $1 AND f.until >= $2 ORDER BY f.uai`, digest, today)
	if err != nil {
		return nil, fmt.Errorf("read former addresses: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Former
		if err := rows.Scan(&f.School.UAI, &f.School.Name, &f.Until); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

func frames(ctx context.Context, tx *store.Tx, key, today string) (out []Frame, err error) {
	rows, err := tx.Query(ctx, `SELECT f.name, COALESCE(s.name, f.uai), f.until, m.state, f.closed_at FROM frame_member m JOIN frame f ON f.frame_id = m.frame_id
		LEFT JOIN establishment s ON s.uai = f.uai WHERE m.mail_key = $1 ORDER BY f.until DESC, f.frame_id`, key)
	if err != nil {
		return nil, fmt.Errorf("read consent frames: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Frame
		var state, closed int64
		if err := rows.Scan(&f.Name, &f.School, &f.Until, &state, &closed); err != nil {
			return nil, err
		}
		counts := slices.Contains([]frame.State{frame.Agreed, frame.OnPaper}, frame.State(state))
		f.Agreed = counts && closed == 0 && f.Until >= today
		out = append(out, f)
	}
	return out, rows.Err()
}
