package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"navette/internal/failure"
)

// sqliteEngine has one writer, the committer goroutine, and a pool of readers (WAL: they never wait for it).
type sqliteEngine struct {
	path    string
	db      *sql.DB
	writer  *stmtConn
	readers chan *stmtConn
	opt     Options

	interactive, bulk chan *job
	stop              chan struct{}
	done              sync.WaitGroup
	closing           sync.Once
	commits, writes   atomic.Int64
}

const sqlitePragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(0)" +
	"&_pragma=foreign_keys(1)"

// A reader beside the server writes nothing, and leaves checkpoints to it.
const sqliteReadPragmas = "?_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(0)"

// readerCache lets each reader keep 16 MiB of pages, a quarter of what the writer has: there are several, and what
// they all read stays in the system's cache.
const readerCache = "PRAGMA cache_size = -16384"

func openSQLite(ctx context.Context, path string, opt Options) (engine, error) {
	pragmas := sqlitePragmas
	if opt.ReadOnly {
		pragmas = sqliteReadPragmas
	}
	if err := makeFile(path, opt); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+pragmas)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{path: path, db: db, opt: opt, readers: make(chan *stmtConn, opt.Readers),
		interactive: make(chan *job, 1024), bulk: make(chan *job, 1024), stop: make(chan struct{})}
	if err := prepareSchema(ctx, db, SQLite, opt); err != nil {
		db.Close()
		return nil, err
	}
	if e.writer, err = newStmtConn(ctx, db, true); err != nil {
		db.Close()
		return nil, err
	}
	for range opt.Readers {
		r, err := newStmtConn(ctx, db, !opt.ReadOnly)
		if err != nil {
			db.Close()
			return nil, err
		}
		if _, err := r.conn.ExecContext(ctx, readerCache); err != nil {
			db.Close()
			return nil, fmt.Errorf("set a reader's cache: %w", err)
		}
		e.readers <- r
	}
	e.done.Add(1)
	go e.commitLoop()
	if !opt.ReadOnly {
		e.done.Add(1)
		go e.checkpointLoop()
	}
	return e, nil
}

// makeFile makes the file before SQLite would: it holds mail, so nobody else may read it. A file that is there is not
// opened here, since closing it would drop the locks that this process may hold on it (POSIX).
func makeFile(path string, opt Options) error {
	if _, err := os.Stat(path); err == nil || opt.ReadOnly {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return f.Close()
}

func (e *sqliteEngine) dialect() Dialect { return SQLite }

func (e *sqliteEngine) stats() Stats {
	return Stats{Commits: e.commits.Load(), Writes: e.writes.Load(), Waiting: int64(len(e.interactive) + len(e.bulk))}
}

func (e *sqliteEngine) close() error {
	var errs []error
	e.closing.Do(func() {
		close(e.stop)
		e.done.Wait()
		errs = append(errs, e.writer.close())
		for range cap(e.readers) { // each read under way gives its connection back first
			errs = append(errs, (<-e.readers).close())
		}
		close(e.readers)
		errs = append(errs, e.db.Close())
	})
	return errors.Join(errs...)
}

// errClosing answers work that comes after Close.
func errClosing() error { return failure.New(failure.Temporary, "the database is closing") }

func (e *sqliteEngine) readOne(ctx context.Context, fn func(*Tx) error) error {
	c, err := e.takeReader(ctx)
	if err != nil {
		return err
	}
	defer func() { e.readers <- c }()
	return fn(&Tx{q: c, d: SQLite, now: e.opt.Now()})
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	c, err := e.takeReader(ctx)
	if err != nil {
		return err
	}
	defer func() { e.readers <- c }()
	bg := context.WithoutCancel(ctx)
	if _, err := c.exec(bg, "BEGIN", nil); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer c.exec(bg, "ROLLBACK", nil) //nolint:errcheck // a snapshot has nothing to lose
	return fn(&Tx{q: c, d: SQLite, now: e.opt.Now()})
}

// takeReader waits for a connection, or for Close.
func (e *sqliteEngine) takeReader(ctx context.Context) (*stmtConn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-e.stop:
		return nil, errClosing()
	default:
	}
	select {
	case c, open := <-e.readers:
		if !open {
			return nil, errClosing()
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *sqliteEngine) write(ctx context.Context, p Priority, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	queue := e.interactive
	if p == Bulk {
		queue = e.bulk
	}
	select {
	case <-e.stop: // first, so that writers who never pause cannot keep Close waiting
		return errClosing()
	default:
	}
	select {
	case queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stop:
		return errClosing()
	}
	// From here on the closure may run: its outcome is waited for, whatever becomes of the caller's patience.
	select {
	case <-j.done:
		return j.err
	case <-e.stop:
		e.done.Wait()
		select {
		case <-j.done:
			return j.err
		default:
			return errClosing()
		}
	}
}

func isBusy(err error) bool {
	var se *sqlite.Error
	return errors.As(err, &se) && (se.Code()&0xff == sqlite3.SQLITE_BUSY || se.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// classifySQLite gives kinds to the engine's own errors and leaves all others as they are.
func classifySQLite(err error) error {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return err
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return failure.Wrap(failure.Temporary, err, "the database is busy")
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return failure.Wrap(failure.Temporary, err, "the database cannot write")
	case sqlite3.SQLITE_CONSTRAINT:
		return failure.Wrap(failure.Conflict, err, "the object exists already or changed meanwhile")
	}
	return err
}
