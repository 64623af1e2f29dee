package signin

import (
	"context"
	"errors"

	"navette/internal/factor"
	"navette/internal/failure"
	"navette/internal/store"
	"navette/internal/ticket"
)

// mailedCode is what the one ticket keeps of the code that was mailed to an account. The account has one at a time, whoever
// asks and however often: others' requests neither void its owner's nor make more codes to guess.
type mailedCode struct {
	Digest string `json:"digest"` // "": none was mailed
}

// mail mails a code to an account's recovery address, unless it had one in the last ten minutes. The code holds once the
// message is accepted.
func (s *Service) mail(ctx context.Context, m mail) error {
	digest, err := s.cfg.Identity.Digest(useForgot, m.account, m.code)
	if err != nil {
		return err
	}
	first := false
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) (err error) {
		first, err = ticket.Claim(ctx, tx, ticket.Ticket{Account: m.account, Epoch: m.epoch, Purpose: purposeMailed}, life, mailedCode{})
		return err
	})
	if err != nil || !first {
		return err
	}
	sent, err := s.cfg.Factors.MailRecovery(ctx, m.account, m.code)
	return errors.Join(err, s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if !sent {
			return ticket.Drop(ctx, tx, m.account, purposeMailed)
		}
		return ticket.KeepClaimed(ctx, tx, m.account, purposeMailed, mailedCode{digest})
	}))
}

// proveMailed tells whether a code is the one that was mailed to an account. Wrong ones are slowed down by the caller, and never
// void it: a stranger could keep its owner out that way.
func (s *Service) proveMailed(ctx context.Context, account int64, code string) (bool, error) {
	t, err := s.cfg.Tickets.GetClaimed(ctx, account, purposeMailed)
	if failure.Is(err, failure.Denied) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var of mailedCode
	if err := t.Read(&of); err != nil || of.Digest == "" {
		return false, err
	}
	return s.cfg.Identity.DigestIs(of.Digest, useForgot, account, factor.Typed(code))
}
