package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math"

	"navette/internal/store"
)

// Broken says where the chain does not hold.
type Broken struct {
	Seq int64 // the first row that is not as it was written
	Why string
}

func (b *Broken) Error() string {
	return fmt.Sprintf("the journal is broken at row %d: %s", b.Seq, b.Why)
}

// page is how many rows Verify reads in one snapshot.
const page = 1000

// Verify walks the whole chain and returns its end, or a *Broken that names the first row which does not hold. It
// reads beside a running server, in pages; rows that come in meanwhile are walked too.
func Verify(ctx context.Context, db *store.DB) (Head, error) {
	head := Head{Hash: genesis}
	for {
		n, err := verifyPage(ctx, db, &head)
		if err != nil {
			return head, err
		}
		if n < page {
			return head, nil
		}
	}
}

// verifyPage walks the rows after head, moves head to the last good one, and returns how many it read. The last page is
// compared, in the same snapshot, with the counter: rows cut off at the end are found by it.
func verifyPage(ctx context.Context, db *store.DB, head *Head) (n int, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		counter, err := tx.Meta(ctx, "journal")
		if err != nil {
			return err
		}
		from := *head
		if n, err = walk(ctx, tx, &from); err != nil {
			return err
		}
		*head = from
		if n < page && head.Seq != counter {
			return &Broken{head.Seq + 1, fmt.Sprintf("%d rows were written, %d are there", counter, head.Seq)}
		}
		return nil
	})
	return n, err
}

func walk(ctx context.Context, tx *store.Tx, head *Head) (n int, err error) {
	after := head.Seq
	if after == 0 {
		after = math.MinInt64 // so that rows put before the first are seen
	}
	rows, err := tx.Query(ctx, `SELECT seq, at, actor, action, subject, reason, detail, hash FROM journal
		WHERE seq > $1 ORDER BY seq LIMIT $2`, after, page)
	if err != nil {
		return 0, fmt.Errorf("read the journal: %w", err)
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var seq, at int64
		var e Entry
		var hash []byte
		if err := rows.Scan(&seq, &at, &e.Actor, &e.Action, &e.Subject, &e.Reason, &e.Detail, &hash); err != nil {
			return n, fmt.Errorf("read the journal after row %d: %w", head.Seq, err)
		}
		if seq <= head.Seq {
			return n, &Broken{seq, "it was never written"}
		}
		if seq > head.Seq+1 {
			return n, &Broken{head.Seq + 1, "it is missing"}
		}
		want := chain(head.Hash[:], seq, at, e)
		if !bytes.Equal(hash, want[:]) {
			return n, &Broken{seq, "its hash does not follow from it and the row before"}
		}
		*head = Head{Seq: seq, Hash: [sha256.Size]byte(hash)}
	}
	return n, rows.Err()
}
