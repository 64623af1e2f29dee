package factor

import (
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/notice"
	"navette/internal/store"
	"navette/internal/ticket"
)

const (
	recoveryCodes = 10 // made at a time
	codeLetters   = 10 // of 5 bits each

	useRecovery    = "recovery code"
	useAddress     = "recovery address"
	useAddressCode = "recovery address code"
	purposeAddress = "factor.address"
)

// alphabet is base 32 without i, l, o and u, which are mistaken for others on paper.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Code draws a code of n letters that is easy to read from paper.
func Code(random io.Reader, n int) (string, error) {
	b := make([]byte, (n*5+7)/8)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(b)[:n], nil
}

// Typed gives a code as it was drawn, whatever was typed: capitals, dashes, spaces, O for 0, I and L for 1.
func Typed(code string) string {
	return strings.NewReplacer("-", "", " ", "", "\u00a0", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(code))
}

// MakeRecoveryCodes draws ten codes and shows them, once; earlier ones are void.
func (s *Service) MakeRecoveryCodes(ctx context.Context, o identity.Owner) ([]string, error) {
	if err := s.ensure(ctx, o.Account); err != nil {
		return nil, err
	}
	var shown, digests []string
	for range recoveryCodes {
		code, err := Code(s.cfg.Random, codeLetters)
		if err != nil {
			return nil, err
		}
		digest, err := s.cfg.Identity.Digest(useRecovery, o.Account, code)
		if err != nil {
			return nil, err
		}
		shown, digests = append(shown, grouped(code, codeLetters/2, "-")), append(digests, digest)
	}
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "recovery.codes"}
	told := changed("De nouveaux codes de secours viennent d'être faits pour votre compte ; les anciens ne valent plus.",
		"New recovery codes were made for your account; earlier ones are void.")
	return shown, s.alter(ctx, a, told, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM recovery_code WHERE account_id = $1`, o.Account); err != nil {
			return err
		}
		for _, digest := range digests {
			if _, err := tx.Exec(ctx, `INSERT INTO recovery_code (account_id, code) VALUES ($1, $2)`, o.Account, digest); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE protection SET codes_at = $2 WHERE account_id = $1`, o.Account, tx.NowMicros())
		return err
	})
}

