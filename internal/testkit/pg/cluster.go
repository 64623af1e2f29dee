package pg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// superuser is the database role that the tests connect as.
const superuser = "postgres"

// cluster is a folder with a PostgreSQL data directory, and how to run it:
//
//	navette-pg-*/owner  locked by the test process for as long as it lives
//	navette-pg-*/data   the data directory
//	navette-pg-*/log    what the server has to say
type cluster struct {
	dir        string
	owner      *os.File
	port       int
	durable    bool                // commits are synced to disk
	credential *syscall.Credential // nil: run as ourselves
}

// newCluster makes the folder below tmp and the data directory in it.
func newCluster(tmp string) (c *cluster, err error) {
	c = &cluster{}
	if c.credential, err = serverCredential(); err != nil {
		return nil, err
	}
	// Not testing.TB.TempDir: its parents are closed to other users.
	if c.dir, err = os.MkdirTemp(tmp, dirPrefix); err != nil {
		return nil, fmt.Errorf("pg: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.remove())
		}
	}()
	if c.credential != nil {
		if err := os.Chown(c.dir, int(c.credential.Uid), int(c.credential.Gid)); err != nil {
			return nil, fmt.Errorf("pg: %w", err)
		}
	}
	if c.owner, err = claim(c.dir); err != nil {
		return nil, err
	}
	initdb := c.command("initdb", "-D", c.data(), "-U", superuser, "-A", "trust",
		"--locale=C.UTF-8", "--encoding=UTF8", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pg: initdb: %w: %s", err, out)
	}
	return c, nil
}

// serverCredential is the user postgres for root, whom the server refuses to
// serve, and nil for everybody else.
func serverCredential() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("pg: as root the server runs as another user: %w", err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, fmt.Errorf("pg: user %s: %w", u.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// command is one of the server's programs, run as the server's user in an
// environment that holds none of our PG* variables.
func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(binDir, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.credential}
	return cmd
}

// run starts the server, which then needs a moment until it answers.
func (c *cluster) run() (*process, error) {
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pg: %w", err)
	}
	defer log.Close()
	cmd := c.command("postgres", "-D", c.data(), "-p", strconv.Itoa(c.port))
	for _, setting := range []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=",
		"max_connections=200",
		"shared_buffers=32MB",
		"fsync=" + map[bool]string{true: "on", false: "off"}[c.durable],
		"timezone=UTC",
		// No shared memory outside the folder: nothing to sweep after a kill.
		"dynamic_shared_memory_type=mmap",
	} {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	cmd.Stdout, cmd.Stderr = log, log
	return startProcess(cmd)
}

// logTail is the end of the server's log, for error messages.
func (c *cluster) logTail() string {
	text, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// removeInterlock removes the System V segment by which a server guards its
// data directory, and which a killed one leaves in the kernel. The seventh
// line of postmaster.pid holds its key and id.
func (c *cluster) removeInterlock() error {
	f, err := os.Open(filepath.Join(c.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("pg: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if n != 7 || len(fields) != 2 {
			continue
		}
		id, err := strconv.Atoi(fields[1])
		if err != nil {
			return fmt.Errorf("pg: postmaster.pid: %w", err)
		}
		if _, err := unix.SysvShmCtl(id, unix.IPC_RMID, nil); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("pg: remove shared memory segment %d: %w", id, err)
		}
	}
	return lines.Err()
}

// remove deletes the folder of a server that has stopped.
func (c *cluster) remove() error {
	err := os.RemoveAll(c.dir)
	if c.owner != nil {
		err = errors.Join(err, c.owner.Close())
	}
	return err
}
