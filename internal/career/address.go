package career

import (
	"context"
	"fmt"

	"navette/internal/autoreply"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// closeAddresses makes an account's addresses closed, and keeps what they were.
func closeAddresses(ctx context.Context, tx *store.Tx, account int64) error {
	for _, q := range []string{
		`INSERT INTO address_closed (address, kind) SELECT address, kind FROM address WHERE account_id = $1 AND kind <> 'closed'`,
		`UPDATE address SET kind = 'closed' WHERE account_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, account); err != nil {
			return fmt.Errorf("close the addresses of account %d: %w", account, err)
		}
	}
	return autoreply.Clear(ctx, tx, account)
}

// OpenAddresses gives the addresses of closed accounts back the kinds that they had, in the caller's transaction: before
// their holders return, or their names change. Accounts that are not closed are left as they are.
func OpenAddresses(ctx context.Context, tx *store.Tx, accounts []int64) error {
	if len(accounts) == 0 {
		return nil
	}
	set, arg := tx.Dialect().IntSet(1, accounts)
	for _, q := range []string{
		`UPDATE address SET kind = (SELECT c.kind FROM address_closed c WHERE c.address = address.address)
			WHERE account_id IN (` + set + `) AND address IN (SELECT address FROM address_closed)`,
		`DELETE FROM address_closed WHERE address IN (SELECT d.address FROM address d WHERE d.account_id IN (` + set + `))`,
	} {
		if _, err := tx.Exec(ctx, q, arg); err != nil {
			return fmt.Errorf("open the addresses of accounts: %w", err)
		}
	}
	return nil
}

// CloseAgain closes the addresses of those accounts that are closed, and whose holders do not return: what
// OpenAddresses opened, and what was issued since.
func CloseAgain(ctx context.Context, tx *store.Tx, accounts []int64) error {
	if len(accounts) == 0 {
		return nil
	}
	set, arg := tx.Dialect().IntSet(1, accounts)
	closed, err := ids(ctx, tx, `SELECT account_id FROM career WHERE state = 'closed' AND account_id IN (`+set+`) ORDER BY account_id`, arg)
	if err != nil {
		return fmt.Errorf("look for closed accounts: %w", err)
	}
	for _, account := range closed {
		if err := closeAddresses(ctx, tx, account); err != nil {
			return err
		}
	}
	return nil
}

// Reopen leads an account back whose holder HR employs again, in the caller's transaction, in which it is the last to
// touch accounts and comes after OpenAddresses: the same account, the same addresses, receiving again. row is an id of
// history.
func Reopen(ctx context.Context, tx *store.Tx, by identity.By, account, row int64, source string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM career WHERE account_id = $1`, account); err != nil {
		return fmt.Errorf("reopen account %d: %w", account, err)
	}
	if err := autoreply.Clear(ctx, tx, account); err != nil {
		return err
	}
	if err := history.Append(ctx, tx, row, []history.Row{{Account: account, Kind: history.Returned, Actor: by.Actor, Source: source}}); err != nil {
		return err
	}
	return identity.Return(ctx, tx, by, account)
}
