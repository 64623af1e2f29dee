package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"navette/internal/failure"
	"navette/internal/fault"
)

// pgEngine runs each write as a transaction of its own; PostgreSQL groups their commits.
type pgEngine struct {
	db      *sql.DB
	opt     Options
	readers chan struct{} // bounds reads under way,
	writers chan struct{} // and writes, so that neither takes all connections from the other
	bulk    chan struct{} // and bulk writes, so that interactive ones find a connection

	stop    chan struct{}
	closing sync.Once

	notReplicated sync.Map // *pgconn.PgConn -> struct{}: its last commit is local only

	commits, writes, retries atomic.Int64
}

func openPostgres(ctx context.Context, url string, opt Options) (engine, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, failure.New(failure.Permanent, "the database URL cannot be read") // pgx's text may hold the password
	}
	e := &pgEngine{opt: opt, readers: make(chan struct{}, opt.Readers), writers: make(chan struct{}, opt.Writers), bulk: make(chan struct{}, max(1, opt.Writers/4)),
		stop: make(chan struct{})}
	cfg.OnNotice = e.notice
	if opt.ReadOnly {
		cfg.RuntimeParams["default_transaction_read_only"] = "on"
	}
	e.db = stdlib.OpenDB(*cfg)
	e.db.SetMaxOpenConns(opt.Writers + opt.Readers)
	e.db.SetMaxIdleConns(opt.Writers + opt.Readers)
	if err := e.refuseLossy(ctx); err != nil {
		e.db.Close()
		return nil, err
	}
	if err := prepareSchema(ctx, e.db, PostgreSQL, opt); err != nil {
		e.db.Close()
		return nil, err
	}
	return e, nil
}

// refuseLossy refuses a server, database or role that acknowledges commits before they are durable (invariant 1).
func (e *pgEngine) refuseLossy(ctx context.Context) error {
	var s pgSettings
	err := e.db.QueryRowContext(ctx, `SELECT current_setting('synchronous_commit'), current_setting('fsync')`).Scan(&s.synchronousCommit, &s.fsync)
	if err != nil {
		return fmt.Errorf("connect: %w", classifyPG(err))
	}
	return s.refuse(e.opt.RequireDurable)
}

// pgSettings are PostgreSQL's settings on which it depends whether a commit survives a power cut.
type pgSettings struct{ synchronousCommit, fsync string }

// refuse says why acknowledged mail could be lost, or returns nil. Only where a power cut counts is fsync looked at: a
// server that crashes by itself loses nothing without it, and the tests' clusters run so.
func (s pgSettings) refuse(powerCuts bool) error {
	switch {
	case s.synchronousCommit == "off":
		return failure.New(failure.Permanent, "PostgreSQL is set to synchronous_commit = off: acknowledged mail could be lost")
	case powerCuts && s.fsync != "on":
		return failure.New(failure.Permanent, "PostgreSQL is set to fsync = %s: a power cut could lose acknowledged mail", s.fsync)
	}
	return nil
}

// notice notes the warning that a commit is durable here but not on the synchronous standby. The text is translated,
// the routine's name is not.
func (e *pgEngine) notice(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" {
		e.notReplicated.Store(c, struct{}{})
	}
}

func (e *pgEngine) dialect() Dialect { return PostgreSQL }

func (e *pgEngine) stats() Stats {
	return Stats{Commits: e.commits.Load(), Writes: e.writes.Load(), Retries: e.retries.Load()}
}

func (e *pgEngine) close() (err error) {
	e.closing.Do(func() {
		close(e.stop)
		for _, slots := range []chan struct{}{e.writers, e.readers} {
			for range cap(slots) { // what is under way gives its slot back first
				slots <- struct{}{}
			}
		}
		err = e.db.Close()
	})
	return err
}

// take waits for one of slots, or for Close.
func (e *pgEngine) take(ctx context.Context, slots chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-e.stop:
		return errClosing()
	default:
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-e.stop:
		return errClosing()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *pgEngine) read(ctx context.Context, fn func(*Tx) error) error {
	return e.readAgain(ctx, fn, e.readOnce)
}

func (e *pgEngine) readOne(ctx context.Context, fn func(*Tx) error) error {
	return e.readAgain(ctx, fn, e.readStatement)
}

