package content

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"navette/internal/blob"
	"navette/internal/fault"
	"navette/internal/store"
)

// Kinds of gc_mark.
const (
	markMessage = 1
	markContent = 2
	markObject  = 3
)

// Collector removes messages, contents and objects that nothing refers to (DESIGN invariant 7).
//
// It rests on one rule: a reference to a message is only ever taken from one that lives, in one transaction, so what a
// snapshot shows to have none never gets one again. All the same a finding is only marked at first; it is removed when
// it is still one after Grace, looked at again in the transaction that removes it. The row goes before its object: a
// crash between leaves an object without a row, which is found in its turn. Several nodes may collect at once.
//
// A content loses its last message only by the collector, which then marks it: contents are never walked.
type Collector struct {
	DB    *store.DB // its clock is the collector's
	Blobs blob.Store
	Log   *slog.Logger
	// Purge ends references whose time is over, such as those of mail that was removed long ago; nil for none.
	Purge func(context.Context) error
	Grace time.Duration // from mark to removal; 0 means a day
	Every time.Duration // from one run to the next; 0 means a day
}

// Collected counts what one run did.
type Collected struct {
	Marked                      int
	Messages, Contents, Objects int // removed
}

const day = 24 * time.Hour

func (c *Collector) grace() time.Duration {
	if c.Grace == 0 {
		return day
	}
	return c.Grace
}

