package list

import (
	"context"
	"errors"
	"fmt"
	"time"

	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/store"
)

// Upkeep tells owners of posts that wait, and the log of lists that have lost their last owner. Call it again and again.
func (s *Service) Upkeep(ctx context.Context) error {
	waiting, err := s.untold(ctx)
	if err != nil {
		return err
	}
	for _, u := range waiting {
		if err := s.tellOwners(ctx, u); err != nil && !errors.Is(err, errTold) {
			return fmt.Errorf("tell the owners of list %d: %w", u.list, err)
		}
	}
	before := s.orphans.Load()
	orphans, err := s.Orphans(ctx)
	if err == nil && int64(len(orphans)) > before {
		s.cfg.Log.WarnContext(ctx, "lists have no owner", "lists", len(orphans))
	}
	return err
}

// tellEvery is how often the owners of a list are told at most: whoever writes to it, a stranger too, decides how much
// waits, and not how much they read about it.
const tellEvery = time.Hour

// untold is a list in which posts wait that its owners do not know of.
type untold struct {
	list      int64
	told, now int64 // UIDs
	waiting   int
}

func (s *Service) untold(ctx context.Context) (out []untold, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT l.account_id, l.told_uid, b.uidnext - 1, b.messages FROM list l
			JOIN mailbox_state b ON b.account_id = l.account_id AND b.mailbox_id = l.waiting_id
			WHERE b.uidnext - 1 > l.told_uid AND b.messages > 0 AND l.told_at <= $1 ORDER BY l.account_id`, s.cfg.Now().Add(-tellEvery).UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u untold
			if err := rows.Scan(&u.list, &u.told, &u.now, &u.waiting); err != nil {
				return err
			}
			out = append(out, u)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for posts that wait: %w", err)
	}
	return out, nil
}

// errTold says that another node told the owners meanwhile.
var errTold = errors.New("told already")

const waitingText = `Bonjour,

Des messages attendent votre accord pour être diffusés à la liste
%s : %d en tout.

Ils sont dans la boîte « À modérer » de la liste. Un seul propriétaire suffit.

-- 
Messages wait for the approval of an owner of the list.
`

// tellOwners sends one notice to all owners; the mark is in the transaction that accepts it. A list without owners is
// not marked: whoever becomes its owner is told.
func (s *Service) tellOwners(ctx context.Context, u untold) error {
	var r *row
	var owners []int64
	err := s.cfg.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = s.read(ctx, tx, u.list); err != nil {
			return err
		}
		owners, err = openOwners(ctx, tx, u.list)
		return err
	})
	if err != nil || len(owners) == 0 {
		return err
	}
	members, ownersAddress := s.addresses(r.local)
	text, err := s.notice(r, ownersAddress, "Message à modérer : "+r.local, fmt.Sprintf(waitingText, members, u.waiting))
	if err != nil {
		return err
	}
	env := delivery.Envelope{Local: targets(owners), Within: func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE list SET told_uid = $2, told_at = $4 WHERE account_id = $1 AND told_uid = $3`, u.list, u.now, u.told, s.cfg.Now().UnixMicro())
		if err == nil && n == 0 {
			err = errTold
		}
		return err
	}}
	recipients := make([]guard.Recipient, len(owners))
	for i := range recipients {
		recipients[i] = guard.Recipient{Standing: guard.Standing{Class: guard.Agent}}
	}
	return s.tell(ctx, env, recipients, text)
}
