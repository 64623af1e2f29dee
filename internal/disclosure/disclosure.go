package disclosure

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/limits"
	"navette/internal/notice"
	"navette/internal/store"
)

// LinkLife is how long a link opens.
const LinkLife = 24 * time.Hour

// The bounds of strangers.
const (
	asksPerHour = 10           // of one network
	again       = time.Hour    // between two letters to one address
	waitingMax  = 10_000       // questions that wait for their letter
	networks    = 100_000      // that are remembered
	atOnce      = 100          // letters of one round of Work
	keepAsked   = 2 * LinkLife // questions without a link
)

// Letters sends a letter to an address; *notice.Service does.
type Letters interface {
	Mail(ctx context.Context, address string, n notice.Notice) error
}

var _ Letters = (*notice.Service)(nil)

// Copies counts the separate copies of messages that a mailbox got; *mailing.Service does.
type Copies interface {
	CopiesTo(ctx context.Context, tx *store.Tx, matchKey string) (int, error)
}

// Config is what a Service needs.
type Config struct {
	DB      *store.DB
	Letters Letters
	Copies  Copies
	Digest  func(matchKey string) []byte // identity.Pepper.FormerDigest
	Origin  func() string                // of the pages, without a final slash
	Zone    *time.Location
	Now     func() time.Time
	Random  io.Reader
	Log     *slog.Logger
}

// Service answers. Its methods may be called from many goroutines, and on several nodes.
type Service struct {
	cfg     Config
	askings *limits.Rate[netip.Prefix]
}

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg: cfg, askings: limits.NewRate[netip.Prefix](asksPerHour/time.Hour.Seconds(), asksPerHour, networks, cfg.Now)}
}

// States of a question.
const (
	waiting = iota
	sent
	nobodys
)

// Ask takes a question about an address: it is answered by a letter to it, where it is held. failure.Permanent for what is
// no address, failure.Temporary where too many are asked. Nothing else tells anything.
func (s *Service) Ask(ctx context.Context, peer netip.Addr, address string) error {
	key := directory.MatchKey(address)
	if key == "" || len(address) > 254 {
		return failure.New(failure.Permanent, "Cette adresse est incorrecte. / This is no address.")
	}
	if ok, _ := s.askings.Take(limits.NetworkOf(peer), 1); !ok {
		return errTooMany()
	}
	id, err := s.cfg.DB.NewIDs(ctx, "disclosure", 1)
	if err != nil {
		return err
	}
	full, asked := false, s.cfg.Now().UnixMicro()
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		var waits int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM disclosure WHERE state = 0`).Scan(&waits); err != nil {
			return err
		}
		if full = waits >= waitingMax; full {
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO disclosure (disclosure_id, mail_key, asked_at, state) VALUES ($1, $2, $3, 0)`, id, key, asked)
		return err
	})
	if err != nil {
		return fmt.Errorf("ask what is held: %w", err)
	}
	if full {
		return errTooMany()
	}
	return nil
}

func errTooMany() error {
	return failure.New(failure.Temporary, "Trop de demandes : réessayez dans une heure. / Too many requests: try again in an hour.")
}

// question is one that waits.
type question struct {
	id  int64
	key string
}

// Work answers the questions that wait, and returns how many letters it sent. Two nodes may send one letter twice, of which
// the last link opens.
func (s *Service) Work(ctx context.Context) (letters int, err error) {
	waits, err := s.waiting(ctx)
	if err != nil {
		return 0, err
	}
	for _, q := range waits {
		address, err := s.addressOf(ctx, q)
		if err != nil {
			return letters, err
		}
		if address == "" {
			if err := s.settle(ctx, q, nobodys, nil); err != nil {
				return letters, err
			}
			continue
		}
		if err := s.answer(ctx, q, address); err != nil {
			return letters, err
		}
		letters++
	}
	return letters, nil
}

func (s *Service) waiting(ctx context.Context) (list []question, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT disclosure_id, mail_key FROM disclosure WHERE state = 0 ORDER BY disclosure_id LIMIT $1`, atOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var q question
			if err := rows.Scan(&q.id, &q.key); err != nil {
				return err
			}
			list = append(list, q)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read who asks what is held: %w", err)
	}
	return list, nil
}

// answer sends the letter once its link opens. One that cannot be sent now waits on.
func (s *Service) answer(ctx context.Context, q question, address string) error {
	var random [16]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return fmt.Errorf("draw the token of a link: %w", err)
	}
	token := base64.RawURLEncoding.EncodeToString(random[:])
	if err := s.settle(ctx, q, sent, hashOf(token)); err != nil {
		return err
	}
	if err := s.cfg.Letters.Mail(ctx, address, letter(s.cfg.Origin()+"/mes-donnees#"+token)); err != nil {
		if failure.Is(err, failure.Temporary) {
			return errors.Join(fmt.Errorf("send a letter about what is held: %w", err), s.settle(ctx, q, waiting, nil))
		}
		s.cfg.Log.WarnContext(ctx, "a letter about what is held was not sent", "question", q.id, "error", err)
	}
	return nil
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func (s *Service) settle(ctx context.Context, q question, state int, hash []byte) error {
	err := s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE disclosure SET state = $2, link_hash = $3 WHERE disclosure_id = $1`, q.id, state, hash)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle a question about what is held: %w", err)
	}
	return nil
}

// Prune forgets questions that are over, and returns how many.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
		n, err = tx.Exec(ctx, `DELETE FROM disclosure WHERE asked_at < $1`, s.cfg.Now().Add(-keepAsked).UnixMicro())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget questions about what is held: %w", err)
	}
	return n, nil
}

// letter tells where the link leads.
func letter(page string) notice.Notice {
	return notice.Notice{Subject: "Vos données : la page que vous avez demandée", Body: `Bonjour,

Vous avez demandé ce que l'académie conserve au sujet de votre adresse de courriel.
Cette page vous le montre, une seule fois, dans les 24 heures :

` + page + `

Ce lien est personnel : ne le transmettez pas. Si vous n'avez rien demandé, ne faites
rien : personne n'a rien vu.

-- 
You asked what is held about your mail address. The page above shows it, once,
within 24 hours. If you did not ask, do nothing: nobody has seen anything.
`}
}
