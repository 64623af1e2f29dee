package imapd

import (
	"context"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// copy is COPY (RFC 3501 §6.4.7) with UIDPLUS.
func (s *session) copy(ctx context.Context, c imap.Copy) (reply, error) {
	set, err := s.chosen(c.Set, c.UID)
	if err != nil || len(set) == 0 {
		return ok("nothing to copy"), err
	}
	done, err := s.srv.cfg.Mailboxes.Copy(ctx, s.who.Account, s.box.id, rangesOf(set), c.Mailbox)
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
	if answer, may := s.writable(); !may {
		return answer, nil
	}
	set, err := s.chosen(c.Set, c.UID)
	if err != nil || len(set) == 0 {
		return ok("nothing to move"), err
	}
	done, err := s.srv.cfg.Mailboxes.Move(ctx, s.who.Account, s.box.id, rangesOf(set), c.Mailbox)
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
	if answer, may := s.writable(); !may {
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
	if _, err := s.srv.cfg.Mailboxes.Expunge(ctx, s.who.Account, s.box.id, ranges); err != nil {
		return reply{}, err
	}
	return ok("expunged"), nil
}
