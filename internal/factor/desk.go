package factor

import (
	"context"
	"log/slog"

	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
)

// Desk does what the help desk may with factors: it needs no pages, and so no Service.
type Desk struct {
	Identity *identity.Service
	Mailer   Mailer
	Log      *slog.Logger
}

// Reset takes off all factors, recovery codes and the recovery address of an account whose owner has lost them, on the
// word of the help desk, and ends its sessions. Its owner is told.
func (d Desk) Reset(ctx context.Context, by identity.By, account int64) error {
	a := identity.Alteration{By: by, Account: account, Action: "factor.reset", Ends: true}
	err := d.Identity.Alter(ctx, a, func(ctx context.Context, tx *store.Tx, _ identity.Altered) error { return Wipe(ctx, tx, account) })
	if err != nil {
		return err
	}
	d.tell(ctx, account, notice.Notice{Subject: "Vos moyens d'authentification ont été réinitialisés",
		Body: "Bonjour,\n\nL'assistance a retiré vos moyens d'authentification (clés d'accès, application, grille, codes et adresse de secours), " +
			"et fermé vos connexions. Votre mot de passe n'a pas changé. Si vous ne l'avez pas demandé, appelez l'assistance.\n\n" +
			"-- \nThe help desk has removed your second factors, recovery codes and recovery address. If you did not ask for it, call them.\n"})
	return nil
}

// tell writes to the owner. A message that cannot be delivered now is a line in the log: the act also stands in the journal
// of the account.
func (d Desk) tell(ctx context.Context, account int64, n notice.Notice) {
	if err := d.Mailer.Tell(ctx, account, n); err != nil {
		d.Log.Error("a change of factors was not told to its owner", "account", account, "error", err)
	}
}
