package cli

import (
	"context"

	"navette/internal/admin"
	"navette/internal/directory"
)

type establishmentCmd struct {
	List establishmentListCmd `cmd:"" help:"Print every establishment, one a line: UAI, nature, city, name."`
	Set  establishmentSetCmd  `cmd:"" help:"Describe an establishment by hand; its box follows. A UAI with a wrong key is refused."`
}

type establishmentListCmd struct{ where }

func (cmd *establishmentListCmd) Run(ctx context.Context, con *console) error {
	return cmd.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Establishments(ctx) })
}

type establishmentSetCmd struct {
	where
	UAI    string `arg:"" name:"uai" help:"Seven digits and their key."`
	Name   string `help:"As people know it: « Collège Mathilde-Vauquelin »." required:"" placeholder:"NAME"`
	Nature string `help:"Code of the register: 340 collège, 306 lycée polyvalent, 151 école élémentaire…" required:"" placeholder:"CODE"`
	City   string `help:"Where it stands." placeholder:"TEXT"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *establishmentSetCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	e := directory.Establishment{UAI: cmd.UAI, Name: cmd.Name, Nature: cmd.Nature, City: cmd.City}
	return operate(ctx, con, c, func(ops admin.Operations) error { return ops.SetEstablishment(ctx, operator(cmd.Reason), e) })
}
