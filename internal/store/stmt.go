package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// stmtsMax is how many statements a connection keeps. Nearly all queries are constants of this program; the conditions
// of audiences (internal/list) are not, and what people think up must not fill the memory.
const stmtsMax = 1000

// stmtConn is one SQLite connection with its prepared statements, kept for its life, up to stmtsMax.
type stmtConn struct {
	pool  *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	// whole lets a statement that has begun run to its end, whatever becomes of its context. The writer needs it:
	// SQLite answers an interrupted INSERT by rolling back the whole transaction, and with it the other closures of the
	// group. A server's readers have it because watching a context costs two goroutines a statement, a tenth of what an
	// IMAP session costs in all, and their statements are short: batches, of one account. Whoever only looks (check) reads
	// whole tables, and can be stopped within one.
	whole bool
}

func newStmtConn(ctx context.Context, db *sql.DB, whole bool) (*stmtConn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &stmtConn{db, c, map[string]*sql.Stmt{}, whole}, nil
}

// close ends the statements and gives the connection back to its pool, which closes it when it is closed itself.
func (c *stmtConn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// begin returns the context to run a statement with, or the error of a caller who has gone.
func (c *stmtConn) begin(ctx context.Context) (context.Context, error) {
	if !c.whole {
		return ctx, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return context.WithoutCancel(ctx), nil
}

// prepare gives a kept statement; nil where no more are kept, and the text is to be run on the connection itself.
func (c *stmtConn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	if len(c.stmts) >= stmtsMax {
		return nil, nil
	}
	s, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

func (c *stmtConn) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	ctx, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.conn.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

func (c *stmtConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	ctx, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.conn.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}

func (c *stmtConn) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	begun, err := c.begin(ctx)
	if err != nil {
		// Only database/sql makes a *sql.Row of an error: its pool gives that of a context that is done, before all else.
		return c.pool.QueryRowContext(ctx, query, args...)
	}
	ctx = begun
	s, err := c.prepare(ctx, query)
	if err != nil || s == nil {
		// A text that cannot be prepared fails on the connection itself in the same way, and gives the error a *sql.Row.
		return c.conn.QueryRowContext(ctx, query, args...)
	}
	return s.QueryRowContext(ctx, args...)
}
