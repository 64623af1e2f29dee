// Package pg starts real PostgreSQL servers for tests, on a loopback port that
// it picks, and takes every trace of them away again.
//
// One cluster serves all tests of a process ([Start], about half a second for
// the first caller); each test makes a database of its own in it
// ([Server.NewDatabase]). A test that kills or restarts its server takes a
// cluster for itself ([StartOwn]). TestMain gives the shared one back:
//
//	func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }
//
// Durability: fsync is off, because no test here cuts the power; what a commit
// acknowledged has left the server's own memory, so it survives [Server.Kill].
// [StartDurable] syncs, for what refuses to work on a database that does not.
//
// Nothing outlives the tests: the kernel ends the server when the test process
// dies, however it dies, and the folder it leaves behind is swept by the next
// start (see sweep.go). Works as root, which PostgreSQL itself refuses (the
// server then runs as the user postgres), and as any other user.
package pg

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"navette/internal/testkit/peer"
)

// binDir holds the server's programs, which Debian keeps out of PATH.
const binDir = "/usr/lib/postgresql/15/bin"

// readyTimeout bounds a start, crash recovery included.
const readyTimeout = 60 * time.Second

// Server is one PostgreSQL cluster. Its methods may be called from any
// goroutine.
type Server struct {
	cluster
	shared bool

	mu      sync.Mutex // held while the server's state changes
	process *process   // nil when stopped
	names   int        // databases made so far
}

// shared is the cluster of this test process. It is the one global of this
// package: a process has one TestMain, and that is its owner.
var shared struct {
	sync.Mutex
	server *Server
}

// Start returns the cluster that all tests of this process share, started by
// the first call. Without PostgreSQL the test is skipped, or failed (see
// package peer).
func Start(tb testing.TB) *Server {
	tb.Helper()
	needServer(tb)
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		s, err := start(false)
		if err != nil {
			tb.Fatal(err)
		}
		s.shared = true
		shared.server = s
	}
	return shared.server
}

// StartOwn starts a cluster for this test alone, which may Kill, Stop and
// Restart it; the end of the test removes it.
func StartOwn(tb testing.TB) *Server {
	tb.Helper()
	return startOwn(tb, false)
}

// StartDurable starts a cluster for this test alone, whose commits are synced
// to disk as in production.
func StartDurable(tb testing.TB) *Server {
	tb.Helper()
	return startOwn(tb, true)
}

func startOwn(tb testing.TB, durable bool) *Server {
	tb.Helper()
	needServer(tb)
	s, err := start(durable)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.remove(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func needServer(tb testing.TB) {
	tb.Helper()
	peer.NeedFile(tb, filepath.Join(binDir, "initdb"))
	peer.Need(tb, filepath.Join(binDir, "postgres"))
}

// Main is what *testing.M and its wrappers have in common.
type Main interface{ Run() int }

// Wrap returns a Main that removes the shared cluster after m's tests; it can
// itself be handed on, to goleak.VerifyTestMain for one.
func Wrap(m Main) Main { return releaser{m} }

type releaser struct{ tests Main }

func (r releaser) Run() int {
	code := r.tests.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		return code
	}
	err := shared.server.remove()
	shared.server = nil
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// start makes a cluster and runs it on a free port.
func start(durable bool) (*Server, error) {
	sweep(os.TempDir())
	c, err := newCluster(os.TempDir())
	if err != nil {
		return nil, err
	}
	c.durable = durable
	s := &Server{cluster: *c}
	// Between the choice of a port and its use somebody else may take it.
	for range 5 {
		if s.port, err = freePort(); err != nil {
			break
		}
		if err = s.launch(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, s.cluster.remove())
}

// launch runs the server and waits until it answers.
func (s *Server) launch() error {
	p, err := s.run()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.url("postgres"))
		if err == nil {
			s.process = p
			return conn.Close(ctx)
		}
		select {
		case <-p.ended:
			return fmt.Errorf("pg: the server ended while starting: %s", s.logTail())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("pg: no answer on port %d: %w: %s", s.port, err, s.logTail()), p.end(syscall.SIGQUIT))
		case <-tick.C:
		}
	}
}

// freePort picks a port that is free now and that lies below the range from
// which the kernel serves outgoing connections (from 32768 on), so that no
// client gets it while the server is down between Kill and Restart.
func freePort() (int, error) {
	var listen net.ListenConfig
	for range 100 {
		port := 22768 + rand.IntN(10000)
		l, err := listen.Listen(context.Background(), "tcp4", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("pg: no free port found")
}

// url is the connection URL of a database of this cluster.
func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", superuser, s.port, database)
}

// NewDatabase makes an empty database (UTF8, collation C.UTF-8) and returns
// its URL, in the form that pgx and our configuration take. The end of the
// test drops it together with whoever is still connected.
func (s *Server) NewDatabase(tb testing.TB) string {
	tb.Helper()
	s.mu.Lock()
	s.names++
	name := fmt.Sprintf("test_%d", s.names)
	s.mu.Unlock()
	// template1 could not be copied while somebody else is connected to it.
	if err := s.Exec(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if !s.running() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
		defer cancel()
		if err := s.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return s.url(name)
}

// Exec runs one statement as the superuser, outside the tests' databases.
func (s *Server) Exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return fmt.Errorf("pg: connect as superuser: %w", err)
	}
	_, err = conn.Exec(ctx, sql)
	if err != nil {
		err = fmt.Errorf("pg: %s: %w", sql, err)
	}
	return errors.Join(err, conn.Close(ctx))
}

func (s *Server) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process != nil
}

// errShared is the answer to a test that would pull the cluster from under
// the others.
var errShared = errors.New("pg: this cluster is shared with other tests: take one with StartOwn")

// Kill ends every process of the server with SIGKILL, at whatever instant they
// are, and returns when all are gone. Restart recovers. Killing a server that
// does not run is no error.
func (s *Server) Kill() error {
	if s.shared {
		return errShared
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	err := s.process.kill()
	s.process = nil
	return errors.Join(err, s.removeInterlock())
}

// Stop disconnects everybody and shuts the server down in order; its data and
// port stay for Restart. Stopping a server that does not run is no error.
func (s *Server) Stop() error {
	if s.shared {
		return errShared
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop()
}

func (s *Server) stop() error {
	if s.process == nil {
		return nil
	}
	err := s.process.end(syscall.SIGINT)
	s.process = nil
	return err
}

// Restart stops the server if it runs, starts it on the same data and port,
// and returns when it answers; after Kill that includes crash recovery.
func (s *Server) Restart() error {
	if s.shared {
		return errShared
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.stop(), s.launch())
}

// remove stops the server and deletes all it has.
func (s *Server) remove() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.stop(), s.cluster.remove())
}
