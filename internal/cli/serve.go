package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"navette/internal/config"
	"navette/internal/node"
)

// collectLess lets the heap of a server grow to three times what lives in it, not twice, before it is collected: a session
// of a mail program then costs a sixth less CPU (BENCHMARKS.md). GOGC and GOMEMLIMIT say otherwise where they are set.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

type serveCmd struct {
	Config string `help:"The configuration; navette config prints a documented one." placeholder:"FILE" type:"path" required:""`
}

func (cmd *serveCmd) Run(ctx context.Context, con *console) error {
	c, err := config.Load(cmd.Config)
	if err != nil {
		return usageError{err}
	}
	plan, err := node.ProductionPlan(c, version)
	if err != nil {
		return usageError{err}
	}
	collectLess()
	return node.Serve(ctx, c, plan, con.log, func() { fmt.Fprintln(con.out, "ready") })
}

type demoCmd struct {
	Dir      string `help:"Folder of the demo: made when it is missing, reopened when it is there." placeholder:"DIR" type:"path" required:""`
	Agents   int    `help:"How many agents the académie has." default:"1000"`
	Seed     uint64 `help:"The same seed gives the same people." default:"1"`
	Host     string `help:"Loopback address to listen on." default:"127.0.0.1"`
	Database string `help:"URL of a database of its own, sqlite:PATH or postgres://…; default: a file in the folder." placeholder:"URL"`
	PortBase int    `help:"Ports are this plus 25 (SMTP), 143 (IMAP)…; 0 takes free ones." default:"20000"`
}

func (cmd *demoCmd) Run(ctx context.Context, con *console) error {
	if cmd.Agents < 1 || cmd.Agents > 2_000_000 {
		return usage("--agents: from 1 to 2,000,000")
	}
	if cmd.PortBase < 0 || cmd.PortBase > 64000 {
		return usage("--port-base: from 0 to 64000")
	}
	collectLess()
	tick, end := progress(con.err, "demo")
	return node.Demo(ctx, node.DemoOptions{Dir: cmd.Dir, Database: cmd.Database, Agents: cmd.Agents, Seed: cmd.Seed, Host: cmd.Host, PortBase: cmd.PortBase,
		Version: version, Log: con.log, Progress: tick}, func() {
		end()
		fmt.Fprintln(con.out, "ready")
	})
}

// demoConfig is the configuration of a demo's folder.
func demoConfig(dir string) (*config.Config, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c, err := node.DemoConfig(abs)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}
