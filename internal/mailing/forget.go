package mailing

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// forgetAtOnce is how many mailings one transaction forgets.
const forgetAtOnce = 20

// forget deletes who got the copies of old mailings, and what these were about. The counts stay.
func (s *Service) forget(ctx context.Context) error {
	before := s.cfg.Now().Add(-s.cfg.Keep).UnixMicro()
	for {
		var ids []int64
		err := s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
			ids = nil
			rows, err := tx.Query(ctx, `SELECT mailing_id FROM mailing WHERE accepted_at <= $1 AND forgotten = 0 ORDER BY accepted_at LIMIT $2`, before, forgetAtOnce)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id int64
				if err := rows.Scan(&id); err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return rows.Err()
		})
		if err != nil {
			return fmt.Errorf("look for old mailings: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			set, arg := tx.Dialect().IntSet(1, ids)
			if _, err := tx.Exec(ctx, `DELETE FROM mailing_copy WHERE mailing_id IN (`+set+`)`, arg); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE mailing SET subject = '', state = 2, forgotten = 1 WHERE mailing_id IN (`+set+`)`, arg)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget old mailings: %w", err)
		}
	}
}
