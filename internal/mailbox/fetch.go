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

// FetchBatch is how many items Fetch reads in one snapshot and hands over at a time.
const FetchBatch = 500

// Fetch calls fn with the placements of a mailbox whose UIDs are in ranges (ascending, disjoint), in order, in batches
// of at most FetchBatch; each batch is one snapshot, closed before fn runs, so fn may write to a socket. UIDs that
// are not there are left out. fn may keep the batch.
func (s *Service) Fetch(ctx context.Context, account, mailbox int64, ranges []UIDRange, need Need, fn func([]Item) error) error {
	for _, r := range ranges {
		next := r.First
		for {
			items, err := s.fetchBatch(ctx, account, mailbox, UIDRange{next, r.Last}, need)
			if err != nil {
				return fmt.Errorf("fetch: %w", err)
			}
			if len(items) == 0 {
				break
			}
			last := items[len(items)-1].UID
			if err := fn(items); err != nil {
				return err
			}
			if last >= r.Last || len(items) < batchSize(need) {
				break
			}
			next = last + 1
		}
	}
	return nil
}

// fetchBatch reads the first placements of a range. Where the cache knows the rest of them, that is one query.
func (s *Service) fetchBatch(ctx context.Context, account, mailbox int64, r UIDRange, need Need) (items []Item, err error) {
	first := func(tx *store.Tx) error {
		items, err = loadPlacements(ctx, tx, `WHERE account_id = $1 AND mailbox_id = $2 AND uid BETWEEN $3 AND $4
			ORDER BY uid LIMIT $5`, account, mailbox, int64(r.First), int64(r.Last), batchSize(need))
		return err
	}
	if need&NeedText == 0 {
		if err := s.db.ReadOne(ctx, first); err != nil || len(items) == 0 || s.cached(account, items, need) {
			return items, err
		}
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := first(tx); err != nil || len(items) == 0 {
			return err
		}
		return s.complete(ctx, tx, account, items, need)
	})
	return items, err
}

// cached completes items with what the cache knows, and tells whether that is all that is needed.
func (s *Service) cached(account int64, items []Item, need Need) bool {
	for i := range items {
		if items[i].Flags&HasKeywords != 0 {
			return false
		}
	}
	if need&(NeedEmail|NeedFacts) == 0 {
		return true
	}
	ks := s.cache.lookUp(account, items)
	if slices.Contains(ks, nil) {
		return false
	}
	fill(items, ks)
	return true
}

// fill gives items what is known of their emails.
func fill(items []Item, ks []*known) {
	for i, k := range ks {
		items[i].Thread, items[i].ReceivedAt, items[i].Message = k.thread, k.received, k.message
	}
}

// batchSize bounds memory: texts are large, so they come in smaller batches.
func batchSize(need Need) int {
	if need&NeedText != 0 {
		return 50
	}
	return FetchBatch
}

func loadPlacements(ctx context.Context, tx *store.Tx, where string, args ...any) ([]Item, error) {
	rows, err := tx.Query(ctx, `SELECT uid, email_id, modseq, flags FROM placement `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var it Item
		if err := rows.Scan(&it.UID, &it.Email, &it.Modseq, &it.Flags); err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, rows.Err()
}

// complete adds to placements of one account what is needed. What never changes comes from the cache where it can;
// the rest from the emails' rows, then from the messages by id.
func (s *Service) complete(ctx context.Context, tx *store.Tx, account int64, items []Item, need Need) error {
	if need&NeedText != 0 {
		need |= NeedFacts
	}
	if need&NeedFacts != 0 {
		need |= NeedEmail
	}
	ks := make([]*known, len(items))
	if need&NeedEmail != 0 && need&NeedText == 0 {
		ks = s.cache.lookUp(account, items)
	}
	var want []int64
	for i := range items {
		if need&NeedEmail != 0 && ks[i] == nil || items[i].Flags&HasKeywords != 0 {
			want = append(want, items[i].Email)
		}
	}
	if len(want) > 0 {
		if err := s.loadEmails(ctx, tx, account, items, ks, want, need); err != nil {
			return err
		}
	}
	if need&NeedEmail == 0 {
		return nil
	}
	fill(items, ks)
	return nil
}

// loadEmails reads the emails of want, sets the items' keywords, and fills the gaps in ks where emails are needed.
func (s *Service) loadEmails(ctx context.Context, tx *store.Tx, account int64, items []Item, ks []*known, want []int64, need Need) error {
	emails, err := readEmails(ctx, tx, account, want)
	if err != nil {
		return err
	}
	var messages []int64
	for i := range items {
		e, ok := emails[items[i].Email]
		if items[i].Flags&HasKeywords != 0 {
			items[i].Keywords = splitKeywords(e.keywords)
		}
		switch {
		case need&NeedEmail == 0 || ks[i] != nil:
		case !ok:
			return fmt.Errorf("account %d: placement of email %d that is not there", account, items[i].Email)
		default:
			messages = append(messages, e.message)
		}
	}
	if len(messages) == 0 {
		return nil
	}
	loaded, err := s.contents.Load(ctx, tx, messages, need&NeedFacts != 0, need&NeedText != 0)
	if err != nil {
		return err
	}
	fresh := make([]*known, len(items))
	for i := range items {
		if ks[i] != nil {
			continue
		}
		e := emails[items[i].Email]
		m, ok := loaded[e.message]
		if !ok {
			return fmt.Errorf("account %d: email %d without its message %d", account, items[i].Email, e.message)
		}
		ks[i] = &known{message: m, thread: e.thread, received: time.UnixMicro(e.received).UTC()}
		fresh[i] = ks[i]
	}
	if need&(NeedFacts|NeedText) == NeedFacts {
		s.cache.keep(account, items, fresh)
	}
	return nil
}

// emailRow is what a reader needs of a row of email.
type emailRow struct {
	message, thread, received int64
	keywords                  string
}

func readEmails(ctx context.Context, tx *store.Tx, account int64, ids []int64) (map[int64]emailRow, error) {
	emails := make(map[int64]emailRow, len(ids))
	set, arg := tx.Dialect().IntSet(2, ids)
	rows, err := tx.Query(ctx, `SELECT email_id, message_id, thread_id, received_at, keywords FROM email
		WHERE account_id = $1 AND email_id IN (`+set+`)`, account, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var e emailRow
		if err := rows.Scan(&id, &e.message, &e.thread, &e.received, &e.keywords); err != nil {
			return nil, err
		}
		emails[id] = e
	}
	return emails, rows.Err()
}

// Message returns one email's message with its facts, to open it; failure.NotFound where the account has none.
func (s *Service) Message(ctx context.Context, account, email int64) (m content.Message, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		id, err := messageOf(ctx, tx, account, email)
		if err != nil {
			return err
		}
		loaded, err := s.contents.Load(ctx, tx, []int64{id}, true, false)
		if err != nil {
			return err
		}
		var ok bool
		if m, ok = loaded[id]; !ok {
			return failure.New(failure.NotFound, "the message is no longer there")
		}
		return nil
	})
	return m, err
}
