package imapd

import (
	"context"

	"navette/internal/box"
	"navette/internal/failure"
	"navette/internal/imap"
)

// Access control (RFC 4314). The identifiers are the logins of people; groups, "anyone" and negative rights do not
// exist here, because a box is opened by name alone. Rights are given by roles, and a role holds for the whole box: it
// is set on the box's own name, and shows on every mailbox below. One's own mailboxes are their owner's alone.

// getACL is GETACL (RFC 4314 §3.3).
func (s *session) getACL(ctx context.Context, c imap.GetACL) (reply, error) {
	at, err := s.existing(ctx, c.Mailbox, "a")
	if err != nil {
		return reply{}, err
	}
	if at.root == "" {
		s.out.ACL(c.Mailbox, []imap.ACLEntry{{Identifier: s.who.Login, Rights: at.rights.onWire()}})
		return ok("that is all"), nil
	}
	members, err := s.srv.cfg.Boxes.Members(ctx, at.account)
	if err != nil {
		return reply{}, err
	}
	entries := make([]imap.ACLEntry, len(members))
	for i, m := range members {
		entries[i] = imap.ACLEntry{Identifier: m.Login, Rights: rightsOf(m.Role).onWire()}
	}
	s.out.ACL(c.Mailbox, entries)
	return ok("that is all"), nil
}

// myRights is MYRIGHTS (RFC 4314 §3.5).
func (s *session) myRights(ctx context.Context, c imap.MyRights) (reply, error) {
	at, err := s.existing(ctx, c.Mailbox, noRights)
	if err != nil {
		return reply{}, err
	}
	s.out.MyRights(c.Mailbox, at.rights.onWire())
	return ok("that is all"), nil
}

// listRights is LISTRIGHTS (RFC 4314 §3.4): each role adds a set of rights that come and go together. On one's own
// mailbox one has them all for ever, and nobody else can have any.
func (s *session) listRights(ctx context.Context, c imap.ListRights) (reply, error) {
	at, err := s.existing(ctx, c.Mailbox, "a")
	if err != nil {
		return reply{}, err
	}
	switch {
	case at.root != "":
		of := func(r rights) string { return r.onWire() }
		s.out.ListRights(c.Mailbox, c.Identifier, "", of(readerRights), of(memberRights[len(readerRights):]), of(ownerRights[len(memberRights):]))
	case c.Identifier == s.who.Login:
		s.out.ListRights(c.Mailbox, c.Identifier, ownerRights.onWire())
	default:
		s.out.ListRights(c.Mailbox, c.Identifier, "")
	}
	return ok("that is all"), nil
}

// setACL is SETACL (RFC 4314 §3.1): it gives a person the role that has exactly the rights asked for, or takes their
// role away with the last right.
func (s *session) setACL(ctx context.Context, c imap.SetACL) (reply, error) {
	asked, err := parseRights(c.Rights)
	if err != nil {
		return reply{}, err
	}
	at, member, err := s.sharing(ctx, c.Mailbox, c.Identifier)
	if err != nil {
		return reply{}, err
	}
	has, _, err := s.srv.cfg.Boxes.RoleIn(ctx, member, at.account)
	if err != nil {
		return reply{}, err
	}
	becomes, is := rightsOf(has).changed(c.Action, asked).role()
	if !is {
		return no(imap.CodeCannot, rolesOnly), nil
	}
	return s.setRole(ctx, at, member, has, becomes)
}

// rolesOnly says which rights can be given.
const rolesOnly = "Droits possibles : lecteur (lr), membre (lrswikxte), proprietaire (lrswikxtea) (reader, member or owner, nothing between)"

// deleteACL is DELETEACL (RFC 4314 §3.2).
func (s *session) deleteACL(ctx context.Context, c imap.DeleteACL) (reply, error) {
	at, member, err := s.sharing(ctx, c.Mailbox, c.Identifier)
	if err != nil {
		return reply{}, err
	}
	has, _, err := s.srv.cfg.Boxes.RoleIn(ctx, member, at.account)
	if err != nil {
		return reply{}, err
	}
	return s.setRole(ctx, at, member, has, "")
}

// setRole changes what a member is, in the name of the session's owner.
func (s *session) setRole(ctx context.Context, at place, member int64, has, becomes box.Role) (reply, error) {
	actor := box.AsOwner(s.who.Account, "IMAP")
	var err error
	switch becomes {
	case has:
	case "":
		err = s.srv.cfg.Boxes.RemoveMember(ctx, actor, at.account, member)
	default:
		err = s.srv.cfg.Boxes.SetMember(ctx, actor, at.account, member, becomes)
	}
	if err != nil {
		return reply{}, err
	}
	return ok("done"), nil
}

// existing is findFor with proof that the mailbox is there.
func (s *session) existing(ctx context.Context, name string, needed rights) (place, error) {
	at, err := s.findFor(ctx, name, needed)
	if err != nil {
		return at, err
	}
	_, err = s.srv.cfg.Mailboxes.ByName(ctx, at.account, at.name)
	return at, err
}

// sharing finds the box that its owner shares, and the person with whom.
func (s *session) sharing(ctx context.Context, name, login string) (place, int64, error) {
	at, err := s.existing(ctx, name, "a")
	if err != nil {
		return at, 0, err
	}
	if at.root == "" {
		return at, 0, failure.New(failure.Permanent,
			"Votre boîte est personnelle, elle ne se partage pas (your own mailboxes are not shared)")
	}
	if at.name != "INBOX" {
		return at, 0, failure.New(failure.Permanent,
			"Les droits valent pour toute la boîte : donnez-les sur son nom (rights hold for the whole box: set them on its own name)")
	}
	who, err := s.srv.cfg.Identity.Find(ctx, login)
	if failure.Is(err, failure.NotFound) || err == nil && who.Login != login {
		return at, 0, nobody()
	}
	return at, who.Account, err
}

// nobody is a refusal: NONEXISTENT would be said of the mailbox.
func nobody() error {
	return failure.New(failure.Permanent, "Personne n'a cet identifiant (nobody has that login, and there are no groups)")
}
