package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"navette/internal/failure"
	"navette/internal/fault"
)

// job is a closure that waits for the committer.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	err   error
	hints []Hint
	done  chan struct{}
}

// Group commit: how many closures one transaction takes at most. Once somebody interactive has joined a group, it
// takes no more bulk closures than one in all, so a letter delays a click by one closure and one commit.
const (
	maxGroup     = 128
	maxBulkGroup = 8
)

func (e *sqliteEngine) commitLoop() {
	defer e.done.Done()
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
		e.commitGroup(first, bulk)
	}
}

// commitGroup runs first and whatever else waits in one transaction, commits it, and tells everybody.
func (e *sqliteEngine) commitGroup(first *job, bulk bool) {
	if err := e.begin(); err != nil {
		first.finish(fmt.Errorf("begin: %w", classifySQLite(err)))
		return
	}
	group := make([]*job, 0, 8)
	interactives, bulks := 0, 0
	for j := first; j != nil; j, bulk = e.nextJob(interactives, bulks) {
		if bulk {
			bulks++
		} else {
			interactives++
		}
		switch e.runJob(j) {
		case jobJoined:
			group = append(group, j)
		case jobLostAll:
			// Full disk, I/O error: SQLite has rolled back the whole transaction, as it does. Nobody was told yet.
			finishAll(group, failure.New(failure.Temporary, "the database cannot write"))
			return
		}
	}
	e.finishGroup(group)
}

// begin opens the group's transaction. What a failed commit may have left open is closed first.
func (e *sqliteEngine) begin() error {
	ctx := context.Background()
	_, err := e.writer.exec(ctx, "BEGIN IMMEDIATE", nil)
	if err == nil || isBusy(err) {
		return err
	}
	e.writer.exec(ctx, "ROLLBACK", nil) //nolint:errcheck // BEGIN tells whether it helped
	_, err = e.writer.exec(ctx, "BEGIN IMMEDIATE", nil)
	return err
}

// nextJob returns what runs next in a group that ran so many closures, or nil to commit it. Bulk closures come
// together while nobody else is there; next to interactive ones there is room for one, so that they get on.
func (e *sqliteEngine) nextJob(interactives, bulks int) (j *job, bulk bool) {
	if interactives+bulks >= maxGroup {
		return nil, false
	}
	select {
	case j = <-e.interactive:
		return j, false
	default:
	}
	if bulks >= maxBulkGroup || interactives > 0 && bulks > 0 {
		return nil, false
	}
	select {
	case j = <-e.bulk:
		return j, true
	default:
		return nil, false
	}
}

// finishGroup commits and tells everybody the outcome.
func (e *sqliteEngine) finishGroup(group []*job) {
	ctx := context.Background()
	fault.Point("store.before-commit")
	_, err := e.writer.exec(ctx, "COMMIT", nil)
	if err != nil {
		e.writer.exec(ctx, "ROLLBACK", nil) //nolint:errcheck // where COMMIT has ended the transaction there is nothing to roll back
		if isBusy(err) {
			err = failure.Wrap(failure.Temporary, err, "the database is busy")
		} else {
			// A commit record may have reached the log although its sync failed: a crash now could bring it back.
			err = failure.Wrap(failure.CommitUnknown, err, "the outcome of a write is not known")
		}
		finishAll(group, err)
		return
	}
	fault.Point("store.after-commit")
	e.commits.Add(1)
	e.writes.Add(int64(len(group)))
	var hints []Hint
	for _, j := range group {
		hints = append(hints, j.hints...)
	}
	finishAll(group, nil)
	if len(hints) > 0 {
		e.opt.OnHints(hints)
	}
}

func finishAll(group []*job, err error) {
	for _, j := range group {
		j.finish(err)
	}
}

func (j *job) finish(err error) {
	j.err = err
	close(j.done)
}

// What became of a closure in its group.
type jobFate int

const (
	jobJoined  jobFate = iota + 1 // it is part of the commit
	jobLeft                       // its own work is rolled back, and it was told why
	jobLostAll                    // the whole transaction is gone, and it was told why
)

// runJob runs a closure under its own savepoint.
func (e *sqliteEngine) runJob(j *job) jobFate {
	if err := j.ctx.Err(); err != nil {
		j.finish(err)
		return jobLeft
	}
	ctx := context.Background()
	if _, err := e.writer.exec(ctx, "SAVEPOINT job", nil); err != nil {
		return e.lostAll(j, fmt.Errorf("savepoint: %w", err))
	}
	tx := &Tx{q: e.writer, d: SQLite, now: e.opt.Now()}
	err := guardPanic(j.fn, tx)
	if err != nil {
		if _, rerr := e.writer.exec(ctx, "ROLLBACK TO job", nil); rerr != nil {
			return e.lostAll(j, err)
		}
	}
	if _, rerr := e.writer.exec(ctx, "RELEASE job", nil); rerr != nil {
		return e.lostAll(j, errors.Join(err, rerr))
	}
	if err != nil {
		j.finish(classifySQLite(err))
		return jobLeft
	}
	j.hints = tx.hints
	return jobJoined
}

func (e *sqliteEngine) lostAll(j *job, err error) jobFate {
	e.writer.exec(context.Background(), "ROLLBACK", nil) //nolint:errcheck // most often SQLite has done it
	j.finish(classifySQLite(err))
	return jobLostAll
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
