// Command summary runs one `go test -json` and says of it only what a reader needs: the output of what failed, the
// reasons of what was skipped, the peers that were met, and one closing line. test/run calls it once a stage:
//
//	summary -stage NAME -totals FILE [-conformance] -- go test -json …
//	summary -totals FILE -close
//
// The second form adds the stages up and prints "N passed, N failed, N skipped". Both exit with 1 when something
// failed, or when nothing ran.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	// An interrupted run ends its go test, and that its tests.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ok, err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (ok bool, err error) {
	flags := flag.NewFlagSet("summary", flag.ContinueOnError)
	stage := flags.String("stage", "", "name of the stage")
	totals := flags.String("totals", "", "file that the counts of all stages are added to")
	conformance := flags.Bool("conformance", false, "fail when no test ran on the store engines, or not as many on each")
	closing := flags.Bool("close", false, "print the sum of all stages")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	sum, err := readTotals(*totals)
	if err != nil {
		return false, err
	}
	if *closing {
		fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", sum.Passed, sum.Failed, sum.Skipped)
		return sum.Failed == 0 && sum.Passed > 0, nil
	}
	start := time.Now()
	t, err := runStage(ctx, flags.Args())
	if err != nil {
		return false, err
	}
	if *conformance {
		t.compareEngines(os.Getenv("NAVETTE_REQUIRE") == "1")
	}
	t.print(out, *stage, time.Since(start))
	c := t.counts()
	sum.Passed += c.Passed
	sum.Failed += c.Failed
	sum.Skipped += c.Skipped
	return c.Failed == 0, writeTotals(*totals, sum)
}

// runStage runs a go test command and tallies its events.
func runStage(ctx context.Context, command []string) (*tally, error) {
	if len(command) == 0 {
		return nil, errors.New("no command after --")
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t := newTally()
	if err := t.read(stdout); err != nil {
		return nil, errors.Join(err, cmd.Wait())
	}
	if err := cmd.Wait(); err != nil && t.counts().Failed == 0 {
		// The go command failed before or beside the tests: a bad flag, a broken go.mod.
		t.problem("%s: %v\n%s", command[0], err, stderr.Bytes())
	}
	return t, nil
}

func readTotals(path string) (c counts, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return counts{}, nil
	}
	if err != nil {
		return counts{}, err
	}
	err = json.Unmarshal(text, &c)
	return c, err
}

func writeTotals(path string, c counts) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
