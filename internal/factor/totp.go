package factor

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/ticket"
)

const (
	period      = 30 // seconds (RFC 6238 §4.1)
	secretBytes = 20 // RFC 4226 §4 R6

	useTOTP     = "totp"
	purposeTOTP = "factor.totp"
)

// setup is what a ticket keeps of a TOTP that is being made.
type setup struct {
	Sealed []byte `json:"sealed"`
}

func base32Secret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// BeginTOTP draws a secret and shows it, once.
func (s *Service) BeginTOTP(ctx context.Context, o identity.Owner) (TOTP, error) {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.cfg.Random, secret); err != nil {
		return TOTP{}, fmt.Errorf("draw a TOTP secret: %w", err)
	}
	sealed, err := s.cfg.Identity.Seal(useTOTP, o.Account, secret)
	if err != nil {
		return TOTP{}, err
	}
	token, err := s.issue(ctx, o.Account, purposeTOTP, setup{sealed})
	if err != nil {
		return TOTP{}, err
	}
	text := base32Secret(secret)
	// https://github.com/google/google-authenticator/wiki/Key-Uri-Format: what all applications read.
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + s.cfg.Name + ":" + o.Login,
		RawQuery: url.Values{"secret": {text}, "issuer": {s.cfg.Name}}.Encode()}
	return TOTP{Ticket: token, Secret: grouped(text, 4, " "), URI: strings.ReplaceAll(uri.String(), "+", "%20")}, nil
}

// issue gives a ticket for an account at its present epoch.
func (s *Service) issue(ctx context.Context, account int64, purpose string, data any) (string, error) {
	token, hash, err := s.cfg.Tickets.Draw()
	if err != nil {
		return "", err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		t := ticket.Ticket{Account: account, Purpose: purpose}
		if err := tx.QueryRow(ctx, `SELECT auth_epoch FROM account WHERE account_id = $1`, account).Scan(&t.Epoch); err != nil {
			return fmt.Errorf("read the epoch of account %d: %w", account, err)
		}
		return ticket.Put(ctx, tx, hash, t, ticketLife, data)
	})
	return token, err
}

// attempt counts one at a ticket of the owner's.
func (s *Service) attempt(ctx context.Context, o identity.Owner, token, purpose string, into any) error {
	t, err := s.cfg.Tickets.Attempt(ctx, token, purpose, mostTries)
	if err != nil {
		return err
	}
	if t.Account != o.Account {
		return errCode()
	}
	return t.Read(into)
}

// FinishTOTP stores the secret once its owner's application has shown the right code; failure.Denied where it has not.
func (s *Service) FinishTOTP(ctx context.Context, o identity.Owner, token, label, code string) (Factor, error) {
	var made setup
	if err := s.attempt(ctx, o, token, purposeTOTP, &made); err != nil {
		return Factor{}, err
	}
	secret, err := s.cfg.Identity.Unseal(useTOTP, o.Account, made.Sealed)
	if err != nil {
		return Factor{}, err
	}
	step, err := stepOf(secret, code, s.cfg.DB.Now(), 0)
	if err != nil {
		return Factor{}, err
	}
	if step == 0 {
		return Factor{}, errCode()
	}
	return s.add(ctx, o, newFactor{kind: KindTOTP, label: label, data: made.Sealed, step: step},
		func(ctx context.Context, tx *store.Tx) error { return ticket.Use(ctx, tx, token, purposeTOTP) })
}

// stepOf finds the time step after last, the present one or one beside it, whose code this is; 0 where there is none.
func stepOf(secret []byte, code string, now time.Time, last int64) (int64, error) {
	code = strings.Join(strings.Fields(code), "")
	present := now.Unix() / period
	found := int64(0)
	for step := present - 1; step <= present+1; step++ {
		want, err := hotp.GenerateCodeCustom(base32Secret(secret), uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("compute a time-based code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	return found, nil
}

// stored is a factor as it is kept.
type stored struct {
	id   int64
	data []byte
	step int64
}

func (s *Service) stored(ctx context.Context, account int64, kind Kind) (found []stored, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		found = nil
		rows, err := tx.Query(ctx, `SELECT factor_id, data, step FROM factor WHERE account_id = $1 AND kind = $2 ORDER BY factor_id`, account, string(kind))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f stored
			if err := rows.Scan(&f.id, &f.data, &f.step); err != nil {
				return err
			}
			found = append(found, f)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read a factor of account %d: %w", account, err)
	}
	return found, nil
}

// advance marks a step of a factor as used; false where somebody was faster, or the factor is gone.
func (s *Service) advance(ctx context.Context, account int64, f stored, step int64) (done bool, err error) {
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE factor SET step = $4, used_at = $5 WHERE account_id = $1 AND factor_id = $2 AND step = $3`,
			account, f.id, f.step, step, tx.NowMicros())
		done = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("use a factor of account %d: %w", account, err)
	}
	return done, nil
}

// ProveTOTP tells whether a code is right, and uses its time step up: the same code never proves anything again (RFC
// 6238 §5.2), nor does an earlier one.
func (s *Service) ProveTOTP(ctx context.Context, account int64, code string) (bool, error) {
	found, err := s.stored(ctx, account, KindTOTP)
	if err != nil {
		return false, err
	}
	for _, f := range found {
		secret, err := s.cfg.Identity.Unseal(useTOTP, account, f.data)
		if err != nil {
			return false, err
		}
		step, err := stepOf(secret, code, s.cfg.DB.Now(), f.step)
		if err != nil {
			return false, err
		}
		if step != 0 {
			return s.advance(ctx, account, f, step)
		}
	}
	return false, nil
}

// grouped puts a separator between groups of n characters.
func grouped(text string, n int, separator string) string {
	var groups []string
	for len(text) > n {
		groups, text = append(groups, text[:n]), text[n:]
	}
	return strings.Join(append(groups, text), separator)
}
