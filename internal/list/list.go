// Package list is the distribution lists: an address that many people read behind. A list is an account of its own
// kind; nobody signs in as it.
//
// # Who is a member
//
//	static   whom somebody put there: people and boxes by their account, other lists (whose members count, not their
//	         posting rule), and addresses outside
//	rule     whom an expression is for (package audience), computed anew for each post
//
// Whoever has departed is in no list. Members outside are shown to owners alone, and so are all members of a hidden
// list; no copy names any member, whatever the list is.
//
// # Who may write to it
//
// Only who has signed in is known (delivery.Sender): a reverse-path proves nothing, by SMTP from outside as by LMTP from
// a program on this machine. Owners may always write; the posting rule says who else. A post of a moderated list, and
// one that claims to come from a member outside, waits in the list's own account until an owner approves or rejects it.
// A refusal names its rule: that a list exists is no secret, who is in it may be.
//
// # What members get
//
// Copies of one content, with the list's fields in their prefix (RFC 2919, RFC 2369). Nobody gets two of the same
// message (package delivery). Their reverse-path is the list's owners (profs-owner@): reports of non-delivery reach
// whoever can do something, and wait in the list's account while it has no owner. A message that bears the list's own
// List-Id is refused: it went round. One that came through another list keeps that one's fields too, for content is
// stored once and as it came, where RFC 2369 §5 would have them taken out.
//
// # The archive
//
// Posts to an archived list are kept in its account: its owners read it whole, its members the posts alone (ArchivesOf).
// Who leaves the list reads it no longer. IMAP shows it beside the functional boxes, for reading only.
//
// # Tables
//
//	list           one row an account of kind list: its rules
//	list_owner     who answers for it
//	list_member    members of static lists who have an account
//	list_outside   and those who have none
//
// # Invariants
//
//  1. Every change is one transaction with its history and its entry in the journal.
//  2. A list has an owner when it is made, and its last one is not taken away; one whose owners have all left stands in
//     Orphans, in the log and in a metric.
//  3. A post goes to the members of the moment at which it is accepted, or approved.
package list

import (
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Kind says where the members come from.
type Kind string

// The kinds, as they are stored.
const (
	Static Kind = "static"
	Rule   Kind = "rule"
)

// Posting says who may write to a list, besides its owners.
type Posting string

// The posting rules, as they are stored.
const (
	ByOwners  Posting = "owners"    // nobody else
	ByMembers Posting = "members"   // members who have signed in; from members outside after approval
	ByAgents  Posting = "agents"    // people of the académie who have signed in
	ByAnyone  Posting = "anyone"    // everybody
	Moderated Posting = "moderated" // everybody, after approval
)

// Settings are what an owner may change of a list.
type Settings struct {
	Display    string // beside its address
	Expression string // of a rule: package audience; "" for static
	Posting    Posting
	Hidden     bool // only owners see who its members are
	Archive    bool // each post is also kept in the list's own account, where members read it (Archive)
	Leaving    bool // a member may leave by themselves; never of a rule
	MaxSize    int64
}

// Config is what a Service needs.
type Config struct {
	DB        *store.DB
	Contents  *content.Contents
	Mailboxes *mailbox.Service
	Delivery  delivery.Accepter
	Domain    string // of the addresses of lists, normalised
	Hostname  string // of Message-ID
	Zone      *time.Location
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
}

// Service keeps the lists. Its methods may be called from many goroutines, and on several nodes.
type Service struct {
	cfg     Config
	orphans atomic.Int64 // as of the last Orphans here
}

var _ delivery.Lists = (*Service)(nil)

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg: cfg}
}

// today is the day in the académie's zone.
func (s *Service) today() string { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)).String() }

// Actor is who acts on a list: an operator, or an agent, who must own it.
type Actor struct {
	By      identity.By
	Account int64 // of the agent; 0 for an operator
}

// AsOperator is somebody whom the system lets do everything.
func AsOperator(by identity.By) Actor { return Actor{By: by} }

// AsAgent is somebody who has signed in.
func AsAgent(account int64, by identity.By) Actor { return Actor{By: by, Account: account} }

// waitingName is the mailbox in which posts wait for an owner.
const waitingName = "À modérer"
