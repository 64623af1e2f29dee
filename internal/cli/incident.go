package cli

import (
	"context"
	"time"

	"navette/internal/admin"
	"navette/internal/incident"
)

type incidentCmd struct {
	List    incidentListCmd    `cmd:"" help:"Print the register of breaches: number, since when, until when to decide, how many, what."`
	Declare incidentDeclareCmd `cmd:"" help:"Write a breach into the register: of a message, what it showed to how many is counted."`
	Decide  incidentDecideCmd  `cmd:"" help:"Note whether a breach was notified, and why, either way."`
	Export  incidentExportCmd  `cmd:"" help:"Print the register as CSV: no address is in it."`
}

// Help tells of the clock.
func (incidentCmd) Help() string {
	return `Addresses that were shown to people who should not have them are a personal data breach: each is kept in the register, and
notified to the authority within 72 hours from when the académie became aware, unless there is no risk (RGPD, art. 33). Words
of the register hold no address.`
}

// incidents has a server do an act on the register, and prints what it says.
func (w *where) incidents(ctx context.Context, con *console, reason string, act admin.IncidentAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Incident(ctx, operator(reason), act) })
}

type incidentListCmd struct{ where }

func (cmd *incidentListCmd) Run(ctx context.Context, con *console) error {
	return cmd.incidents(ctx, con, "", admin.IncidentAct{Act: admin.IncidentList})
}

type incidentDeclareCmd struct {
	where
	Delivery int64  `help:"Number of the message's delivery, as the log and the report of a mailing have it." placeholder:"N"`
	What     string `help:"What happened, without addresses." required:""`
	Aware    string `help:"Since when the académie knows; now." placeholder:"DD/MM/YYYY HH:MM"`
	Happened string `help:"Of what was no message: when." placeholder:"DD/MM/YYYY HH:MM"`
	Exposed  int    `help:"Of what was no message: guardians and pupils concerned." placeholder:"N"`
	Others   int    `help:"Of what was no message: other people concerned." placeholder:"N"`
	Reason   string `help:"Why, for the journal." required:""`
}

func (cmd *incidentDeclareCmd) Run(ctx context.Context, con *console) error {
	r := incident.Report{Delivery: cmd.Delivery, What: cmd.What, Counts: incident.Counts{Exposed: cmd.Exposed, Others: cmd.Others}}
	var err error
	if r.Aware, err = instant("--aware", cmd.Aware); err != nil {
		return err
	}
	if r.Happened, err = instant("--happened", cmd.Happened); err != nil {
		return err
	}
	return cmd.incidents(ctx, con, cmd.Reason, admin.IncidentAct{Act: admin.IncidentDeclare, Report: r})
}

// instant reads a day, with an hour or without, in the machine's zone; zero for "".
func instant(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"02/01/2006 15:04", "02/01/2006"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("%s: %q is no day and hour", flag, text)
}

type incidentDecideCmd struct {
	where
	Number   int64  `arg:"" help:"Number of the entry."`
	Notified string `help:"When the authority was told; without it, it is not." placeholder:"DD/MM/YYYY HH:MM"`
	Informed string `help:"When the people concerned were told." placeholder:"DD/MM/YYYY HH:MM"`
	Measures string `help:"What was done." placeholder:"TEXT"`
	Reason   string `help:"Why it is notified, or is not: for the register and the journal." required:""`
}

func (cmd *incidentDecideCmd) Run(ctx context.Context, con *console) error {
	d := incident.Decision{Reason: cmd.Reason, Measures: cmd.Measures}
	var err error
	if d.Notified, err = instant("--notified", cmd.Notified); err != nil {
		return err
	}
	if d.Informed, err = instant("--informed", cmd.Informed); err != nil {
		return err
	}
	return cmd.incidents(ctx, con, cmd.Reason, admin.IncidentAct{Act: admin.IncidentDecide, ID: cmd.Number, Decision: d})
}

type incidentExportCmd struct{ where }

func (cmd *incidentExportCmd) Run(ctx context.Context, con *console) error {
	return cmd.incidents(ctx, con, "", admin.IncidentAct{Act: admin.IncidentExport})
}
