package identity

import (
	"context"
	"fmt"

	"navette/internal/audit"
	"navette/internal/failure"
	"navette/internal/store"
)

// ActivateAll opens appointed accounts that all get one stored hash, in one statement a table: how a demonstration
// makes 25,000 people ready at once. hash is what HashGenerated or a password of theirs gave; the verifier sees
// nothing particular in it. Nobody could have been given anything for an appointed account, so nothing is revoked.
//
// failure.Conflict, and nothing done, where one of the accounts is no appointed person's.
func (s *Service) ActivateAll(ctx context.Context, by By, accounts []int64, hash string) error {
	return s.activateAll(ctx, by, accounts, hash, nil)
}

// ActivateAllWith is ActivateAll with one generated secret, which serves with SCRAM too.
func (s *Service) ActivateAllWith(ctx context.Context, by By, accounts []int64, secret string) error {
	hash, err := HashGenerated(secret)
	if err != nil {
		return err
	}
	keys, err := deriveScram(secret, s.salt)
	if err != nil {
		return err
	}
	return s.activateAll(ctx, by, accounts, hash, keys.bytes())
}

func (s *Service) activateAll(ctx context.Context, by By, accounts []int64, hash string, scram []byte) error {
	if len(accounts) == 0 {
		return nil
	}
	// One id for all: credential ids need to differ within an account only.
	id, err := s.db.NewIDs(ctx, "credential", 1)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		set, arg := tx.Dialect().IntSet(1, accounts)
		n, err := tx.Exec(ctx, `UPDATE account SET state = 'active', updated_at = $2
			WHERE account_id IN (`+set+`) AND state = 'appointed' AND kind = 'person'`, arg, tx.NowMicros())
		if err != nil {
			return fmt.Errorf("activate %d accounts: %w", len(accounts), err)
		}
		if n != int64(len(accounts)) {
			return failure.New(failure.Conflict, "%d of %d accounts cannot be activated", int64(len(accounts))-n, len(accounts))
		}
		_, err = tx.Exec(ctx, `INSERT INTO credential (account_id, credential_id, kind, hash, label, created_at, scram)
			SELECT account_id, $2, 'password', $3, '', $4, $5 FROM account WHERE account_id IN (`+set+`)`, arg, id, hash, tx.NowMicros(), scram)
		if err != nil {
			return fmt.Errorf("give %d accounts a password: %w", len(accounts), err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM numen WHERE account_id IN (`+set+`)`, arg); err != nil {
			return fmt.Errorf("erase the NUMENs of %d accounts: %w", len(accounts), err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "account.activate-all",
			Subject: fmt.Sprintf("%d accounts", len(accounts)), Reason: by.Reason})
	})
}

// HashPassword returns what is stored of a chosen password, for ActivateAll.
func (s *Service) HashPassword(ctx context.Context, secret string) (string, error) {
	normal, ok := normalPassword(secret)
	if !ok {
		return "", failure.New(failure.Policy, "Le mot de passe contient un caractère qui ne peut pas être saisi partout. / The password holds a character that cannot be typed everywhere.")
	}
	return s.hasher.hash(ctx, normal)
}
