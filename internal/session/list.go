package session

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// List gives the sessions of an account that hold, the one used last first.
func (s *Service) List(ctx context.Context, account int64) (list []Line, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		now := tx.Now()
		rows, err := tx.Query(ctx, `SELECT s.session_id, s.created_at, s.seen_at, s.how, s.agent, s.network FROM session s
			JOIN account a ON a.account_id = s.account_id AND a.auth_epoch = s.auth_epoch
			WHERE s.account_id = $1 AND s.expires_at > $2 AND s.seen_at > $4 AND (s.device_id <> 0 OR s.seen_at > $3)
			ORDER BY s.seen_at DESC, s.session_id DESC`, account, now.UnixMicro(), now.Add(-s.cfg.IdleShared).UnixMicro(), now.Add(-s.cfg.Idle).UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l Line
			var created, seen int64
			if err := rows.Scan(&l.ID, &created, &seen, &l.How, &l.Agent, &l.Network); err != nil {
				return err
			}
			l.Created, l.Seen = time.UnixMicro(created), time.UnixMicro(seen)
			list = append(list, l)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the sessions of account %d: %w", account, err)
	}
	return list, nil
}

// Revoke ends a session of one's own, and what it holds open; failure.NotFound where there is none of that id.
func (s *Service) Revoke(ctx context.Context, o identity.Owner, id int64) error {
	// The epoch that begins ends what is open of every session; those that are kept open it again.
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "session.revoke", Ends: true, Keep: identity.KeepAll}
	return s.cfg.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, _ identity.Altered) error {
		n, err := tx.Exec(ctx, `DELETE FROM session WHERE account_id = $1 AND session_id = $2`, o.Account, id)
		if err == nil && n == 0 {
			err = failure.New(failure.NotFound, "Cette connexion est déjà fermée. / This connection is closed already.")
		}
		return err
	})
}

// RevokeAll ends every session of one's own but one (0: none is kept), and forgets every device but the kept session's.
func (s *Service) RevokeAll(ctx context.Context, o identity.Owner, except int64) error {
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "session.revoke-all", Ends: true, Keep: identity.Keep(except)}
	return s.cfg.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, _ identity.Altered) error {
		return ForgetAll(ctx, tx, o.Account, except)
	})
}

// ForgetAll deletes, in the caller's transaction, the sessions of an account but one, and its devices but that one's.
func ForgetAll(ctx context.Context, tx *store.Tx, account, except int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM device WHERE account_id = $1 AND device_id NOT IN
		(SELECT device_id FROM session WHERE account_id = $1 AND session_id = $2)`, account, except)
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM session WHERE account_id = $1 AND session_id <> $2`, account, except)
	}
	if err != nil {
		return fmt.Errorf("forget the sessions of account %d: %w", account, err)
	}
	return nil
}

// Known is what is known of a browser that would sign in.
type Known struct {
	Device     string // identity.Trial.Device: names it where it is one of the login's owner, else ""
	Remembered bool   // it skips the second factor
}

// Known looks up a device cookie's value; login is as it was typed, and may be an address. What it does depends on the
// cookie alone, not on whether the login exists.
func (s *Service) Known(ctx context.Context, c Client, login string) (k Known, err error) {
	hash := hashOf(c.Device)
	login, ok := identity.NormalLogin(login)
	if hash == "" || !ok {
		return Known{}, nil
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		var remembered bool
		err := tx.QueryRow(ctx, `SELECT d.remembered > $3 AND d.auth_epoch = a.auth_epoch FROM device d JOIN account a ON a.account_id = d.account_id
			WHERE d.hash = $1 AND (a.login = $2 OR EXISTS (SELECT 1 FROM address x WHERE x.account_id = a.account_id AND x.address = $2 AND x.kind <> 'closed'))`,
			hash, login, tx.NowMicros()).Scan(&remembered)
		if errors.Is(err, sql.ErrNoRows) {
			k = Known{}
			return nil
		}
		k = Known{Device: hash, Remembered: remembered}
		return err
	})
	if err != nil {
		return Known{}, fmt.Errorf("look for a device: %w", err)
	}
	return k, nil
}

// Devices gives the devices that an account was used from, the one used last first.
func (s *Service) Devices(ctx context.Context, account int64) (list []Device, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT d.device_id, d.agent, d.first_at, d.seen_at, CASE WHEN d.auth_epoch = a.auth_epoch THEN d.remembered ELSE 0 END
			FROM device d JOIN account a ON a.account_id = d.account_id WHERE d.account_id = $1 ORDER BY d.seen_at DESC, d.device_id DESC`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d Device
			var firstAt, seen, remembered int64
			if err := rows.Scan(&d.ID, &d.Agent, &firstAt, &seen, &remembered); err != nil {
				return err
			}
			d.First, d.Seen = time.UnixMicro(firstAt), time.UnixMicro(seen)
			if remembered > tx.NowMicros() {
				d.Remembered = time.UnixMicro(remembered)
			}
			list = append(list, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the devices of account %d: %w", account, err)
	}
	return list, nil
}

// Forget has a device be unknown again: it is asked for the second factor, and told of when it comes back.
func (s *Service) Forget(ctx context.Context, o identity.Owner, device int64) error {
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "device.forget"}
	return s.cfg.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, _ identity.Altered) error {
		n, err := tx.Exec(ctx, `DELETE FROM device WHERE account_id = $1 AND device_id = $2`, o.Account, device)
		if err == nil && n == 0 {
			err = failure.New(failure.NotFound, "Cet appareil est déjà oublié. / This device is forgotten already.")
		}
		return err
	})
}

// Prune deletes sessions that hold no more, and devices and places not seen for a year; it returns how many rows.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		n = 0
		old := tx.Now().Add(-deviceLife).UnixMicro()
		for _, q := range []struct {
			text string
			arg  int64
		}{{`DELETE FROM session WHERE seen_at <= $1`, tx.Now().Add(-s.cfg.Idle).UnixMicro()}, {`DELETE FROM session WHERE expires_at <= $1`, tx.NowMicros()},
			{`DELETE FROM device WHERE seen_at <= $1`, old}, {`DELETE FROM place WHERE seen_at <= $1`, old}} {
			gone, err := tx.Exec(ctx, q.text, q.arg)
			if err != nil {
				return err
			}
			n += gone
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("prune sessions: %w", err)
	}
	return n, nil
}
