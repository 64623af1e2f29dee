package mailbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/failure"
	"navette/internal/store"
)

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return failure.New(failure.NotFound, "no such message")
	}
	return err
}

// maxCopy is how many placements one COPY or MOVE may name: it is one transaction, all or nothing (RFC 9051 §6.4.7).
const maxCopy = 20_000

// Copy places the emails of ranges in another mailbox too, in UID order, all or nothing. They keep their ids
// (RFC 8474 §5) and so cost no space. Copying into the mailbox they stand in gives them a second UID there.
func (s *Service) Copy(ctx context.Context, account, from int64, ranges []UIDRange, to string) (Copied, error) {
	return s.transfer(ctx, account, from, ranges, to, false)
}

// Move is Copy and then removal of exactly the placements that were copied (RFC 6851 §3.3).
func (s *Service) Move(ctx context.Context, account, from int64, ranges []UIDRange, to string) (Copied, error) {
	return s.transfer(ctx, account, from, ranges, to, true)
}

func (s *Service) transfer(ctx context.Context, account, from int64, ranges []UIDRange, to string, remove bool) (out Copied, err error) {
	err = s.edit(ctx, account, store.Interactive, func(e *editor) error {
		target, err := byName(ctx, e.tx, account, to)
		if err != nil {
			return err
		}
		out, err = e.transfer(ctx, from, ranges, target, remove)
		return err
	})
	if err != nil {
		return Copied{}, fmt.Errorf("copy or move: %w", err)
	}
	return out, nil
}

func (e *editor) transfer(ctx context.Context, from int64, ranges []UIDRange, to Mailbox, remove bool) (Copied, error) {
	out := Copied{UIDValidity: to.UIDValidity}
	if _, err := e.box(ctx, from); err != nil {
		return out, err
	}
	found, err := e.placements(ctx, from, ranges, 0, maxCopy+1)
	if err != nil {
		return out, err
	}
	if len(found) > maxCopy {
		return out, failure.New(failure.Permanent, "at most %d messages at a time", maxCopy)
	}
	for _, p := range found {
		uid, err := e.place(ctx, to.ID, p.email, p.size, p.flags)
		if err != nil {
			return out, err
		}
		out.Source, out.Target = append(out.Source, uint32(p.uid)), append(out.Target, uint32(uid))
		if !remove {
			continue
		}
		if err := e.remove(ctx, from, p); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Expunge removes the placements with \Deleted of a mailbox: all of them where ranges is nil, else those in ranges
// (UID EXPUNGE). It returns their UIDs, ascending. Where they are many it takes several transactions.
func (s *Service) Expunge(ctx context.Context, account, mailbox int64, ranges []UIDRange) (removed []uint32, err error) {
	for {
		var part []uint32
		err := s.edit(ctx, account, store.Interactive, func(e *editor) error {
			part = part[:0]
			c, err := e.box(ctx, mailbox)
			if err != nil {
				return err
			}
			if c.deleted == 0 {
				return nil
			}
			found, err := e.placements(ctx, mailbox, ranges, Deleted, editChunk)
			if err != nil {
				return err
			}
			for _, p := range found {
				if err := e.remove(ctx, mailbox, p); err != nil {
					return err
				}
				part = append(part, uint32(p.uid))
			}
			return nil
		})
		if err != nil {
			return removed, fmt.Errorf("expunge: %w", err)
		}
		removed = append(removed, part...)
		if len(part) < editChunk {
			return removed, nil
		}
	}
}
