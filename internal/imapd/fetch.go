package imapd

import (
	"context"
	"fmt"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// fetch is FETCH (RFC 3501 §6.4.5, RFC 7162 §3.1.4).
func (s *session) fetch(ctx context.Context, c imap.Fetch) (reply, error) {
	if c.Vanished && (!s.qresync || !c.UID || c.ChangedSince == nil) {
		return bad("VANISHED goes with UID FETCH and CHANGEDSINCE, when QRESYNC is enabled"), nil
	}
	set, err := s.chosen(c.Set, c.UID)
	if err != nil {
		return reply{}, err
	}
	f := newFetching(s, c)
	if c.Vanished {
		if err := s.tellVanished(ctx, int64(*c.ChangedSince), c.Set.Bounded(1<<32-1)); err != nil {
			return reply{}, err
		}
	}
	if c.ChangedSince != nil {
		if set, err = s.changedSince(ctx, set, int64(*c.ChangedSince)); err != nil {
			return reply{}, err
		}
	}
	found := 0
	err = s.srv.cfg.Mailboxes.Fetch(ctx, s.box.account, s.box.id, rangesOf(set), f.need, func(items []mailbox.Item) error {
		found += len(items)
		return f.batch(ctx, items)
	})
	if err != nil {
		return reply{}, err
	}
	if !c.UID && found < set.Len() {
		return okCode(imap.CodeExpungeIssued, "some of the messages are gone"), nil
	}
	return ok("fetched"), nil
}

// changedSince narrows a set to what changed after a mod-sequence.
func (s *session) changedSince(ctx context.Context, set imap.NumSet, since int64) (imap.NumSet, error) {
	var changed imap.NumSet
	err := s.srv.cfg.Mailboxes.Fetch(ctx, s.box.account, s.box.id, rangesOf(set), 0, func(items []mailbox.Item) error {
		for i := range items {
			if items[i].Modseq > since {
				changed = changed.Add(items[i].UID)
			}
		}
		return nil
	})
	return changed, err
}

// fetching is one FETCH being answered.
type fetching struct {
	s     *session
	items []imap.FetchItem
	need  mailbox.Need
	seen  bool // reading sets \Seen
	flags bool // FLAGS were asked for
	uid   bool // the response bears the UID, asked for or not
	mod   bool // and the mod-sequence
	names []string
	begun bool // a batch was answered
}

func newFetching(s *session, c imap.Fetch) *fetching {
	f := &fetching{s: s, uid: c.UID || s.qresync, mod: c.ChangedSince != nil}
	for _, item := range c.Items {
		switch item.Kind {
		case imap.FetchUID:
			f.uid = true
		case imap.FetchModSeq:
			f.mod = true
		case imap.FetchFlags:
			f.flags = true
		case imap.FetchInternalDate, imap.FetchSize, imap.FetchThreadID:
			f.need |= mailbox.NeedEmail
			f.items = append(f.items, item)
		case imap.FetchEnvelope, imap.FetchBody, imap.FetchBodyStructure:
			f.need |= mailbox.NeedFacts
			f.items = append(f.items, item)
		case imap.FetchSection:
			f.need |= needOfSection(item.Section)
			f.seen = f.seen || !item.Peek && !s.box.readOnly && s.box.rights.include("s")
			f.items = append(f.items, item)
		default:
			f.items = append(f.items, item)
		}
	}
	s.condStore = s.condStore || f.mod
	return f
}

// batch answers for the messages of one batch, which nothing holds any more (invariant 1).
// A long answer ends with the role that allowed it (invariant 9).
func (f *fetching) batch(ctx context.Context, items []mailbox.Item) error {
	if f.begun {
		f.s.box.checked = false
		if err := f.s.recheck(ctx); err != nil {
			return err
		}
	}
	f.begun = true
	var marked map[uint32]mailbox.Item
	if f.seen {
		var err error
		if marked, err = f.markSeen(ctx, items); err != nil {
			return err
		}
	}
	for i := range items {
		if err := f.s.out.Err(); err != nil {
			return err
		}
		it := &items[i]
		now, changed := marked[it.UID]
		if changed {
			it.Flags, it.Keywords, it.Modseq = now.Flags, now.Keywords, now.Modseq
		}
		if err := f.message(ctx, it, changed); err != nil {
			return err
		}
	}
	return nil
}

// markSeen sets \Seen on the messages that lack it and returns them as they are then.
func (f *fetching) markSeen(ctx context.Context, items []mailbox.Item) (map[uint32]mailbox.Item, error) {
	var unseen imap.NumSet
	for i := range items {
		if items[i].Flags&mailbox.Seen == 0 {
			unseen = unseen.Add(items[i].UID)
		}
	}
	if len(unseen) == 0 {
		return nil, nil
	}
	done, err := f.s.srv.cfg.Mailboxes.Store(ctx, f.s.box.account, f.s.box.id, rangesOf(unseen),
		mailbox.FlagChange{Mode: mailbox.AddFlags, Flags: mailbox.Seen, UnchangedSince: -1})
	if err != nil {
		return nil, err
	}
	marked := make(map[uint32]mailbox.Item, len(done.Items))
	for _, it := range done.Items {
		marked[it.UID] = it
	}
	return marked, nil
}

// message writes one FETCH response. Flags that changed by reading are told, asked for or not.
func (f *fetching) message(ctx context.Context, it *mailbox.Item, flagsChanged bool) error {
	s := f.s
	seq := s.box.uids.Seq(it.UID)
	if seq == 0 {
		return nil
	}
	flags := f.flags || flagsChanged
	if flags {
		s.announce(it.Keywords)
		if it.Modseq > s.box.modseq {
			s.told.flagsAt(it.UID, it.Modseq)
		}
	}
	open := opened{ctx: ctx, contents: s.srv.contents, item: it, limit: s.srv.limits.PendingHeader}
	defer open.close()
	w := s.out.Fetch(seq)
	if f.uid {
		w.UID(it.UID)
	}
	if flags {
		f.names = namesOf(f.names, it.Flags, it.Keywords)
		w.Flags(f.names)
	}
	if f.mod || flags && s.condStore {
		w.ModSeq(uint64(it.Modseq))
	}
	for _, item := range f.items {
		if err := f.write(&w, &open, item); err != nil {
			// The response has begun and cannot be taken back.
			return fmt.Errorf("%w: UID %d: %w", errUnreadable, it.UID, err)
		}
	}
	w.End()
	return nil
}

// write writes one item of the response.
func (f *fetching) write(w *imap.FetchWriter, open *opened, item imap.FetchItem) error {
	it := open.item
	switch item.Kind {
	case imap.FetchInternalDate:
		w.InternalDate(it.ReceivedAt)
	case imap.FetchSize:
		w.Size(it.Message.Size)
	case imap.FetchEmailID:
		w.EmailID(f.s.objectID(emailKind, f.s.box.account, it.Email))
	case imap.FetchThreadID:
		w.ThreadID(f.s.objectID(threadKind, f.s.box.account, it.Thread))
	case imap.FetchEnvelope:
		e, err := open.envelope()
		if err != nil {
			return err
		}
		w.Envelope(e)
	case imap.FetchBody, imap.FetchBodyStructure:
		facts, err := open.facts()
		if err != nil {
			return err
		}
		if item.Kind == imap.FetchBody {
			w.Body(facts.Root)
		} else {
			w.BodyStructure(facts.Root)
		}
	case imap.FetchSection:
		return open.section(w, item)
	}
	return nil
}
