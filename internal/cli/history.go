package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"navette/internal/admin"
	"navette/internal/history"
)

type accountHistoryCmd struct {
	where
	Who string `arg:"" help:"Address (also one of the past), login, or id_rh."`
}

func (cmd *accountHistoryCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	var events []history.Event
	err = operate(ctx, con, c, func(ops admin.Operations) (err error) {
		events, err = ops.History(ctx, cmd.Who)
		return err
	})
	if err != nil {
		return err
	}
	w := bufio.NewWriter(con.out)
	if strings.Contains(cmd.Who, "@") {
		fmt.Fprintf(w, "Pourquoi %s :\n", cmd.Who)
		tell(w, history.About(events, cmd.Who))
		fmt.Fprintln(w, "Toute l'histoire du compte :")
	}
	tell(w, events)
	return w.Flush()
}

func tell(w *bufio.Writer, events []history.Event) {
	for _, e := range events {
		fmt.Fprintf(w, "  %s\n", e.Sentence(time.Local))
	}
}
