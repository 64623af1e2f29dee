package mailbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"

	"navette/internal/failure"
	"navette/internal/store"
)

// editor makes the changes of one account in one transaction: it holds the account's lock and counters, collects
// what each mailbox's counters become, and writes both back once, in close.
type editor struct {
	tx    *store.Tx
	st    store.AccountState
	found store.AccountState // as it was locked
	boxes map[int64]*counters
}

// counters is a mailbox_state row.
type counters struct {
	uidnext, modseq                 int64
	messages, unseen, deleted, size int64
}

// edit locks the account and runs fn with its editor, in a write of the given priority.
func (s *Service) edit(ctx context.Context, account int64, p store.Priority, fn func(*editor) error) error {
	return s.db.Write(ctx, p, func(tx *store.Tx) error {
		e, err := openEditor(ctx, tx, account)
		if err != nil {
			return err
		}
		if err := fn(e); err != nil {
			return err
		}
		return e.close(ctx)
	})
}

func openEditor(ctx context.Context, tx *store.Tx, account int64) (*editor, error) {
	states, err := tx.LockAccounts(ctx, account)
	if err != nil {
		return nil, err
	}
	if len(states) == 0 {
		return nil, failure.New(failure.NotFound, "the account has no mailboxes")
	}
	return newEditor(tx, states[0]), nil
}

// newEditor edits an account whose state was locked in tx.
func newEditor(tx *store.Tx, locked store.AccountState) *editor {
	return &editor{tx: tx, st: locked, found: locked, boxes: map[int64]*counters{}}
}

func (e *editor) account() int64 { return e.st.Account }

// box returns the counters of a mailbox, to be changed; failure.NotFound where it is gone.
func (e *editor) box(ctx context.Context, mailbox int64) (*counters, error) {
	if c := e.boxes[mailbox]; c != nil {
		return c, nil
	}
	c := new(counters)
	err := e.tx.QueryRow(ctx, `SELECT uidnext, modseq, messages, unseen, deleted, size FROM mailbox_state
		WHERE account_id = $1 AND mailbox_id = $2`, e.account(), mailbox).
		Scan(&c.uidnext, &c.modseq, &c.messages, &c.unseen, &c.deleted, &c.size)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoMailbox()
	}
	if err != nil {
		return nil, fmt.Errorf("read mailbox counters: %w", err)
	}
	e.boxes[mailbox] = c
	return c, nil
}

