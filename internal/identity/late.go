package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"navette/internal/directory"
	"navette/internal/store"
)

// A NUMEN often comes after the appointment, or was mistyped and comes again. Until the account is activated the last
// one counts; afterwards none does.
//
// Whether a file brings another one is asked of every appointed account at every import, so it must not cost a slow
// hash each. A NUMEN that is still sealed is opened and compared. Of a hashed one, eight bits of a quick HMAC are
// kept: one correction in 256 goes unseen (the help desk then hands out a code), and whoever held both the database
// and the pepper would try 256 times fewer candidates, no more.

// tag gives the eight bits for a NUMEN of an account.
func (p *Pepper) tag(n Numen) int64 {
	m := hmac.New(sha256.New, p.hash)
	m.Write([]byte("tag"))
	m.Write(sealedFor(n.Account))
	m.Write(normalNumen(n.NUMEN))
	return int64(m.Sum(nil)[0])
}

// NewNumens gives those of numens that are not what is stored of them, for accounts that wait for their activation.
// It reads in the caller's transaction, which may be a snapshot.
func (s *Service) NewNumens(ctx context.Context, tx *store.Tx, numens []Numen) ([]Numen, error) {
	if s.opt.Pepper == nil || len(numens) == 0 {
		return nil, nil
	}
	type stored struct {
		sealed []byte
		tag    sql.NullInt64
	}
	waiting := make(map[int64]stored, len(numens))
	ids := make([]int64, len(numens))
	for i, n := range numens {
		ids[i] = n.Account
	}
	set, arg := tx.Dialect().IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT a.account_id, n.sealed, n.tag FROM account a LEFT JOIN numen n ON n.account_id = a.account_id
		WHERE a.account_id IN (`+set+`) AND a.state = 'appointed'`, arg)
	if err != nil {
		return nil, fmt.Errorf("compare NUMENs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		var row stored
		if err := rows.Scan(&account, &row.sealed, &row.tag); err != nil {
			return nil, fmt.Errorf("compare NUMENs: %w", err)
		}
		waiting[account] = row
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("compare NUMENs: %w", err)
	}
	var other []Numen
	for _, n := range numens {
		row, appointed := waiting[n.Account]
		if !appointed {
			continue
		}
		if row.sealed != nil {
			if open, err := s.opt.Pepper.unseal(n.Account, row.sealed); err == nil && hmac.Equal(open, normalNumen(n.NUMEN)) {
				continue
			}
		} else if row.tag.Valid && row.tag.Int64 == s.opt.Pepper.tag(n) {
			continue
		}
		other = append(other, n)
	}
	return other, nil
}

// ReplaceNumens seals NUMENs in the place of what is stored of them, in the caller's transaction. An account that was
// activated meanwhile keeps none: its row is locked, and left alone.
func (s *Service) ReplaceNumens(ctx context.Context, tx *store.Tx, numens []Numen) error {
	var still []Numen
	for _, n := range numens {
		r, err := lockAccount(ctx, tx, n.Account)
		if err != nil {
			return err
		}
		if r.state == directory.StateAppointed {
			still = append(still, n)
		}
	}
	return s.SealNumens(ctx, tx, still)
}
