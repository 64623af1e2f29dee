package mailbox

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/failure"
	"navette/internal/store"
)

// ChangeKind says what a row of the change log tells.
type ChangeKind int

// The kinds. Columns: for Placed, Removed and PlacementFlags mailbox, uid and email; for EmailFlags the email alone;
// for the Mailbox kinds the mailbox. flags and before hold what was there before.
const (
	Placed         ChangeKind = iota + 1
	Removed                   // flags before; before = keywords
	EmailFlags                // flags, keywords before
	PlacementFlags            // \Deleted set or cleared; flags before
	MailboxCreated            //
	MailboxRenamed            // before = old name
	MailboxDeleted            // before = name
	MailboxChanged            // subscription; flags = 1 where it was subscribed
)

// maxChanges is how many rows of the log one answer nets; a client further behind selects again, which costs less.
const maxChanges = 20_000

// ChangesSince returns what happened in a mailbox after the account's modseq since, from one snapshot.
func (s *Service) ChangesSince(ctx context.Context, account, mailbox, since int64) (ch Changes, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		ch = Changes{}
		if ch.Modseq, err = accountModseq(ctx, tx, account); err != nil {
			return err
		}
		if ch.Modseq == since {
			return nil
		}
		m, err := byID(ctx, tx, account, mailbox)
		if failure.Is(err, failure.NotFound) {
			ch.Reset, ch.Gone = true, true
			return nil
		}
		if err != nil {
			return err
		}
		ch.Highest = m.Modseq
		if since < m.PurgeFloor {
			ch.Reset = true
			return nil
		}
		if m.Modseq <= since {
			return nil // the account changed elsewhere
		}
		return s.netChanges(ctx, tx, account, mailbox, since, &ch)
	})
	if err != nil {
		return Changes{}, fmt.Errorf("changes of mailbox: %w", err)
	}
	return ch, nil
}

// netChanges reads the log once, and then the present state of what it names.
func (s *Service) netChanges(ctx context.Context, tx *store.Tx, account, mailbox, since int64, ch *Changes) error {
	// first tells, by UID, whether the first change that names it placed it: then it did not stand there before.
	born, flagged := map[uint32]bool{}, map[uint32]bool{}
	var emails []int64
	rows, err := tx.Query(ctx, `SELECT kind, mailbox_id, uid, email_id FROM change
		WHERE account_id = $1 AND modseq > $2 AND mailbox_id IN (0, $3) ORDER BY modseq LIMIT $4`, account, since, mailbox, maxChanges+1)
	if err != nil {
		return err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var kind ChangeKind
		var box, email int64
		var uid uint32
		if err := rows.Scan(&kind, &box, &uid, &email); err != nil {
			return err
		}
		if n++; n > maxChanges {
			ch.Reset = true
			return nil
		}
		switch kind {
		case Placed:
			born[uid] = true
		case Removed:
			if !born[uid] {
				ch.Removed = append(ch.Removed, uid)
			}
			delete(born, uid)
			delete(flagged, uid)
		case PlacementFlags:
			flagged[uid] = true
		case EmailFlags:
			emails = append(emails, email)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(emails) > 0 {
		set, arg := tx.Dialect().IntSet(3, emails)
		items, err := loadPlacements(ctx, tx, `WHERE account_id = $1 AND mailbox_id = $2 AND email_id IN (`+set+`)`, account, mailbox, arg)
		if err != nil {
			return err
		}
		for _, it := range items {
			flagged[it.UID] = true
		}
	}
	for uid := range born {
		ch.Added = append(ch.Added, uid)
		delete(flagged, uid)
	}
	slices.Sort(ch.Added)
	slices.Sort(ch.Removed)
	if len(flagged) == 0 {
		return nil
	}
	uids := make([]int64, 0, len(flagged))
	for uid := range flagged {
		uids = append(uids, int64(uid))
	}
	set, arg := tx.Dialect().IntSet(3, uids)
	ch.Flagged, err = loadPlacements(ctx, tx, `WHERE account_id = $1 AND mailbox_id = $2 AND uid IN (`+set+`) ORDER BY uid`, account, mailbox, arg)
	if err != nil {
		return err
	}
	return s.complete(ctx, tx, account, ch.Flagged, 0)
}
