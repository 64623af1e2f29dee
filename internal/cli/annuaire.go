package cli

import (
	"context"
	"fmt"
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
	c, err := w.load()
	if err != nil {
		return err
	}
	var lines []string
	err = operate(ctx, con, c, func(ops admin.Operations) (err error) {
		lines, err = ops.Annuaire(ctx, operator(reason), act)
		return err
	})
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(con.out, line)
	}
	return nil
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
