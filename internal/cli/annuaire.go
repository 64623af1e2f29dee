package cli

import (
	"context"
	"strings"

	"navette/internal/admin"
	"navette/internal/annuaire"
)

type annuaireCmd struct {
	Search annuaireSearchCmd `cmd:"" help:"Look for people, boxes and vacant posts; the liste rouge is shown too, and marked."`
	Hide   annuaireHideCmd   `cmd:"" help:"Put an agent under threat on the liste rouge: the directory shows them to nobody but those entitled."`
	Show   annuaireShowCmd   `cmd:"" help:"Take an agent off the liste rouge."`
}

// annuaire has a server do an act on the directory, and prints what it says.
func (w *where) annuaire(ctx context.Context, con *console, reason string, act admin.AnnuaireAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Annuaire(ctx, operator(reason), act) })
}

type annuaireSearchCmd struct {
	where
	Words []string `arg:"" help:"Names, functions, corps, schools, towns, in any order; beginnings do."`
	UAI   string   `name:"uai" help:"Only this establishment." placeholder:"UAI"`
	Limit int      `help:"How many entries at most." default:"20"`
}

func (cmd *annuaireSearchCmd) Run(ctx context.Context, con *console) error {
	return cmd.annuaire(ctx, con, "", admin.AnnuaireAct{Act: admin.AnnuaireSearch,
		Query: annuaire.Query{Text: strings.Join(cmd.Words, " "), UAI: cmd.UAI, Limit: cmd.Limit}})
}

type annuaireHideCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *annuaireHideCmd) Run(ctx context.Context, con *console) error {
	return cmd.annuaire(ctx, con, cmd.Reason, admin.AnnuaireAct{Act: admin.AnnuaireHide, Who: cmd.Login})
}

type annuaireShowCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *annuaireShowCmd) Run(ctx context.Context, con *console) error {
	return cmd.annuaire(ctx, con, cmd.Reason, admin.AnnuaireAct{Act: admin.AnnuaireShow, Who: cmd.Login})
}