func (e *pgEngine) readAgain(ctx context.Context, fn func(*Tx) error, once func(context.Context, func(*Tx) error) error) error {
	if err := e.take(ctx, e.readers); err != nil {
		return err
	}
	defer func() { <-e.readers }()
	for attempt := 0; ; attempt++ {
		err := once(ctx, fn)
		// A connection that died in the pool is found out on first use; reading again is harmless.
		if err == nil || attempt >= 2 || !connectionLost(err) {
			return classifyPG(err)
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

func (e *pgEngine) readStatement(ctx context.Context, fn func(*Tx) error) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	return fn(&Tx{q: pgConn{conn}, d: PostgreSQL, now: e.opt.Now()})
}

func (e *pgEngine) readOnce(ctx context.Context, fn func(*Tx) error) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	t, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	defer t.Rollback() //nolint:errcheck // a snapshot has nothing to lose
	return fn(&Tx{q: pgTx{t}, d: PostgreSQL, now: e.opt.Now()})
}

func (e *pgEngine) write(ctx context.Context, p Priority, fn func(*Tx) error) error {
	if p == Bulk {
		if err := e.take(ctx, e.bulk); err != nil {
			return err
		}
		defer func() { <-e.bulk }()
	}
	if err := e.take(ctx, e.writers); err != nil {
		return err
	}
	defer func() { <-e.writers }()
	const attempts = 12
	for attempt := 0; ; attempt++ {
		err := e.writeOnce(ctx, fn)
		if err == nil || attempt == attempts-1 || !retryable(err) {
			return classifyPG(err)
		}
		e.retries.Add(1)
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// pause waits a little longer, and a little less predictably, after each failed attempt.
func pause(ctx context.Context, attempt int) error {
	d := time.Duration(1+rand.IntN(4<<min(attempt, 6))) * time.Millisecond
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ErrNotReplicated says that a commit is durable on this server only: PostgreSQL stopped waiting for its synchronous
// standby. Looking whether the rows are there proves nothing.
var ErrNotReplicated = errors.New("committed locally, not on the synchronous standby")

// notBegun marks an error that came before anything was sent for the transaction.
type notBegun struct{ error }

func (n notBegun) Unwrap() error { return n.error }

func (e *pgEngine) writeOnce(ctx context.Context, fn func(*Tx) error) error {
	// The transaction outlives the caller's patience: a COMMIT that was sent must be waited for.
	bg := context.WithoutCancel(ctx)
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return notBegun{fmt.Errorf("connect: %w", err)}
	}
	defer conn.Close()
	// Whatever the server's default is: statements after LockAccounts must see what its wait was for.
	t, err := conn.BeginTx(bg, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return notBegun{fmt.Errorf("begin: %w", err)}
	}
	tx := &Tx{q: pgTx{t}, d: PostgreSQL, now: e.opt.Now()}
	if err := guardPanic(fn, tx); err != nil {
		t.Rollback() //nolint:errcheck // the connection may be gone, and with it the transaction
		return err
	}
	fault.Point("store.before-commit")
	if err := t.Commit(); err != nil {
		var pe *pgconn.PgError
		if errors.As(err, &pe) && !lostCode(pe.Code) || errors.Is(err, pgx.ErrTxCommitRollback) {
			return err // the server said that it rolled back
		}
		return failure.Wrap(failure.CommitUnknown, err, "the outcome of a write is not known")
	}
	fault.Point("store.after-commit")
	e.commits.Add(1)
	e.writes.Add(1)
	if len(tx.hints) > 0 {
		e.opt.OnHints(tx.hints)
	}
	return e.replicated(conn)
}

func (e *pgEngine) replicated(conn *sql.Conn) error {
	local := false
	err := conn.Raw(func(dc any) error {
		_, local = e.notReplicated.LoadAndDelete(dc.(*stdlib.Conn).Conn().PgConn())
		return nil
	})
	if err == nil && local {
		return failure.Wrap(failure.CommitUnknown, ErrNotReplicated, "a write is not yet on the standby")
	}
	return nil
}

// retryable tells what a second run of the closure may cure: nothing of the first is left.
func retryable(err error) bool {
	if failure.Is(err, failure.CommitUnknown) {
		return false
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code {
		case "40001", "40P01", "55P03":
			return true
		}
		return lostCode(pe.Code)
	}
	var nb notBegun
	return errors.As(err, &nb) || connectionLost(err)
}

// lostCode tells the codes with which a server that goes down ends a connection (class 57P, 08).
func lostCode(code string) bool {
	return len(code) == 5 && (code[:3] == "57P" || code[:2] == "08")
}

func connectionLost(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrNoRows) {
		return false
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return lostCode(pe.Code)
	}
	var ce *pgconn.ConnectError
	return errors.As(err, &ce) || pgconn.SafeToRetry(err) || isNetError(err)
}

func classifyPG(err error) error {
	if err == nil || failure.KindOf(err) != 0 {
		return err
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch {
		case pe.Code[:2] == "23":
			return failure.Wrap(failure.Conflict, err, "the object exists already or changed meanwhile")
		case pe.Code[:2] == "40", pe.Code[:2] == "53", pe.Code[:2] == "57", pe.Code[:2] == "08", pe.Code[:2] == "55":
			return failure.Wrap(failure.Temporary, err, "the database is busy")
		}
		return err
	}
	if connectionLost(err) {
		return failure.Wrap(failure.Temporary, err, "the database cannot be reached")
	}
	return err
}

// pgTx is a transaction; pgx prepares and caches its statements.
type pgTx struct{ t *sql.Tx }

func (p pgTx) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return p.t.ExecContext(ctx, query, args...)
}

func (p pgTx) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return p.t.QueryContext(ctx, query, args...)
}

func (p pgTx) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	return p.t.QueryRowContext(ctx, query, args...)
}

func isNetError(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed)
}

// pgConn is a connection outside of any transaction, for one query.
type pgConn struct{ c *sql.Conn }

func (p pgConn) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return p.c.ExecContext(ctx, query, args...)
}

func (p pgConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return p.c.QueryContext(ctx, query, args...)
}

func (p pgConn) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	return p.c.QueryRowContext(ctx, query, args...)
}
