package session

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
)

// start is a session that begins: what is drawn before the transaction.
type start struct {
	client                       Client
	proof                        Proof
	token, hash                  string
	device, deviceHash           string // of a new device
	sessionID, deviceID, diaryID int64
}

// Start begins a session under a token that nobody has seen before, whatever token the browser came with. Its owner is told
// when the browser or the network is new. failure.Denied where the account is not open, or its epoch is over.
func (s *Service) Start(ctx context.Context, c Client, p Proof) (Tokens, error) {
	st, err := s.draw(ctx, c, p)
	if err != nil {
		return Tokens{}, fmt.Errorf("start a session: %w", err)
	}
	var elsewhere bool
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) (err error) {
		elsewhere, err = s.begin(ctx, tx, st)
		return err
	})
	if failure.KindOf(err) != 0 {
		return Tokens{}, err
	}
	if err != nil {
		return Tokens{}, fmt.Errorf("start a session of account %d: %w", p.Account, err)
	}
	if elsewhere && p.How != ByActivation {
		s.tell(ctx, c, p)
	}
	return s.tokens(st), nil
}

// draw takes the tokens and ids of a session, before its transaction.
func (s *Service) draw(ctx context.Context, c Client, p Proof) (*start, error) {
	st := &start{client: c, proof: p}
	var err error
	if st.token, st.hash, err = s.token(); err != nil {
		return nil, err
	}
	if !c.Shared {
		if st.device, st.deviceHash, err = s.token(); err != nil {
			return nil, err
		}
		if st.deviceID, err = s.cfg.DB.NewIDs(ctx, "device", 1); err != nil {
			return nil, err
		}
	}
	if st.sessionID, err = s.cfg.DB.NewIDs(ctx, "session", 1); err != nil {
		return nil, err
	}
	st.diaryID, err = s.cfg.DB.NewIDs(ctx, identity.DiaryIDs, 1)
	return st, err
}

func (s *Service) tokens(st *start) Tokens {
	t := Tokens{Session: st.token, Device: st.device, Idle: s.cfg.Idle, Until: s.cfg.DB.Now().Add(s.cfg.Absolute)}
	if st.client.Shared {
		t.Idle = s.cfg.IdleShared
	}
	return t
}

// begin writes the rows of a session, and tells whether the account was never used from there.
func (s *Service) begin(ctx context.Context, tx *store.Tx, st *start) (elsewhere bool, err error) {
	c, p, now := st.client, st.proof, tx.NowMicros()
	var open bool
	err = tx.QueryRow(ctx, `SELECT auth_epoch = $2 AND state IN ('active', 'departed') FROM account WHERE account_id = $1`, p.Account, p.Epoch).Scan(&open)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !open {
		return false, errEnded()
	}
	if err != nil {
		return false, err
	}
	if c.Session != "" {
		if _, err := tx.Exec(ctx, `DELETE FROM session WHERE hash = $1`, hashOf(c.Session)); err != nil {
			return false, err
		}
	}
	device, newDevice, err := s.note(ctx, tx, st)
	if err != nil {
		return false, err
	}
	newPlace, err := s.notePlace(ctx, tx, p.Account, c.Peer)
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO session (account_id, session_id, hash, auth_epoch, device_id, how, agent, network,
				created_at, seen_at, proved_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)`,
			p.Account, st.sessionID, st.hash, p.Epoch, device, string(p.How), agentWords(c.Agent), networkOf(c.Peer),
			now, provedAt(p.How, now), tx.Now().Add(s.cfg.Absolute).UnixMicro())
	}
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM session WHERE account_id = $1 AND session_id NOT IN
			(SELECT session_id FROM session WHERE account_id = $1 ORDER BY seen_at DESC, session_id DESC LIMIT $2)`, p.Account, most)
	}
	if err == nil {
		err = identity.Note(ctx, tx, p.Account, st.diaryID,
			identity.Use{What: "signin", Detail: string(p.How), Agent: agentWords(c.Agent), Network: networkOf(c.Peer)})
	}
	return newDevice || newPlace, err
}

