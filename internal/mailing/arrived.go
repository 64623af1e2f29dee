package mailing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/store"
)

// Arrived implements delivery.Mailings: a failure and an automatic answer are noted with the copy, and nothing of them is
// kept; what a person writes to the reverse-path goes to whom the report goes to, as it came.
func (s *Service) Arrived(ctx context.Context, r delivery.Returned) (delivery.Answer, error) {
	open := func() (io.ReadCloser, error) { return s.cfg.Contents.OpenPrepared(ctx, r.Body) }
	header, err := headerOf(open)
	if err != nil {
		return delivery.Answer{}, fmt.Errorf("read what came back: %w", err)
	}
	what, status, err := read(r.From.ReversePath, r.Body.Facts, header, open)
	if err != nil {
		return delivery.Answer{}, fmt.Errorf("read what came back: %w", err)
	}
	switch what {
	case bounced:
		return delivery.Answer{Note: noting(r.Copy, `state = 3, status = $3`, status)}, nil
	case automatic:
		return delivery.Answer{Note: noting(r.Copy, `answered = 1`)}, nil
	case delayed:
		return delivery.Answer{}, nil
	}
	owner, err := s.ownerOf(ctx, r.Copy.Mailing)
	if err != nil {
		return delivery.Answer{}, err
	}
	return delivery.Answer{To: inboxOf(owner)}, nil
}

// noting gives what notes something of a copy that was sent. What comes for one that was recalled changes nothing.
func noting(c delivery.Return, set string, args ...any) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE mailing_copy SET `+set+` WHERE mailing_id = $1 AND seq = $2 AND state IN (1, 2, 3)`, append([]any{c.Mailing, c.Seq}, args...)...)
		if err != nil {
			return fmt.Errorf("note what came back for copy %d of mailing %d: %w", c.Seq, c.Mailing, err)
		}
		return nil
	}
}

func (s *Service) ownerOf(ctx context.Context, mailing int64) (owner int64, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT owner FROM mailing WHERE mailing_id = $1`, mailing).Scan(&owner)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, failure.New(failure.Permanent, "adresse inconnue (no such address here)")
	}
	if err != nil {
		return 0, fmt.Errorf("read mailing %d: %w", mailing, err)
	}
	return owner, nil
}
