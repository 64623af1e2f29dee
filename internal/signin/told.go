package signin

import (
	"context"
	"fmt"
	"strings"

	"navette/internal/factor"
	"navette/internal/identity"
	"navette/internal/notice"
)

// newPassword tells of a password that was changed by somebody who is signed in.
func newPassword() notice.Notice { return passwordChanged("", "") }

func passwordChanged(french, english string) notice.Notice {
	return notice.Notice{Subject: "Votre mot de passe a été changé",
		Body: "Bonjour,\n\nLe mot de passe de votre compte vient d'être changé. Si ce n'était pas vous, appelez l'assistance.\n\n" + french +
			"-- \nThe password of your account was changed. If it was not you, call the help desk.\n" + english}
}

// tellReset tells the owner of an account whose forgotten password was replaced, and what else opens it still.
func (s *Service) tellReset(ctx context.Context, account int64) {
	p, err := s.cfg.Factors.Of(ctx, account)
	var devices []identity.Device
	if err == nil {
		devices, err = s.cfg.Identity.Devices(ctx, account)
	}
	if err != nil {
		s.cfg.Log.Error("what still opens an account is not told to its owner", "account", account, "error", err)
	}
	s.tell(ctx, account, passwordChanged(stillOpens(p, devices)))
}

// stillOpens lists what opens an account besides its password, in French and in English; "" where nothing does.
func stillOpens(p factor.Protection, devices []identity.Device) (french, english string) {
	var lines []string
	for _, d := range devices {
		if !d.Token {
			lines = append(lines, fmt.Sprintf("    mot de passe d'application « %s »\n", d.Label))
		}
	}
	for _, f := range p.Factors {
		if f.Kind == factor.KindPasskey {
			lines = append(lines, fmt.Sprintf("    clé d'accès « %s »\n", f.Label))
		}
	}
	if p.RecoveryAddress != "" {
		lines = append(lines, fmt.Sprintf("    adresse de secours %s\n", p.RecoveryAddress))
	}
	if p.RecoveryCodes > 0 {
		lines = append(lines, fmt.Sprintf("    codes de secours non utilisés : %d\n", p.RecoveryCodes))
	}
	if len(lines) == 0 {
		return "", ""
	}
	return "Ce qui ouvre encore votre compte :\n\n" + strings.Join(lines, "") +
			"\nPour retirer ce que vous ne reconnaissez pas, ouvrez la page « Sécurité » de votre compte.\n\n",
		"What else opens it is listed above: remove what you do not recognise on the page “Security”.\n"
}
