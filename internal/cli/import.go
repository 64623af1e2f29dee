package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"navette/internal/admin"
	"navette/internal/roster"
)

type importCmd struct {
	HR importHRCmd `cmd:"" name:"hr" help:"Import a complete HR file: joiners, changes, ends of functions."`
}

type importHRCmd struct {
	where
	File   string   `arg:"" help:"The file; its last line is #FIN;<number of data lines>." type:"existingfile"`
	DryRun bool     `help:"Say what would happen, and change nothing."`
	Force  []string `help:"Import although the number of agents of a category fell as it never should." placeholder:"CATEGORY"`
}

func (cmd *importHRCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
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
		report, err = ops.ImportHR(ctx, f, admin.ImportOptions{DryRun: cmd.DryRun}, tick)
		return err
	})
	end()
	if err != nil {
		return err
	}
	return printReport(con.out, report)
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
