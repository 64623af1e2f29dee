package signin

import (
	"context"

	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/session"
	"navette/internal/store"
	"navette/internal/ticket"
)

// purposeStepUp is apart from a sign-in's: a challenge of the one answers nothing of the other.
const purposeStepUp = "signin.stepup"

// StepUpOptions challenges a passkey of who is signed in; failure.Denied where they have none.
func (s *Service) StepUpOptions(ctx context.Context, _ session.Client, who session.Session) (Challenge, error) {
	return s.challenge(ctx, ticket.Ticket{Account: who.Principal.Account, Epoch: who.Principal.AuthEpoch, Purpose: purposeStepUp})
}

// StepUp proves anew who is signed in, by a factor, or by the password of who has none, and gives the session another
// token; failure.Denied where the proof does not hold.
func (s *Service) StepUp(ctx context.Context, c session.Client, token string, a Answer) (newToken string, err error) {
	who, err := s.cfg.Sessions.Check(ctx, token)
	if err != nil {
		return "", err
	}
	how, err := s.proveAgain(ctx, c, who, a)
	if err != nil {
		return "", err
	}
	return s.cfg.Sessions.Renew(ctx, token, how)
}

func (s *Service) proveAgain(ctx context.Context, c session.Client, who session.Session, a Answer) (session.How, error) {
	account := who.Principal.Account
	switch {
	case len(a.Passkey) > 0:
		h, err := s.answered(ctx, a.Ticket, purposeStepUp, a.Passkey)
		if err == nil && h.Account != account {
			err = errDenied()
		}
		return session.ByPasskey, err
	case a.Password != "":
		return session.ByPassword, s.passwordAgain(ctx, c, who, a.Password)
	}
	ok, err := s.try(ctx, c, "stepup", who.Principal.Login, account, a)
	if err == nil && !ok {
		err = errDenied()
	}
	return session.BySecond, err
}

// passwordAgain takes the password of who has no second factor.
func (s *Service) passwordAgain(ctx context.Context, c session.Client, who session.Session, password string) error {
	has, err := s.cfg.Identity.HasSecondFactor(ctx, who.Principal.Account)
	if err != nil {
		return err
	}
	if has {
		return failure.New(failure.Denied, "Utilisez votre second facteur. / Use your second factor.")
	}
	known, err := s.cfg.Sessions.Known(ctx, c, who.Principal.Login)
	if err != nil {
		return err
	}
	_, err = s.cfg.Identity.Verify(ctx, identity.Credential{Mechanism: identity.Form, Channel: identity.HTTP, Peer: c.Peer,
		Login: who.Principal.Login, Secret: password, Device: known.Device})
	return err
}

// ChangePassword gives one's own account a new password. Every other session ends and every other device is forgotten; this
// session goes on under another token.
func (s *Service) ChangePassword(ctx context.Context, o identity.Owner, token, password string) (newToken string, err error) {
	who, err := s.cfg.Sessions.Check(ctx, token)
	if err != nil {
		return "", err
	}
	if who.Principal.Account != o.Account {
		return "", errDenied()
	}
	newToken, hash, err := s.cfg.Sessions.Draw()
	if err != nil {
		return "", err
	}
	a := identity.Alteration{By: o.By(""), Account: o.Account, Action: "account.password", Keep: identity.Keep(who.ID)}
	err = s.cfg.Identity.ChangePassword(ctx, a, password, func(ctx context.Context, tx *store.Tx, _ identity.Altered) error {
		if err := session.ForgetAll(ctx, tx, o.Account, who.ID); err != nil {
			return err
		}
		return s.cfg.Sessions.Rename(ctx, tx, token, hash)
	})
	if err != nil {
		return "", err
	}
	s.tell(ctx, o.Account, newPassword())
	return newToken, nil
}
