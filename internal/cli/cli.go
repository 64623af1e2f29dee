// Package cli is the commands of the program: their words, their help, what they print, and their exit codes: 0 done,
// 1 failed, 2 wrong usage or configuration, with one clear line on standard error.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"navette/internal/config"
	"navette/internal/failure"
)

// version is stamped by the linker (make build).
var version = "unknown"

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
}

// usageError is a failure that the words or the configuration caused.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

type commands struct {
	Serve         serveCmd         `cmd:"" help:"Run a server."`
	Demo          demoCmd          `cmd:"" help:"Run a fictional académie on this machine, with people and mail."`
	Config        configCmd        `cmd:"" help:"Print the documented default configuration."`
	Import        importCmd        `cmd:"" help:"Bring people in."`
	AAF           aafCmd           `cmd:"" name:"aaf" help:"School years, who AAF's staff are, addresses protected by hand."`
	Generate      generateCmd      `cmd:"" help:"Invent files to try imports with."`
	Account       accountCmd       `cmd:"" help:"List accounts, set a password, suspend, tell a history."`
	Person        personCmd        `cmd:"" help:"Records of people: merge, split, vouch, record a death."`
	Box           boxCmd           `cmd:"" help:"Functional boxes: who owns and opens them, make one, which have no owner."`
	List          listCmd          `cmd:"" help:"Distribution lists: make one, who is in it, who may write, let posts through."`
	Group         groupCmd         `cmd:"" help:"Computed groups of schools and classes: list, who is in one, export to an ENT."`
	Delegate      delegateCmd      `cmd:"" help:"Who stands in for a teacher, or in a class: give, list, withdraw."`
	Relay         relayCmd         `cmd:"" help:"ENTs whose servers may post to the groups of their schools."`
	Audience      audienceCmd      `cmd:"" help:"Explain and count whom an expression is for."`
	Annuaire      annuaireCmd      `cmd:"" help:"The directory: search, and the liste rouge."`
	Establishment establishmentCmd `cmd:"" help:"Schools and services: list, describe."`
	Forward       forwardCmd       `cmd:"" help:"Automatic forwarding: what there is, exceptions, the inventory of the former system."`
	Frame         frameCmd         `cmd:"" help:"Consent frames: families who agreed to be seen by each other."`
	Incident      incidentCmd      `cmd:"" help:"The register of personal data breaches, with its clock."`
	Proof         proofCmd         `cmd:"" help:"The keys that sign what agents send."`
	Verify        verifyCmd        `cmd:"" help:"Say whether an agent or a box of this installation wrote a message."`
	Check         checkCmd         `cmd:"" help:"Verify everything that is stored, and change nothing."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
}

const description = `Navette: the mail system of an académie.

Commands that take --config or --dir work beside a running server, through its socket, or alone when none runs.`

// Main runs the program with its arguments and returns its exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("navette"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(out, errOut), kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errOut, "navette:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	selected, err := parser.Parse(args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if err != nil {
		fmt.Fprintln(errOut, "navette:", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	con := &console{in: in, out: out, err: errOut, log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	selected.BindTo(ctx, (*context.Context)(nil))
	return con.exitCode(selected.Run(con))
}

// exitCode prints a failure as one line and says what the process ends with.
func (con *console) exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(con.err, "navette:", strings.ReplaceAll(err.Error(), "\n", "; "))
	var u usageError
	if errors.As(err, &u) {
		return exitUsage
	}
	return exitFailed
}

// where names the server that a command is for.
type where struct {
	Config string `help:"Configuration of the server." placeholder:"FILE" type:"path" xor:"where"`
	Dir    string `help:"Folder of a demo." placeholder:"DIR" type:"path" xor:"where"`
}

func (w *where) load() (*config.Config, error) {
	switch {
	case w.Config != "":
		c, err := config.Load(w.Config)
		if err != nil {
			return nil, usageError{err}
		}
		return c, nil
	case w.Dir != "":
		return demoConfig(w.Dir)
	}
	return nil, usage("say which server: --config FILE, or --dir DIR of a demo")
}

type configCmd struct{}

func (configCmd) Run(con *console) error {
	_, err := io.WriteString(con.out, config.Default)
	return err
}

type versionCmd struct{}

func (versionCmd) Run(con *console) error {
	_, err := fmt.Fprintf(con.out, "navette %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// textOf prefers what an error says to a person.
func textOf(err error) string { return failure.TextOf(err, err.Error()) }
