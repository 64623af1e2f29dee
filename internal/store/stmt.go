package store

import (
	"context"
	"database/sql"
	"fmt"
)

// stmtConn is one SQLite connection with its prepared statements, kept for its life: queries are constants of this
// program, so they are few.
type stmtConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newStmtConn(ctx context.Context, db *sql.DB) (*stmtConn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &stmtConn{c, map[string]*sql.Stmt{}}, nil
}

func (c *stmtConn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

func (c *stmtConn) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (c *stmtConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (c *stmtConn) queryRow(ctx context.Context, query string, args []any) *sql.Row {
	s, err := c.prepare(ctx, query)
	if err != nil {
		// The same text on the connection itself fails in the same way, and gives the error a *sql.Row.
		return c.conn.QueryRowContext(ctx, query, args...)
	}
	return s.QueryRowContext(ctx, args...)
}
