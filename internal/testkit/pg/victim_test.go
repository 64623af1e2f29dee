package pg

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// victimRole, set in the environment, makes this test binary a victim: a test
// process that another one watches from outside.
const victimRole = "NAVETTE_PG_VICTIM"

// runVictim starts a server, says where it is and, in the role "die", waits to
// be killed; in the role "live" it removes the server again.
func runVictim(role string) {
	s, err := start(false)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.process.pid, s.dir)
	if role == "die" {
		select {}
	}
	if err := s.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// victim runs this binary, copied to a folder that every user may enter, in
// the given role and as the given user (nil: our own), with tmp as its folder
// for temporary files. It returns the server that the victim started.
func victim(t *testing.T, role, tmp string, as *syscall.Credential) (cmd *exec.Cmd, serverPID int, dir string) {
	t.Helper()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(tmp, "victim")
	if err := os.WriteFile(binary, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(binary)
	cmd.Dir = tmp
	cmd.Env = []string{victimRole + "=" + role, "TMPDIR=" + tmp, "PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the victim said nothing: %v", err)
	}
	if _, err := fmt.Sscan(line, &serverPID, &dir); err != nil {
		t.Fatalf("the victim said %q: %v", line, err)
	}
	return cmd, serverPID, dir
}

// openFolder makes a temporary folder that every user may write to, sticky as
// /tmp is.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "navette-victim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheServerDiesWithItsTestProcessAndItsFolderIsSwept(t *testing.T) {
	t.Parallel()
	needServer(t)
	tmp := openFolder(t)
	cmd, serverPID, dir := victim(t, "die", tmp, nil)
	sweep(tmp)
	if _, err := os.Stat(dir); err != nil || !alive(serverPID) {
		t.Fatalf("a sweep took the folder or the server of a living test: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed", as intended
	eventually(t, "the server is gone", func() bool { return !alive(serverPID) })
	eventually(t, "the folder is swept", func() bool {
		sweep(tmp)
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	})
}

func TestAUserWhoIsNotRootHasAServerToo(t *testing.T) {
	t.Parallel()
	needServer(t)
	if os.Geteuid() != 0 {
		t.Skip("not root: every other test of this package shows it")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	as := &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
	cmd, _, dir := victim(t, "live", openFolder(t), as)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", dir, err)
	}
}

// eventually waits until the condition holds; only the test's own time limit
// ends the wait.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("never: %s", what)
		}
	}
}
