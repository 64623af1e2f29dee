package activation

import (
	"context"
	"fmt"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Waiting is somebody whose account waits for its activation, as a head of an establishment of theirs sees them.
type Waiting struct {
	Login, Display string
	UAI, School    string    // School is "" where the UAI is not known
	Starts         string    // first day of the function there, ISO 8601
	NumenUntil     time.Time // until when the NUMEN opens; zero where none does
	SheetUntil     time.Time // until when a sheet that was made opens; zero where none does
}

// Heads tells whether an active account is that of somebody who heads an establishment today.
func (s *Service) Heads(ctx context.Context, account int64) (heads bool, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		heads, err = s.heads(ctx, tx, account)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for what account %d heads: %w", account, err)
	}
	return heads, nil
}

func (s *Service) heads(ctx context.Context, tx *store.Tx, account int64) (bool, error) {
	from, args := fromHeaded(tx, account)
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) `+from, args...).Scan(&n)
	return n > 0, err
}

// fromHeaded is the FROM and WHERE of the functions, f, by which an active account, h, heads establishments today; $1 to $3
// are its arguments, and $2 is today.
func fromHeaded(tx *store.Tx, account int64) (sql string, args []any) {
	codes, arg := tx.Dialect().TextSet(3, directory.HeadFonctions())
	return `FROM account h JOIN function f ON f.person_id = h.person_id
		WHERE h.account_id = $1 AND h.state = 'active' AND f.uai <> '' AND f.function IN (` + codes + `)
		AND f.ended_at = 0 AND f.starts <= $2 AND (f.ends = '' OR f.ends >= $2)`, []any{account, directory.DateOf(tx.Now()).String(), arg}
}

// WaitingFor gives those who have a function, today or later, in an establishment that a head heads, and have not activated
// their account: once each, by name. failure.Denied for who heads none.
func (s *Service) WaitingFor(ctx context.Context, head int64) (waiting []Waiting, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		waiting = nil
		heads, err := s.heads(ctx, tx, head)
		if err != nil {
			return err
		}
		if !heads {
			return failure.New(failure.Denied, "Cette page est celle des chefs d’établissement. / This page is for heads of establishments.")
		}
		waiting, err = readWaiting(ctx, tx, head)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list who waits for their activation: %w", err)
	}
	return waiting, nil
}

func readWaiting(ctx context.Context, tx *store.Tx, head int64) (waiting []Waiting, err error) {
	from, args := fromHeaded(tx, head)
	rows, err := tx.Query(ctx, `SELECT b.login, b.display_name, g.uai, COALESCE(e.name, ''), g.starts, COALESCE(n.since, 0), COALESCE(s.expires_at, 0)
		FROM account b JOIN function g ON g.person_id = b.person_id LEFT JOIN establishment e ON e.uai = g.uai
		LEFT JOIN numen n ON n.account_id = b.account_id LEFT JOIN sheet s ON s.account_id = b.account_id
		WHERE b.state = 'appointed' AND b.kind = 'person' AND g.ended_at = 0 AND (g.ends = '' OR g.ends >= $2) AND g.uai IN (SELECT f.uai `+from+`)
		ORDER BY b.display_name, b.login, g.starts, g.uai`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w Waiting
		var since, expires int64
		if err := rows.Scan(&w.Login, &w.Display, &w.UAI, &w.School, &w.Starts, &since, &expires); err != nil {
			return nil, err
		}
		w.NumenUntil, w.SheetUntil = openUntil(tx, since, identity.NumenLife), openUntil(tx, expires, 0)
		if n := len(waiting); n == 0 || waiting[n-1].Login != w.Login { // who has two functions waits once
			waiting = append(waiting, w)
		}
	}
	return waiting, rows.Err()
}

// openUntil is when something of a moment, in microseconds, ends that lives so long; zero where it has ended, or never was.
func openUntil(tx *store.Tx, moment int64, life time.Duration) time.Time {
	until := time.UnixMicro(moment).Add(life).UTC()
	if moment == 0 || !until.After(tx.Now()) {
		return time.Time{}
	}
	return until
}

// MakeSheetAsHead is MakeSheet by a head of an establishment in which the agent has a function, today or later;
// failure.NotFound for any other login, whether or not it exists.
func (s *Service) MakeSheetAsHead(ctx context.Context, head identity.Owner, login string) (Sheet, error) {
	login, _ = identity.NormalLogin(login)
	var account int64
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		from, args := fromHeaded(tx, head.Account)
		return tx.QueryRow(ctx, `SELECT COALESCE(MAX(b.account_id), 0) FROM account b JOIN function g ON g.person_id = b.person_id
			WHERE b.login = $4 AND b.kind = 'person' AND g.ended_at = 0 AND (g.ends = '' OR g.ends >= $2) AND g.uai IN (SELECT f.uai `+from+`)`,
			append(args, login)...).Scan(&account)
	})
	if err != nil {
		return Sheet{}, fmt.Errorf("look for an agent of a head's establishment: %w", err)
	}
	if account == 0 {
		return Sheet{}, failure.New(failure.NotFound, "Aucun agent de vos établissements n'a cet identifiant. / No agent of your establishments has this login.")
	}
	return s.MakeSheet(ctx, head.By("feuille remise en main propre"), account)
}
