// Package mailing is messages of which copies are apart: one to each guardian of a class, each naming nobody but the
// sender, with one report for all that becomes of them.
//
// # The life of a mailing
//
// Plan asks who is in the groups at that moment, and gives one copy a mailbox: two guardians have two, and one for both
// where they share a mailbox (directory.MatchKey). Delivery writes the mailing with what it accepts, and queues the
// copies. Each has a reverse-path of its own (return.go), so that whatever comes back is known to be about it: a report
// of non-delivery, an automatic answer, or the answer of a person, which goes to the sender. What our own queue could not
// send is read from its rows. Upkeep looks at what is under way, and puts one report into the inbox of the sender, or of
// the box that they wrote as: when every copy has arrived or failed, or after a day; and another when more has failed
// three days after the message.
//
// # What is kept about people
//
// The subject, so that the report can say what it is about. The address of a copy outside until it is queued, then in
// the queue's own row; for good (until retention) only where the sender wrote it themselves. Who it was for, as ids of
// guardians and pupils, so that a failure can be told by pupil; and a keyed hash of the mailbox, so that the next sender
// sees that the last message to it came back. All of it goes after Config.Keep; the counts stay.
//
// # Tables
//
//	mailing        one row a message
//	mailing_copy   its copies, and the members of its groups who have no address
//
// # Invariants
//
//  1. A mailbox gets one copy of a message, whoever stands behind it, and none where it gets the message as written.
//  2. A member of a group is named by pupil, never by address, in every text that leaves this package.
//  3. A reverse-path tells nothing without the installation's key, and nobody can make one.
//  4. What became of a copy is told in a report of the mailing, never by a report of non-delivery.
package mailing

import (
	"context"
	"log/slog"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/guard"
	"navette/internal/notice"
	"navette/internal/store"
)

// Member is somebody of a group.
type Member struct {
	Account int64       // of staff; else 0
	Address string      // of a guardian or pupil; "": none is known
	Person  int64       // guardian_id or pupil_id
	Holds   guard.Holds // what they are in the group
	Pupils  []int64     // on whose account they are in it
	Schools []string    // UAI
}

// Groups knows who is in the computed groups.
type Groups interface {
	Members(ctx context.Context, group int64) ([]Member, error)
}

// Right tells whether an account may write to a group today; failure.Policy or failure.Denied where not.
type Right func(ctx context.Context, account, group int64) error

// Teller puts a notice into an account's inbox, together with what within writes (notice.Service).
type Teller interface {
	TellWithin(ctx context.Context, account int64, n notice.Notice, within delivery.Within) error
}

var _ Teller = (*notice.Service)(nil)

// Config is what a Service needs.
type Config struct {
	DB       *store.DB
	Contents *content.Contents
	Delivery delivery.Accepter
	Groups   Groups // nil: there are none
	Right    Right  // nil: nobody may look at a group before sending
	Teller   Teller
	Key      []byte // of the installation: reverse-paths and hashes of mailboxes
	Domain   string // of the reverse-paths, normalised
	Zone     *time.Location
	Now      func() time.Time
	Log      *slog.Logger

	// Keep is how long it is known who got a copy; 0 means DefaultKeep.
	Keep time.Duration
}

// DefaultKeep is a school year: whoever writes to a class in June is told of the address that came back in October.
const DefaultKeep = 365 * 24 * time.Hour

// Service makes copies apart and watches what becomes of them. Its methods may be called from many goroutines, and on
// several nodes.
type Service struct{ cfg Config }

var _ delivery.Mailings = (*Service)(nil)

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Keep <= 0 {
		cfg.Keep = DefaultKeep
	}
	return &Service{cfg: cfg}
}

// kind says who a copy is for.
type kind int64

// The kinds, as they are stored.
const (
	typed    kind = 1 // an address that the sender wrote
	guardian kind = 2
	pupil    kind = 3
	staff    kind = 4
	silent   kind = 5 // apart without the sender's knowledge: as if it were not
)

// States of a mailing.
const (
	underWay = 0
	reported = 1
	closed   = 2
)

// States of a copy.
const (
	waiting   = 0
	queued    = 1
	sent      = 2
	failed    = 3
	noAddress = 4
	recalled  = 5
)
