package store

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"
)

// Texts that differ without end do not fill a connection with statements, and run all the same.
func TestStatementsThatAConnectionKeepsAreBounded(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "n.db"), Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = db.Read(ctx, func(tx *Tx) error {
		for i := range stmtsMax + 50 {
			var row, queried int
			if err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT %d`, i)).Scan(&row); err != nil || row != i {
				return fmt.Errorf("row %d: %d, %w", i, row, err)
			}
			rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT %d + 0`, i))
			if err != nil {
				return err
			}
			for rows.Next() {
				if err := rows.Scan(&queried); err != nil {
					return err
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil || queried != i {
				return fmt.Errorf("query %d: %d, %w", i, queried, err)
			}
		}
		if c, ok := tx.q.(*stmtConn); !ok || len(c.stmts) != stmtsMax {
			return fmt.Errorf("the connection is %T and keeps %d statements, not %d", tx.q, len(c.stmts), stmtsMax)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
