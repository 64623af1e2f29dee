// Package ticket keeps what somebody proved so far in something that takes several steps: an activation, a sign-in that
// waits for its second factor, a challenge to a passkey, a code that was mailed.
//
// Whoever begins gets a ticket, whether or not there is an account behind it (account 0), so that a ticket says nothing.
// It holds 128 random bits; the database has its SHA-256. A ticket is void when it is used, when its time is over, when
// its attempts are, and when its account's epoch has changed.
//
// # Tables
//
//	ticket   one row a ticket that was not used
package ticket

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// Ticket is what a token stands for.
type Ticket struct {
	Account int64 // 0: nobody's
	Epoch   int64 // account.auth_epoch when it was issued
	Purpose string
	Tries   int
	Expires time.Time

	data []byte
}

// Read decodes the ticket's data.
func (t Ticket) Read(into any) error {
	if err := json.Unmarshal(t.data, into); err != nil {
		return fmt.Errorf("read a ticket for %s: %w", t.Purpose, err)
	}
	return nil
}

// errVoid is told of every token that does not hold, for whatever reason.
func errVoid() error {
	return failure.New(failure.Denied, "Cette étape n'est plus valable : recommencez. / This step is no longer valid: begin again.")
}

// Service issues tickets. Its methods may be called from many goroutines.
type Service struct {
	db     *store.DB
	random io.Reader
}

// New gives the service.
func New(db *store.DB, random io.Reader) *Service { return &Service{db, random} }

// Draw gives a new token, and what is stored of it.
func (s *Service) Draw() (token, hash string, err error) {
	g, err := identity.Generate(s.random)
	if err != nil {
		return "", "", err
	}
	hash, err = identity.HashGenerated(g.Secret)
	return g.Secret, hash, err
}

// Put stores a ticket in the caller's transaction, under a hash that Draw gave.
func Put(ctx context.Context, tx *store.Tx, hash string, t Ticket, life time.Duration, data any) error {
	text, err := encode(t.Purpose, data)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO ticket (hash, account_id, purpose, epoch, data, tries, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6)`,
		hash, t.Account, t.Purpose, t.Epoch, text, tx.Now().Add(life).UnixMicro())
	if err != nil {
		return fmt.Errorf("issue a ticket for %s: %w", t.Purpose, err)
	}
	return nil
}

func encode(purpose string, data any) ([]byte, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("write a ticket for %s: %w", purpose, err)
	}
	return text, nil
}

// Issue stores a ticket in a transaction of its own and gives its token.
func (s *Service) Issue(ctx context.Context, t Ticket, life time.Duration, data any) (token string, err error) {
	token, hash, err := s.Draw()
	if err != nil {
		return "", err
	}
	return token, s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error { return Put(ctx, tx, hash, t, life, data) })
}

// Get reads what a token stands for; failure.Denied where it is void.
func (s *Service) Get(ctx context.Context, token, purpose string) (t Ticket, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		t, err = get(ctx, tx, hashOf(token), purpose)
		return err
	})
	return t, err
}

// Attempt counts an attempt, durably and before it is made, and reads what the token stands for; failure.Denied where it is
// void or had most attempts already.
func (s *Service) Attempt(ctx context.Context, token, purpose string, most int) (t Ticket, err error) {
	hash := hashOf(token)
	err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE ticket SET tries = tries + 1 WHERE hash = $1 AND purpose = $2 AND tries < $3`, hash, purpose, most)
		if err != nil {
			return fmt.Errorf("count an attempt at %s: %w", purpose, err)
		}
		if n == 0 {
			return errVoid()
		}
		t, err = get(ctx, tx, hash, purpose)
		return err
	})
	return t, err
}

func get(ctx context.Context, tx *store.Tx, hash, purpose string) (Ticket, error) {
	t := Ticket{Purpose: purpose}
	var expires int64
	var epoch sql.NullInt64
	err := tx.QueryRow(ctx, `SELECT t.account_id, t.epoch, t.data, t.tries, t.expires_at, a.auth_epoch FROM ticket t
		LEFT JOIN account a ON a.account_id = t.account_id WHERE t.hash = $1 AND t.purpose = $2`, hash, purpose).
		Scan(&t.Account, &t.Epoch, &t.data, &t.Tries, &expires, &epoch)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Ticket{}, fmt.Errorf("read a ticket for %s: %w", purpose, err)
	}
	t.Expires = time.UnixMicro(expires)
	if err != nil || !t.Expires.After(tx.Now()) || t.Account != 0 && epoch.Int64 != t.Epoch {
		return Ticket{}, errVoid()
	}
	return t, nil
}

// Use takes a ticket for good, in the caller's transaction: of all who try, one succeeds.
func Use(ctx context.Context, tx *store.Tx, token, purpose string) error {
	n, err := tx.Exec(ctx, `DELETE FROM ticket WHERE hash = $1 AND purpose = $2`, hashOf(token), purpose)
	if err != nil {
		return fmt.Errorf("use a ticket for %s: %w", purpose, err)
	}
	if n == 0 {
		return errVoid()
	}
	return nil
}

// Keep replaces a ticket's data, in the caller's transaction.
func Keep(ctx context.Context, tx *store.Tx, token, purpose string, data any) error {
	return keep(ctx, tx, hashOf(token), purpose, data)
}

func keep(ctx context.Context, tx *store.Tx, hash, purpose string, data any) error {
	text, err := encode(purpose, data)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE ticket SET data = $3 WHERE hash = $1 AND purpose = $2`, hash, purpose, text)
	if err != nil {
		return fmt.Errorf("keep a ticket for %s: %w", purpose, err)
	}
	if n == 0 {
		return errVoid()
	}
	return nil
}

// Drop voids an account's tickets for a purpose, in the caller's transaction.
func Drop(ctx context.Context, tx *store.Tx, account int64, purpose string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM ticket WHERE account_id = $1 AND purpose = $2`, account, purpose); err != nil {
		return fmt.Errorf("void the tickets of account %d for %s: %w", account, purpose, err)
	}
	return nil
}

// Prune deletes the tickets whose time is over, and returns how many.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	err = s.db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n, err = tx.Exec(ctx, `DELETE FROM ticket WHERE expires_at <= $1`, tx.NowMicros())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune tickets: %w", err)
	}
	return n, nil
}

// hashOf is what is stored of a token; of what is no token, something that is never stored.
func hashOf(token string) string {
	hash, err := identity.HashGenerated(token)
	if err != nil {
		return ""
	}
	return hash
}
