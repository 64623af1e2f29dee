package enrolment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// State is what may happen to a school year.
type State int

// The states, in the order in which a year has them.
const (
	Preparing State = iota // exports go into it, nobody works by it yet
	Current                // the one that groups and rights are computed by
	Locked                 // nothing changes in it any more
)

// String says the state in French.
func (s State) String() string {
	switch s {
	case Preparing:
		return "en préparation"
	case Current:
		return "en cours"
	case Locked:
		return "verrouillée"
	}
	return "?"
}

// Year is a school year.
type Year struct {
	Year  int // calendar year of its September
	AsOf  directory.Date
	State State
}

// String names the year as people do: « 2026-2027 ».
func (y Year) String() string { return fmt.Sprintf("%d-%d", y.Year, y.Year+1) }

// Standing says how new what is known of the year is: « SIECLE au 29/08/2027 ».
func (y Year) Standing() string { return "SIECLE au " + y.AsOf.French() }

// lastDay is the last day of August on which an export still tells of the year that ends: the next morning SIECLE has
// switched.
const lastDay = 29

// YearOf gives the school year that an export of a day tells of.
func YearOf(day directory.Date) int {
	if day.Month > time.August || day.Month == time.August && day.Day > lastDay {
		return day.Year
	}
	return day.Year - 1
}

// Current gives the school year that the académie works by; failure.NotFound before the first import.
func (s *Service) Current(ctx context.Context) (year Year, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		year, err = currentYear(ctx, tx)
		return err
	})
	if err != nil {
		return Year{}, fmt.Errorf("read the current school year: %w", err)
	}
	return year, nil
}

func currentYear(ctx context.Context, tx *store.Tx) (Year, error) {
	return scanYear(tx.QueryRow(ctx, `SELECT year, as_of, state FROM school_year WHERE state = $1`, int(Current)))
}

func yearNamed(ctx context.Context, tx *store.Tx, year int) (Year, error) {
	return scanYear(tx.QueryRow(ctx, `SELECT year, as_of, state FROM school_year WHERE year = $1`, year))
}

// scanner is a row, or rows.
type scanner interface{ Scan(into ...any) error }

func scanYear(row scanner) (y Year, err error) {
	var day string
	err = row.Scan(&y.Year, &day, &y.State)
	if errors.Is(err, sql.ErrNoRows) {
		return Year{}, failure.New(failure.NotFound, "aucune année scolaire n'a été importée / no school year was imported")
	}
	if err != nil {
		return Year{}, err
	}
	y.AsOf, err = directory.ParseDate(day)
	return y, err
}

// YearCount is a school year with what is known of it.
type YearCount struct {
	Year
	Schools, Classes, Pupils, Guardians int // of the year: schools with pupils, classes and groups that are named, legal guardians
}

// Years lists the school years, the oldest first.
func (s *Service) Years(ctx context.Context) (list []YearCount, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT year, as_of, state FROM school_year ORDER BY year`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			y, err := scanYear(rows)
			if err != nil {
				return err
			}
			list = append(list, YearCount{Year: y})
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range list {
			y := &list[i]
			if err := tx.QueryRow(ctx, `SELECT
				(SELECT count(DISTINCT uai) FROM enrolment WHERE year = $1), (SELECT count(*) FROM division WHERE year = $1 AND gone = 0),
				(SELECT count(DISTINCT pupil_id) FROM enrolment WHERE year = $1),
				(SELECT count(DISTINCT guardian_id) FROM guardianship WHERE year = $1 AND legal = 1)`, y.Year.Year).
				Scan(&y.Schools, &y.Classes, &y.Pupils, &y.Guardians); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list school years: %w", err)
	}
	return list, nil
}
