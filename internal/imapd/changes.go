package imapd

import (
	"context"
	"fmt"

	"navette/internal/failure"
	"navette/internal/imap"
	"navette/internal/mailbox"
)

// goneError says that the selected mailbox is no longer there for the session's owner; why is what they are told.
type goneError struct{ why string }

func (e *goneError) Error() string { return e.why }

var (
	errDeleted   = &goneError{"The selected mailbox was deleted"}
	errWithdrawn = &goneError{"Cette boite ne vous est plus ouverte (the selected mailbox is no longer shared with you)"}
)

// told is what the client knows of flags from the command in progress, so that the change log does not repeat it: by UID,
// the modseq as of which it knows them.
type told map[uint32]int64

func (t *told) reset() { *t = nil }

// flagsAt records that the client knows the flags of a message as of modseq.
func (t *told) flagsAt(uid uint32, modseq int64) {
	if *t == nil {
		*t = told{}
	}
	(*t)[uid] = modseq
}

// mayExpunge tells whether EXPUNGE responses may come with the answer of a command (invariant 4).
func mayExpunge(c imap.Command) bool {
	switch c := c.(type) {
	case imap.Fetch:
		return c.UID
	case imap.Store:
		return c.UID
	case imap.Search:
		return c.UID
	}
	return true
}

// tellChanges writes, before the answer of a command, what happened in the selected mailbox.
func (s *session) tellChanges(ctx context.Context, c imap.Command) error {
	switch c.(type) {
	case imap.Select, imap.Logout, imap.Close, imap.Unselect, imap.Idle:
		return nil
	}
	if s.box == nil || s.goodbye {
		return nil
	}
	if s.newsDue(c) {
		if err := s.catchUp(ctx, mayExpunge(c)); err != nil {
			return err
		}
	}
	if s.qresync && len(s.box.gone) > 0 {
		// Lest the client remembers a mod-sequence above that of a removal which it does not know of.
		s.out.Status(imap.Untagged, imap.OK, imap.CodeNumber("HIGHESTMODSEQ", uint64(s.box.before)), "removals are still to be told")
	}
	return nil
}

// newsDue tells whether the change log must be looked into before a command is answered.
func (s *session) newsDue(c imap.Command) bool {
	switch {
	case mayExpunge(c) && len(s.box.gone) > 0:
		return true
	case s.box.settled:
		return false
	case onlyLooks(c):
		return s.qresync || s.box.hinted()
	}
	return true
}

// onlyLooks tells whether a command changed nothing and did not ask for news: its answer need not wait for a look into
// the change log when no hint came. A client of QRESYNC remembers the mod-sequences that it is shown, so it is told all
// below them at once. Hints may be lost between nodes; NOOP, IDLE and every change look for themselves.
func onlyLooks(c imap.Command) bool {
	switch c := c.(type) {
	case imap.Fetch:
		for _, item := range c.Items {
			if item.Kind == imap.FetchSection && !item.Peek {
				return false
			}
		}
		return true
	case imap.Search, imap.List, imap.Lsub, imap.Status:
		return true
	}
	return false
}

// hinted tells whether something may have happened that the client was not told: a token waits, of a change or of a bus
// that may have lost some, or a change beyond what it knows was announced.
func (b *selection) hinted() bool { return len(b.wake) > 0 || b.sub.Modseq() > b.modseq }

// settle takes note of a STORE whose every change the client was told, or knows because it asked for it. Where nobody
// else changed anything since what the client knows, it now knows all, and the hint of its own change is spent.
func (b *selection) settle(done *mailbox.StoreResult) {
	b.settled = done.Alone && done.Since == b.modseq
	if !b.settled {
		return
	}
	b.modseq = done.Modseq
	if b.sub.Modseq() <= b.modseq {
		select {
		case <-b.wake:
		default:
		}
	}
}

// catchUp brings the client up to date with the mailbox (invariant 5): EXPUNGE, then EXISTS, then FETCH, so that each
// number is right when it is read.
func (s *session) catchUp(ctx context.Context, expunge bool) error {
	box := s.box
	select {
	case <-box.wake: // what it announced is read now
	default:
	}
	if err := s.recheck(ctx); err != nil {
		return err
	}
	ch, err := s.srv.cfg.Mailboxes.ChangesSince(ctx, box.account, box.id, box.modseq)
	if err != nil {
		return err
	}
	if ch.Gone {
		return errDeleted
	}
	if ch.Reset {
		return s.resynchronise(ctx, expunge)
	}
	if err := s.tellPlacements(setOf(ch.Removed), setOf(ch.Added), expunge); err != nil {
		return err
	}
	for i := range ch.Flagged {
		if it := &ch.Flagged[i]; s.told[it.UID] != it.Modseq {
			s.tellFlags(it)
		}
	}
	box.modseq, box.highest = ch.Modseq, max(box.highest, ch.Highest)
	return nil
}

// tellPlacements announces messages that went and came.
func (s *session) tellPlacements(removed, added imap.NumSet, expunge bool) error {
	box := s.box
	if len(removed) > 0 {
		if len(box.gone) == 0 {
			box.before = box.modseq
		}
		box.gone = append(box.gone, removed...).Bounded(box.uids.Max())
	}
	if expunge && len(box.gone) > 0 {
		announce := s.out.Expunged
		if s.qresync {
			s.out.Vanished(false, box.uids.Intersect(box.gone))
			announce = func(uint32) {}
		}
		box.uids.Remove(box.gone, announce)
		box.gone = nil
	}
	for _, r := range added {
		if err := box.uids.Append(r.First, r.Last); err != nil {
			return err
		}
	}
	if len(added) > 0 {
		s.out.Exists(box.uids.Len())
	}
	return nil
}

// tellFlags writes an unsolicited FETCH with a message's flags.
func (s *session) tellFlags(it *mailbox.Item) {
	seq := s.box.uids.Seq(it.UID)
	if seq == 0 {
		return
	}
	s.announce(it.Keywords)
	f := s.out.Fetch(seq)
	f.UID(it.UID)
	f.Flags(namesOf(nil, it.Flags, it.Keywords))
	if s.condStore {
		f.ModSeq(uint64(it.Modseq))
	}
	f.End()
}

// resynchronise is catchUp where the change log does not reach back: the mailbox is compared with what the client
// knows, and all flags are told.
func (s *session) resynchronise(ctx context.Context, expunge bool) error {
	box := s.box
	m, err := s.srv.cfg.Mailboxes.ByID(ctx, box.account, box.id)
	if failure.Is(err, failure.NotFound) {
		return errDeleted
	}
	if err != nil {
		return err
	}
	snap, err := s.srv.cfg.Mailboxes.Select(ctx, box.account, m.Name)
	if err != nil || snap.ID != box.id {
		// Renamed between the two: the client stays where it is until the next time.
		return ignoreNotFound(err)
	}
	now := make(imap.NumSet, len(snap.UIDs))
	for i, r := range snap.UIDs {
		now[i] = imap.Range{First: r.First, Last: r.Last}
	}
	known := box.uids.All()
	if err := s.tellPlacements(known.Minus(now), now.Minus(known), expunge); err != nil {
		return err
	}
	box.modseq, box.highest = snap.AccountModseq, snap.Modseq
	err = s.srv.cfg.Mailboxes.Fetch(ctx, box.account, box.id, rangesOf(box.uids.Intersect(known)), 0, func(items []mailbox.Item) error {
		for i := range items {
			s.tellFlags(&items[i])
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

func ignoreNotFound(err error) error {
	if failure.Is(err, failure.NotFound) {
		return nil
	}
	return err
}
