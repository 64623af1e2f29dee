package frame

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// Prune forgets the addresses and links of frames that ended keepDays ago, and returns how many. Who agreed to what, and
// when, stays.
func (s *Service) Prune(ctx context.Context) (n int64, err error) {
	day := s.today().AddDays(-keepDays).String()
	const old = ` FROM frame_member WHERE mail_key <> '' AND frame_id IN (SELECT frame_id FROM frame WHERE until < $1)`
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, `SELECT count(*)`+old, day).Scan(&n) })
	if err != nil || n == 0 {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
		n, err = tx.Exec(ctx, `UPDATE frame_member SET mail = '', mail_key = '', link_hash = NULL
			WHERE mail_key <> '' AND frame_id IN (SELECT frame_id FROM frame WHERE until < $1)`, day)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget the addresses of frames that are over: %w", err)
	}
	return n, nil
}
