package group

import (
	"context"
	"fmt"
	"time"

	"navette/internal/store"
)

// deriveEvery is how often groups are derived though no import was noticed: establishments come with HR files too.
const deriveEvery = time.Hour

// derived is as of when groups were derived last.
type derived struct {
	imports int64 // store_meta enrolment
	at      time.Time
}

// Upkeep derives groups when an import has changed pupils, classes or staff since it last did, and once an hour. It costs
// one query where there is nothing to do: run it often. Imports by other nodes count too.
func (s *Service) Upkeep(ctx context.Context) error {
	now := derived{at: s.cfg.DB.Now()}
	err := s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) (err error) {
		now.imports, err = tx.Meta(ctx, "enrolment")
		return err
	})
	if err != nil {
		return fmt.Errorf("look for imports: %w", err)
	}
	if last := s.last.Load(); last != nil && last.imports == now.imports && now.at.Sub(last.at) < deriveEvery {
		return nil
	}
	if _, err := s.Derive(ctx); err != nil {
		return err
	}
	s.last.Store(&now)
	return nil
}
