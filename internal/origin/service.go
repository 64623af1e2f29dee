package origin

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"navette/internal/annuaire"
	"navette/internal/mail"
)

// Directory tells the names that are worth borrowing; *annuaire.Service does. It calls nothing where it is still at the
// edition that is known.
type Directory interface {
	Faces(ctx context.Context, known annuaire.Edition, each func(annuaire.Face)) (annuaire.Edition, error)
}

var _ Directory = (*annuaire.Service)(nil)

// RefreshEvery is how often Run asks whether names have changed.
const RefreshEvery = 5 * time.Minute

// ministryDomain is borrowed as often as an académie's own.
const ministryDomain = "education.gouv.fr"

// Config is what a Service needs.
type Config struct {
	Directory Directory
	Domains   []string // ours, in lower case (IDNA A-labels)
	Name      string   // of the académie, as people write it
	Log       *slog.Logger
}

// Service marks what comes from outside. Its methods may be called from many goroutines.
type Service struct {
	cfg      Config
	eye      eye
	ours     []domain
	borrowed []domain   // ours, and the ministry's
	phrases  [][]string // in which somebody speaks for the institution
	names    atomic.Pointer[index]
	edition  annuaire.Edition // of names; Refresh alone uses it
}

// New gives the service. Until the first Refresh it knows domains alone.
func New(cfg Config) *Service {
	s := &Service{cfg: cfg, eye: newEye()}
	for _, d := range cfg.Domains {
		s.ours = append(s.ours, newDomain(s.eye, d))
	}
	s.borrowed = append(slices.Clone(s.ours), newDomain(s.eye, ministryDomain))
	s.phrases = phrases()
	if list := words(cfg.Name); len(list) > 1 {
		s.phrases = append(s.phrases, list)
	}
	s.names.Store(newIndex())
	return s
}

// Mark looks at the header of a message that comes in. internet tells that it came from there, and not from a program
// of ours.
func (s *Service) Mark(e *mail.Envelope, internet bool) Mark {
	j := judge{eye: s.eye, ours: s.ours, borrowed: s.borrowed, phrases: s.phrases, names: s.names.Load()}
	return j.mark(e, internet)
}

// Field is Mark as a field with its line end, for the prefix; nil for mail from inside.
func (s *Service) Field(e *mail.Envelope, internet bool) []byte { return s.Mark(e, internet).Octets() }

// Refresh reads the names anew, if they have changed. It is called from one goroutine.
func (s *Service) Refresh(ctx context.Context) error {
	next := newIndex()
	edition, err := s.cfg.Directory.Faces(ctx, s.edition, func(f annuaire.Face) { next.add(s.eye, f) })
	if err != nil || edition == s.edition {
		return err
	}
	s.edition = edition
	s.names.Store(next)
	return nil
}

// Run keeps the names up to date until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	t := time.NewTicker(RefreshEvery)
	defer t.Stop()
	for {
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.ErrorContext(ctx, "the names of agents are not refreshed", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}