// provedAt is when a session that begins now has proved its owner. A remembered browser stands in for the second factor to
// let mail be read, and no further: else the password, there or with a copy of the cookie, would be enough to take the
// factor away. Its first sensitive act asks.
func provedAt(how How, now int64) int64 {
	if how == ByRemembered {
		return 0
	}
	return now
}

// note keeps the device that the browser is known by, or makes one; on a shared computer there is none (0).
func (s *Service) note(ctx context.Context, tx *store.Tx, st *start) (device int64, isNew bool, err error) {
	c, p, now := st.client, st.proof, tx.NowMicros()
	if c.Shared {
		return 0, true, nil
	}
	// The token changes with every sign-in, so that a copy of an old cookie is worth nothing.
	err = tx.QueryRow(ctx, `SELECT device_id FROM device WHERE hash = $1 AND account_id = $2`, hashOf(c.Device), p.Account).Scan(&device)
	switch {
	case err == nil:
		_, err = tx.Exec(ctx, `UPDATE device SET hash = $3, agent = $4, seen_at = $5, auth_epoch = $6,
			remembered = CASE WHEN auth_epoch = $6 THEN remembered ELSE 0 END
			WHERE account_id = $1 AND device_id = $2`, p.Account, device, st.deviceHash, agentWords(c.Agent), now, p.Epoch)
	case errors.Is(err, sql.ErrNoRows):
		device, isNew = st.deviceID, true
		err = insertDevice(ctx, tx, st)
	}
	if err == nil && p.Remember {
		_, err = tx.Exec(ctx, `UPDATE device SET remembered = $3 WHERE account_id = $1 AND device_id = $2`,
			p.Account, device, tx.Now().Add(s.cfg.Remember).UnixMicro())
	}
	return device, isNew, err
}

func insertDevice(ctx context.Context, tx *store.Tx, st *start) error {
	account := st.proof.Account
	_, err := tx.Exec(ctx, `INSERT INTO device (account_id, device_id, hash, auth_epoch, agent, first_at, seen_at, remembered)
		VALUES ($1, $2, $3, $4, $5, $6, $6, 0)`, account, st.deviceID, st.deviceHash, st.proof.Epoch, agentWords(st.client.Agent), tx.NowMicros())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM device WHERE account_id = $1 AND device_id NOT IN
		(SELECT device_id FROM device WHERE account_id = $1 ORDER BY seen_at DESC, device_id DESC LIMIT $2)`, account, most)
	return err
}

// tell writes to the owner about a sign-in from elsewhere. A message that cannot be delivered now is a line in the log:
// the sign-in also stands in the journal of the account.
func (s *Service) tell(ctx context.Context, c Client, p Proof) {
	if s.cfg.Teller == nil {
		return
	}
	at := s.cfg.DB.Now().In(s.cfg.Zone)
	n := notice.Notice{Subject: "Connexion depuis un nouvel appareil ou un nouveau lieu",
		Body: fmt.Sprintf("Bonjour,\n\nVotre compte vient d'être ouvert depuis un appareil ou un lieu que nous ne connaissions pas :\n\n"+
			"    %s, réseau %s%s, le %s\n\n"+
			"Si c'était vous, il n'y a rien à faire. Sinon, ouvrez la page « Sécurité » de votre compte, fermez cette connexion et changez "+
			"votre mot de passe, ou appelez l'assistance.\n\n"+
			"-- \nYour account was opened from a device or place that we did not know (above). If it was not you, open the page "+
			"“Security”, close that connection and change your password, or call the help desk.\n",
			agentWords(c.Agent), networkOf(c.Peer), s.inCountry(c.Peer), frenchTime(at))}
	if err := s.cfg.Teller.Tell(ctx, p.Account, n); err != nil {
		s.cfg.Log.Error("a sign-in from elsewhere was not told to its owner", "account", p.Account, "error", err)
	}
}

func frenchTime(t time.Time) string { return t.Format("02/01/2006 à 15:04") }
