package signin

import (
	"context"
	"encoding/json"

	"navette/internal/factor"
	"navette/internal/session"
	"navette/internal/store"
	"navette/internal/ticket"
)

// challenged is what a ticket for a passkey keeps.
type challenged struct {
	Session json.RawMessage `json:"session"` // of WebAuthn
}

// PasskeyOptions challenges a passkey: one of the account of a ticket for the second factor, or, with "", any.
func (s *Service) PasskeyOptions(ctx context.Context, c session.Client, token string) (Challenge, error) {
	t := ticket.Ticket{Purpose: purposePasskey}
	if token == "" {
		if err := s.begin(c); err != nil {
			return Challenge{}, err
		}
	} else {
		of, err := s.cfg.Tickets.Get(ctx, token, purposeSecond)
		if err != nil {
			return Challenge{}, err
		}
		t.Account, t.Epoch = of.Account, of.Epoch
	}
	return s.challenge(ctx, t)
}

func (s *Service) challenge(ctx context.Context, t ticket.Ticket) (Challenge, error) {
	a, err := s.cfg.Factors.BeginAssertion(ctx, t.Account)
	if err != nil {
		return Challenge{}, err
	}
	token, err := s.cfg.Tickets.Issue(ctx, t, life, challenged{a.Session})
	return Challenge{Ticket: token, Options: a.Options}, err
}

// Passkey answers a challenge; failure.Denied where the answer does not hold. A challenge is answered once.
func (s *Service) Passkey(ctx context.Context, c session.Client, token string, response []byte, remember bool) (Outcome, error) {
	h, err := s.answered(ctx, token, purposePasskey, response)
	if err != nil {
		return Outcome{}, err
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error { return ticket.Drop(ctx, tx, h.Account, purposeSecond) })
	if err != nil {
		return Outcome{}, err
	}
	return s.start(ctx, c, session.Proof{Account: h.Account, Epoch: h.Epoch, How: session.ByPasskey, Remember: remember})
}

// answered takes a challenge for good, and tells whose passkey answered it.
func (s *Service) answered(ctx context.Context, token, purpose string, response []byte) (factor.Holder, error) {
	t, err := s.cfg.Tickets.Get(ctx, token, purpose)
	if err != nil {
		return factor.Holder{}, err
	}
	if err := s.use(ctx, token, purpose); err != nil {
		return factor.Holder{}, err
	}
	var of challenged
	if err := t.Read(&of); err != nil {
		return factor.Holder{}, err
	}
	h, ok, err := s.cfg.Factors.ProvePasskey(ctx, t.Account, of.Session, response)
	if err != nil {
		return factor.Holder{}, err
	}
	if !ok {
		return factor.Holder{}, errDenied()
	}
	return h, nil
}
