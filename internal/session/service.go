package session

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
)

// Teller tells the owner of an account something, in their mailbox.
type Teller interface {
	Tell(ctx context.Context, account int64, n notice.Notice) error
}

// Config is what a Service needs. Zero durations take the defaults that stand beside them.
type Config struct {
	DB       *store.DB
	Identity *identity.Service
	Teller   Teller // nil: nobody is told of new devices
	Log      *slog.Logger
	Random   io.Reader
	Zone     *time.Location // of the times in notices
	// Country gives the country of an address as two letters, "" where it is not known; nil: there is no map.
	Country func(netip.Addr) string

	Idle       time.Duration // without a request: 2 h
	IdleShared time.Duration // on a shared computer: 15 min
	Absolute   time.Duration // 12 h
	StepUp     time.Duration // how long a proof is fresh: 10 min
	Remember   time.Duration // a device skips the second factor: 30 days
}

// most is how many sessions, and how many devices, an account may have: the oldest make room.
const most = 20

// seenEvery is how exactly the last use is known.
const seenEvery = time.Minute

// deviceLife is how long a device and a place are known after their last use.
const deviceLife = 365 * 24 * time.Hour

// Service keeps sessions. Its methods may be called from many goroutines.
type Service struct{ cfg Config }

// New gives the service.
func New(cfg Config) *Service {
	for at, otherwise := range map[*time.Duration]time.Duration{&cfg.Idle: 2 * time.Hour, &cfg.IdleShared: 15 * time.Minute,
		&cfg.Absolute: 12 * time.Hour, &cfg.StepUp: 10 * time.Minute, &cfg.Remember: 30 * 24 * time.Hour} {
		if *at == 0 {
			*at = otherwise
		}
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Country == nil {
		cfg.Country = func(netip.Addr) string { return "" }
	}
	return &Service{cfg}
}

// ErrStepUp is in the chain of the failure that asks for another proof.
var ErrStepUp = errors.New("the proof is too old for this")

// Owner is what the functions that change one's own account ask for; failure.Denied with ErrStepUp in its chain where the
// last proof is too old.
func (s Session) Owner() (identity.Owner, error) {
	if !s.fresh {
		return identity.Owner{}, failure.Wrap(failure.Denied, ErrStepUp,
			"Confirmez votre identité pour continuer. / Confirm that it is you to go on.")
	}
	return identity.Owner{Account: s.Principal.Account, Login: s.Principal.Login, Display: s.Principal.Display}, nil
}

// errEnded is told of every token that does not hold, for whatever reason.
func errEnded() error {
	return failure.New(failure.Denied, "Votre session est terminée : connectez-vous. / Your session has ended: sign in.")
}

// token draws a token, and gives what is stored of it.
func (s *Service) token() (token, hash string, err error) {
	g, err := identity.Generate(s.cfg.Random)
	if err != nil {
		return "", "", err
	}
	hash, err = identity.HashGenerated(g.Secret)
	return g.Secret, hash, err
}

// hashOf is what is stored of a token; of what is no token, something that is never stored.
func hashOf(token string) string {
	hash, err := identity.HashGenerated(token)
	if err != nil {
		return ""
	}
	return hash
}
