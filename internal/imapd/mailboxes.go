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
	at, err := s.findFor(ctx, c.Mailbox, "r")
	if err != nil {
		return reply{}, err
	}
	m, err := s.srv.cfg.Mailboxes.ByName(ctx, at.account, at.name)
	if err != nil {
		return reply{}, err
	}
	s.out.MailboxStatus(c.Mailbox, s.statusValues(c.Items, at.account, &m))
	return ok("done"), nil
}

// statusValues gives STATUS items of an account's mailbox. Asking for HIGHESTMODSEQ makes a client one that knows CONDSTORE
// (RFC 7162 §3.1).
func (s *session) statusValues(items []imap.StatusItem, account int64, m *mailbox.Mailbox) []imap.StatusValue {
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
			v.Text = "(" + s.objectID(mailboxKind, account, m.ID) + ")"
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
	at, err := s.findFor(ctx, c.Mailbox, "k")
	if err != nil {
		return reply{}, noNewBox(err)
	}
	m, err := s.srv.cfg.Mailboxes.Create(ctx, at.account, at.name, role)
	if err != nil {
		return reply{}, err
	}
	return okCode(imap.CodeMailboxID(s.objectID(mailboxKind, at.account, m.ID)), "created"), nil
}

// noNewBox makes the name of a box that is not there a refusal: boxes are not made by mail programs, nor is it told
// which exist.
func noNewBox(err error) error {
	if failure.Is(err, failure.NotFound) {
		return failure.New(failure.Policy, "Les boîtes partagées sont créées par l'académie (shared boxes are made by the administration)")
	}
	return err
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
	at, err := s.findFor(ctx, c.Mailbox, "x")
	if err != nil {
		return reply{}, err
	}
	m, err := s.srv.cfg.Mailboxes.ByName(ctx, at.account, at.name)
	if err != nil {
		return reply{}, err
	}
	if err := s.srv.cfg.Mailboxes.Delete(ctx, at.account, at.name); err != nil {
		return reply{}, err
	}
	if s.box != nil && s.box.account == at.account && s.box.id == m.ID {
		s.leave()
	}
	return ok("deleted"), nil
}

// rename is RENAME (RFC 3501 §6.3.5). Mailboxes stay in their account: from one to another their messages can be moved,
// with MOVE, but not they themselves. A box keeps its name.
func (s *session) rename(ctx context.Context, c imap.Rename) (reply, error) {
	from, err := s.findFor(ctx, c.From, "x")
	if err != nil {
		return reply{}, err
	}
	to, err := s.findFor(ctx, c.To, "k")
	if err != nil {
		return reply{}, noNewBox(err)
	}
	if from.account != to.account || from.root != "" && from.name == "INBOX" {
		return no(imap.CodeCannot, "a mailbox stays in its box, and a box keeps its name: move the messages"), nil
	}
	if err := s.srv.cfg.Mailboxes.Rename(ctx, from.account, from.name, to.name); err != nil {
		return reply{}, err
	}
	return ok("renamed"), nil
}

// subscribe is SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3.6). Not to be subscribed to what is not there is no error:
// clients tidy up after a DELETE. In a shared box each member's subscriptions are their own.
func (s *session) subscribe(ctx context.Context, name string, subscribed bool) (reply, error) {
	at, err := s.find(ctx, name)
	switch {
	case err != nil:
	case at.root == "":
		err = s.srv.cfg.Mailboxes.Subscribe(ctx, at.account, at.name, subscribed)
	default:
		err = s.srv.cfg.Mailboxes.SubscribeShared(ctx, s.who.Account, at.account, at.name, subscribed)
	}
	if err != nil && (subscribed || !failure.Is(err, failure.NotFound)) {
		return reply{}, err
	}
	return ok("done"), nil
}
