package roster

import (
	"context"

	"navette/internal/history"
)

// History gives what happened to the account that an address, a login or an id_rh names, the oldest first;
// failure.NotFound where nobody ever bore it. An Event says itself in French (Sentence), with its day and document.
func (s *Service) History(ctx context.Context, who string) ([]history.Event, error) {
	return history.Of(ctx, s.cfg.DB, who)
}
