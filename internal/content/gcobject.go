package content

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"navette/internal/store"
)

// deleteContents deletes rows and returns the keys of their objects.
func deleteContents(ctx context.Context, tx *store.Tx, ids []int64) (objects []string, err error) {
	set, arg := tx.Dialect().IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT object FROM content WHERE content_id IN (`+set+`) AND object IS NOT NULL`, arg)
	if err != nil {
		return nil, err
	}
	if objects, err = scanKeys(rows); err != nil {
		return nil, err
	}
	for _, table := range []string{"facts", "content"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE content_id IN (`+set+`)`, arg); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// markObjects walks all objects and marks those without a row.
func (c *Collector) markObjects(ctx context.Context, done *Collected) error {
	page := make([]string, 0, markPage)
	flush := func() error {
		orphans, err := WithoutContent(ctx, c.DB, page)
		page = page[:0]
		if err != nil || len(orphans) == 0 {
			return err
		}
		var n int64
		err = c.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			set, arg := tx.Dialect().TextSet(3, orphans)
			n, err = tx.Exec(ctx, `INSERT INTO gc_mark (kind, id, marked_at, object) SELECT $1, 0, $2, s.value FROM (`+set+`) AS s WHERE true
				ON CONFLICT (kind, id, object) DO NOTHING`, markObject, tx.NowMicros(), arg)
			return err
		})
		done.Marked += int(n)
		return err
	}
	err := c.Blobs.Walk(ctx, func(key string, _ int64, _ time.Time) error {
		if page = append(page, key); len(page) < markPage {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// WithoutContent returns which of some objects no content has: leftovers, or about to get their row.
func WithoutContent(ctx context.Context, db *store.DB, keys []string) (orphans []string, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		set, arg := tx.Dialect().TextSet(1, keys)
		rows, err := tx.Query(ctx, `SELECT s.value FROM (`+set+`) AS s WHERE NOT EXISTS (SELECT 1 FROM content c WHERE c.object = s.value)`, arg)
		if err != nil {
			return err
		}
		orphans, err = scanKeys(rows)
		return err
	})
	return orphans, err
}

// sweepObjects removes the marked objects that still have no row; the mark goes last.
func (c *Collector) sweepObjects(ctx context.Context, done *Collected) error {
	before := c.DB.Now().Add(-c.grace()).UnixMicro()
	for {
		var keys []string
		err := c.DB.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(ctx, `SELECT object FROM gc_mark WHERE kind = $1 AND marked_at <= $2 LIMIT $3`, markObject, before, sweepPage)
			if err != nil {
				return err
			}
			keys, err = scanKeys(rows)
			return err
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		orphans, err := WithoutContent(ctx, c.DB, keys)
		if err != nil {
			return err
		}
		for _, key := range orphans {
			if err := c.Blobs.Delete(ctx, key); err != nil {
				return fmt.Errorf("object %s: %w", key, err)
			}
			done.Objects++
		}
		err = c.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
			set, arg := tx.Dialect().TextSet(2, keys)
			_, err := tx.Exec(ctx, `DELETE FROM gc_mark WHERE kind = $1 AND id = 0 AND object IN (`+set+`)`, markObject, arg)
			return err
		})
		if err != nil {
			return err
		}
	}
}

func scanIDs(rows *sql.Rows) ([]int64, error)   { return scanColumn[int64](rows) }
func scanKeys(rows *sql.Rows) ([]string, error) { return scanColumn[string](rows) }

// scanColumn reads and closes rows of one column.
func scanColumn[T any](rows *sql.Rows) (out []T, err error) {
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
