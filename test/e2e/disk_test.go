package e2e

import (
	"errors"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"navette/internal/testkit/peer"
)

// smallDisk is a file system of a few megabytes in a mount namespace of its own: it is gone when the process that holds
// it is, and no mount is left behind whatever happens.
type smallDisk struct {
	holder *process
	path   string // in the namespace
}

// newSmallDisk needs the right to mount: root, and a container that lets it.
func newSmallDisk(t *testing.T, megabytes int) smallDisk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to mount a small disk")
	}
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", `mount -t tmpfs -o size="$1"m tmpfs "$2" && echo mounted && exec sleep infinity`, "sh", strconv.Itoa(megabytes), dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	holder, err := startProcess(cmd)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("needs the right to make a mount namespace")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = holder.kill() })
	await(t, "a small disk", func() bool { return holder.stdout.has("mounted") || isClosed(holder.ended) })
	if isClosed(holder.ended) {
		t.Skipf("needs the right to mount: %s", holder.stderr.String())
	}
	return smallDisk{holder, dir}
}

// inside are the words that run a command where the disk is.
func (s smallDisk) inside() []string {
	return []string{"nsenter", "--mount=/proc/" + strconv.Itoa(s.holder.cmd.Process.Pid) + "/ns/mnt"}
}

// outside is a path of the disk as this process sees it.
func (s smallDisk) outside(path string) string {
	return filepath.Join("/proc", strconv.Itoa(s.holder.cmd.Process.Pid), "root", path)
}

// fill takes all the room that is left, but for what the file system itself keeps.
func (s smallDisk) fill(t *testing.T) {
	t.Helper()
	f, err := os.Create(s.outside(filepath.Join(s.path, "filler")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("filling the disk ended with %v", err)
	}
}

func (s smallDisk) empty(t *testing.T) {
	t.Helper()
	if err := os.Remove(s.outside(filepath.Join(s.path, "filler"))); err != nil {
		t.Fatal(err)
	}
}

// Invariant 1, on a disk that is full: what does not fit is refused for now, and what was taken stays.
func TestAFullDiskRefusesForNowAndLosesNothing(t *testing.T) {
	t.Parallel()
	disk := newSmallDisk(t, 160)
	d := ownDemo(t, options{agents: fewAgents, dir: filepath.Join(disk.path, "demo"), wrapper: disk.inside(), view: disk.outside})
	a := d.take(t)
	mark := marks(t)
	taken := map[string]string{} // by mark
	// send delivers messages, small and big in turns, until until says so; it returns the refusals.
	send := func(until func(err error) bool) {
		t.Helper()
		await(t, "an answer that changes", func() bool {
			m := mark()
			text := essay(m, sizeOf(len(taken)))
			err := deliverTo(d, text, a.address)
			if err == nil {
				taken[m] = text
			}
			var answer *textproto.Error
			if err != nil && (!errors.As(err, &answer) || answer.Code < 400 || answer.Code > 499) {
				t.Fatalf("a full disk is answered with %v, want a temporary refusal", err)
			}
			return until(err)
		})
	}
	send(func(err error) bool { return err == nil && len(taken) >= 8 })
	disk.fill(t)
	refusals := 0
	send(func(err error) bool {
		if err != nil {
			refusals++
		}
		return refusals >= 5
	})
	// What is there can still be read.
	c := signIn(t, d, a)
	if n := len(list(t, c, inbox)); n < 8 {
		t.Errorf("on a full disk the INBOX shows %d messages", n)
	}
	disk.empty(t)
	before := len(taken)
	send(func(error) bool { return len(taken) >= before+8 })

	if err := d.kill(); err != nil {
		t.Fatal(err)
	}
	d = reopen(t, d, options{wrapper: disk.inside(), view: disk.outside})
	c = signIn(t, d, a)
	found := map[string]int{}
	for _, m := range list(t, c, inbox) {
		id := idIn(m.bytes)
		if id == "" {
			continue
		}
		found[id]++
		if taken[id] == "" {
			t.Errorf("%s was refused, and is there", id)
		} else if !strings.HasSuffix(m.bytes, taken[id]) {
			t.Errorf("the octets of %s have changed", id)
		}
	}
	for id := range taken {
		if found[id] != 1 {
			t.Errorf("%s was taken and is there %d times", id, found[id])
		}
	}
	t.Logf("%d messages taken, %d refused for now", len(taken), refusals)
	words := slices.Concat(disk.inside(), []string{product(t), "check", "--deep", "--dir", d.dir})
	if out := run(t, command{path: peer.Need(t, words[0]), args: words[1:]}).stdout; !strings.HasSuffix(out, "\nclean\n") {
		t.Errorf("navette check: %s", out)
	}
}
