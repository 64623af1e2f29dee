package cli

import (
	"context"
	"fmt"

	"navette/internal/check"
	"navette/internal/failure"
	"navette/internal/node"
)

type checkCmd struct {
	where
	Deep bool `help:"Read every octet too: checksums, and facts against a fresh reading. Takes as long as reading all mail."`
}

// Run verifies beside a running server, or without one. Exit code 1 when something does not hold.
func (cmd *checkCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	h, err := node.OpenToRead(ctx, c, con.log)
	if err != nil {
		return err
	}
	defer h.Close() //nolint:errcheck // nothing was written
	tick, end := progress(con.err, "check")
	r, err := h.Checker().Verify(ctx, check.Options{Deep: cmd.Deep, Retention: c.Recovery.KeepDeleted,
		Progress: func(done, total int64) { tick(int(done), int(total)) }})
	end()
	if err != nil {
		return err
	}
	for _, f := range r.Findings {
		fmt.Fprintln(con.out, f)
	}
	if r.More > 0 {
		fmt.Fprintf(con.out, "… and %d more\n", r.More)
	}
	fmt.Fprintf(con.out, "%d accounts, %d deliveries, %d messages, %d contents; leftovers to be collected: %d objects, %d contents\n",
		r.Accounts, r.Deliveries, r.Messages, r.Contents, r.OrphanObjects, r.OrphanContents)
	if !r.Clean() {
		return failure.New(failure.Permanent, "%d findings", len(r.Findings)+r.More)
	}
	fmt.Fprintln(con.out, "clean")
	return nil
}
