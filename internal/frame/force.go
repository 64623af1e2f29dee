package frame

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/reach"
	"navette/internal/store"
)

var _ reach.Frames = (*Service)(nil)

// InForce implements reach.Frames: the frames of the sender's schools that last, in which addresses stand whose holders
// agreed, by match key. It is one query.
func (s *Service) InForce(ctx context.Context, tx *store.Tx, r reach.Rights, keys []string) (map[string][]int64, error) {
	if len(r.Schools) == 0 || len(keys) == 0 {
		return nil, nil
	}
	schools, schoolsArg := tx.Dialect().TextSet(1, r.Schools)
	addresses, addressesArg := tx.Dialect().TextSet(2, keys)
	rows, err := tx.Query(ctx, `SELECT m.mail_key, f.frame_id FROM frame_member m JOIN frame f ON f.frame_id = m.frame_id
		WHERE m.mail_key IN (`+addresses+`) AND m.mail_key <> '' AND m.state IN (1, 2) AND f.uai IN (`+schools+`) AND f.closed_at = 0 AND f.until >= $3
		ORDER BY m.mail_key, f.frame_id`, schoolsArg, addressesArg, r.Day)
	if err != nil {
		return nil, fmt.Errorf("look for consent frames: %w", err)
	}
	defer rows.Close()
	out := map[string][]int64{}
	for rows.Next() {
		var key string
		var frame int64
		if err := rows.Scan(&key, &frame); err != nil {
			return nil, err
		}
		out[key] = append(out[key], frame)
	}
	return out, rows.Err()
}

// Candidate is a guardian who might be asked.
type Candidate struct {
	Guardian int64
	Name     string
	Of       string // « Léa BENALI (4E3) »
	Mail     bool   // AAF has an address
}

// maxCandidates is how many are shown.
const maxCandidates = 20

// Search gives the guardians of a school's pupils of this year whose names, or pupils' names, begin with the words, by
// pupil. The head sees who they are, and no address.
func (s *Service) Search(ctx context.Context, a Actor, uai, text string) (list []Candidate, err error) {
	wanted := words(text)
	if len(wanted) == 0 {
		return nil, nil
	}
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		if err := s.mayKeep(ctx, tx, a, uai); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT g.guardian_id, g.forename, g.usage_name, g.mail <> '', p.forename, p.usage_name, p.birth_name,
				COALESCE((SELECT min(d.name) FROM division_pupil x JOIN division d ON d.division_id = x.division_id
					WHERE x.pupil_id = p.pupil_id AND d.year = y.year AND d.uai = $1 AND d.kind = 1 AND d.gone = 0), '')
			FROM school_year y JOIN enrolment e ON e.year = y.year AND e.uai = $1 JOIN pupil p ON p.pupil_id = e.pupil_id AND p.absent_at = 0
			JOIN guardianship l ON l.year = y.year AND l.pupil_id = p.pupil_id JOIN guardian g ON g.guardian_id = l.guardian_id AND g.absent_at = 0
			WHERE y.state = 1 AND l.legal = 1 ORDER BY p.usage_name, p.forename, g.usage_name, g.forename, g.guardian_id`, uai)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && len(list) < maxCandidates {
			var c Candidate
			var forename, surname, pupil, usage, birth, class string
			if err := rows.Scan(&c.Guardian, &forename, &surname, &c.Mail, &pupil, &usage, &birth, &class); err != nil {
				return err
			}
			if usage == "" {
				usage = birth
			}
			if !begin(words(forename+" "+surname+" "+pupil+" "+usage), wanted) {
				continue
			}
			c.Name, c.Of = directory.DisplayName(forename, surname), directory.DisplayName(pupil, usage)
			if class != "" {
				c.Of += " (" + class + ")"
			}
			list = append(list, c)
		}
		return rows.Err()
	})
	return list, err
}