// Run collects at once and then at intervals, until ctx ends.
func (c *Collector) Run(ctx context.Context) {
	every := c.Every
	if every == 0 {
		every = day
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		done, err := c.RunOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.Log.Error("collect garbage", "error", err)
		default:
			c.Log.Info("garbage collected", "marked", done.Marked, "messages", done.Messages, "contents", done.Contents, "objects", done.Objects)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// RunOnce purges, removes what was marked long enough ago, and marks anew. It may be ended and begun again anywhere.
func (c *Collector) RunOnce(ctx context.Context) (done Collected, err error) {
	if c.Purge != nil {
		if err := c.Purge(ctx); err != nil {
			return done, fmt.Errorf("purge: %w", err)
		}
	}
	for _, step := range []struct {
		what string
		do   func(context.Context, *Collected) error
	}{
		{"remove messages", c.sweepMessages},
		{"remove contents", c.sweepContents},
		{"remove objects", c.sweepObjects},
		{"mark messages", c.markMessages},
		{"mark objects", c.markObjects},
	} {
		if err := step.do(ctx, &done); err != nil {
			return done, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if err := c.Blobs.SweepUnfinished(ctx, c.DB.Now().Add(-c.grace())); err != nil {
		return done, fmt.Errorf("remove unfinished objects: %w", err)
	}
	return done, nil
}

// referred tells, in a query on message m, whether anything needs it: an email of an account (within its retention
// too), one that is held back, a delivery that is not done, a row of the queue to the Internet.
const referred = `(EXISTS (SELECT 1 FROM email e WHERE e.message_id = m.message_id)
	OR EXISTS (SELECT 1 FROM held h WHERE h.message_id = m.message_id)
	OR EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = m.message_id AND d.state IN (0, 2))
	OR EXISTS (SELECT 1 FROM outbound o WHERE o.message_id = m.message_id AND o.state = 0))`

// Pages of one snapshot or transaction.
const (
	markPage  = 1000
	sweepPage = 200
)

// markMessages walks all messages and marks those that nothing refers to.
func (c *Collector) markMessages(ctx context.Context, done *Collected) error {
	before := c.DB.Now().Add(-c.grace()).UnixMicro()
	for after := int64(0); ; {
		var unreferred []int64
		n := 0
		err := c.DB.Read(ctx, func(tx *store.Tx) error {
			unreferred, n = nil, 0
			rows, err := tx.Query(ctx, `SELECT m.message_id, m.created_at < $1 AND NOT `+referred+` FROM message m
				WHERE m.message_id > $2 ORDER BY m.message_id LIMIT $3`, before, after, markPage)
			if err != nil {
				return err
			}
			defer rows.Close()
			for ; rows.Next(); n++ {
				var garbage bool
				if err := rows.Scan(&after, &garbage); err != nil {
					return err
				}
				if garbage {
					unreferred = append(unreferred, after)
				}
			}
			return rows.Err()
		})
		if err != nil {
			return err
		}
		if err := c.mark(ctx, markMessage, unreferred, done); err != nil {
			return err
		}
		if n < markPage {
			return nil
		}
	}
}

// mark notes ids that have no mark yet.
func (c *Collector) mark(ctx context.Context, kind int, ids []int64, done *Collected) error {
	if len(ids) == 0 {
		return nil
	}
	var n int64
	err := c.DB.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
		n, err = insertMarks(ctx, tx, kind, ids)
		return err
	})
	done.Marked += int(n)
	return err
}

func insertMarks(ctx context.Context, tx *store.Tx, kind int, ids []int64) (int64, error) {
	set, arg := tx.Dialect().IntSet(3, ids)
	return tx.Exec(ctx, `INSERT INTO gc_mark (kind, id, marked_at, object) SELECT $1, s.value, $2, '' FROM (`+set+`) AS s WHERE true
		ON CONFLICT (kind, id, object) DO NOTHING`, kind, tx.NowMicros(), arg)
}

// due returns marked ids whose grace is over.
func (c *Collector) due(ctx context.Context, kind int) (ids []int64, err error) {
	before := c.DB.Now().Add(-c.grace()).UnixMicro()
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		ids = nil
		rows, err := tx.Query(ctx, `SELECT id FROM gc_mark WHERE kind = $1 AND marked_at <= $2 ORDER BY id LIMIT $3`, kind, before, sweepPage)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	return ids, err
}

func unmark(ctx context.Context, tx *store.Tx, kind int, ids []int64) error {
	set, arg := tx.Dialect().IntSet(2, ids)
	_, err := tx.Exec(ctx, `DELETE FROM gc_mark WHERE kind = $1 AND id IN (`+set+`)`, kind, arg)
	return err
}

// sweepMessages removes the marked messages that still nothing refers to, and marks their contents where they were the
// last.
func (c *Collector) sweepMessages(ctx context.Context, done *Collected) error {
	for {
		ids, err := c.due(ctx, markMessage)
		if err != nil || len(ids) == 0 {
			return err
		}
		var removed, marked int
		err = c.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			set, arg := tx.Dialect().IntSet(1, ids)
			rows, err := tx.Query(ctx, `DELETE FROM message AS m WHERE m.message_id IN (`+set+`) AND NOT `+referred+` RETURNING content_id`, arg)
			if err != nil {
				return err
			}
			contents, err := scanIDs(rows)
			if err != nil {
				return err
			}
			removed = len(contents)
			if contents, err = withoutMessage(ctx, tx, contents); err != nil {
				return err
			}
			n, err := insertMarks(ctx, tx, markContent, contents)
			if err != nil {
				return err
			}
			marked = int(n)
			return unmark(ctx, tx, markMessage, ids)
		})
		if err != nil {
			return err
		}
		done.Messages += removed
		done.Marked += marked
	}
}

// withoutMessage returns which contents no message has.
func withoutMessage(ctx context.Context, tx *store.Tx, contents []int64) ([]int64, error) {
	set, arg := tx.Dialect().IntSet(1, contents)
	rows, err := tx.Query(ctx, `SELECT DISTINCT s.value FROM (`+set+`) AS s
		WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.content_id = s.value)`, arg)
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

// sweepContents removes the marked contents that still have no message: rows first, then objects.
func (c *Collector) sweepContents(ctx context.Context, done *Collected) error {
	for {
		ids, err := c.due(ctx, markContent)
		if err != nil || len(ids) == 0 {
			return err
		}
		var objects []string
		var removed int
		err = c.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			garbage, err := withoutMessage(ctx, tx, ids)
			if err != nil {
				return err
			}
			if objects, err = deleteContents(ctx, tx, garbage); err != nil {
				return err
			}
			removed = len(garbage)
			return unmark(ctx, tx, markContent, ids)
		})
		if err != nil {
			return err
		}
		fault.Point("content.after-row")
		done.Contents += removed
		for _, key := range objects {
			if err := c.Blobs.Delete(ctx, key); err != nil {
				return fmt.Errorf("object %s: %w", key, err)
			}
			done.Objects++
		}
	}
}
