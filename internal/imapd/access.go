package imapd

import (
	"context"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// recheck makes sure that a selected mailbox of a shared box, or of a list's archive, is still open to the session's owner, and notes what they
// may do there, before a command or news of the mailbox is answered (invariant 9). One's own mailboxes ask nothing.
//
// Who has lost the box is not in any state that IMAP has a word for, so the connection ends, as it does where the
// selected mailbox is deleted (RFC 2180 §3.3): a client that comes back finds its other mailboxes, and not this one.
func (s *session) recheck(ctx context.Context) error {
	sel := s.box
	if sel == nil || sel.checked || sel.account == s.who.Account {
		return nil
	}
	given, err := s.given(ctx, sel)
	if err != nil {
		return err
	}
	if given == noRights {
		return errWithdrawn
	}
	sel.rights, sel.checked = given, true
	return nil
}

// given reads which rights the session's owner has in a selected mailbox of another account.
func (s *session) given(ctx context.Context, sel *selection) (rights, error) {
	if sel.archive {
		a, may, err := s.srv.cfg.Archives.ArchiveOf(ctx, s.who.Account, sel.account)
		if err != nil || !may || !a.Owner && sel.id != mailbox.Inbox {
			return noRights, err
		}
		return readerRights, nil
	}
	role, _, err := s.srv.cfg.Boxes.RoleIn(ctx, s.who.Account, sel.account)
	return rightsOf(role), err
}

// leaves tells whether a command asks nothing of the selected mailbox.
func leaves(c imap.Command) bool {
	switch c.(type) {
	case imap.Select, imap.Unselect, imap.Logout:
		return true
	}
	return false
}

// anew begins a new look at the selected mailbox: for a command, or a wait that is over.
func (s *session) anew() {
	s.told.reset()
	if s.box != nil {
		s.box.settled, s.box.checked = false, false
	}
}
