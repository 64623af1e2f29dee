// Package audit keeps the journal of every administrative act: who did what, to whom, why and when, chained so that a
// row changed, removed or put in afterwards is found (invariant 10 of the design).
//
// Each row's hash is SHA-256 over the hash before it and a canonical form of the row. Rows are numbered without gaps
// by the counter journal of store_meta, which stays locked to commit: a row always knows the one before it.
//
// What the chain cannot show by itself is that its tail was cut off together with the counter, or that all of it was
// computed anew: for that, a Head that was noted elsewhere (a log, paper) is compared with the journal.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"navette/internal/store"
)

// Entry is one act. Actor and Subject are identifiers of accounts or of programs ("hr-import"), never an address of a
// protected person; Detail is for machines. None of them holds a secret.
type Entry struct {
	Actor   string // who: the login of an account, or the name of a program
	Action  string // what: "account.suspend"
	Subject string // whom: "account:42"
	Reason  string // why, in the actor's words
	Detail  string // JSON or empty
}

// Head is the end of the journal at an instant.
type Head struct {
	Seq  int64 // rows in the journal
	Hash [sha256.Size]byte
}

// genesis is the hash before the first row.
var genesis [sha256.Size]byte

// ErrIncomplete says that an entry lacks its actor, action or subject.
var ErrIncomplete = errors.New("a journal entry needs an actor, an action and a subject")

// Append writes e inside the caller's transaction, so that the act and its entry are committed together or not at all.
// It is the last statement of its transaction: the lock on the journal's counter makes others wait until the commit.
func Append(ctx context.Context, tx *store.Tx, e Entry) error {
	if e.Actor == "" || e.Action == "" || e.Subject == "" {
		return ErrIncomplete
	}
	seq, err := tx.NextMeta(ctx, "journal")
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	before := genesis[:]
	if seq > 1 {
		err := tx.QueryRow(ctx, `SELECT hash FROM journal WHERE seq = $1`, seq-1).Scan(&before)
		if err != nil {
			return fmt.Errorf("read journal row %d: %w", seq-1, err)
		}
	}
	at := tx.NowMicros()
	hash := chain(before, seq, at, e)
	_, err = tx.Exec(ctx, `INSERT INTO journal (seq, at, actor, action, subject, reason, detail, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, seq, at, e.Actor, e.Action, e.Subject, e.Reason, e.Detail, hash[:])
	if err != nil {
		return fmt.Errorf("append to the journal: %w", err)
	}
	return nil
}

// chain computes a row's hash. The canonical form is the numbers as 8 octets, big endian, and each text after its
// length in octets in the same way: no two different rows have the same form.
func chain(before []byte, seq, at int64, e Entry) [sha256.Size]byte {
	b := make([]byte, 0, 512)
	b = append(b, before...)
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	for _, text := range []string{e.Actor, e.Action, e.Subject, e.Reason, e.Detail} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	return sha256.Sum256(b)
}
