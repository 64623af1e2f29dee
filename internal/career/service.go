// Package career leads an account through what comes after its holder's last function: a time of grace, the departure,
// reminders, the closing; and back, whenever HR names the person again.
//
//	function ends ──► grace ──► departed ──► closed
//	                    │           │           │        a function named again leads back to the same account
//	                    └───────────┴───────────┴──────► as it was, with the same addresses
//
// The end of a function is not a departure: contracts of 31 August are renewed in September. How long each time lasts
// is data (Rules).
//
// # Tables
//
//	career           one row an account that is in one of the three states; none while its holder has a function
//	address_closed   what the addresses of closed accounts were
//
// # Invariants
//
//  1. Each step is one transaction, with its rows in the history and the journal. Advance may run on several nodes, and
//     again after a crash: a step that was made is not made twice, nor is a reminder sent twice.
//  2. An address that is closed stays in the table: it is never given to anybody else.
//  3. Nothing is deleted here.
package career

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// State is where an account stands without a function.
type State string

// The states, as they are stored.
const (
	Grace    State = "grace"    // everything as before
	Departed State = "departed" // sending closed, reading open, an automatic reply
	Closed   State = "closed"   // nothing is received any more
)

// actor is this package's name in the journal and the history.
const actor = "career"

// Config is what a Service needs. Contents and Delivery may be nil: no reminders are sent then.
type Config struct {
	DB       *store.DB
	Contents *content.Contents
	Delivery delivery.Accepter
	Rules    Rules
	Domain   string // of the addresses
	Hostname string // of Message-ID
	Contact  string // address that the automatic reply names where the last school has no box
	Zone     *time.Location
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
}

// Service leads accounts.
type Service struct{ cfg Config }

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg}
}

// today is the day in the académie's zone.
func (s *Service) today() directory.Date { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)) }

// Advanced counts the steps of a round.
type Advanced struct{ Graces, Resumed, Departed, Expired, Reminded, Closed int }

// Advance makes every step that is due today. Run it once a day, or more often.
func (s *Service) Advance(ctx context.Context) (a Advanced, err error) {
	for _, step := range []struct {
		what  string
		count *int
		run   func(context.Context) (int, error)
	}{
		{"resume", &a.Resumed, s.resume},
		{"begin grace", &a.Graces, s.beginGraces},
		{"depart", &a.Departed, s.departAll},
		{"end provisional accounts", &a.Expired, s.expireAll},
		{"remind", &a.Reminded, s.remindAll},
		{"close", &a.Closed, s.closeAll},
	} {
		n, err := step.run(ctx)
		*step.count = n
		if err != nil {
			return a, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if a != (Advanced{}) {
		s.cfg.Log.InfoContext(ctx, "careers advanced", "graces", a.Graces, "resumed", a.Resumed, "departed", a.Departed,
			"expired", a.Expired, "reminded", a.Reminded, "closed", a.Closed)
	}
	return a, nil
}

// atOnce is how many accounts one look takes.
const atOnce = 500

// held is the clause that a person p has a function on the day of parameter n, or one to come.
func held(n string) string {
	return `EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id AND f.ended_at = 0 AND (f.ends = '' OR f.ends >= ` + n + `))`
}

// beginGraces finds the accounts whose holder's last function is over.
func (s *Service) beginGraces(ctx context.Context) (int, error) {
	today := s.today()
	done := 0
	for {
		var list []int64
		err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
			list, err = ids(ctx, tx, `SELECT a.account_id FROM account a WHERE a.kind = 'person' AND a.state <> 'departed'
				AND NOT EXISTS (SELECT 1 FROM career c WHERE c.account_id = a.account_id)
				AND EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id) AND NOT `+held("$1")+`
				AND NOT EXISTS (SELECT 1 FROM suspension x WHERE x.account_id = a.account_id AND x.resumes = 'departed')
				ORDER BY a.account_id LIMIT $2`, today.String(), atOnce)
			return err
		})
		if err != nil || len(list) == 0 {
			return done, err
		}
		for _, account := range list {
			if err := s.write(ctx, 1, func(tx *store.Tx, first int64) error { return s.beginGrace(ctx, tx, first, account) }); err != nil {
				return done, err
			}
			done++
		}
	}
}

