package imapd

import (
	"context"
	"strings"

	"navette/internal/failure"
	"navette/internal/imap"
	"navette/internal/mailbox"
)

// status is STATUS (RFC 3501 §6.3.10).
func (s *session) status(ctx context.Context, c imap.Status) (reply, error) {
	m, err := s.srv.cfg.Mailboxes.ByName(ctx, s.who.Account, c.Mailbox)
	if err != nil {
		return reply{}, err
	}
	s.out.MailboxStatus(c.Mailbox, s.statusValues(c.Items, &m))
	return ok("done"), nil
}

// statusValues gives STATUS items of a mailbox. Asking for HIGHESTMODSEQ makes a client one that knows CONDSTORE
// (RFC 7162 §3.1).
func (s *session) statusValues(items []imap.StatusItem, m *mailbox.Mailbox) []imap.StatusValue {
	values := make([]imap.StatusValue, len(items))
	for i, item := range items {
		v := imap.StatusValue{Item: item}
		switch item {
		case imap.StatusMessages:
			v.Number = uint64(m.Messages)
		case imap.StatusUIDNext:
			v.Number = uint64(m.UIDNext)
		case imap.StatusUIDValidity:
			v.Number = uint64(m.UIDValidity)
		case imap.StatusUnseen:
			v.Number = uint64(m.Unseen)
		case imap.StatusDeleted:
			v.Number = uint64(m.Deleted)
		case imap.StatusSize:
			v.Number = uint64(m.Size)
		case imap.StatusHighestModSeq:
			v.Number, s.condStore = uint64(m.Modseq), true
		case imap.StatusAppendLimit:
			v.Number = uint64(s.srv.limits.Message)
		case imap.StatusMailboxID:
			v.Text = "(" + objectID(mailboxKind, m.ID) + ")"
		case imap.StatusRecent:
			// Nothing is recent: RFC 9051 gave the notion up.
		}
		values[i] = v
	}
	return values
}

// create is CREATE (RFC 3501 §6.3.3, RFC 6154 §3, RFC 8474 §4.1).
func (s *session) create(ctx context.Context, c imap.Create) (reply, error) {
	role := ""
	for _, use := range c.SpecialUse {
		r, known := roleOf(use)
		if !known || role != "" && role != r {
			return no(imap.CodeUseAttr, "no mailbox can have that use"), nil
		}
		role = r
	}
	m, err := s.srv.cfg.Mailboxes.Create(ctx, s.who.Account, c.Mailbox, role)
	if err != nil {
		return reply{}, err
	}
	return okCode(imap.CodeMailboxID(objectID(mailboxKind, m.ID)), "created"), nil
}

// roleOf is the role of a special-use attribute, in any case.
func roleOf(use string) (string, bool) {
	for role, attribute := range useOf {
		if strings.EqualFold(attribute, use) {
			return role, true
		}
	}
	return "", false
}

// delete is DELETE (RFC 3501 §6.3.4). The client's own selected mailbox is unselected.
func (s *session) delete(ctx context.Context, c imap.Delete) (reply, error) {
	m, err := s.srv.cfg.Mailboxes.ByName(ctx, s.who.Account, c.Mailbox)
	if err != nil {
		return reply{}, err
	}
	if err := s.srv.cfg.Mailboxes.Delete(ctx, s.who.Account, c.Mailbox); err != nil {
		return reply{}, err
	}
	if s.box != nil && s.box.id == m.ID {
		s.leave()
	}
	return ok("deleted"), nil
}

// rename is RENAME (RFC 3501 §6.3.5).
func (s *session) rename(ctx context.Context, c imap.Rename) (reply, error) {
	if err := s.srv.cfg.Mailboxes.Rename(ctx, s.who.Account, c.From, c.To); err != nil {
		return reply{}, err
	}
	return ok("renamed"), nil
}

// subscribe is SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.6). Not to be subscribed to what is not there is no error:
// clients tidy up after a DELETE.
func (s *session) subscribe(ctx context.Context, name string, subscribed bool) (reply, error) {
	err := s.srv.cfg.Mailboxes.Subscribe(ctx, s.who.Account, name, subscribed)
	if err != nil && (subscribed || !failure.Is(err, failure.NotFound)) {
		return reply{}, err
	}
	return ok("done"), nil
}
