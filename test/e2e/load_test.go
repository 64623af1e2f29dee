package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"
)

// loadTask names the environment variable that makes this test binary a load process: the file of its plan.
const loadTask = "NAVETTE_E2E_LOAD"

// loadPlan is what a load process does until its standard input ends: every worker goes on, over new connections when
// the old ones break, and writes into the ledger what it tries and what it is told.
type loadPlan struct {
	Ledger  string
	Run     string // begins the ids of this process
	SMTP    string // addresses of the doors
	LMTP    string
	Submit  string
	IMAP    string
	Few     []string // addresses here that get reception and submission
	All     []string // addresses here that get broadcasts
	Writers []account
	Sender  account
}

// MarshalJSON lets an account into a plan.
func (a account) MarshalJSON() ([]byte, error) {
	return json.Marshal([]string{a.login, a.address, a.password})
}

// UnmarshalJSON reads it there.
func (a *account) UnmarshalJSON(text []byte) error {
	var f []string
	if err := json.Unmarshal(text, &f); err != nil || len(f) != 3 {
		return fmt.Errorf("account %q: %w", text, err)
	}
	a.login, a.address, a.password = f[0], f[1], f[2]
	return nil
}

// runLoad is the load process.
func runLoad(path string) int {
	text, err := os.ReadFile(path)
	var p loadPlan
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	var l *ledger
	if err == nil {
		l, err = openLedger(p.Ledger)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	for name, w := range p.workers(l) {
		workers.Go(func() { keepOn(ctx, name, w) })
	}
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // its end is the signal
	cancel()
	ended := make(chan struct{})
	go func() {
		workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second): // somebody waits for an answer: how it ends, nobody knows
	}
	return 0
}

// worker makes attempts over one connection until it breaks or ctx ends; n numbers its attempts over all connections.
type worker func(ctx context.Context, name string, n *int) error

func (p *loadPlan) workers(l *ledger) map[string]worker {
	all := map[string]worker{"broadcast": p.broadcasts(l), "submit": p.submissions(l)}
	for i := range 3 {
		all[fmt.Sprintf("smtp%d", i)] = p.receptions(l, i)
	}
	for i, a := range p.Writers {
		all[fmt.Sprintf("imap%d", i)] = p.mailboxWork(l, a)
	}
	return all
}

// keepOn gives a worker connection after connection.
func keepOn(ctx context.Context, name string, w worker) {
	n := 0
	for ctx.Err() == nil {
		if err := w(ctx, name, &n); err != nil {
			select { // the server is down: it is knocked at again in an instant
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}
}

// attempt writes that something is tried, does it, and writes how it ended; it returns the error that ends the
// connection, not a refusal.
func (l *ledger) attempt(e entry, do func() error) (done bool, err error) {
	e.Event = tried
	l.write(e)
	err = do()
	switch {
	case err == nil:
		e.Event = acknowledged
	case refusal(err):
		e.Event, e.Text, e.Final = refusedNow, err.Error(), final(err)
	default:
		e.Event, e.Text = lost, err.Error()
	}
	l.write(e)
	if e.Event == refusedNow {
		return false, nil
	}
	return err == nil, err
}

// refusal tells an answer of the server from a broken connection.
func refusal(err error) bool {
	var s *smtp.SMTPError
	var i *imap.Error
	return errors.As(err, &s) || errors.As(err, &i)
}

// final tells a refusal for ever from a temporary one.
func final(err error) bool {
	var s *smtp.SMTPError
	return errors.As(err, &s) && s.Code >= 500
}

func dialDoor(address string) (net.Conn, error) {
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(2 * patience))
}

// load is a running load process.
type load struct {
	*process
	stdin  io.Closer
	ledger string
}

// startLoad starts a load process on a demo; run names it, and begins the ids of its attempts.
func startLoad(t *testing.T, d *demo, crowd *crowd, run string) *load {
	t.Helper()
	ledger := filepath.Join(t.TempDir(), "ledger")
	overwrite(t, ledger, "")
	crowd.ledgers = append(crowd.ledgers, ledger)
	p := loadPlan{Ledger: ledger, Run: run, SMTP: d.address("smtp"), LMTP: d.address("lmtp"), Submit: d.address("submission"), IMAP: d.address("imap"),
		Few: crowd.few(), All: crowd.all(), Writers: crowd.writers, Sender: crowd.sender}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	plan := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(plan, text, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), loadTask+"="+plan)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	proc, err := startProcess(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proc.kill() })
	return &load{proc, stdin, ledger}
}

// stop ends the load and waits until its last line is written.
func (l *load) stop(t *testing.T) {
	t.Helper()
	if err := l.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.ended:
	case <-time.After(patience):
		t.Fatalf("the load process does not end (%v)", l.kill())
	}
	if l.err != nil {
		t.Fatalf("the load process: %v\n%s", l.err, tail(l.stderr.String()))
	}
}

// awaitAcknowledged waits until n attempts of this load have been acknowledged in all.
func (l *load) awaitAcknowledged(t *testing.T, n int) {
	t.Helper()
	await(t, fmt.Sprintf("%d acknowledged attempts", n), func() bool {
		if isClosed(l.ended) {
			t.Fatalf("the load process ended: %v\n%s", l.err, tail(l.stderr.String()))
		}
		return l.acknowledged(t) >= n
	})
}

// acknowledged is how many attempts have been acknowledged so far.
func (l *load) acknowledged(t *testing.T) int {
	t.Helper()
	return tally(readLedger(t, l.ledger), acknowledged, "")
}
