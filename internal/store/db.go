package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"navette/internal/failure"
)

// Hint says that an account changed, up to a modseq. Hints are never data: a reader that gets one reads the state.
type Hint struct {
	Account int64
	Modseq  int64
}

// Options are what Open needs besides the URL.
type Options struct {
	Now      func() time.Time // required
	Log      *slog.Logger     // required
	Readers  int              // connections for reading; 0 means 4
	Writers  int              // PostgreSQL connections for writing; 0 means 16
	OnHints  func([]Hint)     // called after a commit with what its closures hinted; must not block
	ReadOnly bool             // nothing is migrated nor written: for looking beside a running server

	// RequireDurable refuses a PostgreSQL that would lose commits in a power cut (fsync off); SQLite never would.
	RequireDurable bool
}

// Priority orders writes that wait at the same time.
type Priority int

// A person waits for an interactive write; a bulk write lets those pass.
const (
	Interactive Priority = iota
	Bulk
)

// DB is an open database. Its methods may be called from many goroutines.
type DB struct {
	engine engine
	opt    Options
	reads  atomic.Int64
	asked  atomic.Int64 // queries in them

	idMu sync.Mutex
	ids  map[string]*idRange // by kind
}

// engine is one of the two databases. run must give fn a Tx on one snapshot (read) or one transaction (write).
type engine interface {
	dialect() Dialect
	read(ctx context.Context, fn func(*Tx) error) error
	readOne(ctx context.Context, fn func(*Tx) error) error
	write(ctx context.Context, p Priority, fn func(*Tx) error) error
	stats() Stats
	close() error
}

// Stats count what CI asserts on: work done, not time.
type Stats struct {
	Commits int64 // transactions committed by write
	Writes  int64 // closures committed in them
	Retries int64 // closures run again
	Waiting int64 // closures that wait for SQLite's writer now
	Reads   int64 // closures of Read and ReadOne run: what tests compare where two answers must cost the same
	Queries int64 // queries in them
}

// Open opens the database at url, brings its schema up to date under a lock, and starts its writer.
//
//	sqlite:PATH                       one file, this process its only writer
//	postgres://USER@HOST:PORT/NAME    pgx's URL
func Open(ctx context.Context, url string, opt Options) (*DB, error) {
	if opt.Readers == 0 {
		opt.Readers = 4
	}
	if opt.Writers == 0 {
		opt.Writers = 16
	}
	if opt.OnHints == nil {
		opt.OnHints = func([]Hint) {}
	}
	var e engine
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		e, err = openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), opt)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		e, err = openPostgres(ctx, url, opt)
	default:
		return nil, failure.New(failure.Permanent, "database URL must begin with sqlite: or postgres://")
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &DB{engine: e, opt: opt, ids: map[string]*idRange{}}, nil
}

// Close waits for running writes and closes all connections.
func (db *DB) Close() error { return db.engine.close() }

// Dialect tells which engine this is.
func (db *DB) Dialect() Dialect { return db.engine.dialect() }

// Now is the injected clock.
func (db *DB) Now() time.Time { return db.opt.Now() }

// Stats returns counters since Open.
func (db *DB) Stats() Stats {
	s := db.engine.stats()
	s.Reads, s.Queries = db.reads.Load(), db.asked.Load()
	return s
}

// Read runs fn in one snapshot. fn must not write, nor keep tx.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	db.reads.Add(1)
	return db.engine.read(ctx, db.counted(fn))
}

// ReadOne runs fn, which makes one query and no more: that is its own snapshot, and needs no transaction around it.
func (db *DB) ReadOne(ctx context.Context, fn func(*Tx) error) error {
	db.reads.Add(1)
	return db.engine.readOne(ctx, db.counted(fn))
}

// counted has the queries of a closure counted.
func (db *DB) counted(fn func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		tx.asked = &db.asked
		return fn(tx)
	}
}

// Write runs fn in a transaction and returns when it is durable (invariants 1 and 2). An error of fn rolls its own
// work back, and nobody else's, and is returned as it is.
func (db *DB) Write(ctx context.Context, p Priority, fn func(*Tx) error) error {
	if db.opt.ReadOnly {
		return failure.New(failure.Permanent, "the database was opened for reading")
	}
	return db.engine.write(ctx, p, fn)
}

// idBlock is how many ids a process takes at a time: few enough that a crash wastes little.
const idBlock = 1000

// idRange is what is left of a block of one kind.
type idRange struct {
	lock      chan struct{} // holds one token while somebody takes: waiting for it can be given up
	next, end int64
}

func (db *DB) idRange(kind string) *idRange {
	db.idMu.Lock()
	defer db.idMu.Unlock()
	r := db.ids[kind]
	if r == nil {
		r = &idRange{lock: make(chan struct{}, 1)}
		db.ids[kind] = r
	}
	return r
}

// NewIDs returns the first of n consecutive ids of a kind ("content", "account"…), never given before.
// It may write (and so must not be called inside a Write's closure).
func (db *DB) NewIDs(ctx context.Context, kind string, n int64) (int64, error) {
	r := db.idRange(kind)
	select {
	case r.lock <- struct{}{}:
		defer func() { <-r.lock }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if r.end-r.next < n {
		take := max(n, idBlock)
		var end int64
		err := db.Write(ctx, Interactive, func(tx *Tx) error {
			return tx.QueryRow(ctx, `INSERT INTO id_block (kind, next) VALUES ($1, $2 + 1)
				ON CONFLICT (kind) DO UPDATE SET next = id_block.next + $2 RETURNING next`, kind, take).Scan(&end)
		})
		if err != nil {
			return 0, fmt.Errorf("take ids for %s: %w", kind, err)
		}
		r.next, r.end = end-take, end
	}
	first := r.next
	r.next += n
	return first, nil
}

// Epoch returns the store's epoch: it changes when the store was restored, and is part of UIDVALIDITY and JMAP states.
func (db *DB) Epoch(ctx context.Context) (epoch int64, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		epoch, err = tx.Meta(ctx, "epoch")
		return err
	})
	return epoch, err
}
