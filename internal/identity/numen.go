package identity

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Numen is the NUMEN of an account.
type Numen struct {
	Account int64
	NUMEN   directory.NUMEN
}

// errNoPepper says that the node was started without the file that NUMENs need.
func errNoPepper() error { return failure.New(failure.Permanent, "the pepper file is not configured") }

// sealChunk is how many NUMENs one statement stores.
const sealChunk = 100

// SealNumens stores NUMENs in the caller's transaction, sealed until the background job has hashed them (HashSealed).
// An account that has one already gets the new one. It costs microseconds each, so an import of 25,000 need not wait
// for as many hashes.
func (s *Service) SealNumens(ctx context.Context, tx *store.Tx, numens []Numen) error {
	if s.opt.Pepper == nil {
		return errNoPepper()
	}
	aead, err := chacha20poly1305.NewX(s.opt.Pepper.seal)
	if err != nil {
		return fmt.Errorf("seal a NUMEN: %w", err)
	}
	for len(numens) > 0 {
		// Statements of two sizes only, so that they stay few and prepared.
		n := 1
		if len(numens) >= sealChunk {
			n = sealChunk
		}
		args := make([]any, 0, 3*n+1)
		for _, numen := range numens[:n] {
			sealed, err := seal(aead, s.opt.Random, numen)
			if err != nil {
				return err
			}
			args = append(args, numen.Account, sealed, s.opt.Pepper.tag(numen))
		}
		args = append(args, tx.NowMicros())
		if _, err := tx.Exec(ctx, insertSealed(n), args...); err != nil {
			return fmt.Errorf("store sealed NUMENs: %w", err)
		}
		numens = numens[n:]
	}
	return nil
}

func insertSealed(n int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO numen (account_id, sealed, tag, hash, since) VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($" + strconv.Itoa(3*i+1) + ", $" + strconv.Itoa(3*i+2) + ", $" + strconv.Itoa(3*i+3) + ", NULL, $" + strconv.Itoa(3*n+1) + ")")
	}
	b.WriteString(` ON CONFLICT (account_id) DO UPDATE SET sealed = excluded.sealed, tag = excluded.tag, hash = NULL, since = excluded.since`)
	return b.String()
}

// seal encrypts a NUMEN under the account that it belongs to: moved to another row it does not open.
func seal(aead cipher.AEAD, random io.Reader, n Numen) ([]byte, error) {
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+32+aead.Overhead())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	return aead.Seal(nonce, nonce, normalNumen(n.NUMEN), sealedFor(n.Account)), nil
}

func sealedFor(account int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("numen"), uint64(account))
}

// unseal opens what seal made.
func (p *Pepper) unseal(account int64, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(p.seal)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("too short")
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], sealedFor(account))
}

// normalNumen is the form in which a NUMEN is hashed: as on the payslip, whatever was typed around it.
func normalNumen(n directory.NUMEN) []byte {
	return []byte(strings.ToUpper(strings.Join(strings.Fields(n.Reveal()), "")))
}

// keyed is HMAC-SHA256(pepper, NUMEN): what Argon2id gets to see.
func (p *Pepper) keyed(normal []byte) []byte {
	m := hmac.New(sha256.New, p.hash)
	m.Write(normal)
	return m.Sum(nil)
}

// HashSealed puts Argon2id(HMAC(pepper, NUMEN)) in the place of up to batch sealed NUMENs, and returns how many it
// found. One hash runs at a time, so that log-ins find the other cores free.
func (s *Service) HashSealed(ctx context.Context, batch int) (found int, err error) {
	if s.opt.Pepper == nil {
		return 0, errNoPepper()
	}
	type row struct {
		account int64
		sealed  []byte
	}
	var waiting []row
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		waiting = nil
		rows, err := tx.Query(ctx, `SELECT account_id, sealed FROM numen WHERE sealed IS NOT NULL ORDER BY account_id LIMIT $1`, batch)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.account, &r.sealed); err != nil {
				return err
			}
			waiting = append(waiting, r)
		}
		return rows.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("read sealed NUMENs: %w", err)
	}
	for _, r := range waiting {
		if err := s.hashOne(ctx, r.account, r.sealed); err != nil {
			return 0, fmt.Errorf("hash the NUMEN of account %d: %w", r.account, err)
		}
	}
	return len(waiting), nil
}

func (s *Service) hashOne(ctx context.Context, account int64, sealed []byte) error {
	normal, err := s.opt.Pepper.unseal(account, sealed)
	if err != nil {
		return fmt.Errorf("open what the pepper of another day may have sealed: %w", err)
	}
	hash, err := s.hasher.hash(ctx, s.opt.Pepper.keyed(normal))
	if err != nil {
		return err
	}
	return s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		// Unless the row went, or got another NUMEN, meanwhile.
		_, err := tx.Exec(ctx, `UPDATE numen SET hash = $3, sealed = NULL WHERE account_id = $1 AND sealed = $2`, account, sealed, hash)
		return err
	})
}

// How HashNumens works: so many at a time, and a look for new ones every so often.
// The job looks for new NUMENs now and then; where there are many it works half of the time on one core, about a
// second on and a second off, so that an import of thousands leaves log-ins and mail their share.
const (
	hashBatch = 50
	hashEvery = time.Minute
	hashPause = time.Second
)

// HashNumens runs HashSealed until ctx ends, and returns its error: the background job of a node.
func (s *Service) HashNumens(ctx context.Context) error {
	for {
		n, err := s.HashSealed(ctx, hashBatch)
		if err != nil && ctx.Err() == nil {
			s.log.Error("NUMENs wait for their hash", "error", err)
		}
		pause := hashPause
		if n == 0 {
			pause = hashEvery
		}
		if err := s.opt.Wait(ctx, pause); err != nil {
			return err
		}
	}
}

// NumenLife is how long a NUMEN opens, from the file that brought it.
const NumenLife = 30 * 24 * time.Hour

// CheckNumen tells whether a NUMEN is the account's, which waits for its activation, and still opens. It costs one hash
// whatever the answer, and whether or not there is such an account.
func (s *Service) CheckNumen(ctx context.Context, account int64, numen directory.NUMEN) (bool, error) {
	if s.opt.Pepper == nil {
		return false, errNoPepper()
	}
	var sealed []byte
	var hash *string
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT n.sealed, n.hash FROM numen n JOIN account a ON a.account_id = n.account_id
			WHERE n.account_id = $1 AND a.state = 'appointed' AND n.since > $2`, account, tx.Now().Add(-NumenLife).UnixMicro()).Scan(&sealed, &hash)
		if errors.Is(err, sql.ErrNoRows) {
			sealed, hash = nil, nil
			return nil
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the NUMEN of account %d: %w", account, err)
	}
	normal := normalNumen(numen)
	phc := s.decoy
	if hash != nil {
		phc = *hash
	}
	var hashed bool
	err = s.hasher.turn(ctx, func() (err error) {
		hashed, err = s.hasher.matches(phc, s.opt.Pepper.keyed(normal))
		return err
	})
	if err != nil || sealed == nil {
		return hashed && hash != nil, err
	}
	open, err := s.opt.Pepper.unseal(account, sealed)
	if err != nil {
		return false, fmt.Errorf("open the NUMEN of account %d: %w", account, err)
	}
	return subtle.ConstantTimeCompare(open, normal) == 1, nil
}

// EraseNumen removes an account's NUMEN for good, in the caller's transaction.
func EraseNumen(ctx context.Context, tx *store.Tx, account int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM numen WHERE account_id = $1`, account); err != nil {
		return fmt.Errorf("erase the NUMEN of account %d: %w", account, err)
	}
	return nil
}
