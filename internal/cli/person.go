package cli

import (
	"context"

	"navette/internal/admin"
	"navette/internal/directory"
)

type personCmd struct {
	Twins   personTwinsCmd   `cmd:"" help:"List the records that may be one person; only a human merges them."`
	Merge   personMergeCmd   `cmd:"" help:"Two records are one person: make the second part of the first."`
	Split   personSplitCmd   `cmd:"" help:"One record is two people: make the other one a record of their own."`
	Sponsor personSponsorCmd `cmd:"" help:"Open a provisional account, 30 days, for somebody whom a head vouches for."`
	Died    personDiedCmd    `cmd:"" help:"Record a death: nobody signs in any more."`
}

// identityFlags are how a command names who somebody is.
type identityFlags struct {
	Civility  string `help:"M. or Mme." placeholder:"TEXT"`
	BirthName string `help:"Name at birth." required:"" placeholder:"NAME"`
	UsageName string `help:"Usage name, where it differs." placeholder:"NAME"`
	Forenames string `help:"Forenames, in their order." placeholder:"NAMES"`
	BirthDate string `help:"JJ/MM/AAAA." required:"" placeholder:"DATE"`
}

func (f identityFlags) person(idRH string) (directory.Person, error) {
	birth, err := directory.ParseDate(f.BirthDate)
	if err != nil {
		return directory.Person{}, usage("--birth-date: %v", err)
	}
	return directory.Person{HRID: idRH, Civility: f.Civility, BirthName: f.BirthName, UsageName: f.UsageName, Forenames: f.Forenames, Birth: birth}, nil
}

// do has a server do an act and prints what it says.
func (w *where) do(ctx context.Context, con *console, reason string, act admin.PersonAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Person(ctx, operator(reason), act) })
}

type personTwinsCmd struct{ where }

func (cmd *personTwinsCmd) Run(ctx context.Context, con *console) error {
	return cmd.do(ctx, con, "", admin.PersonAct{Act: admin.PersonTwins})
}

type personMergeCmd struct {
	where
	Kept      string `arg:"" help:"id_rh of the record that stays."`
	Gone      string `arg:"" help:"id_rh of the one that becomes part of it."`
	Reference string `help:"The document that says so." required:""`
	Reason    string `help:"Why, for the journal." default:"same person"`
}

func (cmd *personMergeCmd) Run(ctx context.Context, con *console) error {
	return cmd.do(ctx, con, cmd.Reason, admin.PersonAct{Act: admin.PersonMerge, A: cmd.Kept, B: cmd.Gone, Reference: cmd.Reference})
}

type personSplitCmd struct {
	where
	identityFlags
	From      string  `arg:"" help:"id_rh of the record."`
	IDRH      string  `name:"id-rh" help:"id_rh of the other person, which no record has." required:"" placeholder:"ID"`
	Function  []int64 `help:"Number of a function of the record that is the other person's." placeholder:"N"`
	Reference string  `help:"The document that says so." required:""`
	Reason    string  `help:"Why, for the journal." default:"two people"`
}

func (cmd *personSplitCmd) Run(ctx context.Context, con *console) error {
	p, err := cmd.person(cmd.IDRH)
	if err != nil {
		return err
	}
	return cmd.do(ctx, con, cmd.Reason, admin.PersonAct{Act: admin.PersonSplit, A: cmd.From, Person: p, Functions: cmd.Function, Reference: cmd.Reference})
}

type personSponsorCmd struct {
	where
	identityFlags
	Sponsor string `arg:"" help:"Login of the head who vouches."`
	UAI     string `name:"uai" help:"The school." required:""`
	Reason  string `help:"Why, for the journal." default:"arrived before the HR file"`
}

func (cmd *personSponsorCmd) Run(ctx context.Context, con *console) error {
	p, err := cmd.person("")
	if err != nil {
		return err
	}
	return cmd.do(ctx, con, cmd.Reason, admin.PersonAct{Act: admin.PersonSponsor, A: cmd.Sponsor, Person: p, UAI: cmd.UAI})
}

type personDiedCmd struct {
	where
	Login     string `arg:"" help:"Login, or any address of the account."`
	Day       string `help:"JJ/MM/AAAA." required:""`
	Reference string `help:"The document that says so." required:""`
	Reason    string `help:"Why, for the journal." default:"death recorded"`
}

func (cmd *personDiedCmd) Run(ctx context.Context, con *console) error {
	day, err := directory.ParseDate(cmd.Day)
	if err != nil {
		return usage("--day: %v", err)
	}
	return cmd.do(ctx, con, cmd.Reason, admin.PersonAct{Act: admin.PersonDied, A: cmd.Login, Day: day, Reference: cmd.Reference})
}
