package cli

import (
	"context"
	"os"

	"navette/internal/admin"
	"navette/internal/directory"
)

type forwardCmd struct {
	List   forwardListCmd   `cmd:"" help:"Print every forward: login, where, address, why, until when, how many; outside first."`
	Set    forwardSetCmd    `cmd:"" help:"Forward somebody's mail; outside as an exception, until a day."`
	Clear  forwardClearCmd  `cmd:"" help:"End a forward."`
	Import forwardImportCmd `cmd:"" help:"Take over what the former system forwarded; outside for 60 days, of which holders are told."`
}

// Help says what is allowed.
func (forwardCmd) Help() string {
	return `An agent may forward their mail to another address of the académie, in the pages. Outside is off: it needs an exception
made here, with a reason and a last day, within a year. A functional box is never forwarded outside. Messages that bear a
family's address stay in the mailbox, whatever forward there is.

Addresses outside are printed by their first letter and their domain.`
}

// forward has a server do an act on forwards, and prints what it says, also of what it did before it failed.
func (w *where) forward(ctx context.Context, con *console, reason string, act admin.ForwardAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Forward(ctx, operator(reason), act) })
}

type forwardListCmd struct{ where }

func (cmd *forwardListCmd) Run(ctx context.Context, con *console) error {
	return cmd.forward(ctx, con, "", admin.ForwardAct{Act: admin.ForwardList})
}

type forwardSetCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Target string `arg:"" help:"Address to forward to."`
	Until  string `help:"The last day, of a forward outside." placeholder:"DD/MM/YYYY"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *forwardSetCmd) Run(ctx context.Context, con *console) error {
	act := admin.ForwardAct{Act: admin.ForwardSet, Who: cmd.Login, Target: cmd.Target}
	if cmd.Until != "" {
		var err error
		if act.Until, err = directory.ParseDate(cmd.Until); err != nil {
			return usage("--until: %q is no day", cmd.Until)
		}
	}
	return cmd.forward(ctx, con, cmd.Reason, act)
}

type forwardClearCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *forwardClearCmd) Run(ctx context.Context, con *console) error {
	return cmd.forward(ctx, con, cmd.Reason, admin.ForwardAct{Act: admin.ForwardClear, Who: cmd.Login})
}

type forwardImportCmd struct {
	where
	File   string `arg:"" help:"CSV of login and address, parted by commas or semicolons." type:"existingfile"`
	DryRun bool   `help:"Write nothing, tell nobody, and print what would be done."`
	Reason string `help:"Why, for the journal." default:"reprise de l'ancienne messagerie"`
}

func (cmd *forwardImportCmd) Run(ctx context.Context, con *console) error {
	file, err := os.ReadFile(cmd.File)
	if err != nil {
		return err
	}
	return cmd.forward(ctx, con, cmd.Reason, admin.ForwardAct{Act: admin.ForwardImport, File: string(file), Dry: cmd.DryRun})
}
