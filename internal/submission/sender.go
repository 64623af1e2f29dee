package submission

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// ownAddresses are the addresses under which an account may send: its primary one and its aliases. A former address
// still receives, but is not shown nor sent from (directory.AddressFormer).
type ownAddresses struct {
	primary string
	all     map[string]bool // normalised
}

func (s *Service) ownAddresses(ctx context.Context, account int64) (ownAddresses, error) {
	own := ownAddresses{all: map[string]bool{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT address, kind FROM address WHERE account_id = $1`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var address, kind string
			if err := rows.Scan(&address, &kind); err != nil {
				return err
			}
			switch kind {
			case directory.AddressPrimary.String():
				own.primary = address
				own.all[address] = true
			case directory.AddressAlias.String():
				own.all[address] = true
			}
		}
		return rows.Err()
	})
	if err != nil {
		return ownAddresses{}, fmt.Errorf("addresses of account %d: %w", account, err)
	}
	return own, nil
}

// has tells whether an address is one of them, whatever its case, its plus-tag and its quotes.
func (o ownAddresses) has(address string) bool { return o.all[normal(address)] }

func (o ownAddresses) checkReversePath(path string) error {
	if path == "" || o.has(path) {
		return nil
	}
	return o.refuse("l'expéditeur", "the sender")
}

// refuse names the address that would be right: it is the reader's own.
func (o ownAddresses) refuse(french, english string) error {
	return failure.New(failure.Policy, "%s doit être votre propre adresse, %s / %s must be your own address, %s",
		french, o.primary, english, o.primary)
}
