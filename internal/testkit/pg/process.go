package pg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopTimeout bounds an orderly shutdown; after it the server is killed.
const stopTimeout = 30 * time.Second

// process is a running server: the postmaster, and the children that it forks.
type process struct {
	pid   int
	ended chan struct{} // closed when the postmaster is gone and reaped
}

// startProcess starts cmd so that the kernel sends it SIGQUIT, PostgreSQL's
// immediate shutdown, when this test process dies in whatever way. The kernel
// ties that signal to the thread that forked, so the goroutine that waits for
// the server keeps its thread for itself.
func startProcess(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	cmd.SysProcAttr.Setpgid = true // Ctrl-C is for the test, which then stops the server
	p := &process{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its log
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("pg: %w", err)
	}
	return p, nil
}

// end sends the postmaster a signal that makes it shut down, and waits until
// it has, or kills it.
func (p *process) end(signal syscall.Signal) error {
	if err := p.signal(signal); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("pg: the server did not stop within %s", stopTimeout), p.kill())
	}
}

// kill sends SIGKILL to the postmaster and all its children and waits until
// none is left. The postmaster is frozen first, so that it forks no more and
// cannot notice the death of a child.
func (p *process) kill() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(p.pid)
	for _, child := range children {
		// A child that has just ended is as dead as one that we end.
		if e := syscall.Kill(child, syscall.SIGKILL); e != nil && !errors.Is(e, syscall.ESRCH) {
			err = errors.Join(err, fmt.Errorf("pg: kill %d: %w", child, e))
		}
	}
	err = errors.Join(err, p.signal(syscall.SIGKILL))
	<-p.ended
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for slices.ContainsFunc(children, alive) {
		<-tick.C
	}
	return err
}

// signal signals the postmaster; that it has already ended is no error.
func (p *process) signal(s syscall.Signal) error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	if err := syscall.Kill(p.pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("pg: signal %s: %w", s, err)
	}
	return nil
}

// childrenOf lists the processes whose parent is pid.
func childrenOf(pid int) ([]int, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, fmt.Errorf("pg: %w", err)
	}
	var children []int
	for _, dir := range dirs {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if _, parent := processState(child); parent == pid {
			children = append(children, child)
		}
	}
	return children, nil
}

// alive tells whether pid is a process that still runs; a zombie does not.
func alive(pid int) bool {
	state, _ := processState(pid)
	return state != "" && state != "Z" && state != "X"
}

// processState reads the state letter and the parent of a process, "" and 0
// when there is no such process.
func processState(pid int) (state string, parent int) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	// The command name, in parentheses, may hold anything.
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 {
		return "", 0
	}
	parent, err = strconv.Atoi(fields[1])
	if err != nil {
		return "", 0
	}
	return fields[0], parent
}
