package session

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// row is a session with its account, as one query reads them.
type row struct {
	id, device                     int64
	how                            string
	created, seen, proved, expires int64
	epoch                          int64 // the session's
	holder                         identity.Holder
	must                           bool
}

const selectSession = `SELECT s.account_id, s.session_id, s.device_id, s.how, s.created_at, s.seen_at, s.proved_at, s.expires_at, s.auth_epoch,
	a.login, a.display_name, a.state, a.auth_epoch, COALESCE(p.second, 0), COALESCE(p.due_at, 0)
	FROM session s JOIN account a ON a.account_id = s.account_id LEFT JOIN protection p ON p.account_id = s.account_id
	WHERE s.hash = $1`

// Check tells what a session cookie's value stands for; failure.Denied where it does not hold, or no more.
func (s *Service) Check(ctx context.Context, token string) (Session, error) {
	if hashOf(token) == "" {
		return Session{}, errEnded()
	}
	var r row
	p, err := s.cfg.Identity.Admit(ctx, func(ctx context.Context) (identity.Holder, error) {
		var err error
		r, err = s.read(ctx, token)
		return r.holder, err
	})
	if err != nil {
		return Session{}, err
	}
	now := s.cfg.DB.Now()
	if now.Sub(time.UnixMicro(r.seen)) >= seenEvery {
		if err := s.touch(ctx, token); err != nil {
			return Session{}, err
		}
	}
	return Session{ID: r.id, Principal: p, Created: time.UnixMicro(r.created), Proved: time.UnixMicro(r.proved), How: How(r.how),
		MustEnrol: r.must, fresh: now.Sub(time.UnixMicro(r.proved)) < s.cfg.StepUp}, nil
}

// read gives the row of a session that holds.
func (s *Service) read(ctx context.Context, token string) (r row, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		r, err = readSession(ctx, tx, token)
		return err
	})
	switch {
	case failure.KindOf(err) != 0:
		return row{}, err
	case err != nil:
		return row{}, fmt.Errorf("read a session: %w", err)
	}
	if !s.holds(r, s.cfg.DB.Now()) {
		return row{}, errEnded()
	}
	return r, nil
}

func readSession(ctx context.Context, tx *store.Tx, token string) (r row, err error) {
	var state string
	var second, due int64
	err = tx.QueryRow(ctx, selectSession, hashOf(token)).Scan(&r.holder.Account, &r.id, &r.device, &r.how, &r.created, &r.seen, &r.proved,
		&r.expires, &r.epoch, &r.holder.Login, &r.holder.Display, &state, &r.holder.Epoch, &second, &due)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errEnded()
	}
	if err == nil {
		r.holder.State, err = directory.ParseAccountState(state)
	}
	r.must = second == 0 && due != 0 && tx.NowMicros() >= due
	r.holder.Narrow = r.must
	return r, err
}

// holds tells whether a session still does: its account's epoch, the time since it was used, and its whole time.
func (s *Service) holds(r row, now time.Time) bool {
	idle := s.cfg.Idle
	if r.device == 0 {
		idle = s.cfg.IdleShared
	}
	return r.epoch == r.holder.Epoch && now.Before(time.UnixMicro(r.expires)) && now.Sub(time.UnixMicro(r.seen)) < idle
}

func (s *Service) touch(ctx context.Context, token string) error {
	err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE session SET seen_at = $2 WHERE hash = $1`, hashOf(token), tx.NowMicros())
		return err
	})
	if err != nil {
		return fmt.Errorf("note the use of a session: %w", err)
	}
	return nil
}

// Renew puts a session that was proved anew under another token; the old one holds nothing any more.
func (s *Service) Renew(ctx context.Context, token string, how How) (newToken string, err error) {
	newToken, hash, err := s.token()
	if err != nil {
		return "", err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		r, err := readSession(ctx, tx, token)
		if err != nil {
			return err
		}
		if !s.holds(r, tx.Now()) {
			return errEnded()
		}
		_, err = tx.Exec(ctx, `UPDATE session SET hash = $2, how = $3, proved_at = $4, seen_at = $4 WHERE hash = $1`,
			hashOf(token), hash, string(how), tx.NowMicros())
		return err
	})
	if err != nil && failure.KindOf(err) == 0 {
		err = fmt.Errorf("renew a session: %w", err)
	}
	return newToken, err
}

// Rename is the part of Renew that a caller makes in a transaction of its own, for a session whose proof it has just seen.
func (s *Service) Rename(ctx context.Context, tx *store.Tx, token, hash string) error {
	n, err := tx.Exec(ctx, `UPDATE session SET hash = $2, proved_at = $3, seen_at = $3 WHERE hash = $1`, hashOf(token), hash, tx.NowMicros())
	if err == nil && n == 0 {
		err = errEnded()
	}
	return err
}

// Draw gives a new token and what is stored of it, for Rename.
func (s *Service) Draw() (token, hash string, err error) { return s.token() }

// End signs out: the token holds nothing any more. One that held nothing is no error.
func (s *Service) End(ctx context.Context, token string) error {
	if hashOf(token) == "" {
		return nil
	}
	err := s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM session WHERE hash = $1`, hashOf(token))
		return err
	})
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}
