package list

import (
	"context"

	"navette/internal/store"
)

// Reached gives the members of a list as a post reaches them.
func (s *Service) Reached(ctx context.Context, list int64) (accounts []int64, outside []string, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		accounts, outside, err = s.members(ctx, tx, list)
		return err
	})
	return accounts, outside, err
}
