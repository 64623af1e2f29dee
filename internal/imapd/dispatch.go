package imapd

import (
	"context"

	"navette/internal/imap"
)

// stage is how far a session has come (RFC 3501 §3).
type stage int

const (
	anyStage      stage = iota
	beforeLogIn         // not authenticated
	authenticated       // authenticated, a mailbox selected or not
	selected            // a mailbox is selected
)

// stageOf is the stage in which a command makes sense.
func stageOf(c imap.Command) stage {
	switch c.(type) {
	case imap.Capability, imap.Noop, imap.Logout, imap.ID:
		return anyStage
	case imap.Login, imap.Authenticate, imap.StartTLS:
		return beforeLogIn
	case imap.Check, imap.Close, imap.Unselect, imap.Expunge, imap.Copy, imap.Move, imap.Store, imap.Fetch, imap.Search:
		return selected
	}
	return authenticated
}

// misplaced answers a command that does not belong to the present stage.
func (s *session) misplaced(c imap.Command) (reply, bool) {
	switch stageOf(c) {
	case beforeLogIn:
		if s.loggedIn() {
			return bad("you have logged in already"), true
		}
	case authenticated:
		if !s.loggedIn() {
			return bad("log in first"), true
		}
	case selected:
		if !s.loggedIn() {
			return bad("log in first"), true
		}
		if s.box == nil {
			return bad("select a mailbox first"), true
		}
	}
	return reply{}, false
}

// handle carries out one command up to its tagged answer.
func (s *session) handle(ctx context.Context, req imap.Request) (reply, error) {
	if answer, is := s.misplaced(req.Command); is {
		return answer, nil
	}
	if !leaves(req.Command) {
		if err := s.recheck(ctx); err != nil {
			return reply{}, err
		}
	}
	switch c := req.Command.(type) {
	case imap.Capability:
		s.out.Capability(s.capabilities())
		return ok("that is what there is"), nil
	case imap.Noop, imap.Check:
		return ok("done"), nil
	case imap.Logout:
		s.out.Status(imap.Untagged, imap.BYE, "", "Au revoir")
		s.goodbye = true
		return ok("logged out"), nil
	case imap.ID:
		s.out.ID("name", "Navette", "version", s.srv.cfg.Version)
		return ok("done"), nil
	case imap.StartTLS:
		if !s.canStartTLS() {
			return bad("TLS cannot begin now"), nil
		}
		return ok("begin TLS"), nil
	case imap.Login:
		return s.login(ctx, c)
	case imap.Authenticate:
		return s.authenticate(ctx, c)
	case imap.Enable:
		return s.enable(c), nil
	case imap.Idle:
		return s.startIdle(ctx, req.Tag)
	case imap.Select:
		return s.selectMailbox(ctx, c)
	case imap.Close:
		return s.closeMailbox(ctx)
	case imap.Unselect:
		s.leave()
		return ok("unselected"), nil
	case *imap.Append:
		return s.append(ctx, c)
	}
	if stageOf(req.Command) == selected {
		return s.handleMessages(ctx, req)
	}
	return s.handleMailboxes(ctx, req.Command)
}

// handleMessages carries out the commands on messages.
func (s *session) handleMessages(ctx context.Context, req imap.Request) (reply, error) {
	switch c := req.Command.(type) {
	case imap.Fetch:
		return s.fetch(ctx, c)
	case imap.Store:
		return s.store(ctx, c)
	case imap.Search:
		return s.search(ctx, req.Tag, c)
	case imap.Copy:
		return s.copy(ctx, c)
	case imap.Move:
		return s.move(ctx, c)
	case imap.Expunge:
		return s.expunge(ctx, c)
	}
	return bad("not offered"), nil
}

// handleMailboxes carries out the commands on mailboxes as a whole.
func (s *session) handleMailboxes(ctx context.Context, command imap.Command) (reply, error) {
	switch c := command.(type) {
	case imap.List:
		return s.list(ctx, c)
	case imap.Lsub:
		return s.lsub(ctx, c)
	case imap.Status:
		return s.status(ctx, c)
	case imap.Namespace:
		s.out.Namespace(sharedPrefix)
		return ok("done"), nil
	case imap.Create:
		return s.create(ctx, c)
	case imap.Delete:
		return s.delete(ctx, c)
	case imap.Rename:
		return s.rename(ctx, c)
	case imap.Subscribe:
		return s.subscribe(ctx, c.Mailbox, true)
	case imap.Unsubscribe:
		return s.subscribe(ctx, c.Mailbox, false)
	}
	return s.handleSharing(ctx, command)
}

// handleSharing carries out the commands on rights and quotas.
func (s *session) handleSharing(ctx context.Context, command imap.Command) (reply, error) {
	switch c := command.(type) {
	case imap.GetACL:
		return s.getACL(ctx, c)
	case imap.SetACL:
		return s.setACL(ctx, c)
	case imap.DeleteACL:
		return s.deleteACL(ctx, c)
	case imap.ListRights:
		return s.listRights(ctx, c)
	case imap.MyRights:
		return s.myRights(ctx, c)
	case imap.GetQuota:
		return s.getQuota(ctx, c)
	case imap.GetQuotaRoot:
		return s.getQuotaRoot(ctx, c)
	}
	return bad("not offered"), nil
}
