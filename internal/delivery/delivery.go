// Package delivery turns one accepted message into placements and outbound rows.
//
// # The way of a message
//
// Resolve tells, at RCPT, where an address leads. Accept writes, in one transaction, the content and its facts, the
// message, the delivery and its recipients, and the outbound rows; up to PlaceNow recipients are placed there. What
// it accepted is committed with everything needed to finish it: the delivery row is the only spool. The placer works
// off larger deliveries in short transactions, and begins with what a restart left.
//
// A distribution list is one recipient until Accept: there it is spread over its members as they are at that moment
// (Lists). Its copies are a delivery of their own, with the list's header fields in their prefix and the same content,
// so a message to three people and two lists is three deliveries of one content, in one transaction. Who is named
// directly gets no copy of a list, and who is in two lists gets that of the first.
//
// A copy apart (Envelope.Apart) names nobody but the sender, and is a delivery of its own too: own reverse-path, own
// prefix, one recipient. The message is accepted as one delivery more, the mailing, which has no recipient; few copies
// are queued with it, many in later transactions, by the placer (Mailings).
//
// # Invariants
//
//  1. Accept returns nil only when the message is durable; after an unknown outcome it looks by the delivery's id,
//     taken before, and never guesses.
//  2. A recipient row is marked placed in the transaction that places it, so each is placed exactly once, whoever
//     works on the delivery, and however often.
//  3. Only what the guard has cleared comes in (guard.Cleared).
//  4. A mailbox that is gone when its turn comes is replaced by INBOX; a recipient is never dropped.
//  5. Whom the guard sends apart stands in no envelope with others, and a copy's prefix names the sender alone.
//  6. A copy apart is marked queued in the transaction that queues it, under numbers that were taken before: each is
//     queued exactly once.
package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"navette/internal/content"
	"navette/internal/guard"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// PlaceNow is how many recipients Accept places itself.
const PlaceNow = 200

// Target is where a local address leads.
type Target struct {
	Account int64
	Mailbox int64 // mailbox.Inbox, or the mailbox that a plus-address names
	Part    Part  // where Account is a distribution list: whom of it; else 0

	Group  int64  // a computed group, instead of an account; else 0
	Return Return // a copy apart whose reverse-path it is, instead of an account; else zero
}

// IsMailbox tells that the target is a mailbox of an account, not a list, a group or a reverse-path.
func (t Target) IsMailbox() bool { return t.Part == 0 && t.Group == 0 && t.Return == (Return{}) }

// Config is what delivery needs to know.
type Config struct {
	Domains []string // the domains whose addresses are ours, in lower case (IDNA A-labels)
	Now     func() time.Time
	Log     *slog.Logger

	// Lifetime is how long an address outside is tried before its message returns; 0 means DefaultLifetime.
	Lifetime time.Duration
}

// DefaultLifetime is what RFC 5321 §4.5.4.1 advises at least.
const DefaultLifetime = 5 * 24 * time.Hour

// Service accepts and places messages. Its methods may be called from many goroutines.
type Service struct {
	db       *store.DB
	contents *content.Contents
	cfg      Config
	domains  map[string]bool
	cache    *targetCache

	kick chan struct{} // something was accepted that is not placed yet
	wg   sync.WaitGroup
	stop context.CancelFunc

	onOutbound func() // rows for the Internet were accepted
	lists      Lists  // nil: there are none
	groups     Groups // nil: there are none
	mailings   Mailings
}

// New returns the service; Start runs its placer.
func New(db *store.DB, contents *content.Contents, cfg Config) *Service {
	if cfg.Lifetime <= 0 {
		cfg.Lifetime = DefaultLifetime
	}
	s := &Service{db: db, contents: contents, cfg: cfg, domains: map[string]bool{}, cache: newTargetCache(cfg.Now),
		kick: make(chan struct{}, 1), onOutbound: func() {}}
	for _, d := range cfg.Domains {
		s.domains[d] = true
	}
	return s
}

// OnOutbound sets what is called after a message with outside recipients was accepted. It must not block. It is set
// once, before Start.
func (s *Service) OnOutbound(fn func()) { s.onOutbound = fn }

// OnLists sets who spreads distribution lists. It is set once, before anything is accepted.
func (s *Service) OnLists(l Lists) { s.lists = l }

// Contents makes drafts for the doors.
func (s *Service) Contents() *content.Contents { return s.contents }

// Envelope is who gets a message.
type Envelope struct {
	ReversePath string   // "" for the null path
	Local       []Target // as Resolve gave them; doubles count once
	Remote      []string // addresses in other domains
	ListIDs     []string // the List-Id that the message came with (forgery.Filter): no list gets it a second time

	// Apart get a copy each, which names nobody but the sender. Where there are any, the content itself names no
	// recipient; Shown, the To and Cc, stands in the prefix of the copies of Local and Remote, and Alone, a To that
	// names the sender, in that of the copies apart, and of the others where Shown is empty. Both are header fields, each
	// ended by CRLF. A list apart is a list: its copies name no member.
	Apart        []Apart
	Shown, Alone []byte

	// Within, where set, runs in the transaction that accepts, so that what it writes and the message are committed
	// together or not at all; its error refuses the message. It may run again, as any closure of store.DB.Write.
	Within Within
	Locks  []int64 // accounts that Within writes: they are locked together with the recipients

	// Keep, where set, is the copy that the sender keeps. It is placed in the transaction that accepts, before Within.
	Keep *Keep
}

// Within is what is written in the transaction that accepts a message.
type Within = func(ctx context.Context, tx *store.Tx) error

// Keep is a copy under a prefix of its own, which no recipient sees.
type Keep struct {
	Account int64
	Role    string // of the mailbox (JMAP); INBOX where there is none with it
	Prefix  []byte
	Flags   mailbox.Flags
}

// Receipt tells what was accepted.
type Receipt struct {
	Delivery int64 // the mailing where nobody got the message as it was written; 0 where it only said something of a copy
	Mailing  int64 // where there are copies apart
}

// Accepter is the part of Service that doors use to hand a message over.
type Accepter interface {
	Resolve(ctx context.Context, address string) (Resolution, error)

	// MayPost tells whether a sender may write to a target that Resolve gave; it is asked again by Accept.
	// failure.Policy, with a text for the sender, where not. Only distribution lists refuse anybody.
	MayPost(ctx context.Context, to Target, from Sender) error
	Accept(ctx context.Context, cleared guard.Cleared, env Envelope, body *content.Prepared, prefix []byte) (Receipt, error)
}

var _ Accepter = (*Service)(nil)