func (s *Service) beginGrace(ctx context.Context, tx *store.Tx, first, account int64) error {
	last, reference, err := s.lastDay(ctx, tx, account)
	if err != nil {
		return err
	}
	departs := s.cfg.Rules.departsOn(last)
	n, err := tx.Exec(ctx, `INSERT INTO career (account_id, state, last_day, departs_on, closes_on, reminded) VALUES ($1, $2, $3, $4, '', 0)
		ON CONFLICT (account_id) DO NOTHING`, account, Grace, last.String(), departs.String())
	if err != nil || n == 0 {
		return err
	}
	return history.Append(ctx, tx, first, []history.Row{{Account: account, Kind: history.Grace, After: departs.AddDays(-1).French(), Reference: reference, Actor: actor}})
}

// lastDay gives the last day of an account's last function, and its document. A function that the feed stopped naming
// before its end ended on the day of that file.
func (s *Service) lastDay(ctx context.Context, tx *store.Tx, account int64) (last directory.Date, reference string, err error) {
	rows, err := tx.Query(ctx, `SELECT f.starts, f.ends, f.ended_at, f.reference FROM function f JOIN account a ON a.person_id = f.person_id
		WHERE a.account_id = $1 ORDER BY f.function_id`, account)
	if err != nil {
		return last, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var starts, ends, document string
		var endedAt int64
		if err := rows.Scan(&starts, &ends, &endedAt, &document); err != nil {
			return last, "", err
		}
		day := ends
		if endedAt != 0 {
			dropped := directory.DateOf(time.UnixMicro(endedAt).In(s.cfg.Zone)).String()
			if day == "" || dropped < day {
				day = max(dropped, starts)
			}
		}
		if day > last.String() {
			if last, err = directory.ParseDate(day); err != nil {
				return last, "", err
			}
			reference = document
		}
	}
	return last, reference, rows.Err()
}

// resume takes the row off accounts in grace whose holder has a function again. Departed accounts are reopened by the
// import that names the function (Reopen).
func (s *Service) resume(ctx context.Context) (int, error) {
	return s.each(ctx, `SELECT c.account_id FROM career c JOIN account a ON a.account_id = c.account_id
		WHERE c.state = 'grace' AND `+held("$1")+` ORDER BY c.account_id LIMIT $2`, 1, func(tx *store.Tx, first, account int64) error {
		n, err := tx.Exec(ctx, `DELETE FROM career WHERE account_id = $1 AND state = 'grace'`, account)
		if err != nil || n == 0 {
			return err
		}
		return history.Append(ctx, tx, first, []history.Row{{Account: account, Kind: history.GraceEnd, Actor: actor}})
	})
}

// departAll closes sending for those whose grace is over.
func (s *Service) departAll(ctx context.Context) (int, error) {
	return s.each(ctx, `SELECT c.account_id FROM career c JOIN account a ON a.account_id = c.account_id
		WHERE c.state = 'grace' AND c.departs_on <= $1 AND NOT `+held("$1")+` ORDER BY c.account_id LIMIT $2`, 1,
		func(tx *store.Tx, first, account int64) error {
			var working int
			err := tx.QueryRow(ctx, `SELECT count(*) FROM account a WHERE a.account_id = $2 AND `+held("$1"), s.today().String(), account).Scan(&working)
			if err != nil || working > 0 { // a function came since
				return err
			}
			return s.depart(ctx, tx, first, account, identity.By{Actor: actor, Reason: "fin de la dernière fonction"})
		})
}

