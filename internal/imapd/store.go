package imapd

import (
	"context"
	"strconv"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// store is STORE (RFC 3501 §6.4.6, RFC 7162 §3.1.3), in parts of storeChunk messages.
func (s *session) store(ctx context.Context, c imap.Store) (reply, error) {
	if answer, may := s.writable("sw"); !may {
		return answer, nil
	}
	set, err := s.chosen(c.Set, c.UID)
	if err != nil {
		return reply{}, err
	}
	change, err := flagChange(c)
	if err != nil {
		return reply{}, err
	}
	s.condStore = s.condStore || c.UnchangedSince != nil
	var modified imap.NumSet
	found := 0
	for part := range parts(set, storeChunk) {
		left, n, err := s.storePart(ctx, c, part, change)
		if err != nil {
			return reply{}, err
		}
		found += n
		for _, uid := range left {
			modified = modified.Add(uid)
		}
	}
	switch {
	case len(modified) > 0 && !c.UID:
		return okCode(imap.CodeModified(s.box.uids.Seqs(modified)), strconv.Itoa(modified.Len())+" changed meanwhile"), nil
	case len(modified) > 0:
		return okCode(imap.CodeModified(modified), strconv.Itoa(modified.Len())+" changed meanwhile"), nil
	case found < set.Len():
		return okCode(imap.CodeExpungeIssued, "some of the messages are gone"), nil
	}
	return ok("stored"), nil
}

// storeChunk is how many messages STORE changes before it tells the client.
const storeChunk = 500

// storePart changes some messages and answers for them. It returns those that UNCHANGEDSINCE left alone, and how many
// there were.
func (s *session) storePart(ctx context.Context, c imap.Store, part imap.NumSet, change mailbox.FlagChange) ([]uint32, int, error) {
	if !c.Silent {
		done, err := s.srv.cfg.Mailboxes.Store(ctx, s.box.account, s.box.id, rangesOf(part), change)
		if err != nil {
			return nil, 0, err
		}
		for i := range done.Items {
			s.tellStored(&done.Items[i], c, true)
		}
		s.box.settle(&done)
		return done.Modified, len(done.Items) + len(done.Modified), nil
	}
	// A client that asks for silence works out the result from what it knows. So first those messages are changed that
	// are as it knows them; of the others, which somebody else has changed since, it hears from the change log.
	known := change
	if known.UnchangedSince < 0 || known.UnchangedSince > s.box.modseq {
		known.UnchangedSince = s.box.modseq
	}
	done, err := s.srv.cfg.Mailboxes.Store(ctx, s.box.account, s.box.id, rangesOf(part), known)
	if err != nil {
		return nil, 0, err
	}
	for i := range done.Items {
		s.tellStored(&done.Items[i], c, true)
	}
	found := len(done.Items) + len(done.Modified)
	if len(done.Modified) == 0 {
		s.box.settle(&done)
	} else {
		s.box.settled = false
	}
	if len(done.Modified) == 0 || known.UnchangedSince == change.UnchangedSince {
		return done.Modified, found, nil
	}
	done, err = s.srv.cfg.Mailboxes.Store(ctx, s.box.account, s.box.id, rangesOf(setOf(done.Modified)), change)
	if err != nil {
		return nil, 0, err
	}
	for i := range done.Items {
		s.tellStored(&done.Items[i], c, false)
	}
	return done.Modified, found, nil
}

// parts cuts a set into sets of at most size numbers.
func parts(set imap.NumSet, size int) func(yield func(imap.NumSet) bool) {
	return func(yield func(imap.NumSet) bool) {
		var part imap.NumSet
		room := uint32(size)
		for _, r := range set {
			for {
				n := min(r.Last-r.First+1, room)
				part = append(part, imap.Range{First: r.First, Last: r.First + n - 1})
				if room -= n; room == 0 {
					if !yield(part) {
						return
					}
					part, room = nil, uint32(size)
				}
				if r.First+n-1 == r.Last {
					break
				}
				r.First += n
			}
		}
		if len(part) > 0 {
			yield(part)
		}
	}
}

// flagChange is STORE's arguments as the mailbox service takes them.
func flagChange(c imap.Store) (mailbox.FlagChange, error) {
	change := mailbox.FlagChange{UnchangedSince: -1}
	switch c.Action {
	case imap.StoreAdd:
		change.Mode = mailbox.AddFlags
	case imap.StoreRemove:
		change.Mode = mailbox.RemoveFlags
	default:
		change.Mode = mailbox.ReplaceFlags
	}
	if c.UnchangedSince != nil {
		change.UnchangedSince = int64(*c.UnchangedSince)
	}
	var err error
	change.Flags, change.Keywords, err = parseFlags(c.Flags)
	return change, err
}

// tellStored writes the FETCH response of STORE: flags unless .SILENT, and the mod-sequence to who knows them. knows
// tells whether the client knows the flags then.
func (s *session) tellStored(it *mailbox.Item, c imap.Store, knows bool) {
	if knows {
		s.told.flagsAt(it.UID, it.Modseq)
	}
	if c.Silent && !s.condStore {
		return
	}
	if !c.Silent {
		s.announce(it.Keywords)
	}
	f := s.out.Fetch(s.box.uids.Seq(it.UID))
	if c.UID || s.condStore {
		f.UID(it.UID)
	}
	if !c.Silent {
		f.Flags(namesOf(nil, it.Flags, it.Keywords))
	}
	if s.condStore {
		f.ModSeq(uint64(it.Modseq))
	}
	f.End()
}
