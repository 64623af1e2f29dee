package reach

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/guard"
	"navette/internal/store"
)

// protection is why an address is protected for a sender.
type protection struct {
	schools  []string // of the sender's
	entitled bool
}

// protections holds, by match key and by hash of a former address, those of the sender's schools.
type protections map[string]*protection

// add takes in one reason.
func (p protections) add(key, uai string, entitled bool) {
	one := p[key]
	if one == nil {
		one = &protection{}
		p[key] = one
	}
	one.schools = append(one.schools, uai)
	one.entitled = one.entitled || entitled
}

// of gives the standing of an address that is not of the directory.
func (p protections) of(a asked) guard.Standing {
	standing := guard.Standing{Class: guard.External}
	for _, key := range []string{a.key, a.hash} {
		one := p[key]
		if one == nil || key == "" {
			continue
		}
		standing.Class = guard.Protected
		standing.Entitled = standing.Entitled || one.entitled
		standing.Schools = append(standing.Schools, one.schools...)
	}
	slices.Sort(standing.Schools)
	standing.Schools = slices.Compact(standing.Schools)
	return standing
}

// protectedFor asks which of the addresses are protected in the sender's schools.
func protectedFor(ctx context.Context, tx *store.Tx, r Rights, about []asked) (protections, error) {
	out := protections{}
	keys := texts(about, func(a asked) string { return a.key })
	if err := out.addEnrolled(ctx, tx, r, keys); err != nil {
		return nil, fmt.Errorf("addresses of pupils and guardians: %w", err)
	}
	if err := out.addMarked(ctx, tx, r, keys); err != nil {
		return nil, fmt.Errorf("marked addresses: %w", err)
	}
	if err := out.addFormer(ctx, tx, r, texts(about, func(a asked) string { return a.hash })); err != nil {
		return nil, fmt.Errorf("former addresses: %w", err)
	}
	return out, nil
}

// enrolledQuery gives, of sets of match keys, of schools and of divisions: the key of an address of a pupil, or of somebody
// who answers for one, of the year that runs or of the one being prepared; the school; 1 where the pupil is in one of the
// divisions. CROSS JOIN has SQLite begin with the address; to PostgreSQL it is any join.
func enrolledQuery(keys, schools, divisions string) string {
	const years = ` AND e.year IN (SELECT y.year FROM school_year y WHERE y.state IN (0, 1))`
	taught := `CASE WHEN EXISTS (SELECT 1 FROM division_pupil x WHERE x.pupil_id = e.pupil_id AND x.division_id IN (` + divisions + `)) THEN 1 ELSE 0 END`
	return `SELECT g.mail_key, e.uai, ` + taught + ` FROM guardian g CROSS JOIN guardianship s CROSS JOIN enrolment e
		WHERE g.mail_key <> '' AND g.mail_key IN (` + keys + `) AND g.absent_at = 0 AND s.guardian_id = g.guardian_id
			AND e.year = s.year AND e.pupil_id = s.pupil_id AND e.uai IN (` + schools + `)` + years + `
		UNION ALL SELECT p.mail_key, e.uai, ` + taught + ` FROM pupil p CROSS JOIN enrolment e
		WHERE p.mail_key <> '' AND p.mail_key IN (` + keys + `) AND p.absent_at = 0 AND e.pupil_id = p.pupil_id AND e.uai IN (` + schools + `)` + years
}

// addEnrolled finds the addresses of pupils, and of whoever answers for them.
func (p protections) addEnrolled(ctx context.Context, tx *store.Tx, r Rights, keys []string) error {
	d := tx.Dialect()
	keySet, keyArg := d.TextSet(1, keys)
	schoolSet, schoolArg := d.TextSet(2, r.Schools)
	divisionSet, divisionArg := d.IntSet(3, r.Divisions)
	rows, err := tx.Query(ctx, enrolledQuery(keySet, schoolSet, divisionSet), keyArg, schoolArg, divisionArg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, uai string
		var taught bool
		if err := rows.Scan(&key, &uai, &taught); err != nil {
			return err
		}
		p.add(key, uai, taught || r.School(uai))
	}
	return rows.Err()
}

// addMarked finds those that somebody marked by hand. Whose they are is not known: who may write to all of the school may
// write to them.
func (p protections) addMarked(ctx context.Context, tx *store.Tx, r Rights, keys []string) error {
	keySet, keyArg := tx.Dialect().TextSet(1, keys)
	schoolSet, schoolArg := tx.Dialect().TextSet(2, r.Schools)
	rows, err := tx.Query(ctx, `SELECT mail_key, uai FROM protected_mark WHERE mail_key IN (`+keySet+`) AND uai IN (`+schoolSet+`)`, keyArg, schoolArg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, uai string
		if err := rows.Scan(&key, &uai); err != nil {
			return err
		}
		p.add(key, uai, r.School(uai))
	}
	return rows.Err()
}

// addFormer finds those that were a guardian's or a pupil's, until the last day of their protection.
func (p protections) addFormer(ctx context.Context, tx *store.Tx, r Rights, hashes []string) error {
	octets := make([][]byte, len(hashes))
	for i, hash := range hashes {
		octets[i] = []byte(hash)
	}
	hashSet, hashArg := tx.Dialect().BlobSet(1, octets)
	schoolSet, schoolArg := tx.Dialect().TextSet(2, r.Schools)
	rows, err := tx.Query(ctx, `SELECT hash, uai FROM protected_former WHERE hash IN (`+hashSet+`) AND uai IN (`+schoolSet+`) AND until >= $3`,
		hashArg, schoolArg, r.Day)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		var uai string
		if err := rows.Scan(&hash, &uai); err != nil {
			return err
		}
		p.add(string(hash), uai, r.School(uai))
	}
	return rows.Err()
}
