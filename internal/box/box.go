// Package box is the functional boxes: ce.<UAI> of each establishment, and those of services. A box is an account that
// is nobody's: nobody authenticates as it. People open it by their own names, as owner, member or reader (the national
// rules: DOMAIN §3), so it is always known who did what.
//
// # Who may open a box
//
//	function   whoever directs the box's establishment owns it, from the first day of the function to the last: two
//	           heads at the rentrée both do. A deputy is a member.
//	interim    when the last head has left and nobody else owns the box, until 31 October (see Rules)
//	hand       whom an owner, or the DSI by command, made owner, member or reader
//
// What follows from functions is made anew by Refresh, after each import and each hour; it is a function of the
// directory and of the day, so to run it again changes nothing. What was given by hand stays until it is taken away, or
// its holder departs; where two records turn out to be one person, the account that stays has it.
//
// # Tables
//
//	box          one row an account of kind functional: its establishment, and since when it has no owner
//	box_member   one row a reason for which somebody may open it, with its days
//	box_ref      Message-IDs of the emails of a box
//	box_answer   who answered which of them, and when
//
// # Invariants
//
//  1. Nobody has a role in a box but by a row of box_member whose days hold today, and while their account is open.
//  2. A box has an owner, or stands in Orphans since the day on which it lost the last one.
//  3. Every change of a member is one transaction with its history and its entry in the journal.
//  4. Who wrote as a box is told to its members and to nobody else: in the copy that the box keeps, and in no other.
package box

import (
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/store"
)

// Config is what a Service needs. Contents, Delivery and Random may be nil: no notices are sent then, nor answers noted.
type Config struct {
	DB       *store.DB
	Contents *content.Contents
	Delivery delivery.Accepter
	Domain   string // of the addresses of boxes, normalised
	Hostname string // of Message-ID
	Quota    int64  // of a new box, in octets; 0 for none
	Rules    Rules  // zero: DefaultRules
	Zone     *time.Location
	Now      func() time.Time
	Random   io.Reader
	Log      *slog.Logger
}

// Service keeps the boxes. Its methods may be called from many goroutines, and on several nodes.
type Service struct {
	cfg     Config
	orphans atomic.Int64 // as this process last saw
}

// New gives the service.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Rules == (Rules{}) {
		cfg.Rules = DefaultRules()
	}
	return &Service{cfg: cfg}
}

// today is the day in the académie's zone.
func (s *Service) today() directory.Date { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)) }

// actor is this package's name in the journal and the history.
const actor = "box"
