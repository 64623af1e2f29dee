package imapd

import (
	"context"
	"fmt"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// Quick resynchronisation (RFC 7162 §3.2): a client that remembers a mailbox is told with SELECT, or UID FETCH, what
// went and what changed since, by UID. Once it is enabled, VANISHED stands in the place of EXPUNGE.

// allUIDs is every number that can be one.
var allUIDs = imap.NumSet{{First: 1, Last: 1<<32 - 1}}

// resume answers the QRESYNC parameter of SELECT for the mailbox that was just selected. What it pairs of sequence
// numbers and UIDs is not needed: the log tells what went.
func (s *session) resume(ctx context.Context, q *imap.QResync) error {
	box, since := s.box, int64(q.ModSeq)
	known := q.Known.Bounded(box.uids.Max())
	if len(q.Known) == 0 {
		known = allUIDs
	}
	if err := s.tellVanished(ctx, since, known); err != nil {
		return err
	}
	ch, err := s.srv.cfg.Mailboxes.ChangesSince(ctx, box.account, box.id, since)
	if err != nil {
		return err
	}
	changed := allUIDs
	if !ch.Reset {
		changed = setOf(ch.Added)
		for i := range ch.Flagged {
			changed = append(changed, imap.Range{First: ch.Flagged[i].UID, Last: ch.Flagged[i].UID})
		}
		changed = changed.Bounded(1<<32 - 1)
	}
	set := box.uids.Intersect(intersect(known, changed))
	return s.srv.cfg.Mailboxes.Fetch(ctx, box.account, box.id, rangesOf(set), 0, func(items []mailbox.Item) error {
		for i := range items {
			if items[i].Modseq > since {
				s.tellFlags(&items[i])
			}
		}
		return s.out.Err()
	})
}

// tellVanished writes which of some UIDs were removed after a mod-sequence, as far as the client was not told that they
// are there: those it hears of in their turn.
func (s *session) tellVanished(ctx context.Context, since int64, among imap.NumSet) error {
	ranges, err := s.srv.cfg.Mailboxes.Vanished(ctx, s.box.account, s.box.id, since)
	if err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	gone := make(imap.NumSet, len(ranges))
	for i, r := range ranges {
		gone[i] = imap.Range{First: r.First, Last: r.Last}
	}
	s.out.Vanished(true, intersect(gone, among).Minus(s.box.uids.All()))
	return nil
}

// intersect is the numbers that are in both of two bounded sets.
func intersect(a, b imap.NumSet) imap.NumSet { return a.Minus(a.Minus(b)) }

// highest is the code that tells a client of QRESYNC up to where it knows the mailbox: after a command that removed
// messages (RFC 7162 §3.2.7), and while removals wait for their turn, lest it remembers more than it was told.
func (s *session) highest(c imap.Command) imap.Code {
	if !s.qresync || s.box == nil {
		return ""
	}
	switch c.(type) {
	case imap.Expunge, imap.Move:
		return imap.CodeNumber("HIGHESTMODSEQ", uint64(s.box.highest))
	}
	return ""
}