// expireAll departs the provisional accounts whose HR line did not come in time. It may still come: the account then
// opens again.
func (s *Service) expireAll(ctx context.Context) (int, error) {
	return s.each(ctx, `SELECT a.account_id FROM provisional p JOIN account a ON a.person_id = p.person_id
		WHERE p.until < $1 AND NOT EXISTS (SELECT 1 FROM career c WHERE c.account_id = a.account_id) ORDER BY a.account_id LIMIT $2`, 1,
		func(tx *store.Tx, first, account int64) error {
			return s.depart(ctx, tx, first, account, identity.By{Actor: actor, Reason: "fin du compte provisoire"})
		})
}

// depart makes an account departed as of today, in a transaction.
func (s *Service) depart(ctx context.Context, tx *store.Tx, first, account int64, by identity.By) error {
	today := s.today()
	closes := s.cfg.Rules.closesOn(today)
	_, err := tx.Exec(ctx, `INSERT INTO career (account_id, state, last_day, departs_on, closes_on, reminded) VALUES ($1, $2, $3, $3, $4, 0)
		ON CONFLICT (account_id) DO UPDATE SET state = excluded.state, departs_on = excluded.departs_on, closes_on = excluded.closes_on, reminded = 0`,
		account, Departed, today.String(), closes.String())
	if err != nil {
		return err
	}
	if err := s.setReply(ctx, tx, account, closes); err != nil {
		return err
	}
	if err := history.Append(ctx, tx, first, []history.Row{{Account: account, Kind: history.Departed, Before: by.Reason, After: closes.AddDays(-1).French(), Actor: by.Actor}}); err != nil {
		return err
	}
	err = identity.Depart(ctx, tx, by, account) // last: it locks the journal
	if failure.Is(err, failure.Conflict) {
		return nil // departed already, by hand
	}
	return err
}

// closeAll closes the addresses of those whose time of reading is over.
func (s *Service) closeAll(ctx context.Context) (int, error) {
	return s.each(ctx, `SELECT c.account_id FROM career c WHERE c.state = 'departed' AND c.closes_on <= $1 ORDER BY c.account_id LIMIT $2`, 1,
		func(tx *store.Tx, first, account int64) error { return s.close(ctx, tx, first, account) })
}

func (s *Service) close(ctx context.Context, tx *store.Tx, first, account int64) error {
	n, err := tx.Exec(ctx, `UPDATE career SET state = 'closed' WHERE account_id = $1 AND state = 'departed'`, account)
	if err != nil || n == 0 {
		return err
	}
	if err := closeAddresses(ctx, tx, account); err != nil {
		return err
	}
	return history.Append(ctx, tx, first, []history.Row{{Account: account, Kind: history.Closed, Actor: actor}})
}

// each runs a step for every account that a query gives ($1 is today, $2 how many), each in a transaction of its own
// with so many ids of history, until none is left.
func (s *Service) each(ctx context.Context, query string, rows int64, step func(tx *store.Tx, first, account int64) error) (done int, err error) {
	for {
		var list []int64
		err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
			list, err = ids(ctx, tx, query, s.today().String(), atOnce)
			return err
		})
		if err != nil || len(list) == 0 {
			return done, err
		}
		for _, account := range list {
			if err := s.write(ctx, rows, func(tx *store.Tx, first int64) error { return step(tx, first, account) }); err != nil {
				return done, fmt.Errorf("account %d: %w", account, err)
			}
			done++
		}
	}
}

// write runs a transaction for which ids of history were taken.
func (s *Service) write(ctx context.Context, rows int64, fn func(tx *store.Tx, first int64) error) error {
	first, err := s.cfg.DB.NewIDs(ctx, history.IDs, rows)
	if err != nil {
		return err
	}
	return s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		// An import that planned before this step plans again: else it would not see that somebody has departed.
		if _, err := tx.NextMeta(ctx, "directory"); err != nil {
			return err
		}
		return fn(tx, first)
	})
}

// ids gives the numbers of a query of one column.
func ids(ctx context.Context, tx *store.Tx, query string, args ...any) ([]int64, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, rows.Err()
}
