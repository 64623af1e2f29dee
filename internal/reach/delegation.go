package reach

import (
	"context"
	"encoding/json"
	"fmt"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Actor is who delegates: the head of the school, or an operator.
type Actor struct {
	account int64
	by      identity.By
}

// AsHead is somebody who has signed in and directs the school; reason goes into the journal.
func AsHead(account int64, reason string) Actor { return Actor{account, identity.By{Reason: reason}} }

// AsOperator is somebody of the DSI, by command.
func AsOperator(by identity.By) Actor { return Actor{by: by} }

// Delegation lets somebody write to the pupils and guardians of a class or group, or of all those of a teacher at a school,
// from a day to another.
type Delegation struct {
	ID       int64
	UAI      string
	Receiver int64 // account
	Teacher  int64 // account of whose classes and groups they are; 0: one division
	Division int64 // that one; 0: those of a teacher
	From, To directory.Date

	// For people who read.
	ReceiverName string // « Ana Dupont »
	Of           string // the teacher's name, or that of the class or group
	GivenBy      string // actor
}

// lastDay is the last day of a school year that began in September of year.
func lastDay(year int) directory.Date { return directory.Date{Year: year + 1, Month: 8, Day: 31} }

// Delegate gives a delegation and returns its id. It is refused with failure.Denied when the actor neither directs the
// school today nor is an operator; with failure.Policy when the days do not lie within the school year that runs, the
// receiver is no person of the académie, or nobody's classes are given.
func (s *Service) Delegate(ctx context.Context, by Actor, d Delegation) (id int64, err error) {
	if id, err = s.cfg.DB.NewIDs(ctx, "delegation", 1); err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		actor, err := s.mayDelegate(ctx, tx, by, d.UAI)
		if err != nil {
			return err
		}
		if err := s.checkDelegation(ctx, tx, d); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO delegation (delegation_id, uai, receiver_id, teacher_id, division_id, starts, ends, given_by, given_at, withdrawn_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
			id, d.UAI, d.Receiver, d.Teacher, d.Division, d.From.String(), d.To.String(), actor.Actor, tx.NowMicros()); err != nil {
			return err
		}
		return journal(ctx, tx, actor, "delegation.give", d.Receiver, map[string]any{"delegation": id, "uai": d.UAI, "teacher": d.Teacher,
			"division": d.Division, "from": d.From.String(), "to": d.To.String()})
	})
	if err != nil {
		return 0, fmt.Errorf("delegate at %s: %w", d.UAI, err)
	}
	return id, nil
}

