package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"navette/internal/admin"
	"navette/internal/enrolment"
	"navette/internal/safeio"
)

type importAAFCmd struct {
	where
	Path   string   `arg:"" help:"A folder of AAF files, or an archive of them (.zip, .tar, .tgz)." type:"path"`
	DryRun bool     `help:"Say what would happen, and change nothing."`
	Year   int      `help:"School year that the exports tell of, by its September; by default that of their day, up to 29 August the one that ends." placeholder:"YEAR"`
	Report string   `help:"Write a report that a manager can read: a page (.html) or a table (.csv). It names no pupil and no guardian." placeholder:"FILE" type:"path"`
	Force  []string `help:"Import although pupils, guardians or classes of these establishments disappear as they never should; all: everywhere." placeholder:"UAI|all"`
	Reason string   `help:"Why the disappearance is right, for the journal." default:"forced by the operator"`
}

func (cmd *importAAFCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	write, err := schoolReportWriter(cmd.Report)
	if err != nil {
		return err
	}
	source, closeSource, err := openSource(cmd.Path)
	if err != nil {
		return usageError{err}
	}
	defer closeSource()
	tick, end := progress(con.err, "import")
	var reports enrolment.Reports
	err = operate(ctx, con, c, func(ops admin.Operations) (err error) {
		reports, err = ops.ImportAAF(ctx, source, admin.AAFOptions{DryRun: cmd.DryRun, Year: cmd.Year, Force: cmd.Force, By: operator(cmd.Reason)}, tick)
		return err
	})
	end()
	if cmd.Report != "" {
		refusal := ""
		if err != nil {
			refusal = textOf(err)
		}
		var page bytes.Buffer
		if werr := write(reports, &page, refusal); werr != nil {
			return errors.Join(err, werr)
		}
		if werr := safeio.WriteFile(cmd.Report, page.Bytes()); werr != nil {
			return errors.Join(err, werr)
		}
	}
	if err != nil && len(reports) > 0 { // of the last one the error tells
		reports = reports[:len(reports)-1]
	}
	for _, r := range reports {
		printSchoolReport(con.out, r)
	}
	return err
}

// openSource opens a folder or an archive.
func openSource(path string) (source enrolment.Source, done func(), err error) {
	info, err := os.Stat(path)
	if err != nil {
		return source, nil, err
	}
	source.Name = filepath.Base(path)
	if info.IsDir() {
		source.Folder = os.DirFS(path)
		return source, func() {}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return source, nil, err
	}
	source.Archive = f
	return source, func() { f.Close() }, nil
}

// schoolReportWriter finds the form of a report by the name of its file.
func schoolReportWriter(name string) (func(r enrolment.Reports, w io.Writer, refusal string) error, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html":
		return enrolment.Reports.WriteHTML, nil
	case ".csv":
		return enrolment.Reports.WriteCSV, nil
	}
	if name == "" {
		return nil, nil
	}
	return nil, usage("--report: the name must end in .html or .csv")
}

// printSchoolReport prints what a terminal is shown of a report.
func printSchoolReport(w io.Writer, r enrolment.Report) {
	fmt.Fprintf(w, "%s : %s\n", r.Title(), r.Subtitle())
	for _, f := range r.Figures() {
		if f.Named+f.Absent > 0 {
			fmt.Fprintf(w, "  %s : %d lus, %d nouveaux, %d modifiés, %d inchangés, %d absents\n", f.Name, f.Named, f.New, f.Changed, f.Unchanged, f.Absent)
		}
	}
	if r.Former > 0 {
		fmt.Fprintf(w, "  %d adresses d'avant restent protégées\n", r.Former)
	}
	for _, x := range r.Falls {
		decision := "arrêterait l'export ; si c'est voulu : --force " + x.Name
		if x.Forced {
			decision = "forcée"
		}
		fmt.Fprintf(w, "  disparition, %v : %s\n", x, decision)
	}
	for i, x := range r.Rejections {
		if i == maxPrinted {
			fmt.Fprintf(w, "  … et %d autres rejets\n", r.Rejected-i)
			break
		}
		fmt.Fprintf(w, "  rejet, %s ligne %d, %s %s : %s\n", x.File, x.Line, x.Category, x.Key, x.Reason)
	}
	for i, x := range r.Warnings {
		if i == maxPrinted {
			fmt.Fprintf(w, "  … et %d autres avertissements\n", len(r.Warnings)-i)
			break
		}
		fmt.Fprintf(w, "  avertissement, %s ligne %d, %s %s : %s (%d)\n", x.File, x.Line, x.Category, x.Key, x.Text, x.Count)
	}
	if n := len(r.Doubts); n > 0 {
		fmt.Fprintf(w, "  %d personnels douteux : navette aaf doubtful\n", n)
	}
}

