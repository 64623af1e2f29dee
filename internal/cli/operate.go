package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"

	"golang.org/x/term"

	"navette/internal/admin"
	"navette/internal/config"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/node"
)

// operate runs fn with the operations of the server that c describes: through its socket where it runs, else in this
// process, under the lock of the data folder.
func operate(ctx context.Context, con *console, c *config.Config, fn func(admin.Operations) error) error {
	if client := admin.Dial(ctx, node.SocketPath(c)); client != nil {
		return fn(client)
	}
	h, err := node.Open(ctx, c, con.log)
	if err != nil {
		return err
	}
	err = fn(h.Operations())
	if cerr := h.Close(); err == nil {
		err = cerr
	}
	return err
}

// act has a server do an act, and prints the lines that it says: of an act that failed half-way too.
func (w *where) act(ctx context.Context, con *console, do func(admin.Operations) ([]string, error)) error {
	c, err := w.load()
	if err != nil {
		return err
	}
	var lines []string
	err = operate(ctx, con, c, func(ops admin.Operations) (err error) {
		lines, err = do(ops)
		return err
	})
	for _, line := range lines {
		fmt.Fprintln(con.out, line)
	}
	return err
}

// operator names who acts in the journal: the system user, and through sudo the one behind it.
func operator(reason string) identity.By {
	name := os.Getenv("SUDO_USER")
	if u, err := user.Current(); err == nil && name == "" {
		name = u.Username
	}
	return identity.By{Actor: "cli:" + name, Reason: reason}
}

type accountCmd struct {
	List         accountListCmd         `cmd:"" help:"Print every account, one a line: login, state, addresses."`
	Password     accountPasswordCmd     `cmd:"" help:"Set a password; an account that is only appointed becomes active."`
	Suspend      accountSuspendCmd      `cmd:"" help:"Close an account for security, within a second, everywhere."`
	Resume       accountResumeCmd       `cmd:"" help:"Open a suspended account again."`
	Sheet        accountSheetCmd        `cmd:"" help:"Print a one-time activation code, to be handed over in person: it is shown once."`
	ResetFactors accountResetFactorsCmd `cmd:"" help:"Take every second factor and recovery code off an account, and end its sessions."`
	AppPassword  appPasswordCmd         `cmd:"" help:"What mail programs of an account sign in with: list, create, revoke."`
	History      accountHistoryCmd      `cmd:"" help:"Say what happened to an account, or why somebody has an address, since when, on whose document."`
}

type accountListCmd struct{ where }

func (cmd *accountListCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	w := bufio.NewWriter(con.out)
	err = operate(ctx, con, c, func(ops admin.Operations) error {
		return ops.Accounts(ctx, func(a identity.AccountLine) error {
			_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Login, a.State, a.Kind, strings.Join(a.Addresses, " "))
			return err
		})
	})
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	return err
}

type accountPasswordCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Reason string `help:"Why, for the journal." default:"set by the operator"`
}

func (cmd *accountPasswordCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	secret, err := askPassword(con)
	if err != nil {
		return err
	}
	return operate(ctx, con, c, func(ops admin.Operations) error {
		return ops.SetPassword(ctx, operator(cmd.Reason), cmd.Login, secret)
	})
}

// askPassword asks twice on a terminal, and reads one line from anything else.
func askPassword(con *console) (string, error) {
	f, ok := con.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(con.in).ReadString('\n')
		if err != nil && (err != io.EOF || line == "") {
			return "", usage("no password on standard input")
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, prompt := range []string{"New password: ", "Again: "} {
		fmt.Fprint(con.err, prompt)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(con.err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", failure.New(failure.Permanent, "the two passwords differ")
	}
	return typed[0], nil
}

type accountSuspendCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *accountSuspendCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	return operate(ctx, con, c, func(ops admin.Operations) error { return ops.Suspend(ctx, operator(cmd.Reason), cmd.Login) })
}

type accountResumeCmd struct {
	where
	Login  string `arg:"" help:"Login, or any address of the account."`
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *accountResumeCmd) Run(ctx context.Context, con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	return operate(ctx, con, c, func(ops admin.Operations) error { return ops.Resume(ctx, operator(cmd.Reason), cmd.Login) })
}