// Withdraw ends a delegation at once; failure.NotFound where none with the id stands.
func (s *Service) Withdraw(ctx context.Context, by Actor, id int64) error {
	err := s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		var uai string
		var receiver int64
		err := tx.QueryRow(ctx, `SELECT uai, receiver_id FROM delegation WHERE delegation_id = $1 AND withdrawn_at = 0`+tx.Dialect().ForUpdate(), id).Scan(&uai, &receiver)
		if err != nil {
			return notFound(err, "cette délégation n'existe pas, ou a été retirée / no such delegation")
		}
		actor, err := s.mayDelegate(ctx, tx, by, uai)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE delegation SET withdrawn_at = $2 WHERE delegation_id = $1`, id, tx.NowMicros()); err != nil {
			return err
		}
		return journal(ctx, tx, actor, "delegation.withdraw", receiver, map[string]any{"delegation": id, "uai": uai})
	})
	if err != nil {
		return fmt.Errorf("withdraw delegation %d: %w", id, err)
	}
	return nil
}

// journal writes an act about an account, last in its transaction.
func journal(ctx context.Context, tx *store.Tx, by identity.By, action string, account int64, detail map[string]any) error {
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode the detail of an act: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: fmt.Sprintf("account:%d", account), Reason: by.Reason, Detail: string(text)})
}

// mayDelegate gives who acts, for the journal; failure.Denied where they may not.
func (s *Service) mayDelegate(ctx context.Context, tx *store.Tx, by Actor, uai string) (identity.By, error) {
	if by.account == 0 {
		return by.by, nil
	}
	heads, arg := tx.Dialect().TextSet(3, directory.HeadFonctions())
	err := tx.QueryRow(ctx, `SELECT a.login FROM account a JOIN function f ON f.person_id = a.person_id
		WHERE a.account_id = $1 AND f.uai = $4 AND `+open+` AND `+runs+` AND f.function IN (`+heads+`) LIMIT 1`, by.account, s.Today(), arg, uai).Scan(&by.by.Actor)
	if err != nil {
		return identity.By{}, denied(err, "seule la direction de l'établissement délègue / only the head of the school delegates")
	}
	return by.by, nil
}

// checkDelegation refuses what gives nobody anything: failure.Policy.
func (s *Service) checkDelegation(ctx context.Context, tx *store.Tx, d Delegation) error {
	var year int
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(year), 0) FROM school_year WHERE state = 1`).Scan(&year); err != nil {
		return err
	}
	today, err := directory.ParseDate(s.Today())
	if err != nil {
		return err
	}
	switch {
	case year == 0:
		return failure.New(failure.Policy, "aucune année scolaire n'est ouverte / no school year runs")
	case d.From.IsZero(), d.To.IsZero(), d.To.Compare(d.From) < 0, d.To.Compare(today) < 0, d.To.Compare(lastDay(year)) > 0:
		return failure.New(failure.Policy, "une délégation va d'un jour à un autre de l'année scolaire, jusqu'au %s au plus / until %s at most",
			lastDay(year).French(), lastDay(year))
	case (d.Teacher == 0) == (d.Division == 0):
		return failure.New(failure.Policy, "une délégation porte sur une classe ou un groupe, ou sur ceux d'un enseignant / one class, or those of one teacher")
	case d.Teacher == d.Receiver:
		return failure.New(failure.Policy, "personne ne se remplace / nobody stands in for themselves")
	}
	var person, given int
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM account a WHERE a.account_id = $1 AND a.kind = 'person' AND `+open+`),
		(SELECT count(*) FROM division d WHERE d.division_id = $2 AND d.uai = $4 AND d.year = $5 AND d.gone = 0)
			+ (SELECT count(*) FROM staff s JOIN teaching t ON t.staff_id = s.staff_id JOIN division d ON d.division_id = t.division_id
				WHERE s.account_id = $3 AND s.account_id <> 0 AND d.uai = $4 AND d.year = $5 AND d.gone = 0)`, d.Receiver, d.Division, d.Teacher, d.UAI, year).Scan(&person, &given)
	switch {
	case err != nil:
		return err
	case person == 0:
		return failure.New(failure.Policy, "le remplaçant n'a pas de compte ouvert / the replacement has no open account")
	case given == 0:
		return failure.New(failure.Policy, "ni classe ni groupe de cet établissement / no class or group of this school")
	}
	return nil
}

// Delegations gives those of a school that are not over and not withdrawn, by first day. failure.Denied as Delegate.
func (s *Service) Delegations(ctx context.Context, by Actor, uai string) (out []Delegation, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out = nil
		if _, err := s.mayDelegate(ctx, tx, by, uai); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT g.delegation_id, g.uai, g.receiver_id, g.teacher_id, g.division_id, g.starts, g.ends, g.given_by, a.display_name,
				COALESCE(t.display_name, d.name, '')
			FROM delegation g JOIN account a ON a.account_id = g.receiver_id LEFT JOIN account t ON t.account_id = g.teacher_id
			LEFT JOIN division d ON d.division_id = g.division_id
			WHERE g.uai = $1 AND g.withdrawn_at = 0 AND g.ends >= $2 ORDER BY g.starts, g.delegation_id`, uai, s.Today())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d Delegation
			var from, to string
			if err := rows.Scan(&d.ID, &d.UAI, &d.Receiver, &d.Teacher, &d.Division, &from, &to, &d.GivenBy, &d.ReceiverName, &d.Of); err != nil {
				return err
			}
			if d.From, err = directory.ParseDate(from); err != nil {
				return err
			}
			if d.To, err = directory.ParseDate(to); err != nil {
				return err
			}
			out = append(out, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("delegations of %s: %w", uai, err)
	}
	return out, nil
}

// FindDivision gives the class or group of a school in the year that runs that a text names; failure.NotFound where there
// is none, failure.Conflict where a class and a group have the same name and neither is said: « groupe 4ALL2 ».
func (s *Service) FindDivision(ctx context.Context, uai, name string) (id int64, err error) {
	kind, bare := kindOf(name)
	var found []int64
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		found = nil
		rows, err := tx.Query(ctx, `SELECT d.division_id FROM division d WHERE d.uai = $1 AND `+current+` AND d.name IN ($2, upper($2)) AND ($3 = 0 OR d.kind = $3)`, uai, bare, kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			found = append(found, id)
		}
		return rows.Err()
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("find class: %w", err)
	case len(found) == 0:
		return 0, failure.New(failure.NotFound, "ni classe ni groupe %q dans cet établissement cette année", name)
	case len(found) > 1:
		return 0, failure.New(failure.Conflict, "une classe et un groupe s'appellent %q : écrivez « classe » ou « groupe » devant", name)
	}
	return found[0], nil
}
