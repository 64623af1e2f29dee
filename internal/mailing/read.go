package mailing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
)

// Summary is one mailing in a list.
type Summary struct {
	ID      int64     `json:"id"`
	Subject string    `json:"subject"` // "" once its copies are forgotten
	At      time.Time `json:"at"`
	Open    bool      `json:"open"` // it is watched on
	Counts
}

// Report is what is known of one mailing.
type Report struct {
	Summary
	People []Person `json:"people"` // who was not reached, by name; all of them only in print
}

// summariesMax is how many mailings a list shows: the newest.
const summariesMax = 200

const summary = `SELECT mailing_id, subject, accepted_at, state, total, reached, failed, missing, answered, recalled FROM mailing m`

func scanSummary(scan func(...any) error) (m Summary, err error) {
	var at int64
	var state int
	err = scan(&m.ID, &m.Subject, &at, &state, &m.Total, &m.Reached, &m.Failed, &m.Missing, &m.Answered, &m.Recalled)
	m.At, m.Open = time.UnixMicro(at).UTC(), state != closed
	m.Waiting = m.Total - m.Reached - m.Failed - m.Missing - m.Recalled
	return m, err
}

// Mailings gives what an account has sent in copies apart, itself or as a box, the newest first.
func (s *Service) Mailings(ctx context.Context, account int64) (list []Summary, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = []Summary{}
		rows, err := tx.Query(ctx, summary+` WHERE (m.owner = $1 OR m.author = $1) AND m.total > 0 ORDER BY m.mailing_id DESC LIMIT $2`, account, summariesMax)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanSummary(rows.Scan)
			if err != nil {
				return err
			}
			list = append(list, m)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("mailings of account %d: %w", account, err)
	}
	return list, nil
}

// Report gives one mailing of an account, with who was not reached; failure.NotFound where the account has none of that
// number.
func (s *Service) Report(ctx context.Context, account, mailing int64) (r Report, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		row := tx.QueryRow(ctx, summary+` WHERE m.mailing_id = $2 AND (m.owner = $1 OR m.author = $1) AND m.total > 0`, account, mailing)
		if r.Summary, err = scanSummary(row.Scan); err != nil {
			return err
		}
		r.People, err = people(ctx, tx, mailing, []int64{failed, noAddress, recalled}, namedMost)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Report{}, failure.New(failure.NotFound, "aucun envoi de ce numéro / no such mailing")
	}
	if err != nil {
		return Report{}, fmt.Errorf("report of mailing %d: %w", mailing, err)
	}
	return r, nil
}
