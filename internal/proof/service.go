package proof

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/store"
)

// Config is what a Service needs.
type Config struct {
	DB     *store.DB
	File   string         // of the keys
	Zone   *time.Location // of the day on which functions run; nil: UTC
	Now    func() time.Time
	Random io.Reader
}

// Service signs what agents and boxes send. Its methods may be called from many goroutines.
type Service struct {
	cfg      Config
	rotating sync.Mutex
	keys     atomic.Pointer[Keys]
}

// New gives the service, and makes the first key where the file is not there yet.
func New(cfg Config) (*Service, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	keys, err := Open(cfg.File, cfg.Random, cfg.Now())
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg}
	s.keys.Store(keys)
	return s, nil
}

// Keys are those in use, to verify with.
func (s *Service) Keys() *Keys { return s.keys.Load() }

// Rotate makes a new key, with which this node signs from now on; others when they start again with the file.
func (s *Service) Rotate(ctx context.Context, by identity.By) (Key, error) {
	s.rotating.Lock()
	defer s.rotating.Unlock()
	next, err := Rotate(s.cfg.File, s.cfg.Random, s.cfg.Now())
	if err != nil {
		return Key{}, err
	}
	s.keys.Store(next)
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "proof.rotate", Subject: "key:" + next.newest().ID, Reason: by.Reason})
	})
	return next.newest(), err
}

// Prove gives the field, with its line end, for what an account sends: nil where nothing vouches for it. header is that
// of the content, sum the digest of its body (Body).
func (s *Service) Prove(ctx context.Context, account int64, header []byte, sum [sha256.Size]byte) ([]byte, error) {
	kind, vouched, err := s.vouched(ctx, account)
	if err != nil || !vouched {
		return nil, err
	}
	fields, _, ok := read(header)
	if !ok {
		return nil, nil
	}
	return s.Keys().sign(Claim{Kind: kind, Account: account, Signed: s.cfg.Now(), Body: sum}, fields), nil
}

// vouched tells whether an account is what a proof may say: a functional box; or a person whom HR has named on a
// document, that of the record or else of a function of today, and who is not there on a head's word alone.
func (s *Service) vouched(ctx context.Context, account int64) (kind Kind, ok bool, err error) {
	var what, state string
	var documents, provisional int
	today := directory.DateOf(s.cfg.Now().In(s.cfg.Zone)).String()
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT a.kind, a.state,
				(SELECT count(*) FROM person p WHERE p.person_id = a.person_id AND p.reference <> '')
				+ (SELECT count(*) FROM function f WHERE f.person_id = a.person_id AND f.reference <> '' AND f.ended_at = 0
					AND f.starts <= $2 AND (f.ends = '' OR f.ends >= $2)),
				(SELECT count(*) FROM provisional v WHERE v.person_id = a.person_id)
			FROM account a WHERE a.account_id = $1`, account, today).Scan(&what, &state, &documents, &provisional)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look who vouches for account %d: %w", account, err)
	}
	if what == directory.KindFunctional.String() {
		return Box, true, nil
	}
	return Agent, what == directory.KindPerson.String() && state == directory.StateActive.String() && documents > 0 && provisional == 0, nil
}
