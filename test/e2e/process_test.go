package e2e

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for something that takes an instant when all is well.
const patience = 60 * time.Second

// process is a child that runs beside the test. The kernel kills it when the test process dies.
type process struct {
	cmd    *exec.Cmd
	stdout lines
	stderr lines
	ended  chan struct{} // closed when it is gone and reaped
	err    error         // how it ended, once ended is closed
}

// startProcess starts cmd, whose outputs it collects.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.stdout, &p.stderr
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr.Setpgid = true // Ctrl-C is for the test
	started := make(chan error)
	go func() {
		// The signal is tied to the thread that forks: it must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.ended)
		}
	}()
	return p, <-started
}

// signal sends s to a process that may have ended already.
func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// awaitReady returns when a server has printed that every door listens.
func (p *process) awaitReady() error {
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !p.stdout.has("ready") {
		select {
		case <-tick.C:
		case <-p.ended:
			return fmt.Errorf("it ended (%w) before it was ready: %s", p.err, tail(p.stderr.String()))
		case <-deadline:
			return fmt.Errorf("it was not ready after %s: %s", patience, tail(p.stderr.String()))
		}
	}
	return nil
}

// stop ends a server in order: nil when its exit code is 0.
func (p *process) stop() error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return p.err
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("it did not end within %s of SIGTERM", patience), p.kill())
	}
}

// kill ends it at whatever instant it is, and returns when it is gone.
func (p *process) kill() error {
	err := p.signal(syscall.SIGKILL)
	<-p.ended
	return err
}

// lines is what a process has written so far. Its methods may be called from any goroutine.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

var _ io.Writer = (*lines)(nil)

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// has tells whether a whole line was written.
func (l *lines) has(line string) bool { return strings.Contains("\n"+l.String(), "\n"+line+"\n") }

// command is a program that a test runs to its end.
type command struct {
	path  string
	args  []string
	stdin string
	env   []string // added to an environment that holds little more than PATH
	dir   string
	as    *syscall.Credential // nil: ourselves
	code  int                 // the exit code that is expected
	wait  time.Duration       // how long it may run; 0: patience
}

// result is what a command wrote.
type result struct{ stdout, stderr string }

// run runs c to its end; the test fails when it ends with another exit code.
func run(tb testing.TB, c command) result {
	tb.Helper()
	r, code := try(tb, c)
	if code != c.code {
		tb.Fatalf("%s %s: exit code %d, want %d\n%s%s", c.path, strings.Join(c.args, " "), code, c.code, tail(r.stdout), tail(r.stderr))
	}
	return r
}

// try runs c to its end and returns its exit code.
func try(tb testing.TB, c command) (result, int) {
	tb.Helper()
	cmd := exec.Command(c.path, c.args...)
	cmd.Dir = c.dir
	if c.stdin != "" {
		cmd.Stdin = strings.NewReader(c.stdin)
	}
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC", "HOME=" + tb.TempDir(), "TERM=xterm"}, c.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	p, err := startProcess(cmd)
	if err != nil {
		tb.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(cmp.Or(c.wait, patience)):
		tb.Fatalf("%s %s runs for %s: killed (%v)\n%s%s", c.path, strings.Join(c.args, " "), cmp.Or(c.wait, patience), p.kill(), tail(p.stdout.String()), tail(p.stderr.String()))
	}
	return result{p.stdout.String(), p.stderr.String()}, cmd.ProcessState.ExitCode()
}

// tail is the end of a long text.
func tail(text string) string { return text[max(0, len(text)-4000):] }

// await calls done again and again until it says true, or the test fails.
func await(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	if !comes(done) {
		tb.Fatalf("waited %s in vain: %s", patience, what)
	}
}

// comes calls done again and again until it says true; false after all patience.
func comes(done func() bool) bool {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			return false
		}
	}
	return true
}
