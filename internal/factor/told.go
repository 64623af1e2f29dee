package factor

import (
	"context"
	"fmt"

	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
)

// changed is what the owner of an account is told of a change that they did not have to make themselves.
func changed(french, english string) notice.Notice {
	return notice.Notice{Subject: "La protection de votre compte a changé",
		Body: fmt.Sprintf("Bonjour,\n\n%s\n\nSi c'était vous, il n'y a rien à faire. Sinon, ouvrez la page « Sécurité » de votre compte, retirez ce que vous ne "+
			"reconnaissez pas et changez votre mot de passe, ou appelez l'assistance.\n\n"+
			"-- \n%s If it was not you, open the page “Security”, remove what you do not recognise and change your password, or call the help desk.\n",
			french, english)}
}

// added is what is told of a new factor.
func added(k Kind) notice.Notice {
	switch k {
	case KindPasskey:
		return changed("Une clé d'accès vient d'être ajoutée à votre compte.", "A passkey was added to your account.")
	case KindTOTP:
		return changed("Une application de codes vient d'être ajoutée à votre compte.", "A code application was added to your account.")
	default:
		return changed("Une grille de codes vient d'être faite pour votre compte.", "A grid of codes was made for your account.")
	}
}

// alter is identity.Alter, of which the owner is told once the account is open: before that, they are at it.
func (s *Service) alter(ctx context.Context, a identity.Alteration, n notice.Notice, fn func(context.Context, *store.Tx) error) error {
	var open bool
	err := s.cfg.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, r identity.Altered) error {
		open = r.State != directory.StateAppointed
		return fn(ctx, tx)
	})
	if err == nil && open {
		s.tell(ctx, a.Account, n)
	}
	return err
}

// GenerateAppPassword is identity.Service.GenerateAppPassword, of which the owner is told.
func (d Desk) GenerateAppPassword(ctx context.Context, by identity.By, account int64, label string) (identity.AppPassword, error) {
	p, err := d.Identity.GenerateAppPassword(ctx, by, account, label)
	if err == nil {
		d.tell(ctx, account, changed(fmt.Sprintf("Un mot de passe d'application vient d'être créé pour votre compte : « %s ».", label),
			"An application password was made for your account (above)."))
	}
	return p, err
}

// RevokeAppPassword is identity.Service.RevokeAppPassword, of which the owner is told.
func (d Desk) RevokeAppPassword(ctx context.Context, by identity.By, account, id int64) error {
	err := d.Identity.RevokeAppPassword(ctx, by, account, id)
	if err == nil {
		d.tell(ctx, account, changed("Un mot de passe d'application de votre compte vient d'être révoqué.", "An application password of your account was revoked."))
	}
	return err
}

// GenerateAppPassword is Desk.GenerateAppPassword.
func (s *Service) GenerateAppPassword(ctx context.Context, by identity.By, account int64, label string) (identity.AppPassword, error) {
	return s.desk().GenerateAppPassword(ctx, by, account, label)
}

// RevokeAppPassword is Desk.RevokeAppPassword.
func (s *Service) RevokeAppPassword(ctx context.Context, by identity.By, account, id int64) error {
	return s.desk().RevokeAppPassword(ctx, by, account, id)
}
