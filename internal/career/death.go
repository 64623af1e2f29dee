package career

import (
	"context"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// Died records a death: no grace, nobody reads the mailbox (it is suspended, so that nobody who knows the password
// does, and so that no reminder goes out), and the automatic reply names whom to write to until the closing. The reply
// says no more than any other departure's.
func (s *Service) Died(ctx context.Context, by identity.By, account int64, day directory.Date, reference string) error {
	if by.Actor == "" || reference == "" {
		return failure.New(failure.Policy, "un décès s'enregistre sur un document : sa référence manque")
	}
	return s.write(ctx, 2, func(tx *store.Tx, first int64) error {
		row := history.Row{Account: account, Kind: history.Died, After: day.French(), Reference: reference, Actor: by.Actor}
		if err := history.Append(ctx, tx, first, []history.Row{row}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE function SET ended_at = $2 WHERE ended_at = 0
			AND person_id = (SELECT person_id FROM account WHERE account_id = $1)`, account, tx.NowMicros()); err != nil {
			return err
		}
		if err := s.depart(ctx, tx, first+1, account, identity.By{Actor: by.Actor, Reason: "décès"}); err != nil {
			return err
		}
		return identity.SuspendIn(ctx, tx, identity.By{Actor: by.Actor, Reason: "décès"}, account)
	})
}
