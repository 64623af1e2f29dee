package mailbox

import (
	"context"
	"fmt"

	"navette/internal/store"
)

// editChunk is how many placements one transaction changes at most: a STORE on ten thousand holds nobody up.
const editChunk = 100

// Store changes flags of the placements of a mailbox whose UIDs are in ranges (ascending, disjoint), in several
// transactions where they are many. Of placements that the change leaves as they were, nothing is written.
func (s *Service) Store(ctx context.Context, account, mailbox int64, ranges []UIDRange, change FlagChange) (StoreResult, error) {
	var err error
	if change.Flags, change.Keywords, err = normalKeywords(change.Flags, change.Keywords); err != nil {
		return StoreResult{}, err
	}
	out := StoreResult{Alone: true}
	own := map[int64]int64{}
	for rest := ranges; len(rest) > 0; {
		var part StoreResult
		var next []UIDRange
		err := s.edit(ctx, account, store.Interactive, func(e *editor) error {
			part = StoreResult{Since: e.st.Modseq, Alone: true}
			if _, err := e.box(ctx, mailbox); err != nil {
				return err
			}
			found, err := e.placements(ctx, mailbox, rest, 0, editChunk)
			if err != nil {
				return err
			}
			next = nil
			if len(found) == editChunk {
				next = after(rest, uint32(found[len(found)-1].uid))
			}
			err = e.storeAll(ctx, mailbox, found, &change, own, &part)
			part.Modseq = e.st.Modseq
			return err
		})
		if err != nil {
			return out, fmt.Errorf("store flags: %w", err)
		}
		if len(out.Items)+len(out.Modified) == 0 {
			out.Since = part.Since
		} else if out.Modseq != part.Since {
			out.Alone = false
		}
		out.Alone, out.Modseq = out.Alone && part.Alone, part.Modseq
		out.Items = append(out.Items, part.Items...)
		out.Modified = append(out.Modified, part.Modified...)
		for _, it := range part.Items {
			own[it.Email] = it.Modseq
		}
		rest = next
	}
	return out, nil
}

// after returns what of ranges lies beyond uid.
func after(ranges []UIDRange, uid uint32) []UIDRange {
	var out []UIDRange
	for _, r := range ranges {
		if r.Last <= uid {
			continue
		}
		out = append(out, UIDRange{max(r.First, uid+1), r.Last})
	}
	return out
}

// storeAll changes placements that were read in this transaction. own are the modseqs that the same STORE gave to
// emails before: an email that stands twice in a mailbox is no conflict with itself.
func (e *editor) storeAll(ctx context.Context, mailbox int64, found []placed, change *FlagChange, own map[int64]int64, out *StoreResult) error {
	changed := map[int64]Item{} // emails changed in this transaction: what found says of their other placements is old
	for _, p := range found {
		if change.UnchangedSince >= 0 && p.modseq > change.UnchangedSince && p.modseq != own[p.email] {
			out.Modified = append(out.Modified, uint32(p.uid))
			continue
		}
		if it, twice := changed[p.email]; twice {
			p.flags = it.Flags&^Deleted | p.flags&Deleted
			p.keywords, p.modseq = joinKeywords(it.Keywords), it.Modseq
		}
		it, emailChanged, err := e.storeOne(ctx, mailbox, p, change, out)
		if err != nil {
			return err
		}
		if emailChanged {
			changed[p.email] = it
		}
		out.Items = append(out.Items, it)
	}
	return nil
}

// storeOne changes one placement, and tells whether its email changed with it.
func (e *editor) storeOne(ctx context.Context, mailbox int64, p placed, change *FlagChange, out *StoreResult) (it Item, emailChanged bool, err error) {
	flags, keywords := change.apply(p.flags, splitKeywords(p.keywords))
	if len(keywords) > MaxKeywords {
		return it, false, errTooManyKeywords()
	}
	joined := joinKeywords(keywords)
	modseq := p.modseq
	if flags&Deleted != p.flags&Deleted {
		if modseq, err = e.setDeleted(ctx, mailbox, p, flags&Deleted); err != nil {
			return it, false, err
		}
	}
	if emailChanged = flags&^Deleted != p.flags&^Deleted || joined != p.keywords; emailChanged {
		var here int
		if modseq, here, err = e.setEmailFlags(ctx, mailbox, p, flags&^Deleted, joined); err != nil {
			return it, false, err
		}
		out.Alone = out.Alone && here == 1
	}
	return Item{UID: uint32(p.uid), Email: p.email, Modseq: modseq, Flags: flags, Keywords: keywords}, emailChanged, nil
}

// setDeleted changes the one flag that is the placement's own.
func (e *editor) setDeleted(ctx context.Context, mailbox int64, p placed, deleted Flags) (int64, error) {
	modseq, err := e.log(ctx, PlacementFlags, mailbox, p.uid, p.email, p.flags, "")
	if err != nil {
		return 0, err
	}
	_, err = e.tx.Exec(ctx, `UPDATE placement SET flags = $4, modseq = $5 WHERE account_id = $1 AND mailbox_id = $2 AND uid = $3`,
		e.account(), mailbox, p.uid, p.flags&^Deleted|deleted, modseq)
	if err != nil {
		return 0, fmt.Errorf("set \\Deleted: %w", err)
	}
	c, err := e.box(ctx, mailbox)
	if err != nil {
		return 0, err
	}
	c.modseq = modseq
	if deleted != 0 {
		c.deleted++
	} else {
		c.deleted--
	}
	return modseq, nil
}

// setEmailFlags changes an email's flags and keywords, and bumps all its placements (invariant 3), of which it tells
// how many stand in mailbox.
func (e *editor) setEmailFlags(ctx context.Context, mailbox int64, p placed, flags Flags, keywords string) (modseq int64, here int, err error) {
	if modseq, err = e.log(ctx, EmailFlags, 0, 0, p.email, p.flags&^Deleted, p.keywords); err != nil {
		return 0, 0, err
	}
	if _, err := e.tx.Exec(ctx, `UPDATE email SET flags = $3, keywords = $4 WHERE account_id = $1 AND email_id = $2`,
		e.account(), p.email, flags, keywords); err != nil {
		return 0, 0, fmt.Errorf("set flags: %w", err)
	}
	boxes, err := scanIDs(e.tx.Query(ctx, `UPDATE placement SET flags = $3 | (flags & $4), modseq = $5
		WHERE account_id = $1 AND email_id = $2 RETURNING mailbox_id`, e.account(), p.email, int64(flags), int64(Deleted), modseq))
	if err != nil {
		return 0, 0, fmt.Errorf("set flags: %w", err)
	}
	unseen := int64(0)
	if was, is := p.flags&Seen != 0, flags&Seen != 0; was != is {
		unseen = -1
		if was {
			unseen = 1
		}
	}
	for _, id := range boxes {
		c, err := e.box(ctx, id)
		if err != nil {
			return 0, 0, err
		}
		c.modseq = modseq
		c.unseen += unseen
		if id == mailbox {
			here++
		}
	}
	return modseq, here, nil
}

// messageOf returns the message of an account's email.
func messageOf(ctx context.Context, tx *store.Tx, account, email int64) (id int64, err error) {
	err = tx.QueryRow(ctx, `SELECT message_id FROM email WHERE account_id = $1 AND email_id = $2`, account, email).Scan(&id)
	return id, notFound(err)
}
