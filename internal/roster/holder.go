package roster

import (
	"context"
	"fmt"
	"iter"

	"navette/internal/directory"
	"navette/internal/store"
)

// Holder is who holds an account, as HR names them, and what the directory gave them.
type Holder struct {
	HRID    string
	Account int64
	Login   string
	Address string // the primary one
}

// holdersPage is how many holders are read in one snapshot.
const holdersPage = 1000

// Holders lists all people by id_rh, in pages, each read in a snapshot of its own. After an error it ends.
func (s *Service) Holders(ctx context.Context) iter.Seq2[Holder, error] {
	return func(yield func(Holder, error) bool) {
		for after := ""; ; {
			page, err := s.holdersAfter(ctx, after)
			if err != nil {
				yield(Holder{}, fmt.Errorf("list holders: %w", err))
				return
			}
			for _, h := range page {
				if !yield(h, nil) {
					return
				}
			}
			if len(page) < holdersPage {
				return
			}
			after = page[len(page)-1].HRID
		}
	}
}

func (s *Service) holdersAfter(ctx context.Context, after string) (page []Holder, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		page = page[:0]
		rows, err := tx.Query(ctx, `SELECT p.id_rh, a.account_id, a.login, d.address FROM person p
			JOIN account a ON a.person_id = p.person_id JOIN address d ON d.account_id = a.account_id AND d.kind = $1
			WHERE p.id_rh > $2 ORDER BY p.id_rh LIMIT $3`, directory.AddressPrimary.String(), after, holdersPage)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h Holder
			if err := rows.Scan(&h.HRID, &h.Account, &h.Login, &h.Address); err != nil {
				return err
			}
			page = append(page, h)
		}
		return rows.Err()
	})
	return page, err
}
