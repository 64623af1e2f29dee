package reach

import (
	"context"
	"time"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/store"
)

// Former gives the hash under which table protected_former keeps a match key; *identity.Pepper does.
type Former interface {
	FormerDigest(matchKey string) []byte
}

// Groups knows computed groups; *group.Service does. It runs in reach's transaction, and makes as many queries for any
// addresses.
type Groups interface {
	// Standings tells of each of the normalised addresses that is a group's what it is for a sender.
	Standings(ctx context.Context, tx *store.Tx, r Rights, addresses []string) (map[string]guard.Standing, error)
}

// Frames knows in which consent frames an address stands. It runs in reach's transaction, and makes as many queries for
// any addresses.
type Frames interface {
	// InForce gives, by directory.MatchKey, the frames of the day whose school is one of the sender's.
	InForce(ctx context.Context, tx *store.Tx, r Rights, keys []string) (map[string][]int64, error)
}

// Config is what a Service needs.
type Config struct {
	DB     *store.DB
	Former Former
	Zone   *time.Location // nil: UTC
	Now    func() time.Time
}

// Service answers. Its methods may be called from many goroutines, and on several nodes; it keeps nothing.
type Service struct {
	cfg    Config
	groups Groups // nil: there are none
	frames Frames // nil: there are none
}

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg: cfg}
}

// OnGroups sets who knows computed groups. It is set once, before anything is asked.
func (s *Service) OnGroups(g Groups) { s.groups = g }

// OnFrames sets who knows consent frames. It is set once, before anything is asked.
func (s *Service) OnFrames(f Frames) { s.frames = f }

// Today is the day in the académie's zone, in ISO 8601.
func (s *Service) Today() string { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)).String() }
