package imapd

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"navette/internal/box"
	"navette/internal/failure"
	"navette/internal/list"
	"navette/internal/mailbox"
)

// Boxes tells which shared boxes are open to somebody now, and lets their owners say to whom else; box.Service is it.
type Boxes interface {
	// AccessOf returns the boxes that an account may open, by login.
	AccessOf(ctx context.Context, account int64) ([]box.Access, error)
	// RoleIn returns the role of an account in a box, and whether it has one.
	RoleIn(ctx context.Context, account, box int64) (role box.Role, has bool, err error)
	// Members returns who may open a box, owners first.
	Members(ctx context.Context, box int64) ([]box.Membership, error)
	// SetMember gives a role by hand; failure.Policy where the actor may not.
	SetMember(ctx context.Context, by box.Actor, box, member int64, role box.Role) error
	// RemoveMember takes away what was given by hand; failure.NotFound where nothing was.
	RemoveMember(ctx context.Context, by box.Actor, box, member int64) error
}

// Archives tells which distribution lists' archives somebody may read now; list.Service is it.
type Archives interface {
	// ArchivesOf returns the archives that an account may read, by login.
	ArchivesOf(ctx context.Context, account int64) ([]list.Archive, error)
	// ArchiveOf returns one of them, and whether the account may read it.
	ArchiveOf(ctx context.Context, account, list int64) (list.Archive, bool, error)
}

// sharedPrefix begins the names of all mailboxes of shared boxes. A box follows by its login, which never changes and is
// never given to another box, so that no other display name makes a client synchronise anew; that name alone is the
// box's INBOX, which programs show as the box, and the other mailboxes lie below it.
const sharedPrefix = mailbox.SharedRoot + "/"

// place is where the name of a mailbox leads. Whether there is a mailbox is for the mailbox service to know.
type place struct {
	account int64  // that holds it
	name    string // in the account
	root    string // the box's name on the wire; "" in one's own account
	rights  rights
	archive bool // of a distribution list
}

// commons is an account besides one's own that the session's owner may open now: a functional box, or the archive of a
// list.
type commons struct {
	account int64
	login   string
	rights  rights
	archive bool
	posts   bool // of an archive: its INBOX alone
}

// opens returns what is open to the session's owner besides their own mailboxes, by login.
func (s *session) opens(ctx context.Context) ([]commons, error) {
	boxes, err := s.srv.cfg.Boxes.AccessOf(ctx, s.who.Account)
	if err != nil {
		return nil, err
	}
	open := make([]commons, 0, len(boxes))
	for _, a := range boxes {
		open = append(open, commons{account: a.Box, login: a.Login, rights: rightsOf(a.Role)})
	}
	if s.srv.cfg.Archives == nil {
		return open, nil
	}
	archives, err := s.srv.cfg.Archives.ArchivesOf(ctx, s.who.Account)
	if err != nil {
		return nil, err
	}
	for _, a := range archives {
		open = append(open, commons{account: a.List, login: a.Login, rights: readerRights, archive: true, posts: !a.Owner})
	}
	slices.SortFunc(open, func(a, b commons) int { return strings.Compare(a.login, b.login) })
	return open, nil
}

// find returns where a name leads. One's own mailboxes ask nothing of the database; a box that is not open to the
// session's owner is not there for them: failure.NotFound (RFC 4314 §6).
func (s *session) find(ctx context.Context, name string) (place, error) {
	login, rest, shared := splitShared(name)
	if !shared {
		return place{account: s.who.Account, name: name, rights: ownerRights}, nil
	}
	open, err := s.opens(ctx)
	if err != nil {
		return place{}, err
	}
	i := slices.IndexFunc(open, func(o commons) bool { return o.login == login })
	if i < 0 || open[i].posts && rest != "INBOX" {
		return place{}, failure.New(failure.NotFound, "no such mailbox")
	}
	return place{account: open[i].account, name: rest, root: sharedPrefix + login, rights: open[i].rights, archive: open[i].archive}, nil
}

// findFor is find for a command that needs rights there.
func (s *session) findFor(ctx context.Context, name string, needed rights) (place, error) {
	p, err := s.find(ctx, name)
	if err != nil {
		return p, err
	}
	return p, p.rights.need(needed)
}

// splitShared takes a name of the shared namespace apart: the login of the box, "" for the level above all boxes, and
// the name within it.
func splitShared(name string) (login, rest string, shared bool) {
	root, below, _ := strings.Cut(name, "/")
	if norm.NFC.String(root) != mailbox.SharedRoot {
		return "", "", false
	}
	login, rest, _ = strings.Cut(below, "/")
	if rest == "" {
		rest = "INBOX"
	}
	return login, rest, true
}

// nameIn is the name on the wire of a mailbox of a box.
func nameIn(root, name string) string {
	if name == "INBOX" {
		return root
	}
	return root + "/" + name
}

// What an objectID names.
const (
	mailboxKind = 'm'
	emailKind   = 'e'
	threadKind  = 't'
)

// objectID is the id of a mailbox, an email or a thread on the wire (RFC 8474). Numbers are an account's own, so those
// of shared boxes bear the box's too: no two things that somebody can reach have one id.
func (s *session) objectID(kind byte, account, id int64) string {
	b := append(make([]byte, 0, 24), kind)
	if account != s.who.Account {
		b = append(strconv.AppendInt(b, account, 10), '-')
	}
	return string(strconv.AppendInt(b, id, 10))
}

// idIn is the number that an objectID of the selected mailbox's account stands for; 0, which is no number, for others.
func (s *session) idIn(kind byte, text string) int64 {
	before := strings.TrimSuffix(s.objectID(kind, s.box.account, 0), "0")
	id, err := strconv.ParseInt(strings.TrimPrefix(text, before), 10, 64)
	if err != nil || s.objectID(kind, s.box.account, id) != text {
		return 0
	}
	return id
}
