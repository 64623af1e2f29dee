package imapd

import (
	"context"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// copy is COPY (RFC 3501 §6.4.7) with UIDPLUS, to where the session's owner may put messages.
func (s *session) copy(ctx context.Context, c imap.Copy) (reply, error) {
	set, err := s.chosen(c.Set, c.UID)
	if err != nil || len(set) == 0 {
		return ok("nothing to copy"), err
	}
	to, err := s.findFor(ctx, c.Mailbox, "i")
	if err != nil {
		return reply{}, err
	}
	done, err := s.srv.cfg.Mailboxes.CopyAcross(ctx, s.box.account, s.box.id, rangesOf(set), to.account, to.name)
	if err != nil {
		return reply{}, tryCreate(err)
	}
	if len(done.Source) == 0 {
		return okCode(imap.CodeExpungeIssued, "the messages are gone"), nil
	}
	return okCode(copyUID(done), "copied"), nil
}

func copyUID(done mailbox.Copied) imap.Code {
	return imap.CodeCopyUID(done.UIDValidity, setOf(done.Source), setOf(done.Target))
}

// move is MOVE (RFC 6851): COPYUID comes before the EXPUNGE responses.
func (s *session) move(ctx context.Context, c imap.Move) (reply, error) {
	if answer, may := s.writable("te"); !may {
		return answer, nil
	}
	set, err := s.chosen(c.Set, c.UID)
	if err != nil || len(set) == 0 {
		return ok("nothing to move"), err
	}
	to, err := s.findFor(ctx, c.Mailbox, "i")
	if err != nil {
		return reply{}, err
	}
	done, err := s.srv.cfg.Mailboxes.MoveAcross(ctx, s.box.account, s.box.id, rangesOf(set), to.account, to.name)
	if err != nil {
		return reply{}, tryCreate(err)
	}
	if len(done.Source) == 0 {
		return okCode(imap.CodeExpungeIssued, "the messages are gone"), nil
	}
	s.out.Status(imap.Untagged, imap.OK, copyUID(done), "moved")
	return ok("moved"), nil
}

// expunge is EXPUNGE and UID EXPUNGE (RFC 4315 §2.1). The change log tells the client what went.
func (s *session) expunge(ctx context.Context, c imap.Expunge) (reply, error) {
	if answer, may := s.writable("e"); !may {
		return answer, nil
	}
	var ranges []mailbox.UIDRange
	if c.UID {
		set, err := s.chosen(c.Set, true)
		if err != nil || len(set) == 0 {
			return ok("nothing to expunge"), err
		}
		ranges = rangesOf(set)
	}
	if _, err := s.srv.cfg.Mailboxes.Expunge(ctx, s.box.account, s.box.id, ranges); err != nil {
		return reply{}, err
	}
	return ok("expunged"), nil
}
