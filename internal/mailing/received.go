package mailing

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// CopiesTo counts the copies apart that a mailbox got, by its directory.MatchKey, as far back as they are kept: for those
// who ask what is held about them.
func (s *Service) CopiesTo(ctx context.Context, tx *store.Tx, matchKey string) (n int, err error) {
	mark := s.mark(matchKey)
	if mark == 0 {
		return 0, nil
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM mailing_copy WHERE mark = $1 AND state IN ($2, $3)`, mark, queued, sent).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the copies of a mailbox: %w", err)
	}
	return n, nil
}
