package identity

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/password"
	"navette/internal/store"
)

// SetPassword gives an account a new chosen password; whatever is open under the old one ends. Application passwords
// stay. failure.Policy says what is wrong with the secret, failure.Conflict that the account is not activated yet.
func (s *Service) SetPassword(ctx context.Context, by By, account int64, secret string) error {
	return s.choose(ctx, by, account, secret, func(tx *store.Tx, r *accountRow) error {
		if r.beneath() == directory.StateAppointed {
			return failure.New(failure.Conflict, "Le compte n'est pas encore activé. / The account is not activated yet.")
		}
		return r.finish(ctx, tx, by, "account.password", "")
	})
}

// Activate opens an appointed account with its first password, and erases its NUMEN for good.
func (s *Service) Activate(ctx context.Context, by By, account int64, secret string) error {
	return s.choose(ctx, by, account, secret, func(tx *store.Tx, r *accountRow) error {
		if err := r.move(ctx, tx, actActivate); err != nil {
			return err
		}
		if err := EraseNumen(ctx, tx, account); err != nil {
			return err
		}
		return r.finish(ctx, tx, by, string(actActivate), "")
	})
}

// choose hashes a secret, outside any transaction, then puts it in the place of the account's password and has then
// finish the change.
func (s *Service) choose(ctx context.Context, by By, account int64, secret string, then func(*store.Tx, *accountRow) error) error {
	if err := s.mayChoose(ctx, account, secret); err != nil {
		return err
	}
	normal, _ := normalPassword(secret)
	hash, err := s.hasher.hash(ctx, normal)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	id, err := s.db.NewIDs(ctx, "credential", 1)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) (*accountRow, error) {
		r, err := lockAccount(ctx, tx, account)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM credential WHERE account_id = $1 AND kind = 'password'`, account); err != nil {
			return nil, fmt.Errorf("replace the password of account %d: %w", account, err)
		}
		if err := insertCredential(ctx, tx, account, proof{id, kindPassword}, nil, hash, ""); err != nil {
			return nil, err
		}
		err = then(tx, r)
		return r, err
	})
}

// mayChoose checks, before the work of a hash, that the account is a person's and the secret good enough for them.
func (s *Service) mayChoose(ctx context.Context, account int64, secret string) error {
	var r *accountRow
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = loadAccount(ctx, tx, account, "")
		return err
	})
	if err != nil {
		return err
	}
	if r.kind != directory.KindPerson.String() {
		return failure.New(failure.Permanent, "Une boîte fonctionnelle n'a pas de mot de passe : ses membres y accèdent avec le leur. / A functional mailbox has no password: its members use their own.")
	}
	return checkChosen(secret, password.Owner{Login: r.login, Display: r.display})
}

func insertCredential(ctx context.Context, tx *store.Tx, account int64, p proof, selector *string, hash, label string) error {
	_, err := tx.Exec(ctx, `INSERT INTO credential (account_id, credential_id, kind, selector, hash, label, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, account, p.credential, p.kind, selector, hash, label, tx.NowMicros())
	if err != nil {
		return fmt.Errorf("store a credential of account %d: %w", account, err)
	}
	return nil
}
