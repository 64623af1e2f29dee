package cli

import (
	"context"

	"navette/internal/admin"
)

type accountSheetCmd struct {
	where
	account
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *accountSheetCmd) Run(ctx context.Context, con *console) error {
	return cmd.protect(ctx, con, cmd.Reason, admin.ProtectAct{Act: admin.ProtectSheet, Who: cmd.Login})
}

type accountResetFactorsCmd struct {
	where
	account
	Reason string `help:"Why, and how the person was recognised, for the journal." required:""`
}

func (cmd *accountResetFactorsCmd) Run(ctx context.Context, con *console) error {
	return cmd.protect(ctx, con, cmd.Reason, admin.ProtectAct{Act: admin.ProtectResetFactors, Who: cmd.Login})
}

// protect has a server do an act and prints what it says, if it was done.
func (w *where) protect(ctx context.Context, con *console, reason string, act admin.ProtectAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Protect(ctx, operator(reason), act) })
}
