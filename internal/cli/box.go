package cli

import (
	"context"

	"navette/internal/admin"
	"navette/internal/box"
)

type boxCmd struct {
	List    boxListCmd    `cmd:"" help:"Print every box, one a line: login, owners, number of members, name."`
	Show    boxShowCmd    `cmd:"" help:"Tell of one box: addresses, establishment, members."`
	Members boxMembersCmd `cmd:"" help:"Print who may open a box, one a line: login, name, role and why, since when."`
	Add     boxAddCmd     `cmd:"" help:"Let a person open a box, or give them another role."`
	Remove  boxRemoveCmd  `cmd:"" help:"Take away the role that a person was given by hand."`
	Create  boxCreateCmd  `cmd:"" help:"Make the box of a service; those of establishments come with the HR file."`
	Orphans boxOrphansCmd `cmd:"" help:"Print the boxes that nobody owns: login, since when, number of members, name."`
}

// Help tells what a box is, below the one line of kong.
func (boxCmd) Help() string {
	return `A functional box (ce.<UAI>, or a service's) is nobody's account: nobody signs in as it. People open it by their own
names, as owner (says who may open it), member (reads, answers, writes as the box) or reader (only reads).

Whoever directs an establishment (function DIR) owns its box while the function runs; a deputy (ADJ) is a member. Others
are added by an owner, or here. A box is named by its login, any of its addresses, or the UAI; a person by their login,
an address, or the name where only one person bears it.`
}

// boxName is the argument that says which box.
type boxName struct {
	Box string `arg:"" help:"Login, any address, or the UAI of the establishment."`
}

// boxes has a server do an act on boxes and prints what it says.
func (w *where) boxes(ctx context.Context, con *console, reason string, act admin.BoxAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Box(ctx, operator(reason), act) })
}

type boxListCmd struct{ where }

func (cmd *boxListCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, "", admin.BoxAct{Act: admin.BoxList})
}

type boxShowCmd struct {
	where
	boxName
}

func (cmd *boxShowCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, "", admin.BoxAct{Act: admin.BoxShow, Box: cmd.Box})
}

type boxMembersCmd struct {
	where
	boxName
}

func (cmd *boxMembersCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, "", admin.BoxAct{Act: admin.BoxMembers, Box: cmd.Box})
}

type boxAddCmd struct {
	where
	boxName
	Who    string `arg:"" help:"Login, address or name of a person."`
	Role   string `help:"${enum}." enum:"owner,member,reader" default:"member"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *boxAddCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, cmd.Reason, admin.BoxAct{Act: admin.BoxAdd, Box: cmd.Box, Who: cmd.Who, Role: box.Role(cmd.Role)})
}

type boxRemoveCmd struct {
	where
	boxName
	Who    string `arg:"" help:"Login, address or name of a person."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *boxRemoveCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, cmd.Reason, admin.BoxAct{Act: admin.BoxRemove, Box: cmd.Box, Who: cmd.Who})
}

type boxCreateCmd struct {
	where
	Local     string   `arg:"" help:"What stands before the @ of its address; its login."`
	Display   string   `help:"Its name, beside the address." required:"" placeholder:"NAME"`
	Alias     []string `help:"Further addresses that lead to it: what stands before the @." placeholder:"LOCAL"`
	UAI       string   `name:"uai" help:"Establishment or service whose head owns it; the key is checked." placeholder:"UAI"`
	Owner     string   `help:"Login, address or name of a person who owns it." placeholder:"WHO"`
	Reference string   `help:"The document that it is made on." placeholder:"TEXT"`
	Reason    string   `help:"Why, for the journal." required:""`
}

func (cmd *boxCreateCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, cmd.Reason, admin.BoxAct{Act: admin.BoxCreate, Who: cmd.Owner,
		New: box.Box{Local: cmd.Local, Aliases: cmd.Alias, Display: cmd.Display, UAI: cmd.UAI, Reference: cmd.Reference}})
}

type boxOrphansCmd struct{ where }

func (cmd *boxOrphansCmd) Run(ctx context.Context, con *console) error {
	return cmd.boxes(ctx, con, "", admin.BoxAct{Act: admin.BoxOrphans})
}