// log takes the next modseq for one change and writes its row.
func (e *editor) log(ctx context.Context, kind ChangeKind, mailbox, uid, email int64, flags Flags, before string) (int64, error) {
	e.st.Modseq++
	_, err := e.tx.Exec(ctx, `INSERT INTO change (account_id, modseq, at, kind, mailbox_id, uid, email_id, flags, before)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.account(), e.st.Modseq, e.tx.NowMicros(), kind, mailbox, uid, email, flags, before)
	if err != nil {
		return 0, fmt.Errorf("log change: %w", err)
	}
	return e.st.Modseq, nil
}

// place puts an email into a mailbox under the next UID.
func (e *editor) place(ctx context.Context, mailbox, email, size int64, flags Flags) (uid int64, err error) {
	c, err := e.box(ctx, mailbox)
	if err != nil {
		return 0, err
	}
	uid = c.uidnext
	if uid >= 1<<32-1 {
		return 0, failure.New(failure.Permanent, "the mailbox has used all its UIDs")
	}
	modseq, err := e.log(ctx, Placed, mailbox, uid, email, 0, "")
	if err != nil {
		return 0, err
	}
	_, err = e.tx.Exec(ctx, `INSERT INTO placement (account_id, mailbox_id, uid, email_id, modseq, flags)
		VALUES ($1, $2, $3, $4, $5, $6)`, e.account(), mailbox, uid, email, modseq, flags)
	if err != nil {
		return 0, fmt.Errorf("place: %w", err)
	}
	c.uidnext++
	c.modseq = modseq
	c.count(flags, size, +1)
	return uid, nil
}

// count adds (+1) or takes away (-1) one placement with these flags.
func (c *counters) count(flags Flags, size, sign int64) {
	c.messages += sign
	c.size += sign * size
	if flags&Seen == 0 {
		c.unseen += sign
	}
	if flags&Deleted != 0 {
		c.deleted += sign
	}
}

// placed is a placement with what changing, removing or copying it needs.
type placed struct {
	uid, email, message, size, modseq int64
	flags                             Flags
	keywords                          string
}

// placements reads the placements of a mailbox in ranges (nil: all) that have the flags in extra; at most limit.
func (e *editor) placements(ctx context.Context, mailbox int64, ranges []UIDRange, extra Flags, limit int) ([]placed, error) {
	var out []placed
	if ranges == nil {
		ranges = []UIDRange{{1, 1<<32 - 1}}
	}
	for _, r := range ranges {
		rows, err := e.tx.Query(ctx, `SELECT p.uid, p.email_id, p.modseq, p.flags, e.message_id, e.keywords, m.size
			FROM placement p
			JOIN email e ON e.account_id = p.account_id AND e.email_id = p.email_id
			JOIN message m ON m.message_id = e.message_id
			WHERE p.account_id = $1 AND p.mailbox_id = $2 AND p.uid BETWEEN $3 AND $4 AND p.flags & $5 = $5
			ORDER BY p.uid LIMIT $6`, e.account(), mailbox, int64(r.First), int64(r.Last), int64(extra), limit-len(out))
		if err != nil {
			return nil, fmt.Errorf("read placements: %w", err)
		}
		for rows.Next() {
			var p placed
			if err := rows.Scan(&p.uid, &p.email, &p.modseq, &p.flags, &p.message, &p.keywords, &p.size); err != nil {
				rows.Close()
				return nil, fmt.Errorf("read placements: %w", err)
			}
			out = append(out, p)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
		if len(out) >= limit {
			break
		}
	}
	return out, nil
}

// remove takes a placement away. The email's row stays for recovery; its space is given back with its last placement.
func (e *editor) remove(ctx context.Context, mailbox int64, p placed) error {
	c, err := e.box(ctx, mailbox)
	if err != nil {
		return err
	}
	n, err := e.tx.Exec(ctx, `DELETE FROM placement WHERE account_id = $1 AND mailbox_id = $2 AND uid = $3`, e.account(), mailbox, p.uid)
	if err != nil {
		return fmt.Errorf("remove placement: %w", err)
	}
	if n == 0 {
		return nil
	}
	if c.modseq, err = e.log(ctx, Removed, mailbox, p.uid, p.email, p.flags, p.keywords); err != nil {
		return err
	}
	c.count(p.flags, p.size, -1)
	var others int64
	err = e.tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM placement WHERE account_id = $1 AND email_id = $2 LIMIT 1) AS p`,
		e.account(), p.email).Scan(&others)
	if err != nil {
		return fmt.Errorf("remove placement: %w", err)
	}
	if others == 0 {
		e.st.UsedBytes -= p.size
	}
	return nil
}

// close writes the counters back, in ascending order of mailbox, and hints at the change. Where nothing changed
// nothing is written: every change takes a modseq.
func (e *editor) close(ctx context.Context) error {
	if e.st == e.found {
		return nil
	}
	ids := make([]int64, 0, len(e.boxes))
	for id := range e.boxes {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		c := e.boxes[id]
		_, err := e.tx.Exec(ctx, `UPDATE mailbox_state SET uidnext = $3, modseq = $4, messages = $5, unseen = $6, deleted = $7, size = $8
			WHERE account_id = $1 AND mailbox_id = $2`,
			e.account(), id, c.uidnext, c.modseq, c.messages, c.unseen, c.deleted, c.size)
		if err != nil {
			return fmt.Errorf("save mailbox counters: %w", err)
		}
	}
	if err := e.tx.SaveState(ctx, &e.st); err != nil {
		return err
	}
	e.tx.Hint(e.account(), e.st.Modseq)
	return nil
}
