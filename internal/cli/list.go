package cli

import (
	"context"

	"navette/internal/admin"
	"navette/internal/list"
)

type listCmd struct {
	List        listListCmd        `cmd:"" help:"Print every list, one a line: address, kind, who may write, owners, name."`
	Show        listShowCmd        `cmd:"" help:"Tell of one list: owners, rules, how many members."`
	Members     listMembersCmd     `cmd:"" help:"Print whom a list reaches now, one a line: address, name."`
	Count       listCountCmd       `cmd:"" help:"Print how many members a list has now."`
	Explain     listExplainCmd     `cmd:"" help:"Say in a sentence whom a list is for, with counts."`
	Create      listCreateCmd      `cmd:"" help:"Make a list: of people (--member), or by a rule (--rule)."`
	PostRules   listPostRulesCmd   `cmd:"" help:"Say who may write to a list."`
	Set         listSetCmd         `cmd:"" help:"Change the other settings of a list."`
	Add         listAddCmd         `cmd:"" help:"Put members into a list of people."`
	Remove      listRemoveCmd      `cmd:"" help:"Take members out of it."`
	AddOwner    listAddOwnerCmd    `cmd:"" help:"Make somebody an owner."`
	RemoveOwner listRemoveOwnerCmd `cmd:"" help:"Take that away; the last owner stays."`
	Waiting     listWaitingCmd     `cmd:"" help:"Print the posts that wait for an owner: number, date, author, size, subject."`
	Archive     listArchiveCmd     `cmd:"" help:"Print the posts that a list keeps: number, date, author, size, subject."`
	Approve     listApproveCmd     `cmd:"" help:"Send a post that waits to the members."`
	Reject      listRejectCmd      `cmd:"" help:"Do not send it; an author of the académie is told why."`
	Orphans     listOrphansCmd     `cmd:"" help:"Print the lists that nobody owns."`
}

// Help tells what a list is, below the one line of kong.
func (listCmd) Help() string {
	return `A distribution list is an address behind which many people read. The members of a list of people are put there one by
one (also boxes, other lists, and addresses outside); those of a list by rule are whoever the rule is for at the moment
of each message, as ` + "`navette audience explain`" + ` tells:

  catégorie = enseignant et département = 75 sauf fonction = DIR

Who may write: owners, members, agents (of the académie), anyone, or moderated (everybody, but an owner lets each message
through). Members and agents are known by signing in for submission. The owners' own address is LIST-owner@…`
}

type audienceCmd struct {
	Explain audienceExplainCmd `cmd:"" help:"Say in a sentence whom an expression is for, and count them by category and establishment."`
}

type audienceExplainCmd struct {
	where
	Expression string `arg:"" help:"As: catégorie = enseignant et département = 75"`
}

func (cmd *audienceExplainCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListExplain, Expression: cmd.Expression})
}

// listName is the argument that says which list.
type listName struct {
	List string `arg:"" help:"Name or address of the list."`
}

// lists has a server do an act on lists and prints what it says.
func (w *where) lists(ctx context.Context, con *console, reason string, act admin.ListAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.List(ctx, operator(reason), act) })
}

type listListCmd struct{ where }

func (cmd *listListCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListAll})
}

type listOrphansCmd struct{ where }

func (cmd *listOrphansCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListOrphans})
}

type listShowCmd struct {
	where
	listName
}

func (cmd *listShowCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListShow, List: cmd.List})
}

type listMembersCmd struct {
	where
	listName
}

func (cmd *listMembersCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListMembers, List: cmd.List})
}

type listCountCmd struct {
	where
	listName
}

func (cmd *listCountCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListCount, List: cmd.List})
}

type listExplainCmd struct {
	where
	listName
}

func (cmd *listExplainCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListExplain, List: cmd.List})
}

type listCreateCmd struct {
	where
	Local     string   `arg:"" help:"What stands before the @ of its address."`
	Display   string   `help:"Its name, beside the address." required:"" placeholder:"NAME"`
	Owner     []string `help:"Login, address or name of a person who answers for it." required:"" placeholder:"WHO"`
	Rule      string   `help:"Whom it is for." placeholder:"EXPRESSION" xor:"kind"`
	Member    []string `help:"Login or address of a member." placeholder:"WHO" xor:"kind"`
	Posting   string   `help:"Who may write: ${enum}." enum:"owners,members,agents,anyone,moderated" default:"members"`
	Hidden    *bool    `help:"Only owners see who its members are; by default so for a rule." negatable:""`
	Archive   bool     `help:"Keep each message in the list's own account."`
	Leaving   bool     `help:"Members may leave by themselves."`
	MaxSize   int64    `help:"Largest message, in octets." placeholder:"N"`
	Reference string   `help:"The document that it is made on." placeholder:"TEXT"`
	Reason    string   `help:"Why, for the journal." required:""`
}

