package list

import (
	"context"
	"fmt"

	"navette/internal/history"
	"navette/internal/store"
)

// Change lets fn alter the settings of a list, and does nothing where it leaves them as they are. What they become must
// be right for a list of its kind: failure.Policy.
func (s *Service) Change(ctx context.Context, a Actor, list int64, fn func(*Settings)) error {
	return s.change(ctx, a, list, "list.change", 1, func(tx *store.Tx, r *row) ([]history.Row, any, error) {
		before := r.Settings
		after := before
		fn(&after)
		if after == before {
			return nil, nil, nil
		}
		if err := after.check(r.kind); err != nil {
			return nil, nil, err
		}
		if after.Expression != before.Expression {
			var err error
			if after.Expression, err = canonical(ctx, tx, after.Expression); err != nil {
				return nil, nil, err
			}
		}
		if err := save(ctx, tx, list, after); err != nil {
			return nil, nil, err
		}
		row := history.Row{Kind: history.ListChanged, Before: before.Display + " (" + before.french() + ")", After: after.Display + " (" + after.french() + ")"}
		return []history.Row{row}, after, nil
	})
}

func save(ctx context.Context, tx *store.Tx, list int64, to Settings) error {
	if _, err := tx.Exec(ctx, `UPDATE list SET expression = $2, posting = $3, hidden = $4, archive = $5, leaving = $6, max_size = $7 WHERE account_id = $1`,
		list, to.Expression, to.Posting, number(to.Hidden), number(to.Archive), number(to.Leaving), to.MaxSize); err != nil {
		return fmt.Errorf("change list %d: %w", list, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE account SET display_name = $2, updated_at = $3 WHERE account_id = $1`, list, to.Display, tx.NowMicros()); err != nil {
		return fmt.Errorf("rename list %d: %w", list, err)
	}
	return nil
}
