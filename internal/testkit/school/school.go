// Package school gives tests a fictional establishment: classes, groups, pupils, the people who answer for them, and
// staff, as rows of the tables that the AAF import (migration 0070) and the HR import write.
//
//	s := school.New(t, h, "0759001B")
//	c := s.Class("4E3")
//	lea := c.Pupil("Léa", "DUPONT")
//	anne := lea.Guardian("Anne", "anne@example.net")
//	prof := s.Teacher("Claire", "MARTIN", c)
//
// Everything is written at once and stands for what AAF and HR say today: school year Year is the current one, functions
// run since Since and have no end. What a builder returns has the ids; what changes later has a method of its own.
package school

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/mailbox"
	"navette/internal/store"
	"navette/internal/testkit/house"
)

// What every school of a test has.
const (
	Year   = 2026         // the current school year; the one before it is locked
	Since  = "2020-09-01" // first day of functions
	degree = 2
)

// School is one establishment.
type School struct {
	UAI  string
	Name string
	Box  int64 // account of ce.<UAI>

	tb testing.TB
	h  *house.House
}

// New makes a collège with its box, named « Collège Jean Exemple » unless Rename says otherwise.
func New(tb testing.TB, h *house.House, uai string) *School {
	tb.Helper()
	s := &School{UAI: uai, Name: "Collège Jean Exemple", tb: tb, h: h}
	s.years()
	s.exec(`INSERT INTO establishment (uai, name, nature, department, city, created_at) VALUES ($1, $2, $3, $4, 'Paris', 0)`,
		uai, s.Name, directory.NatureCollege, uai[:3])
	s.exec(`INSERT INTO structure (degree, jointure, uai, name, nature, city, fingerprint) VALUES ($1, $2, $2, $3, $4, 'Paris', 0)`,
		degree, uai, s.Name, directory.NatureCollege)
	login := "ce." + strings.ToLower(uai)
	s.Box = s.account(nil, directory.KindFunctional, login, s.Name, login+"@"+house.Domain)
	s.exec(`INSERT INTO box (account_id, uai, orphan_since, told, seen_email) VALUES ($1, $2, '', 0, 0)`, s.Box, uai)
	return s
}

// years makes the current school year, and the locked one before it.
func (s *School) years() {
	s.tb.Helper()
	s.exec(`INSERT INTO school_year (year, state, as_of, approved_by, approved_at) VALUES ($1, 2, '2026-07-01', 'dsi', 1), ($2, 1, '2026-09-01', 'dsi', 1)
		ON CONFLICT (year) DO NOTHING`, Year-1, Year)
}

// Rename gives the establishment another name and nature (directory.NatureLyceeGT…).
func (s *School) Rename(name, nature string) *School {
	s.tb.Helper()
	s.Name = name
	s.exec(`UPDATE establishment SET name = $2, nature = $3 WHERE uai = $1`, s.UAI, name, nature)
	return s
}

// Mark protects an address by hand, as somebody of the school did.
func (s *School) Mark(address string) {
	s.tb.Helper()
	s.exec(`INSERT INTO protected_mark (mail_key, uai, marked_at) VALUES ($1, $2, 0)`, directory.MatchKey(address), s.UAI)
}

// Former keeps the hash of an address that was a guardian's or a pupil's, until a day.
func (s *School) Former(hash []byte, until string) {
	s.tb.Helper()
	s.exec(`INSERT INTO protected_former (hash, uai, until) VALUES ($1, $2, $3)`, hash, s.UAI, until)
}

// exec runs one statement in a transaction of its own, which counts as a change by the import.
func (s *School) exec(query string, args ...any) {
	s.tb.Helper()
	s.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NextMeta(ctx, "enrolment"); err != nil {
			return err
		}
		if _, err := tx.NextMeta(ctx, "enrolment"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

func (s *School) write(fn func(ctx context.Context, tx *store.Tx) error) {
	s.tb.Helper()
	ctx := s.tb.Context()
	if err := s.h.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		s.tb.Fatal(err)
	}
}

// id takes an id of a kind.
func (s *School) id(kind string) int64 {
	s.tb.Helper()
	id, err := s.h.DB.NewIDs(s.tb.Context(), kind, 1)
	if err != nil {
		s.tb.Fatal(err)
	}
	return id
}

// account makes an active account with a mailbox and a primary address.
func (s *School) account(person any, kind directory.AccountKind, login, display, address string) int64 {
	s.tb.Helper()
	id := s.id("account")
	s.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
			VALUES ($1, $2, $3, $4, 'active', $5, 1, 0, 0)`, id, person, kind.String(), login, display); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, 'primary', 0, '')`, address, id); err != nil {
			return err
		}
		return mailbox.Provision(ctx, tx, []int64{id}, 0)
	})
	return id
}

// free gives the first of the names name(0), name(1)… that no row of a query has.
func (s *School) free(name func(n int) (string, error), query string) string {
	s.tb.Helper()
	found, _, err := directory.FirstFree(0, name, func(candidate string) (taken bool) {
		err := s.h.DB.ReadOne(s.tb.Context(), func(tx *store.Tx) error {
			var one int
			return tx.QueryRow(s.tb.Context(), query, candidate).Scan(&one)
		})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			s.tb.Fatal(err)
		}
		return err == nil
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	return found
}

// join is a join key of AAF for one of our ids.
func join(id int64) string { return strconv.FormatInt(id, 10) }