func (cmd *listCreateCmd) Run(ctx context.Context, con *console) error {
	l := list.List{Local: cmd.Local, Kind: list.Static, Reference: cmd.Reference, Settings: list.Settings{Display: cmd.Display, Expression: cmd.Rule,
		Posting: list.Posting(cmd.Posting), Archive: cmd.Archive, Leaving: cmd.Leaving, MaxSize: cmd.MaxSize}}
	if cmd.Rule != "" {
		l.Kind, l.Hidden = list.Rule, true
	}
	if cmd.Hidden != nil {
		l.Hidden = *cmd.Hidden
	}
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListCreate, New: l, Owners: cmd.Owner, Members: cmd.Member})
}

type listPostRulesCmd struct {
	where
	listName
	Posting string `arg:"" help:"${enum}." enum:"owners,members,agents,anyone,moderated"`
	Reason  string `help:"Why, for the journal." required:""`
}

func (cmd *listPostRulesCmd) Run(ctx context.Context, con *console) error {
	posting := list.Posting(cmd.Posting)
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListSet, List: cmd.List, Change: admin.ListChange{Posting: &posting}})
}

type listSetCmd struct {
	where
	listName
	Display *string `help:"Its name." placeholder:"NAME"`
	Rule    *string `help:"Whom it is for, of a list by rule." placeholder:"EXPRESSION"`
	Hidden  *bool   `help:"Only owners see who its members are." negatable:""`
	Archive *bool   `help:"Keep each message in the list's own account." negatable:""`
	Leaving *bool   `help:"Members may leave by themselves." negatable:""`
	MaxSize *int64  `help:"Largest message, in octets; 0 for no limit." placeholder:"N"`
	Reason  string  `help:"Why, for the journal." required:""`
}

func (cmd *listSetCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListSet, List: cmd.List, Change: admin.ListChange{Display: cmd.Display,
		Expression: cmd.Rule, Hidden: cmd.Hidden, Archive: cmd.Archive, Leaving: cmd.Leaving, MaxSize: cmd.MaxSize}})
}

// listWho names a list and people.
type listWho struct {
	where
	listName
	Who    []string `arg:"" help:"Logins or addresses."`
	Reason string   `help:"Why, for the journal." required:""`
}

type listAddCmd struct{ listWho }

func (cmd *listAddCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListAdd, List: cmd.List, Members: cmd.Who})
}

type listRemoveCmd struct{ listWho }

func (cmd *listRemoveCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListRemove, List: cmd.List, Members: cmd.Who})
}

type listAddOwnerCmd struct{ listWho }

func (cmd *listAddOwnerCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListAddOwner, List: cmd.List, Owners: cmd.Who})
}

type listRemoveOwnerCmd struct{ listWho }

func (cmd *listRemoveOwnerCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListRemoveOwner, List: cmd.List, Owners: cmd.Who})
}

type listWaitingCmd struct {
	where
	listName
}

func (cmd *listWaitingCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListWaiting, List: cmd.List})
}

type listArchiveCmd struct {
	where
	listName
}

func (cmd *listArchiveCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, "", admin.ListAct{Act: admin.ListArchive, List: cmd.List})
}

// listPost names a list and a post that waits.
type listPost struct {
	where
	listName
	Number uint32 `arg:"" help:"Of the post, as waiting tells."`
	Reason string `help:"Why, for the journal, and for the author of a post that is rejected." required:""`
}

type listApproveCmd struct{ listPost }

func (cmd *listApproveCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListApprove, List: cmd.List, Number: cmd.Number})
}

type listRejectCmd struct{ listPost }

func (cmd *listRejectCmd) Run(ctx context.Context, con *console) error {
	return cmd.lists(ctx, con, cmd.Reason, admin.ListAct{Act: admin.ListReject, List: cmd.List, Number: cmd.Number})
}