type aafCmd struct {
	Status    aafStatusCmd    `cmd:"" help:"Print the school years: which is current, how new it is, how many pupils it has."`
	Doubtful  aafDoubtfulCmd  `cmd:"" help:"Print the staff of AAF of whom it is not sure which agent they are."`
	Match     aafMatchCmd     `cmd:"" help:"Say which agent somebody of AAF's staff is; no import changes it."`
	Switch    aafSwitchCmd    `cmd:"" help:"Make a prepared school year the current one, and lock the one before it."`
	Protect   aafProtectCmd   `cmd:"" help:"Protect the address on standard input as one of a guardian or a pupil."`
	Unprotect aafUnprotectCmd `cmd:"" help:"Take back the protection by hand of the address on standard input."`
}

// schoolAct does one act, and prints its lines.
func schoolAct(ctx context.Context, con *console, w *where, reason string, act admin.SchoolAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.School(ctx, operator(reason), act) })
}

type aafStatusCmd struct{ where }

func (cmd *aafStatusCmd) Run(ctx context.Context, con *console) error {
	return schoolAct(ctx, con, &cmd.where, "", admin.SchoolAct{Do: "status"})
}

type aafDoubtfulCmd struct{ where }

func (cmd *aafDoubtfulCmd) Run(ctx context.Context, con *console) error {
	return schoolAct(ctx, con, &cmd.where, "", admin.SchoolAct{Do: "doubtful"})
}

type aafMatchCmd struct {
	where
	Key    string `arg:"" name:"jointure" help:"Join key of the staff (ENTPersonJointure)."`
	Login  string `arg:"" optional:"" help:"Login of the agent that they are; without one, nobody of the HR file."`
	Degree int    `help:"Of the join key: 1 écoles, 2 collèges and lycées." enum:"1,2" default:"2"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *aafMatchCmd) Run(ctx context.Context, con *console) error {
	return schoolAct(ctx, con, &cmd.where, cmd.Reason, admin.SchoolAct{Do: "match", Key: cmd.Key, Login: cmd.Login, Degree: cmd.Degree})
}

type aafSwitchCmd struct {
	where
	Year   int      `arg:"" help:"The school year, by its September: 2026."`
	By     string   `help:"Who approved the switch." required:"" placeholder:"NAME"`
	Force  []string `help:"Switch although these establishments have far fewer pupils in that year; all: everywhere." placeholder:"UAI|all"`
	Reason string   `help:"Why, for the journal." required:""`
}

func (cmd *aafSwitchCmd) Run(ctx context.Context, con *console) error {
	return schoolAct(ctx, con, &cmd.where, cmd.Reason, admin.SchoolAct{Do: "switch", Year: cmd.Year, ApprovedBy: cmd.By, Force: cmd.Force})
}

type aafProtectCmd struct {
	where
	UAI    string `help:"School whose guardian or pupil it is." name:"uai" required:"" placeholder:"UAI"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *aafProtectCmd) Run(ctx context.Context, con *console) error {
	return protectAddress(ctx, con, &cmd.where, cmd.Reason, "protect", cmd.UAI)
}

type aafUnprotectCmd struct {
	where
	UAI    string `help:"School whose guardian or pupil it was." name:"uai" required:"" placeholder:"UAI"`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *aafUnprotectCmd) Run(ctx context.Context, con *console) error {
	return protectAddress(ctx, con, &cmd.where, cmd.Reason, "unprotect", cmd.UAI)
}

// protectAddress reads the address from standard input, so that no history of a shell keeps it.
func protectAddress(ctx context.Context, con *console, w *where, reason, do, uai string) error {
	line, err := bufio.NewReader(con.in).ReadString('\n')
	if err != nil && (err != io.EOF || line == "") {
		return usage("no address on standard input")
	}
	return schoolAct(ctx, con, w, reason, admin.SchoolAct{Do: do, UAI: uai, Address: strings.TrimSpace(line)})
}
