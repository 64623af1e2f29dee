package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// AccountLine is what a list of accounts shows of one.
type AccountLine struct {
	Account   int64
	Login     string
	Kind      string
	State     directory.AccountState
	Addresses []string // primary first, then as they were issued
}

// listPage is how many accounts are read in one snapshot.
const listPage = 500

// Accounts lists all accounts by login, in pages, each read in a snapshot of its own: it may run beside a server for
// as long as it takes. After an error it ends.
func (s *Service) Accounts(ctx context.Context) iter.Seq2[AccountLine, error] {
	db := s.db
	return func(yield func(AccountLine, error) bool) {
		after := ""
		for {
			page, err := accountsAfter(ctx, db, after)
			if err != nil {
				yield(AccountLine{}, fmt.Errorf("list accounts: %w", err))
				return
			}
			for _, line := range page {
				if !yield(line, nil) {
					return
				}
			}
			if len(page) < listPage {
				return
			}
			after = page[len(page)-1].Login
		}
	}
}

func accountsAfter(ctx context.Context, db *store.DB, after string) (page []AccountLine, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		page, err = readAccounts(ctx, tx, after)
		if err != nil || len(page) == 0 {
			return err
		}
		return addAddresses(ctx, tx, page)
	})
	return page, err
}

func readAccounts(ctx context.Context, tx *store.Tx, after string) ([]AccountLine, error) {
	rows, err := tx.Query(ctx, `SELECT account_id, login, kind, state FROM account WHERE login > $1 ORDER BY login LIMIT $2`, after, listPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []AccountLine
	for rows.Next() {
		var line AccountLine
		var state string
		if err := rows.Scan(&line.Account, &line.Login, &line.Kind, &state); err != nil {
			return nil, err
		}
		if line.State, err = directory.ParseAccountState(state); err != nil {
			return nil, fmt.Errorf("account %d: %w", line.Account, err)
		}
		page = append(page, line)
	}
	return page, rows.Err()
}

func addAddresses(ctx context.Context, tx *store.Tx, page []AccountLine) error {
	at := make(map[int64]int, len(page))
	ids := make([]int64, len(page))
	for i, line := range page {
		at[line.Account], ids[i] = i, line.Account
	}
	set, arg := tx.Dialect().IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT account_id, address FROM address WHERE account_id IN (`+set+`)
		ORDER BY account_id, CASE kind WHEN 'primary' THEN 0 ELSE 1 END, issued_at, address`, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		var address string
		if err := rows.Scan(&account, &address); err != nil {
			return err
		}
		line := &page[at[account]]
		line.Addresses = append(line.Addresses, address)
	}
	return rows.Err()
}

// Find returns the account with a login or an address; failure.NotFound where there is none.
func (s *Service) Find(ctx context.Context, who string) (line AccountLine, err error) {
	who = strings.ToLower(strings.TrimSpace(who))
	key := who
	if normal, nerr := directory.Normalize(who); nerr == nil {
		key = normal
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		var state string
		err := tx.QueryRow(ctx, `SELECT account_id, login, kind, state FROM account WHERE login = $1
			OR account_id = (SELECT account_id FROM address WHERE address = $2)`, who, key).
			Scan(&line.Account, &line.Login, &line.Kind, &state)
		if err != nil {
			return err
		}
		if line.State, err = directory.ParseAccountState(state); err != nil {
			return err
		}
		page := []AccountLine{line}
		err = addAddresses(ctx, tx, page)
		line = page[0]
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return AccountLine{}, failure.New(failure.NotFound, "no such account")
	}
	if err != nil {
		return AccountLine{}, fmt.Errorf("find account: %w", err)
	}
	return line, nil
}
