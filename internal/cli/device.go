package cli

import (
	"context"
	"time"

	"navette/internal/admin"
)

type appPasswordCmd struct {
	List        appPasswordListCmd        `cmd:"" help:"Print what mail programs of an account sign in with, one a line: number, kind, made on, last use, until when, name."`
	Create      appPasswordCreateCmd      `cmd:"" help:"Make a password for one device, which opens mail only, and print it: it is shown once."`
	Revoke      appPasswordRevokeCmd      `cmd:"" help:"Take one back; connections that are open end."`
	Token       appPasswordTokenCmd       `cmd:"" help:"Issue an access token (OAUTHBEARER, XOAUTH2) and print it: it is shown once."`
	RevokeToken appPasswordRevokeTokenCmd `cmd:"" help:"Take a token back; connections that are open end."`
}

// account is the argument that says whose.
type account struct {
	Login string `arg:"" help:"Login, or any address of the account."`
}

// devices has a server do an act and prints what it says.
func (w *where) devices(ctx context.Context, con *console, reason string, act admin.DeviceAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Device(ctx, operator(reason), act) })
}

type appPasswordListCmd struct {
	where
	account
}

func (cmd *appPasswordListCmd) Run(ctx context.Context, con *console) error {
	return cmd.devices(ctx, con, "", admin.DeviceAct{Act: admin.DeviceList, Who: cmd.Login})
}

type appPasswordCreateCmd struct {
	where
	account
	Name   string `help:"What the device is called." required:"" placeholder:"NAME"`
	Reason string `help:"Why, for the journal." default:"asked for by its owner"`
}

func (cmd *appPasswordCreateCmd) Run(ctx context.Context, con *console) error {
	return cmd.devices(ctx, con, cmd.Reason, admin.DeviceAct{Act: admin.DeviceCreate, Who: cmd.Login, Label: cmd.Name})
}

type appPasswordRevokeCmd struct {
	where
	account
	Number int64  `arg:"" help:"Its number, as the list has it."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *appPasswordRevokeCmd) Run(ctx context.Context, con *console) error {
	return cmd.devices(ctx, con, cmd.Reason, admin.DeviceAct{Act: admin.DeviceRevoke, Who: cmd.Login, ID: cmd.Number})
}

type appPasswordTokenCmd struct {
	where
	account
	Name   string        `help:"What the program is called." required:"" placeholder:"NAME"`
	Life   time.Duration `help:"How long it holds, a day at most." default:"1h" placeholder:"1h"`
	Reason string        `help:"Why, for the journal." default:"asked for by its owner"`
}

func (cmd *appPasswordTokenCmd) Run(ctx context.Context, con *console) error {
	return cmd.devices(ctx, con, cmd.Reason, admin.DeviceAct{Act: admin.DeviceToken, Who: cmd.Login, Label: cmd.Name, Life: cmd.Life})
}

type appPasswordRevokeTokenCmd struct {
	where
	account
	Number int64  `arg:"" help:"Its number, as the list has it."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *appPasswordRevokeTokenCmd) Run(ctx context.Context, con *console) error {
	return cmd.devices(ctx, con, cmd.Reason, admin.DeviceAct{Act: admin.DeviceRevokeToken, Who: cmd.Login, ID: cmd.Number})
}
