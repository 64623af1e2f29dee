package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"navette/internal/admin"
	"navette/internal/roster"
	"navette/internal/safeio"
)

type importCmd struct {
	HR  importHRCmd  `cmd:"" name:"hr" help:"Import a complete HR file: joiners, changes, ends of functions."`
	AAF importAAFCmd `cmd:"" name:"aaf" help:"Import AAF exports, complete or delta: pupils, guardians, classes, who teaches them."`
}

type importHRCmd struct {
	where
	File   string   `arg:"" help:"The file; its last line is #FIN;<number of data lines>." type:"existingfile"`
	DryRun bool     `help:"Say what would happen, and change nothing."`
	Report string   `help:"Write a report that a manager can read: a page (.html) or a table (.csv). It names people, and no NUMEN." placeholder:"FILE" type:"path"`
	Force  []string `help:"Import although the lines of these categories or establishments fell as they never should." placeholder:"CATEGORY|UAI"`
	Reason string   `help:"Why the fall is right, for the journal." default:"forced by the operator"`
}

func (cmd *importHRCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	write, err := reportWriter(cmd.Report)
	if err != nil {
		return err
	}
	f, err := os.Open(cmd.File)
	if err != nil {
		return err
	}
	defer f.Close()
	tick, end := progress(con.err, "import")
	var report roster.Report
	err = operate(ctx, con, c, func(ops admin.Operations) (err error) {
		report, err = ops.ImportHR(ctx, f, admin.ImportOptions{DryRun: cmd.DryRun, Details: cmd.Report != "",
			Force: cmd.Force, By: operator(cmd.Reason)}, tick)
		return err
	})
	end()
	if cmd.Report != "" {
		refusal := ""
		if err != nil {
			refusal = textOf(err)
		}
		var page bytes.Buffer
		if werr := write(report, &page, refusal); werr != nil {
			return errors.Join(err, werr)
		}
		if werr := safeio.WriteFile(cmd.Report, page.Bytes()); werr != nil {
			return errors.Join(err, werr)
		}
	}
	if err != nil {
		return err
	}
	return printReport(con.out, report)
}

// reportWriter finds the form of a report by the name of its file.
func reportWriter(name string) (func(r roster.Report, w io.Writer, refusal string) error, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html":
		return roster.Report.WriteHTML, nil
	case ".csv":
		return roster.Report.WriteCSV, nil
	}
	if name == "" {
		return nil, nil
	}
	return nil, usage("--report: the name must end in .html or .csv")
}

// maxPrinted is how many warnings and rejections a terminal is shown of each; the count says how many there are.
const maxPrinted = 200

func printReport(w io.Writer, r roster.Report) error {
	head := "Importé"
	if r.DryRun {
		head = "Essai, rien n'est changé"
	}
	fmt.Fprintf(w, "%s : %d lignes (%s)\n", head, r.Lines, r.Encoding)
	fmt.Fprintf(w, "  arrivées %d, modifications %d, inchangés %d, fonctions terminées %d, lignes rejetées %d\n",
		r.Joiners, r.Changes, r.Unchanged, r.Ended, r.Rejected)
	for _, x := range r.Falls {
		decision := "arrêterait le fichier ; si c'est voulu : --force " + x.Name
		if x.Forced {
			decision = "forcée"
		}
		fmt.Fprintf(w, "  baisse, %v : %s\n", x, decision)
	}
	for i, x := range r.Rejections {
		if i == maxPrinted {
			fmt.Fprintf(w, "  … et %d autres rejets\n", len(r.Rejections)-i)
			break
		}
		fmt.Fprintf(w, "  rejet ligne %d, %s : %s\n", x.Line, x.HRID, x.Reason)
	}
	for i, x := range r.Warnings {
		if i == maxPrinted {
			fmt.Fprintf(w, "  … et %d autres avertissements\n", len(r.Warnings)-i)
			break
		}
		fmt.Fprintf(w, "  avertissement ligne %d, %s : %s (%d)\n", x.Line, x.HRID, x.Text, x.Count)
	}
	return nil
}
