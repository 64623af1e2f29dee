package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/store"
)

// Held is a message that waits for its hour: it has no UID and no modseq until it is released.
type Held struct {
	Account    int64
	Mailbox    int64 // where it will stand; INBOX if that is gone by then
	Message    int64
	ReleaseAt  time.Time
	ReceivedAt time.Time // INTERNALDATE it will have
}

// Hold keeps a message back, in the caller's transaction, which inserts the message or refers to it already. id is
// from NewIDs("held").
func Hold(ctx context.Context, tx *store.Tx, id int64, h Held) error {
	_, err := tx.Exec(ctx, `INSERT INTO held (account_id, held_id, release_at, mailbox_id, message_id, received_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, h.Account, id, h.ReleaseAt.UnixMicro(), h.Mailbox, h.Message, h.ReceivedAt.UnixMicro())
	if err != nil {
		return fmt.Errorf("hold message %d: %w", h.Message, err)
	}
	return nil
}

// releaseChunk is how many held messages one transaction releases.
const releaseChunk = 50

// due is a held row.
type due struct{ account, id, mailbox, message, received int64 }

// ReleaseDue places all held messages whose hour has come, each exactly once, whoever else releases at the same time:
// a row is deleted in the transaction that places it. It returns how many it placed.
func (s *Service) ReleaseDue(ctx context.Context) (released int, err error) {
	for {
		waiting, err := s.dueRows(ctx)
		if err != nil || len(waiting) == 0 {
			return released, err
		}
		var n int
		err = s.db.Write(ctx, store.Bulk, func(tx *store.Tx) (err error) {
			n, err = s.release(ctx, tx, waiting)
			return err
		})
		if err != nil {
			return released, fmt.Errorf("release held messages: %w", err)
		}
		released += n
	}
}

func (s *Service) dueRows(ctx context.Context) (out []due, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT account_id, held_id, mailbox_id, message_id, received_at FROM held
			WHERE release_at <= $1 ORDER BY release_at, account_id, held_id LIMIT $2`, tx.NowMicros(), releaseChunk)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d due
			if err := rows.Scan(&d.account, &d.id, &d.mailbox, &d.message, &d.received); err != nil {
				return err
			}
			out = append(out, d)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for held messages: %w", err)
	}
	return out, nil
}

// release places those of the rows that are still there.
func (s *Service) release(ctx context.Context, tx *store.Tx, waiting []due) (n int, err error) {
	var accounts, messages []int64
	for _, d := range waiting {
		accounts, messages = append(accounts, d.account), append(messages, d.message)
	}
	slices.Sort(accounts)
	states, err := tx.LockAccounts(ctx, slices.Compact(accounts)...)
	if err != nil {
		return 0, err
	}
	loaded, err := s.contents.Load(ctx, tx, messages, true, false)
	if err != nil {
		return 0, err
	}
	editors := map[int64]*editor{}
	for _, st := range states {
		editors[st.Account] = newEditor(tx, st)
	}
	for _, d := range waiting {
		gone, err := tx.Exec(ctx, `DELETE FROM held WHERE account_id = $1 AND held_id = $2`, d.account, d.id)
		if err != nil {
			return 0, err
		}
		if gone == 0 {
			continue // somebody else released it
		}
		m, ok := loaded[d.message]
		if e := editors[d.account]; e == nil || !ok {
			return 0, fmt.Errorf("held message %d of account %d has lost its message or its account", d.id, d.account)
		} else if err := e.release(ctx, d, &m); err != nil {
			return 0, fmt.Errorf("held message %d of account %d: %w", d.id, d.account, err)
		}
		n++
	}
	for _, st := range states {
		if err := editors[st.Account].close(ctx); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (e *editor) release(ctx context.Context, d due, m *content.Message) error {
	var threads []int64
	if f, err := m.Facts(); err == nil { // facts that cannot be read cost it its thread, not its hour
		threads = ThreadHashes(f)
	}
	if _, err := e.box(ctx, d.mailbox); failure.Is(err, failure.NotFound) {
		d.mailbox = Inbox
	} else if err != nil {
		return err
	}
	_, _, err := e.addEmail(ctx, d.mailbox, d.message, m.Size, time.UnixMicro(d.received), 0, nil, threads)
	return err
}

// RunReleaser releases what is due every interval, until ctx ends.
func (s *Service) RunReleaser(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := s.ReleaseDue(ctx); err != nil && ctx.Err() == nil {
			log.Error("release held messages", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
