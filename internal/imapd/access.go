package imapd

import (
	"context"

	"navette/internal/imap"
)

// recheck makes sure that a selected mailbox of a shared box is still open to the session's owner, and notes what they
// may do there, before a command or news of the mailbox is answered (invariant 9). One's own mailboxes ask nothing.
//
// Who has lost the box is not in any state that IMAP has a word for, so the connection ends, as it does where the
// selected mailbox is deleted (RFC 2180 §3.3): a client that comes back finds its other mailboxes, and not this one.
func (s *session) recheck(ctx context.Context) error {
	sel := s.box
	if sel == nil || sel.checked || sel.account == s.who.Account {
		return nil
	}
	role, has, err := s.srv.cfg.Boxes.RoleIn(ctx, s.who.Account, sel.account)
	if err != nil {
		return err
	}
	if !has {
		return errWithdrawn
	}
	sel.rights, sel.checked = rightsOf(role), true
	return nil
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
