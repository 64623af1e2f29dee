// Package history keeps every change of a person, an account, an address or a function, and answers why somebody has
// an address, since when, and on whose document.
//
// # Table
//
//	history   one row a change, keyed by the account that it is about; rows are only ever added
//
// The rows are written in the transaction of the change they tell of, by whoever makes it. What was and what came are
// kept as a person reads them, so that a row says the same in forty years as on its day. No row holds a secret: that a
// NUMEN came is told, never which.
//
// The journal (package audit) is about operators and what they did; the history is about an account and what it
// became. An act of an operator that changes the directory is in both.
package history

import (
	"context"
	"encoding/json"
	"fmt"

	"navette/internal/store"
)

// Kind is what happened.
type Kind string

// The kinds, as they are stored.
const (
	Appointed       Kind = "appointed"       // After: the identity and the first functions; Subject: the addresses
	Identity        Kind = "identity"        // the civil identity was corrected or changed
	AddressNew      Kind = "address.new"     // Subject is now the primary address; Before is the one until then
	AddressBack     Kind = "address.back"    // the same, with an address that the account had before
	AddressMoved    Kind = "address.moved"   // Subject came from another record of the same person
	AddressLeft     Kind = "address.left"    // Subject went to another record, of the same person or of its holder
	FunctionStart   Kind = "function.start"  // After
	FunctionChange  Kind = "function.change" // Before, After: a promotion, a prolonged contract…
	FunctionEnd     Kind = "function.end"    // Before: the feed no longer names it
	FunctionAgain   Kind = "function.again"  // After: the feed names it once more
	Numen           Kind = "numen"           // a late or corrected NUMEN came
	Grace           Kind = "life.grace"      // no function is left; After: the day of departure
	GraceEnd        Kind = "life.grace-end"  // a function came in time
	Departed        Kind = "life.departed"   // Before: why; After: the day of closing
	Returned        Kind = "life.returned"   // employed again
	Reminded        Kind = "life.reminded"   // After: how many days were left
	Closed          Kind = "life.closed"     // nothing more is received
	Died            Kind = "life.died"       // After: the day
	Sponsored       Kind = "sponsored"       // a provisional account; Before: the sponsor; After: its last day
	Confirmed       Kind = "sponsored.known" // the HR line of a provisional account came
	Merged          Kind = "merged"          // Before: the record that was the same person
	MergedInto      Kind = "merged.into"     // After: the record that it is now part of
	Split           Kind = "split"           // Before: the record that it came out of; After: what it took with it
	SplitOff        Kind = "split.off"       // After: the record that went out of this one
	ArrivedFrom     Kind = "life.arrived"    // Before: the académie
	ContactAnswered Kind = "life.contact"    // After: whom the automatic answer names
	Hidden          Kind = "listing.hidden"  // on the liste rouge of the directory; why is in the journal
	Shown           Kind = "listing.shown"   // no longer
	BoxMade         Kind = "box.made"        // a functional box; After: its name; Subject: the addresses
	BoxMember       Kind = "box.member"      // Subject: who; Before, After: their role in the box, "" for none
	ListMade        Kind = "list.made"       // a distribution list; After: its name and rules; Subject: the addresses
	ListMember      Kind = "list.member"     // Subject: who; Before, After: member or owner, "" for neither
	ListChanged     Kind = "list.changed"    // Before, After: its name and rules
)

// Row is one change.
type Row struct {
	Account   int64
	Kind      Kind
	Subject   string // the address that it is about, or ""
	Before    string // French
	After     string // French
	Reference string // the document that says so, or ""
	Actor     string // as in the journal
	Source    string // where it came from: « fichier RH n° 12, ligne 3 », or ""
}

// rowsAtOnce is how many rows one statement adds.
const rowsAtOnce = 2000

// Append adds rows, in the caller's transaction, which has taken the number of the directory's change before
// (tx.NextMeta "directory") where the directory shows what changed: the rows bear it, and its index catches up by it
// (internal/annuaire). first is the first of as many ids, taken before the transaction by
// store.DB.NewIDs(ctx, IDs, …).
func Append(ctx context.Context, tx *store.Tx, first int64, rows []Row) error {
	for len(rows) > 0 {
		some := rows[:min(len(rows), rowsAtOnce)]
		rows = rows[len(some):]
		staged := make([][]any, len(some))
		for i, r := range some {
			staged[i] = []any{r.Account, first + int64(i), r.Kind, r.Subject, r.Before, r.After, r.Reference, r.Actor, r.Source}
		}
		first += int64(len(some))
		data, err := json.Marshal(staged)
		if err != nil {
			return fmt.Errorf("stage history: %w", err)
		}
		if _, err := tx.Exec(ctx, insert(tx.Dialect()), string(data), tx.NowMicros()); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	return nil
}

// IDs is the kind of id of history's rows.
const IDs = "history"

func insert(d store.Dialect) string {
	const columns = `INSERT INTO history (account_id, history_id, kind, subject, before, after, reference, actor, source, at, version) SELECT `
	const texts = `, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, $2,
		(SELECT value FROM store_meta WHERE name = 'directory') FROM `
	if d == store.PostgreSQL {
		return columns + `(value->>0)::bigint, (value->>1)::bigint` + texts + `json_array_elements($1::json) AS staged(value)`
	}
	return columns + `value->>0, value->>1` + texts + `json_each($1)`
}
