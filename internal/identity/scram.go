package identity

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"navette/internal/failure"
	"navette/internal/store"
)

// SCRAM (RFC 5802, RFC 7677) is for generated secrets only. Their 128 random bits need neither a salt of their own nor a
// slow function, so two things that weigh on passwords are free here:
//
//   - All keys are made with one salt, the installation's, and one count. What the server says first is the same whoever
//     is asked for, is known without a look-up, and so tells nothing about anybody: no invented salts, which would
//     betray themselves where one account has several names.
//   - Which of an account's secrets a proof is of is found by trying them all, as many trials whatever there is.
const (
	// ScramIterations is the least that RFC 7677 §4 allows. Stored keys are worth nothing under another count.
	ScramIterations = 4096
	scramSaltBytes  = 16
	// scramTrials is how many keys each proof is tried with: those of as many devices as an account may have, and of a
	// demonstration's password.
	scramTrials = maxDevices + 1
)

// ScramKeys are what is stored of a secret for SCRAM: enough to check a proof and to answer it, not to make one.
type ScramKeys struct {
	Stored, Server [sha256.Size]byte // StoredKey and ServerKey, RFC 5802 §3
}

// Proof is what a mechanism that never sends the secret shows in its place.
type Proof interface {
	// Holds tells whether the proof was made with the secret that keys are of. It is asked many times, one of them at
	// most with the right keys.
	Holds(keys ScramKeys) bool
}

// deriveScram makes the keys of a generated secret.
func deriveScram(secret string, salt []byte) (ScramKeys, error) {
	salted, err := pbkdf2.Key(sha256.New, secret, salt, ScramIterations, sha256.Size)
	if err != nil {
		return ScramKeys{}, fmt.Errorf("derive SCRAM keys: %w", err)
	}
	return ScramKeys{Stored: sha256.Sum256(scramKey(salted, "Client Key")), Server: [sha256.Size]byte(scramKey(salted, "Server Key"))}, nil
}

func scramKey(salted []byte, use string) []byte {
	m := hmac.New(sha256.New, salted)
	m.Write([]byte(use))
	return m.Sum(nil)
}

func (k ScramKeys) bytes() []byte { return append(k.Stored[:], k.Server[:]...) }

func parseScramKeys(b []byte) (k ScramKeys, ok bool) {
	if len(b) != 2*sha256.Size {
		return k, false
	}
	copy(k.Stored[:], b)
	copy(k.Server[:], b[sha256.Size:])
	return k, true
}

// ScramSalt is the salt of this installation.
func (s *Service) ScramSalt() []byte { return s.salt }

// loadSalt reads the installation's salt, and draws it at the first start.
func (s *Service) loadSalt(ctx context.Context) error {
	fresh := make([]byte, scramSaltBytes)
	if _, err := io.ReadFull(s.opt.Random, fresh); err != nil {
		return fmt.Errorf("draw a salt: %w", err)
	}
	read := func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT salt FROM scram_salt WHERE one = 1`).Scan(&s.salt)
	}
	err := s.db.ReadOne(ctx, read)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO scram_salt (one, salt) VALUES (1, $1) ON CONFLICT (one) DO NOTHING`, fresh); err != nil {
				return err
			}
			return read(tx) // another node may have been faster
		})
	}
	if err != nil {
		return fmt.Errorf("read the salt of SCRAM: %w", err)
	}
	return nil
}

// proveByKeys finds the credential that a proof was made with. A right one does not wait: nobody guesses 128 bits.
func (s *Service) proveByKeys(ctx context.Context, a attempt, found *candidate, c Credential) (proof, error) {
	at := -1
	for i := range scramTrials {
		var keys ScramKeys // of nobody
		if i < len(found.stored) {
			keys = found.stored[i].scram
		}
		if c.Proof.Holds(keys) && i < len(found.stored) {
			at = i
		}
	}
	if at >= 0 {
		return s.accept(a, found, c, found.stored[at].proof)
	}
	leave, err := a.guess(ctx)
	if err != nil {
		return proof{}, err
	}
	defer leave()
	a.failed()
	s.log.Info("log-in refused", "credential", c, "account", found.account)
	return proof{}, errScramDenied()
}

// errScramDenied says to everybody what some need to know: it tells nothing about anybody.
func errScramDenied() error {
	return failure.New(failure.Denied, "Identifiant ou mot de passe d'application incorrect ; le mot de passe du compte ne sert pas avec SCRAM. / Wrong identifier or application password; the account's own password does not serve with SCRAM.")
}
