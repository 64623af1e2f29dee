package e2e

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"navette/internal/testkit/pg"
)

// options say how a demo is started.
type options struct {
	binary   string
	dir      string
	agents   int
	database string   // URL; "" for the one that the folder knows
	env      []string // added to the test's environment
	wrapper  []string // words before the command: nsenter…

	view func(path string) string // how this process sees a path of the demo; nil: as the demo does
}

// demo is a running `navette demo`.
type demo struct {
	*process
	options
	ports    map[string]int // by door
	accounts []account      // as accounts.csv has them

	mu    sync.Mutex
	taken int // accounts that tests have got, from the first on
	spare int // and from the last on
}

// account is a line of accounts.csv.
type account struct{ login, address, password, category, uai, role string }

// startDemo starts a demo and returns when every door listens.
func startDemo(o options) (*demo, error) {
	words := slices.Concat(o.wrapper, []string{o.binary, "demo", "--dir", o.dir, "--agents", strconv.Itoa(o.agents), "--port-base", "0"})
	if o.database != "" {
		words = append(words, "--database", o.database)
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), o.env...)
	p, err := startProcess(cmd)
	if err != nil {
		return nil, err
	}
	d := &demo{process: p, options: o}
	if err := d.awaitReady(); err != nil {
		return nil, errors.Join(err, p.kill())
	}
	if err := d.readFiles(); err != nil {
		return nil, errors.Join(err, p.kill())
	}
	return d, nil
}

func (d *demo) readFiles() error {
	text, err := os.ReadFile(d.path("ports.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &d.ports); err != nil {
		return fmt.Errorf("ports.json: %w", err)
	}
	f, err := os.Open(d.path("accounts.csv"))
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("accounts.csv: %w", err)
	}
	for _, r := range rows[1:] {
		d.accounts = append(d.accounts, account{r[0], r[1], r[2], r[3], r[4], r[5]})
	}
	return nil
}

// port is where a door listens, as text.
func (d *demo) port(door string) string { return strconv.Itoa(d.ports[door]) }

// address is HOST:PORT of a door.
func (d *demo) address(door string) string { return net.JoinHostPort("127.0.0.1", d.port(door)) }

// ca is the file of the certificate that clients trust.
func (d *demo) ca() string { return d.path("ca.pem") }

// outbox is where the mail for other domains lands.
func (d *demo) outbox() string { return d.path("outbox") }

// path is where this process finds a file of the demo.
func (d *demo) path(name string) string {
	path := filepath.Join(d.dir, name)
	if d.view != nil {
		return d.view(path)
	}
	return path
}

// take returns an account that no other test gets; the first fifty have much mail.
func (d *demo) take(tb testing.TB) account {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken+d.spare == len(d.accounts) {
		tb.Fatal("no account is left: start the demo with more agents")
	}
	d.taken++
	return d.accounts[d.taken-1]
}

// takeSpare is take for a test that needs no mail to be there, and leaves what has some to the others.
func (d *demo) takeSpare(tb testing.TB) account {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken+d.spare == len(d.accounts) {
		tb.Fatal("no account is left: start the demo with more agents")
	}
	d.spare++
	return d.accounts[len(d.accounts)-d.spare]
}

// ownDemo starts a demo for this test alone, which its end stops.
func ownDemo(tb testing.TB, o options) *demo {
	tb.Helper()
	if o.binary == "" {
		o.binary = product(tb)
	}
	if o.dir == "" {
		o.dir = filepath.Join(tb.TempDir(), "demo")
	}
	d, err := startDemo(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		select {
		case <-d.ended: // the test itself ended it
			return
		default:
		}
		if err := d.stop(); err != nil {
			tb.Errorf("the demo ended badly: %v\n%s", err, tail(d.stderr.String()))
		}
	})
	return d
}

// sharedAgents is how many agents the shared demo has: each test takes its own.
const sharedAgents = 80

// shared are the demos, one an engine, that the tests with real clients use together.
var shared sharedDemos

type sharedDemos struct {
	sync.Mutex
	dirs    []string
	running map[string]*demo
}

// onEngines runs a test against the shared demo of each engine.
func onEngines(t *testing.T, test func(t *testing.T, d *demo)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, shared.get(t, engine))
		})
	}
}

// get returns the shared demo of an engine, started by the first who asks.
func (s *sharedDemos) get(tb testing.TB, engine string) *demo {
	tb.Helper()
	s.Lock()
	defer s.Unlock()
	if d := s.running[engine]; d != nil {
		return d
	}
	o := options{binary: product(tb), agents: sharedAgents}
	if engine == "postgres" {
		o.database = pg.Start(tb).NewDatabase(lasting{tb})
	}
	dir, err := os.MkdirTemp("", "navette-e2e-")
	if err != nil {
		tb.Fatal(err)
	}
	s.dirs = append(s.dirs, dir)
	o.dir = filepath.Join(dir, "demo")
	d, err := startDemo(o)
	if err != nil {
		tb.Fatal(err)
	}
	if s.running == nil {
		s.running = map[string]*demo{}
	}
	s.running[engine] = d
	return d
}

// lasting is a test whose clean-up is left to the end of all tests.
type lasting struct{ testing.TB }

func (lasting) Cleanup(func()) {}

// end stops the demos and removes their folders.
func (s *sharedDemos) end() error {
	s.Lock()
	defer s.Unlock()
	var errs []error
	for _, d := range s.running {
		errs = append(errs, d.stop())
	}
	for _, dir := range s.dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// onFreshDatabases runs a test on an empty database of each engine; "" is the one of a demo's own folder.
func onFreshDatabases(t *testing.T, test func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, pg.Start(t).NewDatabase(t))
	})
}
