package cli

import (
	"context"
	"fmt"
	"net/netip"
	"os"

	"navette/internal/admin"
	"navette/internal/group"
	"navette/internal/reach"
)

type groupCmd struct {
	List    groupListCmd    `cmd:"" help:"Print the groups of a school, one a line: address, members, name."`
	Show    groupShowCmd    `cmd:"" help:"Tell of one group: how many members, who may write to it."`
	Members groupMembersCmd `cmd:"" help:"Print who is in a group now, one a line: name, address of staff, pupils."`
	Export  groupExportCmd  `cmd:"" help:"Print the groups of a school and who is in them, for an ENT."`
}

// Help tells what a computed group is, below the one line of kong.
func (groupCmd) Help() string {
	return `Groups are computed from the AAF exports and the HR file: « Parents de la 4e3 » is whoever the last import says,
parents.4e3.0759001b@…. They are made by themselves. Addresses of guardians and pupils are shown here to nobody.`
}

// groups has a server do an act and prints what it says.
func (w *where) groups(ctx context.Context, con *console, reason string, act admin.GroupAct) error {
	lines, err := w.askGroups(ctx, con, reason, act)
	for _, line := range lines {
		fmt.Fprintln(con.out, line)
	}
	return err
}

func (w *where) askGroups(ctx context.Context, con *console, reason string, act admin.GroupAct) (lines []string, err error) {
	c, err := w.load()
	if err != nil {
		return nil, err
	}
	err = operate(ctx, con, c, func(ops admin.Operations) (err error) {
		lines, err = ops.Group(ctx, operator(reason), act)
		return err
	})
	return lines, err
}

type groupListCmd struct {
	where
	UAI string `name:"uai" help:"The school." placeholder:"UAI" required:""`
}

func (cmd *groupListCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, "", admin.GroupAct{Act: admin.GroupList, UAI: cmd.UAI})
}

// groupName is the argument that says which group.
type groupName struct {
	Group string `arg:"" help:"Address of the group, with or without its domain."`
}

type groupShowCmd struct {
	where
	groupName
}

func (cmd *groupShowCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, "", admin.GroupAct{Act: admin.GroupShow, Group: cmd.Group})
}

type groupMembersCmd struct {
	where
	groupName
}

func (cmd *groupMembersCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, "", admin.GroupAct{Act: admin.GroupMembers, Group: cmd.Group})
}

type groupExportCmd struct {
	where
	UAI    string `name:"uai" help:"The school." placeholder:"UAI" required:""`
	Format string `help:"${enum}: a ListResponse of SCIM 2.0, or one line a member." enum:"scim,csv" default:"scim"`
	Output string `help:"Write there, readable by its owner alone, instead of printing." placeholder:"FILE"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *groupExportCmd) Run(ctx context.Context, con *console) error {
	lines, err := cmd.askGroups(ctx, con, cmd.Reason, admin.GroupAct{Act: admin.GroupExport, UAI: cmd.UAI, Format: group.Format(cmd.Format)})
	if err != nil {
		return err
	}
	out := con.out
	if cmd.Output != "" {
		f, err := os.OpenFile(cmd.Output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		defer f.Close()
		out = f
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
	}
	return nil
}

type delegateCmd struct {
	Give     delegateGiveCmd     `cmd:"" help:"Let somebody write to the families of a class, or of those of a teacher."`
	List     delegateListCmd     `cmd:"" help:"Print the delegations of a school, one a line: number, who, days, for whom, by whom."`
	Withdraw delegateWithdrawCmd `cmd:"" help:"End one at once."`
}

type delegateGiveCmd struct {
	where
	Receiver string `arg:"" help:"Login, address or name of the replacement."`
	UAI      string `name:"uai" help:"The school." placeholder:"UAI" required:""`
	Teacher  string `help:"Login, address or name of the teacher whose classes and groups they are." placeholder:"WHO" xor:"whose" required:""`
	Division string `help:"One class, or « groupe NAME »." placeholder:"NAME" xor:"whose" required:""`
	From     string `help:"First day." placeholder:"DAY" required:""`
	To       string `help:"Last day, within the school year." placeholder:"DAY" required:""`
	Reason   string `help:"Why, for the journal." required:""`
}

func (cmd *delegateGiveCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, cmd.Reason, admin.GroupAct{Act: admin.DelegateGive, UAI: cmd.UAI, Receiver: cmd.Receiver, Teacher: cmd.Teacher,
		Division: cmd.Division, From: cmd.From, To: cmd.To})
}

type delegateListCmd struct {
	where
	UAI string `name:"uai" help:"The school." placeholder:"UAI" required:""`
}

func (cmd *delegateListCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, "", admin.GroupAct{Act: admin.DelegateList, UAI: cmd.UAI})
}

type delegateWithdrawCmd struct {
	where
	Number int64  `arg:"" help:"Of the delegation, as list tells."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *delegateWithdrawCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, cmd.Reason, admin.GroupAct{Act: admin.DelegateWithdraw, Number: cmd.Number})
}

type relayCmd struct {
	Add    relayAddCmd    `cmd:"" help:"Register an ENT, or register it anew."`
	Remove relayRemoveCmd `cmd:"" help:"Take an ENT off."`
	List   relayListCmd   `cmd:"" help:"Print the ENTs, one a line: name, domain, networks, schools."`
}

// Help tells what a registered ENT may do, below the one line of kong.
func (relayCmd) Help() string {
	return `The servers of a registered ENT may post to the computed groups of its schools without signing in: from its networks, with
a sender (MAIL FROM) of its domain.`
}

type relayAddCmd struct {
	where
	Name    string         `arg:"" help:"What it is called here: small letters, digits, hyphens."`
	Network []netip.Prefix `help:"Its servers, as CIDR; several are parted by commas." required:"" placeholder:"CIDR"`
	Sender  string         `help:"Domain that it writes under." required:"" placeholder:"DOMAIN"`
	UAI     []string       `name:"uai" help:"Its schools." required:"" placeholder:"UAI"`
	Reason  string         `help:"Why, for the journal." required:""`
}

func (cmd *relayAddCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, cmd.Reason, admin.GroupAct{Act: admin.ENTAdd,
		ENT: reach.ENT{Name: cmd.Name, Sender: cmd.Sender, Networks: cmd.Network, Schools: cmd.UAI}})
}

type relayRemoveCmd struct {
	where
	Name   string `arg:"" help:"Of the ENT."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *relayRemoveCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, cmd.Reason, admin.GroupAct{Act: admin.ENTRemove, Name: cmd.Name})
}

type relayListCmd struct{ where }

func (cmd *relayListCmd) Run(ctx context.Context, con *console) error {
	return cmd.groups(ctx, con, "", admin.GroupAct{Act: admin.ENTList})
}
