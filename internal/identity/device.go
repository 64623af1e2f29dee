package identity

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

const (
	// maxDevices is how many application passwords an account may have.
	maxDevices = 20
	// maxLabel is the longest name of a device or program, in characters.
	maxLabel = 60
)

// AppPassword is a new application password. Its secret is shown once, and is nowhere else.
type AppPassword struct {
	ID     int64
	Secret string
}

// Device is what a mail program of an account signs in with, as the owner is shown it.
type Device struct {
	ID      int64
	Token   bool      // an access token; else an application password
	Label   string    // what the owner calls the device, or the program that a token was issued to
	Created time.Time //
	Used    time.Time // last use, to the hour; zero: never
	Expires time.Time // of a token; zero: never
}

// GenerateAppPassword gives an active account a further secret, for one device or program, which opens mail only. label
// is what its owner calls the device. failure.Policy where the name will not do, or the account has maxDevices.
func (s *Service) GenerateAppPassword(ctx context.Context, by By, account int64, label string) (AppPassword, error) {
	label, err := checkLabel(label)
	if err != nil {
		return AppPassword{}, err
	}
	g, err := Generate(s.opt.Random)
	if err != nil {
		return AppPassword{}, err
	}
	hash, err := HashGenerated(g.Secret)
	if err != nil {
		return AppPassword{}, err
	}
	keys, err := deriveScram(g.Secret, s.salt)
	if err != nil {
		return AppPassword{}, err
	}
	id, err := s.db.NewIDs(ctx, "credential", 1)
	if err != nil {
		return AppPassword{}, err
	}
	err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if _, err := lockActive(ctx, tx, account); err != nil {
			return err
		}
		if err := mayHaveAnother(ctx, tx, account); err != nil {
			return err
		}
		if err := insertCredential(ctx, tx, account, proof{id, kindApplication}, &g.Selector, hash, label); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE credential SET scram = $3 WHERE account_id = $1 AND credential_id = $2`, account, id, keys.bytes()); err != nil {
			return fmt.Errorf("store SCRAM keys of account %d: %w", account, err)
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "account.application-password",
			Subject: subject(account), Reason: by.Reason, Detail: fmt.Sprintf(`{"credential":%d}`, id)})
	})
	return AppPassword{id, g.Secret}, err
}

// lockActive locks an account, which must be active.
func lockActive(ctx context.Context, tx *store.Tx, account int64) (*accountRow, error) {
	r, err := lockAccount(ctx, tx, account)
	if err == nil && r.state != directory.StateActive {
		err = failure.New(failure.Conflict, "Le compte n'est pas actif. / The account is not active.")
	}
	return r, err
}

func mayHaveAnother(ctx context.Context, tx *store.Tx, account int64) error {
	var have int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM credential WHERE account_id = $1 AND kind = 'application'`, account).Scan(&have); err != nil {
		return fmt.Errorf("count application passwords of account %d: %w", account, err)
	}
	if have >= maxDevices {
		return failure.New(failure.Policy, "Vous avez déjà %d mots de passe d'application : révoquez ceux qui ne servent plus. / You have %d application passwords already: revoke those that are no longer used.", have, have)
	}
	return nil
}

// checkLabel gives the name of a device or program without what surrounds it.
func checkLabel(label string) (string, error) {
	label = strings.TrimSpace(label)
	if label == "" || utf8.RuneCountInString(label) > maxLabel || !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl) {
		return "", failure.New(failure.Policy, "Donnez un nom à l'appareil, en %d caractères au plus. / Give the device a name, of %d characters at most.", maxLabel, maxLabel)
	}
	return label, nil
}

// RevokeAppPassword takes an application password back; what mail programs have open ends, and comes back with the
// secrets that still hold. Sessions of the pages go on.
func (s *Service) RevokeAppPassword(ctx context.Context, by By, account, id int64) error {
	return s.change(ctx, func(tx *store.Tx) (*accountRow, error) {
		r, err := lockAccount(ctx, tx, account)
		if err != nil {
			return nil, err
		}
		n, err := tx.Exec(ctx, `DELETE FROM credential WHERE account_id = $1 AND credential_id = $2 AND kind = 'application'`, account, id)
		if err != nil {
			return nil, fmt.Errorf("revoke credential %d of account %d: %w", id, account, err)
		}
		if n == 0 {
			return nil, failure.New(failure.NotFound, "Ce mot de passe d'application n'existe pas. / There is no such application password.")
		}
		// Its owner stays signed in at the pages, which it never opened.
		if err := keepSessions(ctx, tx, r, KeepAll); err != nil {
			return nil, err
		}
		err = r.finish(ctx, tx, by, "account.application-password.revoke", fmt.Sprintf(`{"credential":%d}`, id))
		return r, err
	})
}

// Devices lists the application passwords of an account, and the tokens that still hold, the oldest first.
func (s *Service) Devices(ctx context.Context, account int64) (devices []Device, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		devices = nil
		rows, err := tx.Query(ctx, `SELECT credential_id, 0, label, created_at, used_at, 0 FROM credential WHERE account_id = $1 AND kind = 'application'
			UNION ALL SELECT t.token_id, 1, t.client, t.created_at, t.used_at, t.expires_at FROM access_token t JOIN account a ON a.account_id = t.account_id
				WHERE t.account_id = $1 AND t.auth_epoch = a.auth_epoch AND t.expires_at > $2
			ORDER BY 4, 1`, account, tx.NowMicros())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d Device
			var token int
			var created, last, expires int64
			if err := rows.Scan(&d.ID, &token, &d.Label, &created, &last, &expires); err != nil {
				return err
			}
			d.Token, d.Created, d.Used, d.Expires = token == 1, instant(created), instant(last), instant(expires)
			devices = append(devices, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the devices of account %d: %w", account, err)
	}
	return devices, nil
}

// instant is a stored time; 0 is none.
func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
