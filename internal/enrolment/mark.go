package enrolment

import (
	"context"
	"encoding/hex"
	"fmt"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Mark protects an address as one of a guardian or a pupil of a school, whom no export names. The journal knows it by its
// digest. failure.Policy for what is no address, or no school of the directory.
func (s *Service) Mark(ctx context.Context, by identity.By, address, uai string) error {
	return s.mark(ctx, by, address, uai, "aaf.protect", func(tx *store.Tx, key string) error {
		var known int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM establishment WHERE uai = $1`, uai).Scan(&known); err != nil {
			return err
		}
		if known == 0 {
			return failure.New(failure.Policy, "établissement inconnu : %s / unknown establishment", uai)
		}
		_, err := tx.Exec(ctx, `INSERT INTO protected_mark (mail_key, uai, marked_at) VALUES ($1, $2, $3) ON CONFLICT (mail_key, uai) DO NOTHING`,
			key, uai, tx.NowMicros())
		return err
	})
}

// Unmark takes a mark back; failure.NotFound where there is none.
func (s *Service) Unmark(ctx context.Context, by identity.By, address, uai string) error {
	return s.mark(ctx, by, address, uai, "aaf.unprotect", func(tx *store.Tx, key string) error {
		n, err := tx.Exec(ctx, `DELETE FROM protected_mark WHERE mail_key = $1 AND uai = $2`, key, uai)
		if err == nil && n == 0 {
			return failure.New(failure.NotFound, "cette adresse n'est pas protégée à la main dans %s / that address was not marked there", uai)
		}
		return err
	})
}

func (s *Service) mark(ctx context.Context, by identity.By, address, uai, action string, do func(tx *store.Tx, key string) error) error {
	key := directory.MatchKey(address)
	if key == "" {
		return failure.New(failure.Policy, "ce n'est pas une adresse / that is no address")
	}
	if by.Actor == "" || by.Reason == "" {
		return failure.New(failure.Policy, "protéger une adresse demande qui et pourquoi / marking an address needs who and why")
	}
	err := s.change(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := do(tx, key); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: action, Subject: "uai:" + uai, Reason: by.Reason,
			Detail: fmt.Sprintf(`{"digest":%q}`, hex.EncodeToString(s.cfg.Digest(key)))})
	})
	if err != nil {
		return fmt.Errorf("mark an address: %w", err)
	}
	return nil
}

// Decide says who somebody of AAF's staff is, by join key: the agent of a login, or nobody of the HR file where login is
// "". No import changes it. failure.NotFound where there is no such record or login, failure.Policy for an account that
// is nobody's.
func (s *Service) Decide(ctx context.Context, by identity.By, degree int, key, login string) error {
	if by.Actor == "" || by.Reason == "" {
		return failure.New(failure.Policy, "un rapprochement demande qui et pourquoi / a match needs who and why")
	}
	err := s.change(ctx, store.Interactive, func(tx *store.Tx) error {
		account := int64(0)
		if login != "" {
			var err error
			if account, err = accountOfAgent(ctx, tx, login); err != nil {
				return err
			}
		}
		n, err := tx.Exec(ctx, `UPDATE staff SET account_id = $3, matched = $4 WHERE degree = $1 AND jointure = $2`, degree, key, account, int(ByHand))
		if err != nil {
			return err
		}
		if n == 0 {
			return failure.New(failure.NotFound, "aucun personnel de clé %s au degré %d / no staff of that key", key, degree)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "aaf.match", Subject: fmt.Sprintf("staff:%d:%s", degree, key), Reason: by.Reason,
			Detail: fmt.Sprintf(`{"account":%d}`, account)})
	})
	if err != nil {
		return fmt.Errorf("match staff: %w", err)
	}
	return nil
}

// accountOfAgent finds the account of a login.
func accountOfAgent(ctx context.Context, tx *store.Tx, login string) (account int64, err error) {
	found := false
	var person bool
	if err := each(ctx, tx, func(row scanner) error {
		found = true
		return row.Scan(&account, &person)
	}, `SELECT account_id, CASE WHEN person_id IS NULL THEN 0 ELSE 1 END FROM account WHERE login = $1`, login); err != nil {
		return 0, err
	}
	switch {
	case !found:
		return 0, failure.New(failure.NotFound, "aucun compte n'a l'identifiant %s / no account has that login", login)
	case !person:
		return 0, failure.New(failure.Policy, "%s n'est pas le compte d'une personne / that account is no person's", login)
	}
	return account, nil
}
