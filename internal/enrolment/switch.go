package enrolment

import (
	"context"
	"encoding/json"
	"fmt"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Switched says what a switch did.
type Switched struct {
	From, To                 int    // From is 0 where no year was current
	ApprovedBy               string // who decided it
	Pupils, Guardians, Staff int    // whom the new year does not have: they are absent from then on
	Former                   int    // addresses of a school that became former ones
	Forced                   []Fall // what the new year has far fewer of, and was forced
}

// Switch makes a prepared year the current one and locks the one before it: whoever is only in that is absent from
// then on, and their addresses stay protected as former ones. by says who acts and why, approved who decided it.
// failure.Policy where the year is not one that is prepared, has no pupil yet, or has far fewer than the current one and
// nobody forces that: force are UAIs, or "all".
//
// Addresses become former ones before the switch, in short transactions: one that is interrupted is done again.
func (s *Service) Switch(ctx context.Context, by identity.By, approved string, year int, force []string) (Switched, error) {
	if by.Actor == "" || by.Reason == "" || approved == "" {
		return Switched{}, failure.New(failure.Policy, "une bascule demande qui l'approuve et pourquoi / a switch needs who approves it and why")
	}
	give, err := s.take(ctx)
	if err != nil {
		return Switched{}, err
	}
	defer give()
	done := Switched{To: year, ApprovedBy: approved}
	if err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if done.From, err = switchable(ctx, tx, year); err != nil {
			return err
		}
		done.Forced, err = forcedFalls(ctx, tx, done.From, year, force)
		return err
	}); err != nil {
		return Switched{}, fmt.Errorf("switch to %d: %w", year, err)
	}
	if done.Former, err = s.formerOfYear(ctx, done.From, year); err != nil {
		return Switched{}, fmt.Errorf("switch to %d: %w", year, err)
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		if _, err := tx.NextMeta(ctx, "enrolment"); err != nil {
			return err
		}
		from, err := switchable(ctx, tx, year)
		if err != nil {
			return err
		}
		if from != done.From {
			return errConflict
		}
		if done.Forced, err = forcedFalls(ctx, tx, from, year, force); err != nil {
			return err
		}
		return s.switchTo(ctx, tx, by, approved, &done)
	})
	if err != nil {
		return Switched{}, fmt.Errorf("switch to %d: %w", year, err)
	}
	s.cfg.Log.InfoContext(ctx, "school year switched", "from", done.From, "to", done.To, "pupils_gone", done.Pupils, "guardians_gone", done.Guardians)
	return done, nil
}

