package imapd

import (
	"context"
	"strconv"

	"navette/internal/bus"
	"navette/internal/failure"
	"navette/internal/imap"
	"navette/internal/mailbox"
)

// selection is the selected mailbox as the client knows it.
type selection struct {
	id       int64
	readOnly bool
	uids     imap.UIDRuns // messages the client has been told of, and not yet that they are gone
	modseq   int64        // of the account: the client was told of everything up to here
	settled  bool         // the command in progress told all that happened: no look into the change log is due
	gone     imap.NumSet  // UIDs that are gone and wait for an EXPUNGE response
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

// objectID is a mailbox's, an email's or a thread's id on the wire (RFC 8474): unique within the account.
func objectID(kind byte, id int64) string { return string(kind) + strconv.FormatInt(id, 10) }

const (
	mailboxKind = 'm'
	emailKind   = 'e'
	threadKind  = 't'
)

// selectMailbox is SELECT and EXAMINE (RFC 3501 §6.3.1).
func (s *session) selectMailbox(ctx context.Context, c imap.Select) (reply, error) {
	if s.box != nil {
		s.leave()
		s.out.Status(imap.Untagged, imap.OK, imap.CodeClosed, "the mailbox before is closed")
	}
	if c.QResync != nil {
		return bad("QRESYNC is not offered"), nil
	}
	box, snap, err := s.open(ctx, c)
	if failure.Is(err, failure.NotFound) {
		return no(imap.CodeNonExistent, "no such mailbox"), nil
	}
	if err != nil {
		return reply{}, err
	}
	s.box = box
	s.condStore = s.condStore || c.CondStore
	s.describe(&snap)
	if c.ReadOnly {
		return okCode(imap.CodeReadOnly, "examined"), nil
	}
	return okCode(imap.CodeReadWrite, "selected"), nil
}

// open subscribes to the account's changes and then reads the mailbox, so that none is missed.
func (s *session) open(ctx context.Context, c imap.Select) (_ *selection, _ mailbox.Snapshot, err error) {
	box := &selection{readOnly: c.ReadOnly, wake: make(chan struct{}, 1)}
	box.sub = s.srv.cfg.Bus.Subscribe(s.who.Account, box.wake)
	defer func() {
		if err != nil {
			box.sub.Cancel()
		}
	}()
	snap, err := s.srv.cfg.Mailboxes.Select(ctx, s.who.Account, c.Mailbox)
	if err != nil {
		return nil, snap, err
	}
	box.id, box.modseq = snap.ID, snap.AccountModseq
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
	say(imap.CodeMailboxID(objectID(mailboxKind, snap.ID)), "mailbox id")
}

// closeMailbox is CLOSE (RFC 3501 §6.4.2): what is marked \Deleted goes, silently.
func (s *session) closeMailbox(ctx context.Context) (reply, error) {
	box := s.box
	s.leave()
	if !box.readOnly {
		if _, err := s.srv.cfg.Mailboxes.Expunge(ctx, s.who.Account, box.id, nil); err != nil && !failure.Is(err, failure.NotFound) {
			return reply{}, err
		}
	}
	return ok("closed"), nil
}

// writable refuses a change in a mailbox that was examined.
func (s *session) writable() (reply, bool) {
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
