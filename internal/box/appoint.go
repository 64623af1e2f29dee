package box

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// Appointment is a role that somebody is given by hand.
type Appointment struct {
	Box, Member int64
	Role        Role
}

// Appoint gives many roles at once, as an operator: those of a system that is left behind. Who has a role by hand
// already keeps it. The same refusals as SetMember's; an error leaves what was done until then.
func (s *Service) Appoint(ctx context.Context, by identity.By, list []Appointment) error {
	for some := range slices.Chunk(list, atOnce) {
		if err := s.appoint(ctx, by, some); err != nil {
			return fmt.Errorf("appoint members: %w", err)
		}
	}
	_, err := s.Refresh(ctx)
	return err
}

func (s *Service) appoint(ctx context.Context, by identity.By, list []Appointment) error {
	first, err := s.cfg.DB.NewIDs(ctx, history.IDs, int64(len(list)))
	if err != nil {
		return err
	}
	boxes := make([]int64, len(list))
	for i, a := range list {
		boxes[i] = a.Box
	}
	return s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		if _, err := tx.LockAccounts(ctx, boxes...); err != nil {
			return err
		}
		var done []alteration
		for _, p := range list {
			if err := mayJoin(ctx, tx, p.Member); err != nil {
				return fmt.Errorf("account %d: %w", p.Member, err)
			}
			n, err := tx.Exec(ctx, `INSERT INTO box_member (account_id, member_id, source, role, since, until)
				SELECT k.account_id, $2, $3, $4, $5, '' FROM box k WHERE k.account_id = $1 AND NOT EXISTS (SELECT 1 FROM box_member m
					WHERE m.account_id = k.account_id AND m.member_id = $2 AND m.source = $3)`,
				p.Box, p.Member, ByHand, p.Role, s.today().String())
			if err != nil {
				return fmt.Errorf("box %d: %w", p.Box, err)
			}
			if n > 0 {
				done = append(done, alteration{box: p.Box, member: p.Member, source: ByHand, is: p.Role, since: s.today()})
			}
		}
		if len(done) == 0 {
			return nil
		}
		return s.note(ctx, tx, first, by, "box.appoint", done)
	})
}