// switchable gives the year that is current, 0 for none, where another may take its place.
func switchable(ctx context.Context, tx *store.Tx, year int) (from int, err error) {
	to, err := yearNamed(ctx, tx, year)
	if failure.Is(err, failure.NotFound) {
		return 0, failure.New(failure.Policy, "aucun export de l'année %v n'a été importé / no export of that year was imported", Year{Year: year})
	}
	if err != nil {
		return 0, err
	}
	if to.State != Preparing {
		return 0, failure.New(failure.Policy, "l'année %v est %v : il n'y a rien à basculer / nothing to switch", to, to.State)
	}
	var pupils int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM enrolment WHERE year = $1`, year).Scan(&pupils); err != nil {
		return 0, err
	}
	if pupils == 0 {
		return 0, failure.New(failure.Policy, "l'année %v n'a encore aucun élève / the year has no pupil yet", to)
	}
	current, err := currentYear(ctx, tx)
	switch {
	case failure.Is(err, failure.NotFound):
		return 0, nil
	case err != nil:
		return 0, err
	case current.Year > year:
		return 0, failure.New(failure.Policy, "l'année %v précède l'année en cours / the year is before the current one", to)
	}
	return current.Year, everyDegree(ctx, tx, current.Year, to)
}

// everyDegree refuses a switch before the exports of a degree have come: all its pupils would be absent.
func everyDegree(ctx context.Context, tx *store.Tx, from int, to Year) error {
	for degree, name := range map[int]string{1: "1er degré", 2: "2d degré"} {
		var then, now int
		if err := tx.QueryRow(ctx, `SELECT COALESCE(sum(CASE WHEN e.year = $1 THEN 1 ELSE 0 END), 0), COALESCE(sum(CASE WHEN e.year = $2 THEN 1 ELSE 0 END), 0)
			FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id WHERE p.degree = $3 AND e.year IN ($1, $2)`, from, to.Year, degree).Scan(&then, &now); err != nil {
			return err
		}
		if then > 0 && now == 0 {
			return failure.New(failure.Policy, "aucun export du %s n'est encore importé pour l'année %v / no export of that degree is imported for the year yet", name, to)
		}
	}
	return nil
}

// forcedFalls compares the schools and pupils of two years as the brakes compare exports: a year that is nearly empty is
// one whose exports have not all come. It gives the falls that are forced, and refuses the others.
func forcedFalls(ctx context.Context, tx *store.Tx, from, to int, force []string) ([]Fall, error) {
	var falls []Fall
	look := func(name, what string, m measure, share float64, least int) {
		if m.exceeds(share, least) {
			falls = append(falls, Fall{Name: name, What: what, Before: m.before, Lost: m.lost, Forced: Options{Force: force}.forces(name)})
		}
	}
	var schools, pupils measure
	if err := each(ctx, tx, func(row scanner) error {
		var uai string
		var then, now int
		if err := row.Scan(&uai, &then, &now); err != nil {
			return err
		}
		pupils.before, pupils.lost = pupils.before+then, pupils.lost+then-now
		if then > 0 {
			schools.before++
			schools.lost += int(number(now == 0))
		}
		look(uai, "élèves", measure{then, then - now}, schoolShare, schoolLeast)
		return nil
	}, `SELECT uai, sum(CASE WHEN year = $1 THEN 1 ELSE 0 END), sum(CASE WHEN year = $2 THEN 1 ELSE 0 END) FROM enrolment
		WHERE year IN ($1, $2) GROUP BY uai`, from, to); err != nil {
		return nil, fmt.Errorf("compare the years: %w", err)
	}
	look(forceAll, "élèves", pupils, wholeShare, wholeLeast)
	look(forceAll, "établissements", schools, wholeShare, wholeLeast)
	sortFalls(falls)
	if told, names := unforced(falls, ""); told != "" {
		return nil, failure.New(failure.Policy, "bascule refusée, rien n'a été changé : dans l'année %v, %s ; si c'est voulu : --force %s / the year has far fewer than the current one",
			Year{Year: to}, told, names)
	}
	return falls, nil
}

// formerOfYear keeps the addresses that a school has in the year that ends and no longer in the one that comes.
func (s *Service) formerOfYear(ctx context.Context, from, to int) (int, error) {
	var schools []string
	if err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		schools = nil
		return each(ctx, tx, func(row scanner) error {
			var uai string
			err := row.Scan(&uai)
			schools = append(schools, uai)
			return err
		}, `SELECT DISTINCT uai FROM enrolment WHERE year = $1 ORDER BY uai`, from)
	}); err != nil {
		return 0, err
	}
	total := 0
	for _, uai := range schools {
		n := 0
		if err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			n = 0
			if _, err := tx.NextMeta(ctx, "enrolment"); err != nil {
				return err
			}
			before, err := protectedIn(ctx, tx, from, uai)
			if err != nil {
				return err
			}
			after, err := protectedIn(ctx, tx, to, uai)
			if err != nil {
				return err
			}
			n, err = s.addFormer(ctx, tx, before, after)
			return err
		}); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// protectedIn gives the addresses of a school's pupils and who answers for them, in a year.
func protectedIn(ctx context.Context, tx *store.Tx, year int, uai string) (map[protectedAt]bool, error) {
	return readProtected(ctx, tx, `SELECT p.mail_key, e.uai FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id
			WHERE e.year = $1 AND e.uai = $2 AND p.mail_key <> ''
		UNION SELECT g.mail_key, e.uai FROM enrolment e JOIN guardianship x ON x.year = e.year AND x.pupil_id = e.pupil_id
			JOIN guardian g ON g.guardian_id = x.guardian_id WHERE e.year = $1 AND e.uai = $2 AND g.mail_key <> ''`, year, uai)
}

// switchTo is the switch itself; the journal comes last.
func (s *Service) switchTo(ctx context.Context, tx *store.Tx, by identity.By, approved string, done *Switched) error {
	if _, err := tx.Exec(ctx, `UPDATE school_year SET state = $1 WHERE state = $2`, int(Locked), int(Current)); err != nil {
		return fmt.Errorf("lock the year: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE school_year SET state = $2, approved_by = $3, approved_at = $4 WHERE year = $1`, done.To, int(Current),
		approved, tx.NowMicros()); err != nil {
		return fmt.Errorf("open the year: %w", err)
	}
	for _, x := range []struct {
		table, stays string
		gone         *int
	}{
		{"pupil", `SELECT 1 FROM enrolment x WHERE x.year = $2 AND x.pupil_id = pupil.pupil_id`, &done.Pupils},
		{"guardian", `SELECT 1 FROM guardianship x WHERE x.year = $2 AND x.guardian_id = guardian.guardian_id`, &done.Guardians},
		{"staff", `SELECT 1 FROM staff_post x WHERE x.year = $2 AND x.staff_id = staff.staff_id
			UNION ALL SELECT 1 FROM teaching t JOIN division d ON d.division_id = t.division_id WHERE t.staff_id = staff.staff_id AND d.year = $2`, &done.Staff},
	} {
		n, err := tx.Exec(ctx, `UPDATE `+x.table+` SET absent_at = $1, fingerprint = 0 WHERE absent_at = 0 AND NOT EXISTS (`+x.stays+`)`, tx.NowMicros(), done.To)
		if err != nil {
			return fmt.Errorf("mark %s absent: %w", x.table, err)
		}
		*x.gone = int(n)
	}
	detail, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("encode the switch: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "aaf.switch", Subject: fmt.Sprintf("year:%d", done.To), Reason: by.Reason, Detail: string(detail)})
}
