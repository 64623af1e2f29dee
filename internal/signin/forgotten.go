package signin

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/session"
	"navette/internal/store"
	"navette/internal/ticket"
)

// forgotten is what a ticket for a new password keeps.
type forgotten struct {
	Login  string `json:"login"` // normal; "" where what was typed cannot be one
	Actor  string `json:"actor"` // the account's login, for the journal
	Proved bool   `json:"proved"`
}

// Forgot begins a new password for who has forgotten theirs. There is always a ticket, and the work before it is the same;
// where the account has a recovery address, Run mails a code to it, unless one that it mailed still holds.
func (s *Service) Forgot(ctx context.Context, c session.Client, login string) (string, error) {
	if err := s.begin(c); err != nil {
		return "", err
	}
	f, t := forgotten{}, ticket.Ticket{Purpose: purposeForgot}
	if normal, ok := identity.NormalLogin(login); ok {
		f.Login = normal
	}
	if err := s.find(ctx, f.Login, &t, &f); err != nil {
		return "", err
	}
	code, err := s.cfg.Factors.RecoveryCode()
	if err != nil {
		return "", err
	}
	token, err := s.cfg.Tickets.Issue(ctx, t, life, f)
	if err != nil {
		return "", err
	}
	if t.Account == 0 {
		return token, nil
	}
	select {
	case s.mails <- mail{t.Account, t.Epoch, code}:
	default:
		s.cfg.Log.Warn("too many recovery codes wait to be mailed")
	}
	return token, nil
}

// find looks up whose password it is; nobody's where the account is not open.
func (s *Service) find(ctx context.Context, login string, t *ticket.Ticket, f *forgotten) error {
	err := s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT account_id, auth_epoch, login FROM account WHERE kind = 'person' AND state IN ('active', 'departed') AND (login = $1
			OR account_id = (SELECT account_id FROM address WHERE address = $1 AND kind <> 'closed'))`, login).Scan(&t.Account, &t.Epoch, &f.Actor)
		if errors.Is(err, sql.ErrNoRows) {
			t.Account, t.Epoch, f.Actor = 0, 0, ""
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("look for a forgotten account: %w", err)
	}
	return nil
}

// ForgotCode proves the account of a ticket by the code that was mailed, or by a recovery code, which is used up.
func (s *Service) ForgotCode(ctx context.Context, c session.Client, token, code string) error {
	t, err := s.cfg.Tickets.Attempt(ctx, token, purposeForgot, mostTries)
	if err != nil {
		return err
	}
	var f forgotten
	if err := t.Read(&f); err != nil {
		return err
	}
	ok, err := s.cfg.Identity.Try(ctx, identity.Trial{Purpose: "forgotten", Subject: f.Login, Peer: c.Peer}, func(ctx context.Context) (bool, error) {
		mailed, err := s.proveMailed(ctx, t.Account, code)
		if err != nil {
			return false, err
		}
		recovery, err := s.cfg.Factors.ProveRecovery(ctx, t.Account, code)
		return (mailed || recovery) && t.Account != 0, err
	})
	if err != nil {
		return err
	}
	if !ok {
		return errDenied()
	}
	f.Proved = true
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error { return ticket.Keep(ctx, tx, token, purposeForgot, f) })
}

// ForgotPasskeyOptions challenges any passkey.
func (s *Service) ForgotPasskeyOptions(ctx context.Context, c session.Client) (Challenge, error) {
	return s.PasskeyOptions(ctx, c, "")
}

// ForgotPasskey proves an account by its passkey, and gives the ticket for Reset.
func (s *Service) ForgotPasskey(ctx context.Context, _ session.Client, token string, response []byte) (string, error) {
	h, err := s.answered(ctx, token, purposePasskey, response)
	if err != nil {
		return "", err
	}
	f := forgotten{Proved: true}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT login FROM account WHERE account_id = $1`, h.Account).Scan(&f.Actor)
	})
	if err != nil {
		return "", fmt.Errorf("read the login of account %d: %w", h.Account, err)
	}
	return s.cfg.Tickets.Issue(ctx, ticket.Ticket{Account: h.Account, Epoch: h.Epoch, Purpose: purposeForgot}, life, f)
}

// Reset gives the account of a proved ticket a new password: every session ends, every device is forgotten, its owner is
// told. The second factor stays, and will be asked for. failure.Policy says what is wrong with the password; the ticket
// still holds then.
func (s *Service) Reset(ctx context.Context, token, password string) error {
	t, err := s.cfg.Tickets.Get(ctx, token, purposeForgot)
	if err != nil {
		return err
	}
	var f forgotten
	if err := t.Read(&f); err != nil {
		return err
	}
	if !f.Proved || t.Account == 0 {
		return errDenied()
	}
	a := identity.Alteration{By: identity.By{Actor: f.Actor}, Account: t.Account, Action: "account.password.reset"}
	err = s.cfg.Identity.ChangePassword(ctx, a, password, func(ctx context.Context, tx *store.Tx, r identity.Altered) error {
		if r.State != directory.StateActive && r.State != directory.StateDeparted {
			return errDenied() // a passkey proves who it is, and not that the account is open
		}
		if r.Epoch != t.Epoch+1 {
			return failure.New(failure.Denied, "Le compte a changé entre-temps : recommencez. / The account has changed meanwhile: begin again.")
		}
		if err := ticket.Use(ctx, tx, token, purposeForgot); err != nil {
			return err
		}
		return session.ForgetAll(ctx, tx, t.Account, 0)
	})
	if err != nil {
		return err
	}
	s.tellReset(ctx, t.Account)
	return nil
}
