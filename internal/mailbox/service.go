package mailbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/store"
)

// Service gives and changes the mailboxes of accounts. Its methods may be called from many goroutines.
type Service struct {
	db       *store.DB
	contents *content.Contents
	cache    *emailCache
}

// New returns the mailboxes kept in db.
func New(db *store.DB, contents *content.Contents) *Service {
	return &Service{db: db, contents: contents, cache: newEmailCache(cacheBytes)}
}

// Contents gives access to the octets of messages.
func (s *Service) Contents() *content.Contents { return s.contents }

// errNoMailbox is what a mailbox that is not (or no longer) there gives.
func errNoMailbox() error { return failure.New(failure.NotFound, "no such mailbox") }

// uidValidity is never the same for two mailboxes of an account, nor after a restore: mailbox ids are never used
// twice (nor given beyond maxMailboxID), and a restore changes the epoch. 12 bits of epoch, 20 of mailbox id.
func uidValidity(epoch, mailbox int64) uint32 {
	return uint32(epoch&0xfff)<<20 | uint32(mailbox&0xfffff)
}

// maxMailboxID is the last that uidValidity tells from all others.
const maxMailboxID = 1<<20 - 1

const mailboxColumns = `m.mailbox_id, m.name, m.role, m.subscribed, m.purge_floor,
	s.uidnext, s.modseq, s.messages, s.unseen, s.deleted, s.size
	FROM mailbox m JOIN mailbox_state s ON s.account_id = m.account_id AND s.mailbox_id = m.mailbox_id`

func scanMailbox(scan func(...any) error, epoch int64) (Mailbox, error) {
	var m Mailbox
	err := scan(&m.ID, &m.Name, &m.Role, &m.Subscribed, &m.PurgeFloor,
		&m.UIDNext, &m.Modseq, &m.Messages, &m.Unseen, &m.Deleted, &m.Size)
	m.UIDValidity = uidValidity(epoch, m.ID)
	return m, err
}

// List returns all mailboxes of an account by name, INBOX first, and the account's modseq.
func (s *Service) List(ctx context.Context, account int64) (boxes []Mailbox, modseq int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		boxes = boxes[:0]
		if modseq, err = accountModseq(ctx, tx, account); err != nil {
			return err
		}
		epoch, err := tx.Meta(ctx, "epoch")
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+mailboxColumns+` WHERE m.account_id = $1
			ORDER BY CASE m.mailbox_id WHEN 1 THEN 0 ELSE 1 END, m.name`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			m, err := scanMailbox(rows.Scan, epoch)
			if err != nil {
				return err
			}
			boxes = append(boxes, m)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list mailboxes: %w", err)
	}
	return boxes, modseq, nil
}

func accountModseq(ctx context.Context, tx *store.Tx, account int64) (modseq int64, err error) {
	err = tx.QueryRow(ctx, `SELECT modseq FROM account_state WHERE account_id = $1`, account).Scan(&modseq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, failure.New(failure.NotFound, "the account has no mailboxes")
	}
	return modseq, err
}

// ByName returns one mailbox; failure.NotFound where there is none of that name. INBOX is found in any case.
func (s *Service) ByName(ctx context.Context, account int64, name string) (m Mailbox, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		m, err = byName(ctx, tx, account, name)
		return err
	})
	return m, err
}

// ByID returns one mailbox; failure.NotFound where there is none.
func (s *Service) ByID(ctx context.Context, account, id int64) (m Mailbox, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		m, err = byID(ctx, tx, account, id)
		return err
	})
	return m, err
}

func byName(ctx context.Context, tx *store.Tx, account int64, name string) (Mailbox, error) {
	return oneMailbox(ctx, tx, `SELECT `+mailboxColumns+` WHERE m.account_id = $1 AND m.name = $2`, account, canonicalInbox(name))
}

func byID(ctx context.Context, tx *store.Tx, account, id int64) (Mailbox, error) {
	return oneMailbox(ctx, tx, `SELECT `+mailboxColumns+` WHERE m.account_id = $1 AND m.mailbox_id = $2`, account, id)
}

func oneMailbox(ctx context.Context, tx *store.Tx, query string, args ...any) (Mailbox, error) {
	epoch, err := tx.Meta(ctx, "epoch")
	if err != nil {
		return Mailbox{}, err
	}
	m, err := scanMailbox(tx.QueryRow(ctx, query, args...).Scan, epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return Mailbox{}, errNoMailbox()
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("read mailbox: %w", err)
	}
	return m, nil
}

// Select returns what SELECT shows of a mailbox, from one snapshot.
func (s *Service) Select(ctx context.Context, account int64, name string) (snap Snapshot, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		snap = Snapshot{}
		if snap.Mailbox, err = byName(ctx, tx, account, name); err != nil {
			return err
		}
		if snap.AccountModseq, err = accountModseq(ctx, tx, account); err != nil {
			return err
		}
		if snap.UIDs, err = uidRuns(ctx, tx, account, &snap.Mailbox); err != nil {
			return err
		}
		if snap.Unseen == 0 {
			return nil
		}
		err := tx.QueryRow(ctx, `SELECT uid FROM placement WHERE account_id = $1 AND mailbox_id = $2 AND flags & 1 = 0
			ORDER BY uid LIMIT 1`, account, snap.ID).Scan(&snap.FirstUnseen)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return Snapshot{}, fmt.Errorf("select mailbox: %w", err)
	}
	return snap, nil
}

// uidRuns returns the UIDs of a mailbox as runs. Where the counters show that there is no gap, the first UID tells all.
func uidRuns(ctx context.Context, tx *store.Tx, account int64, m *Mailbox) ([]UIDRange, error) {
	if m.Messages == 0 {
		return nil, nil
	}
	var first, last uint32
	err := tx.QueryRow(ctx, `SELECT min(uid), max(uid) FROM placement WHERE account_id = $1 AND mailbox_id = $2`, account, m.ID).Scan(&first, &last)
	if err != nil {
		return nil, err
	}
	if last-first+1 == m.Messages {
		return []UIDRange{{first, last}}, nil
	}
	rows, err := tx.Query(ctx, `SELECT min(uid), max(uid) FROM (
			SELECT uid, uid - row_number() OVER (ORDER BY uid) AS run FROM placement WHERE account_id = $1 AND mailbox_id = $2
		) AS numbered GROUP BY run ORDER BY 1`, account, m.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var runs []UIDRange
	for rows.Next() {
		var r UIDRange
		if err := rows.Scan(&r.First, &r.Last); err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, rows.Err()
}

// Quota returns an account's use of its space.
func (s *Service) Quota(ctx context.Context, account int64) (q Quota, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT used_bytes, quota_bytes FROM account_state WHERE account_id = $1`, account).
			Scan(&q.UsedBytes, &q.QuotaBytes)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return q, failure.New(failure.NotFound, "the account has no mailboxes")
	}
	return q, err
}

// Fits tells whether size more octets may be stored: up to the quota and its grace.
func (q Quota) Fits(size int64) bool {
	return q.QuotaBytes == 0 || q.UsedBytes+size <= q.QuotaBytes+q.QuotaBytes*Grace/100
}
