package imapd

import (
	"context"

	"navette/internal/bus"
	"navette/internal/failure"
	"navette/internal/imap"
	"navette/internal/mailbox"
)

// selection is the selected mailbox as the client knows it.
type selection struct {
	account  int64 // that holds it: the session's own, or a shared box's
	id       int64
	rights   rights // in a box, as of the present command
	checked  bool   // they were read for it
	archive  bool   // of a distribution list
	readOnly bool
	uids     imap.UIDRuns // messages the client has been told of, and not yet that they are gone
	modseq   int64        // of the account: the client was told of everything up to here
	highest  int64        // of the mailbox, no higher than what the client was told of
	settled  bool         // the command in progress told all that happened: no look into the change log is due
	gone     imap.NumSet  // UIDs that are gone and wait for an EXPUNGE response
	before   int64        // modseq that the client knew when the first of them went
	keywords []string     // that FLAGS responses have named

	sub  *bus.Subscription
	wake chan struct{} // gets a token when the account changes
}

// leave ends the selection. Every way out of a mailbox leads through here.
func (s *session) leave() {
	if s.box != nil {
		s.box.sub.Cancel()
		s.box = nil
	}
}

// selectMailbox is SELECT and EXAMINE (RFC 3501 §6.3.1).
func (s *session) selectMailbox(ctx context.Context, c imap.Select) (reply, error) {
	if c.QResync != nil && !s.qresync {
		return bad("enable QRESYNC first"), nil
	}
	if s.box != nil {
		s.leave()
		s.out.Status(imap.Untagged, imap.OK, imap.CodeClosed, "the mailbox before is closed")
	}
	at, err := s.findFor(ctx, c.Mailbox, "r")
	if err != nil {
		return reply{}, err
	}
	box, snap, err := s.open(ctx, c, at)
	if failure.Is(err, failure.NotFound) {
		return no(imap.CodeNonExistent, "no such mailbox"), nil
	}
	if err != nil {
		return reply{}, err
	}
	s.box = box
	s.condStore = s.condStore || c.CondStore
	s.describe(&snap)
	if c.QResync != nil && c.QResync.UIDValidity == snap.UIDValidity {
		if err := s.resume(ctx, c.QResync); err != nil {
			s.leave()
			return reply{}, err
		}
	}
	switch {
	case c.ReadOnly:
		return okCode(imap.CodeReadOnly, "examined"), nil
	case box.readOnly:
		return okCode(imap.CodeReadOnly, "selected: you may read this shared box, and no more"), nil
	}
	return okCode(imap.CodeReadWrite, "selected"), nil
}

// open subscribes to the changes of the account that holds the mailbox and then reads it, so that none is missed.
func (s *session) open(ctx context.Context, c imap.Select, at place) (_ *selection, _ mailbox.Snapshot, err error) {
	box := &selection{account: at.account, rights: at.rights, archive: at.archive, wake: make(chan struct{}, 1)}
	box.readOnly = c.ReadOnly || !at.rights.include("w")
	box.sub = s.srv.cfg.Bus.Subscribe(at.account, box.wake)
	defer func() {
		if err != nil {
			box.sub.Cancel()
		}
	}()
	snap, err := s.srv.cfg.Mailboxes.Select(ctx, at.account, at.name)
	if err != nil {
		return nil, snap, err
	}
	box.id, box.modseq, box.highest = snap.ID, snap.AccountModseq, snap.Modseq
	for _, r := range snap.UIDs {
		if err := box.uids.Append(r.First, r.Last); err != nil {
			return nil, snap, err
		}
	}
	box.uids.Clip()
	return box, snap, nil
}

// describe writes the untagged responses of SELECT.
func (s *session) describe(snap *mailbox.Snapshot) {
	say := func(code imap.Code, text string) { s.out.Status(imap.Untagged, imap.OK, code, text) }
	s.out.Exists(s.box.uids.Len())
	s.out.Recent(0)
	if seq := s.box.uids.Seq(snap.FirstUnseen); seq != 0 {
		say(imap.CodeNumber("UNSEEN", uint64(seq)), "first unseen")
	}
	s.out.Flags(definedFlags)
	if s.box.readOnly {
		s.out.PermanentFlags(nil, "read-only")
	} else {
		s.out.PermanentFlags(append(definedFlags[:len(definedFlags):len(definedFlags)], `\*`), "kept for good")
	}
	say(imap.CodeNumber("UIDVALIDITY", uint64(snap.UIDValidity)), "UIDs are valid")
	say(imap.CodeNumber("UIDNEXT", uint64(snap.UIDNext)), "next UID")
	say(imap.CodeNumber("HIGHESTMODSEQ", uint64(snap.Modseq)), "highest mod-sequence")
	say(imap.CodeMailboxID(s.objectID(mailboxKind, s.box.account, snap.ID)), "mailbox id")
}

// closeMailbox is CLOSE (RFC 3501 §6.4.2): what is marked \Deleted goes, silently.
func (s *session) closeMailbox(ctx context.Context) (reply, error) {
	box := s.box
	s.leave()
	if !box.readOnly && box.rights.include("e") {
		if _, err := s.srv.cfg.Mailboxes.Expunge(ctx, box.account, box.id, nil); err != nil && !failure.Is(err, failure.NotFound) {
			return reply{}, err
		}
	}
	return ok("closed"), nil
}

// writable refuses a change that needs rights which are not there (RFC 4314 §4), or in a mailbox that was examined.
func (s *session) writable(needed rights) (reply, bool) {
	if err := s.box.rights.need(needed); err != nil {
		return answerOf(err), false
	}
	if s.box.readOnly {
		return no(imap.CodeReadOnly, "the mailbox was opened with EXAMINE"), false
	}
	return reply{}, true
}

// chosen is what a command's set names: the UIDs that the client knows. A sequence number that does not exist is the
// client's error.
func (s *session) chosen(set imap.NumSet, uid bool) (imap.NumSet, error) {
	if !uid && s.box.uids.Beyond(set) {
		return nil, &imap.BadCommand{Text: "the mailbox has no message of that number"}
	}
	return s.box.uids.Select(set, uid), nil
}

// rangesOf is a bounded set as the mailbox service takes it.
func rangesOf(set imap.NumSet) []mailbox.UIDRange {
	out := make([]mailbox.UIDRange, len(set))
	for i, r := range set {
		out[i] = mailbox.UIDRange{First: r.First, Last: r.Last}
	}
	return out
}

// setOf is a rising list of UIDs as a set.
func setOf(uids []uint32) imap.NumSet {
	var s imap.NumSet
	for _, n := range uids {
		s = s.Add(n)
	}
	return s
}
