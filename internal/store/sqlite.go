package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"navette/internal/failure"
	"navette/internal/fault"
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
	retries           atomic.Int64
}

// job is a closure that waits for the committer.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	err   error
	hints []Hint
	done  chan struct{}
}

// Group commit: how many closures one transaction takes at most. A bulk closure ends the group as soon as somebody
// interactive waits, so a letter delays a click by one closure and one commit.
const (
	maxGroup     = 128
	maxBulkGroup = 8
)

const sqlitePragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(0)" +
	"&_pragma=page_size(8192)&_pragma=foreign_keys(1)"

func openSQLite(ctx context.Context, path string, opt Options) (engine, error) {
	// The file is made by us first: it holds mail, so nobody else may read it.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	f.Close()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+sqlitePragmas)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{path: path, db: db, opt: opt, readers: make(chan *stmtConn, opt.Readers),
		interactive: make(chan *job, 1024), bulk: make(chan *job, 1024), stop: make(chan struct{})}
	if err := migrate(ctx, db, SQLite); err != nil {
		db.Close()
		return nil, err
	}
	if e.writer, err = newStmtConn(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	for range opt.Readers {
		r, err := newStmtConn(ctx, db)
		if err != nil {
			db.Close()
			return nil, err
		}
		e.readers <- r
	}
	e.done.Add(2)
	go e.commitLoop()
	go e.checkpointLoop()
	return e, nil
}

func (e *sqliteEngine) dialect() Dialect { return SQLite }

func (e *sqliteEngine) stats() Stats {
	return Stats{e.commits.Load(), e.writes.Load(), e.retries.Load()}
}

func (e *sqliteEngine) close() error {
	e.closing.Do(func() { close(e.stop) })
	e.done.Wait()
	return e.db.Close()
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	var c *stmtConn
	select {
	case c = <-e.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.readers <- c }()
	bg := context.WithoutCancel(ctx)
	if _, err := c.exec(bg, "BEGIN", nil); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer c.exec(bg, "ROLLBACK", nil) //nolint:errcheck // a snapshot has nothing to lose
	return fn(&Tx{q: c, d: SQLite, now: e.opt.Now()})
}

func (e *sqliteEngine) write(ctx context.Context, p Priority, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	queue := e.interactive
	if p == Bulk {
		queue = e.bulk
	}
	select {
	case queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stop:
		return failure.New(failure.Temporary, "the database is closing")
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
			return failure.New(failure.Temporary, "the database is closing")
		}
	}
}

func (e *sqliteEngine) commitLoop() {
	defer e.done.Done()
	group := make([]*job, 0, maxGroup)
	for {
		var first *job
		var bulk bool
		select {
		case first = <-e.interactive:
		default:
			select {
			case first = <-e.interactive:
			case first = <-e.bulk:
				bulk = true
			case <-e.stop:
				return
			}
		}
		e.commitGroup(group[:0], first, bulk)
	}
}

// commitGroup runs first and whatever else waits in one transaction, commits it, and tells everybody.
func (e *sqliteEngine) commitGroup(group []*job, first *job, bulk bool) {
	ctx := context.Background()
	if _, err := e.writer.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		first.finish(fmt.Errorf("begin: %w", classifySQLite(err)))
		return
	}
	bulks := 0
	for j, isBulk := first, bulk; j != nil; {
		if isBulk {
			bulks++
		}
		if e.runJob(j) {
			group = append(group, j)
		}
		j = nil
		if len(group) >= maxGroup {
			break
		}
		select {
		case j = <-e.interactive:
			isBulk = false
		default:
			if bulks < maxBulkGroup && (bulks > 0 || len(group) < 2) {
				select {
				case j = <-e.bulk:
					isBulk = true
				default:
				}
			}
		}
	}
	fault.Point("store.before-commit")
	_, err := e.writer.exec(ctx, "COMMIT", nil)
	if err == nil {
		fault.Point("store.after-commit")
		e.commits.Add(1)
		e.writes.Add(int64(len(group)))
	} else {
		e.writer.exec(ctx, "ROLLBACK", nil) //nolint:errcheck // where COMMIT has ended the transaction there is nothing to roll back
		if isBusy(err) {
			err = failure.Wrap(failure.Temporary, err, "the database is busy")
		} else {
			err = failure.Wrap(failure.CommitUnknown, err, "the outcome of a write is not known")
		}
	}
	var hints []Hint
	for _, j := range group {
		if err == nil {
			hints = append(hints, j.hints...)
		}
		j.finish(err)
	}
	if len(hints) > 0 {
		e.opt.OnHints(hints)
	}
}

func (j *job) finish(err error) {
	j.err = err
	close(j.done)
}

// runJob runs a closure under its own savepoint and reports whether it is part of the commit; if not, it is told now.
func (e *sqliteEngine) runJob(j *job) bool {
	if err := j.ctx.Err(); err != nil {
		j.finish(err)
		return false
	}
	ctx := context.Background()
	if _, err := e.writer.exec(ctx, "SAVEPOINT job", nil); err != nil {
		j.finish(fmt.Errorf("savepoint: %w", classifySQLite(err)))
		return false
	}
	tx := &Tx{q: e.writer, d: SQLite, now: e.opt.Now()}
	err := guardPanic(j.fn, tx)
	if err != nil {
		if _, rerr := e.writer.exec(ctx, "ROLLBACK TO job", nil); rerr != nil {
			err = errors.Join(err, rerr)
		}
	}
	if _, rerr := e.writer.exec(ctx, "RELEASE job", nil); rerr != nil {
		err = errors.Join(err, rerr)
	}
	if err != nil {
		j.finish(classifySQLite(err))
		return false
	}
	j.hints = tx.hints
	return true
}

// guardPanic keeps a programming error in one closure from taking the others of its group with it.
func guardPanic(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

// Checkpoints run on a reader's connection, so the committer never waits for them, unless the log has grown past
// walLimit because readers or writers never paused: then a writer's commit is followed by a blocking one.
const (
	checkpointEvery = 250 * time.Millisecond
	walSoft         = 8 << 20
	walLimit        = 256 << 20
)

func (e *sqliteEngine) checkpointLoop() {
	defer e.done.Done()
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
		}
		info, err := os.Stat(e.path + "-wal")
		if err != nil || info.Size() < walSoft {
			continue
		}
		mode := "PRAGMA wal_checkpoint(PASSIVE)"
		if info.Size() > walLimit {
			mode = "PRAGMA wal_checkpoint(TRUNCATE)"
		}
		if _, err := e.db.ExecContext(context.Background(), mode); err != nil {
			e.opt.Log.Warn("checkpoint", "error", err)
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
