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
	if _, err := tx.Exec(ctx, `INSERT INTO address_closed (address, kind) SELECT address, kind FROM address WHERE account_id = $1 AND kind <> 'closed'`, account); err != nil {
		return fmt.Errorf("close the addresses of account %d: %w", account, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE address SET kind = 'closed' WHERE account_id = $1`, account); err != nil {
		return fmt.Errorf("close the addresses of account %d: %w", account, err)
	}
	return autoreply.Clear(ctx, tx, account)
}

// Reopen leads an account back whose holder HR employs again, in the caller's transaction, in which it is the last to
// touch accounts: the same account, the same addresses, receiving again. row is an id of history. An account that has
// not departed is left as it is, but for what was suspended meanwhile.
func Reopen(ctx context.Context, tx *store.Tx, by identity.By, account, row int64, source string) error {
	if _, err := tx.Exec(ctx, `UPDATE address SET kind = (SELECT c.kind FROM address_closed c WHERE c.address = address.address)
		WHERE account_id = $1 AND address IN (SELECT address FROM address_closed)`, account); err != nil {
		return fmt.Errorf("open the addresses of account %d: %w", account, err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM address_closed WHERE address IN (SELECT address FROM address WHERE account_id = $1)`, account); err != nil {
		return fmt.Errorf("open the addresses of account %d: %w", account, err)
	}
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