// ProveRecovery tells whether a recovery code is right, and uses it up.
func (s *Service) ProveRecovery(ctx context.Context, account int64, code string) (done bool, err error) {
	digest, err := s.cfg.Identity.Digest(useRecovery, account, Typed(code))
	if err != nil {
		return false, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM recovery_code WHERE account_id = $1 AND code = $2`, account, digest)
		done = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("use a recovery code of account %d: %w", account, err)
	}
	return done, nil
}

// mailed is what a ticket keeps of an address that is being confirmed.
type mailed struct {
	Sealed []byte `json:"sealed"`
	Code   string `json:"code"` // digest
}

// newMailRate counts what owners ask for who are signed in. What strangers may ask for counts elsewhere (signin.Forgot), so
// that they keep nobody from registering an address.
func newMailRate(now limits.Clock) *limits.Rate[int64] {
	return limits.NewRate[int64](5.0/3600, 5, limits.DefaultKeys, now)
}

// errMails is told when an account asks for more messages than it needs.
func errMails() error {
	return failure.New(failure.Temporary, "Trop de codes demandés : attendez le dernier, ou réessayez dans une heure. / Too many codes asked for: wait for the last, or try again in an hour.")
}

// BeginRecoveryAddress mails a code to an address, which becomes the recovery address when FinishRecoveryAddress gets
// it. failure.Policy where it leads back to this house.
func (s *Service) BeginRecoveryAddress(ctx context.Context, o identity.Owner, address string) (token string, err error) {
	address, err = s.outside(address)
	if err != nil {
		return "", err
	}
	if ok, _ := s.mails.Take(o.Account, 1); !ok {
		return "", errMails()
	}
	code, err := s.digits(8)
	if err != nil {
		return "", err
	}
	sealed, err := s.cfg.Identity.Seal(useAddress, o.Account, []byte(address))
	if err != nil {
		return "", err
	}
	digest, err := s.cfg.Identity.Digest(useAddressCode, o.Account, code)
	if err != nil {
		return "", err
	}
	if token, err = s.issue(ctx, o.Account, purposeAddress, mailed{sealed, digest}); err != nil {
		return "", err
	}
	return token, s.cfg.Mailer.Mail(ctx, address, notice.Notice{Subject: "Votre code de confirmation",
		Body: fmt.Sprintf("Bonjour,\n\nVotre code de confirmation est : %s\n\nIl confirme cette adresse comme adresse de secours d'un compte de messagerie, et vaut dix minutes. "+
			"Si vous ne l'avez pas demandé, ignorez ce message.\n\n-- \nYour confirmation code is above; it is valid for ten minutes. If you did not ask for it, ignore this message.\n", code)})
}

// outside gives the form of an address to which codes may be mailed.
func (s *Service) outside(text string) (string, error) {
	address, err := directory.ParseLookup(strings.TrimSpace(text))
	if err != nil {
		return "", failure.New(failure.Policy, "Cette adresse n'est pas valable. / This address is not valid.")
	}
	key := address.Key()
	_, domain, _ := strings.Cut(key, "@")
	if slices.Contains(s.cfg.Domains, domain) {
		return "", failure.New(failure.Policy, "Donnez une adresse personnelle : celle-ci mène à la messagerie qu'elle devrait rouvrir. / Give a personal address: this one leads to the mailbox that it is to reopen.")
	}
	return key, nil
}

// FinishRecoveryAddress confirms the address with the code that was mailed to it; failure.Denied where it is wrong.
func (s *Service) FinishRecoveryAddress(ctx context.Context, o identity.Owner, token, code string) error {
	var m mailed
	if err := s.attempt(ctx, o, token, purposeAddress, &m); err != nil {
		return err
	}
	ok, err := s.cfg.Identity.DigestIs(m.Code, useAddressCode, o.Account, strings.Join(strings.Fields(code), ""))
	if err != nil {
		return err
	}
	if !ok {
		return errCode()
	}
	if err := s.ensure(ctx, o.Account); err != nil {
		return err
	}
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "recovery.address"}
	told := changed("Une adresse de secours vient d'être enregistrée pour votre compte.", "A recovery address was registered for your account.")
	return s.alter(ctx, a, told, func(ctx context.Context, tx *store.Tx) error {
		if err := ticket.Use(ctx, tx, token, purposeAddress); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE protection SET address = $2 WHERE account_id = $1`, o.Account, m.Sealed)
		return err
	})
}

// RemoveRecoveryAddress forgets the recovery address.
func (s *Service) RemoveRecoveryAddress(ctx context.Context, o identity.Owner) error {
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "recovery.address.remove"}
	told := changed("L'adresse de secours de votre compte vient d'être retirée.", "The recovery address of your account was removed.")
	return s.alter(ctx, a, told, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE protection SET address = NULL WHERE account_id = $1`, o.Account)
		return err
	})
}

// MailRecovery mails a code to an account's recovery address, and tells whether there is one and the message was accepted.
// How often is for the caller to bound.
func (s *Service) MailRecovery(ctx context.Context, account int64, code string) (sent bool, err error) {
	var sealed []byte
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		sealed = nil
		return tx.QueryRow(ctx, `SELECT address FROM protection WHERE account_id = $1`, account).Scan(&sealed)
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && sealed == nil {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the recovery address of account %d: %w", account, err)
	}
	address, err := s.cfg.Identity.Unseal(useAddress, account, sealed)
	if err != nil {
		return false, err
	}
	err = s.cfg.Mailer.Mail(ctx, string(address), notice.Notice{Subject: "Votre code pour un nouveau mot de passe",
		Body: fmt.Sprintf("Bonjour,\n\nVotre code est : %s\n\nIl permet de choisir un nouveau mot de passe, et vaut dix minutes. Ne le donnez à personne. "+
			"Si vous ne l'avez pas demandé, ignorez ce message : rien n'a changé.\n\n-- \nYour code for a new password is above; it is valid for ten minutes. If you did not ask for it, ignore this message.\n", grouped(code, codeLetters/2, "-"))})
	return err == nil, err
}

// RecoveryCode draws a code for MailRecovery, of 50 bits: strangers may guess as often as the throttle lets them, for a limit
// to wrong codes would let them void the owner's.
func (s *Service) RecoveryCode() (string, error) { return Code(s.cfg.Random, codeLetters) }

// masked shows enough of an address for its owner to know it: « c•••@exemple.fr ».
func masked(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	for _, first := range local {
		return string(first) + "•••@" + domain
	}
	return "•••@" + domain
}
