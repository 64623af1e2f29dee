package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"navette/internal/content"
	"navette/internal/failure"
	"navette/internal/store"
)

// CopyAcross copies placements into a mailbox of another account, in UID order, all or nothing. What is copied is a new
// email there, with its flags, keywords and date of arrival and with a thread of that account; it refers to the same
// message, so no octet is stored twice, but it counts in the other account's space: failure.Quota where it has no
// room. Whether somebody may read the one account and write to the other is for the caller to know.
func (s *Service) CopyAcross(ctx context.Context, account, from int64, ranges []UIDRange, target int64, to string) (Copied, error) {
	return s.across(ctx, account, from, ranges, target, to, false)
}

// MoveAcross is CopyAcross and then removal of exactly the placements that were copied, in the same transaction.
func (s *Service) MoveAcross(ctx context.Context, account, from int64, ranges []UIDRange, target int64, to string) (Copied, error) {
	return s.across(ctx, account, from, ranges, target, to, true)
}

func (s *Service) across(ctx context.Context, account, from int64, ranges []UIDRange, target int64, to string, remove bool) (out Copied, err error) {
	if account == target {
		return s.transfer(ctx, account, from, ranges, to, remove)
	}
	err = s.db.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		src, dst, err := openTwo(ctx, tx, account, target)
		if err != nil {
			return err
		}
		a := adoption{src: src, dst: dst, contents: s.contents, from: from, emails: map[int64]int64{}}
		if out, err = a.run(ctx, ranges, to, remove); err != nil {
			return err
		}
		if err := src.close(ctx); err != nil {
			return err
		}
		return dst.close(ctx)
	})
	if err != nil {
		return Copied{}, fmt.Errorf("copy or move to another account: %w", err)
	}
	return out, nil
}

// openTwo locks two accounts, the lower id first, and edits both.
func openTwo(ctx context.Context, tx *store.Tx, a, b int64) (first, second *editor, err error) {
	states, err := tx.LockAccounts(ctx, a, b)
	if err != nil {
		return nil, nil, err
	}
	if len(states) < 2 {
		return nil, nil, failure.New(failure.NotFound, "the account has no mailboxes")
	}
	if states[0].Account != a {
		states[0], states[1] = states[1], states[0]
	}
	return newEditor(tx, states[0]), newEditor(tx, states[1]), nil
}

// adoption is emails of one account becoming another's too.
type adoption struct {
	src, dst *editor
	contents *content.Contents
	from     int64           // mailbox of src
	target   int64           // mailbox of dst
	emails   map[int64]int64 // there, by those here: what stands twice here is one email there too
}

// run places what stands in ranges in a mailbox, and takes it out of the one from where remove says so.
func (a *adoption) run(ctx context.Context, ranges []UIDRange, to string, remove bool) (Copied, error) {
	target, err := byName(ctx, a.dst.tx, a.dst.account(), to)
	if err != nil {
		return Copied{}, err
	}
	a.target = target.ID
	out := Copied{UIDValidity: target.UIDValidity}
	if _, err := a.src.box(ctx, a.from); err != nil {
		return out, err
	}
	found, err := a.src.placements(ctx, a.from, ranges, 0, maxCopy+1)
	if err != nil {
		return out, err
	}
	if len(found) > maxCopy {
		return out, failure.New(failure.Permanent, "at most %d messages at a time", maxCopy)
	}
	for part := range slices.Chunk(found, FetchBatch) {
		uids, err := a.place(ctx, part)
		if err != nil {
			return out, err
		}
		for i, p := range part {
			out.Source, out.Target = append(out.Source, uint32(p.uid)), append(out.Target, uids[i])
			if !remove {
				continue
			}
			if err := a.src.remove(ctx, a.from, p); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// place places some emails, and returns their UIDs there.
func (a *adoption) place(ctx context.Context, part []placed) ([]uint32, error) {
	rows, messages, err := a.load(ctx, part)
	if err != nil {
		return nil, err
	}
	uids := make([]uint32, len(part))
	for i, p := range part {
		var uid int64
		if email, again := a.emails[p.email]; again {
			uid, err = a.dst.place(ctx, a.target, email, p.size, p.flags)
		} else {
			m := messages[p.message]
			uid, err = a.add(ctx, p, &m, time.UnixMicro(rows[p.email].received))
		}
		if err != nil {
			return nil, err
		}
		uids[i] = uint32(uid)
	}
	return uids, nil
}

// load reads what new emails of these placements need: when they came, and the facts that make their thread.
func (a *adoption) load(ctx context.Context, part []placed) (map[int64]emailRow, map[int64]content.Message, error) {
	emails, messages := make([]int64, len(part)), make([]int64, len(part))
	for i, p := range part {
		emails[i], messages[i] = p.email, p.message
	}
	rows, err := readEmails(ctx, a.src.tx, a.src.account(), emails)
	if err != nil {
		return nil, nil, err
	}
	loaded, err := a.contents.Load(ctx, a.src.tx, messages, true, false)
	return rows, loaded, err
}

// add makes a new email of a message and places it.
func (a *adoption) add(ctx context.Context, p placed, m *content.Message, received time.Time) (uid int64, err error) {
	if !(Quota{a.dst.st.UsedBytes, a.dst.st.QuotaBytes}).Fits(p.size) {
		return 0, failure.New(failure.Quota, "La boîte est pleine (mailbox full)")
	}
	facts, err := m.Facts()
	if err != nil {
		return 0, fmt.Errorf("facts of message %d: %w", p.message, err)
	}
	uid, a.emails[p.email], err = a.dst.addEmail(ctx, a.target, p.message, p.size, received, p.flags, splitKeywords(p.keywords), ThreadHashes(facts))
	return uid, err
}
