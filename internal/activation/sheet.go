package activation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"navette/internal/directory"
	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// sheetLetters is how long a sheet's code is: 80 bits, in four groups of four.
const sheetLetters = 16

// MakeSheet draws the code by which an agent without a NUMEN, or whose NUMEN no longer opens, activates their account. It is
// handed over in person. An earlier sheet is void. failure.Conflict where the account is not waiting for its activation.
func (s *Service) MakeSheet(ctx context.Context, by identity.By, account int64) (Sheet, error) {
	code, err := factor.Code(s.cfg.Random, sheetLetters)
	if err != nil {
		return Sheet{}, err
	}
	digest, err := s.cfg.Identity.Digest(useSheet, account, code)
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Code: strings.ToUpper(code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:])}
	a := identity.Alteration{By: by, Account: account, Action: "activation.sheet"}
	err = s.cfg.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, r identity.Altered) error {
		if r.State != directory.StateAppointed {
			return failure.New(failure.Conflict, "Le compte n'attend pas son activation. / The account is not waiting for its activation.")
		}
		sheet.Login, sheet.Display, sheet.Expires = r.Login, r.Display, tx.Now().Add(s.cfg.SheetLife)
		_, err := tx.Exec(ctx, `INSERT INTO sheet (account_id, code, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account_id) DO UPDATE SET code = excluded.code, made_by = excluded.made_by, made_at = excluded.made_at, expires_at = excluded.expires_at`,
			account, digest, by.Actor, tx.NowMicros(), sheet.Expires.UnixMicro())
		return err
	})
	if err != nil {
		return Sheet{}, err
	}
	return sheet, nil
}

// sheetIs tells whether a code is that of the account's sheet, which still opens.
func (s *Service) sheetIs(ctx context.Context, account int64, code string) (bool, error) {
	var stored string
	err := s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT code FROM sheet WHERE account_id = $1 AND expires_at > $2`, account, tx.NowMicros()).Scan(&stored)
		if errors.Is(err, sql.ErrNoRows) {
			stored = ""
			return nil
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read a sheet: %w", err)
	}
	is, err := s.cfg.Identity.DigestIs(stored, useSheet, account, factor.Typed(code))
	return is && stored != "", err
}

// Prune deletes the sheets that open no more, and returns how many.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n, err = tx.Exec(ctx, `DELETE FROM sheet WHERE expires_at <= $1`, tx.NowMicros())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune sheets: %w", err)
	}
	return n, nil
}
