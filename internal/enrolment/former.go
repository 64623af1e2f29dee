package enrolment

import (
	"context"
	"encoding/hex"
	"fmt"

	"navette/internal/store"
)

// protectedAt is an address that is a guardian's or a pupil's of a school.
type protectedAt struct{ mailKey, uai string }

// unlocked is the condition that a year may still change.
const unlocked = `EXISTS (SELECT 1 FROM school_year y WHERE y.year = e.year AND y.state <> 2)`

// protects gives the addresses that pupils and who answers for them have, with the schools where they do.
func (s *Service) protects(ctx context.Context, tx *store.Tx, pupils []int64) (map[protectedAt]bool, error) {
	if len(pupils) == 0 {
		return nil, nil
	}
	set, arg := tx.Dialect().IntSet(1, pupils)
	return readProtected(ctx, tx, `SELECT p.mail_key, e.uai FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id
			WHERE e.pupil_id IN (`+set+`) AND p.mail_key <> '' AND `+unlocked+`
		UNION SELECT g.mail_key, e.uai FROM enrolment e JOIN guardianship x ON x.year = e.year AND x.pupil_id = e.pupil_id
			JOIN guardian g ON g.guardian_id = x.guardian_id WHERE e.pupil_id IN (`+set+`) AND g.mail_key <> '' AND `+unlocked, arg)
}

// guards gives the addresses that guardians have, with the schools of their pupils.
func (s *Service) guards(ctx context.Context, tx *store.Tx, guardians []int64) (map[protectedAt]bool, error) {
	if len(guardians) == 0 {
		return nil, nil
	}
	set, arg := tx.Dialect().IntSet(1, guardians)
	return readProtected(ctx, tx, `SELECT DISTINCT g.mail_key, e.uai FROM guardian g JOIN guardianship x ON x.guardian_id = g.guardian_id
		JOIN enrolment e ON e.year = x.year AND e.pupil_id = x.pupil_id WHERE g.guardian_id IN (`+set+`) AND g.mail_key <> '' AND `+unlocked, arg)
}

func readProtected(ctx context.Context, tx *store.Tx, query string, args ...any) (map[protectedAt]bool, error) {
	found := map[protectedAt]bool{}
	if err := each(ctx, tx, func(row scanner) error {
		var p protectedAt
		err := row.Scan(&p.mailKey, &p.uai)
		found[p] = true
		return err
	}, query, args...); err != nil {
		return nil, fmt.Errorf("read protected addresses: %w", err)
	}
	return found, nil
}

// addFormer keeps the digests of addresses that were of a school before and are not after: they stay protected there
// until a day. It gives how many they are.
func (s *Service) addFormer(ctx context.Context, tx *store.Tx, before, after map[protectedAt]bool) (int, error) {
	var rows []store.Record
	for p := range before {
		if !after[p] {
			rows = append(rows, store.Record{Texts: []string{hex.EncodeToString(s.cfg.Digest(p.mailKey)), p.uai}})
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	staged, arg := tx.Dialect().Records(1, nil, []string{"hash", "uai"}, rows)
	octets := "unhex(hash)"
	if tx.Dialect() == store.PostgreSQL {
		octets = "decode(hash, 'hex')"
	}
	// WHERE true: without it SQLite takes ON for a join's.
	_, err := tx.Exec(ctx, `INSERT INTO protected_former (hash, uai, until) SELECT `+octets+`, uai, $2 FROM (`+staged+`) AS s WHERE true
		ON CONFLICT (hash, uai) DO UPDATE SET until = excluded.until`, arg, s.today().AddDays(s.cfg.Rules.FormerDays).String())
	if err != nil {
		return 0, fmt.Errorf("keep former addresses: %w", err)
	}
	return len(rows), nil
}

// keepFormer is addFormer, counted for the report.
func (r *run) keepFormer(ctx context.Context, tx *store.Tx, before, after map[protectedAt]bool) error {
	n, err := r.addFormer(ctx, tx, before, after)
	r.former += n
	return err
}

// keepFormerMails keeps the addresses of guardians that are about to change; keys are what they become.
func (r *run) keepFormerMails(ctx context.Context, tx *store.Tx, guardians []int64, keys map[int64]string) error {
	if len(guardians) == 0 {
		return nil
	}
	var changing []int64
	set, arg := tx.Dialect().IntSet(1, guardians)
	if err := each(ctx, tx, func(row scanner) error {
		var id int64
		var key string
		err := row.Scan(&id, &key)
		if key != keys[id] {
			changing = append(changing, id)
		}
		return err
	}, `SELECT guardian_id, mail_key FROM guardian WHERE guardian_id IN (`+set+`) AND mail_key <> ''`, arg); err != nil {
		return fmt.Errorf("read guardians: %w", err)
	}
	before, err := r.guards(ctx, tx, changing)
	if err != nil {
		return err
	}
	return r.keepFormer(ctx, tx, before, nil)
}
