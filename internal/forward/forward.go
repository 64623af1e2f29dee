package forward

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"navette/internal/audit"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/store"
)

// NoticeDays is how long what the former system forwarded outside goes on.
const NoticeDays = 60

// MaxExceptionDays is how long an exception may last: then somebody looks at it again.
const MaxExceptionDays = 366

// Basis says why a forward is there.
type Basis string

// The bases.
const (
	Own       Basis = "own"       // the holder set it
	Exception Basis = "exception" // an administrator did
	Inventory Basis = "inventory" // the former system had it
)

// Forward is where the mail of an account is copied to.
type Forward struct {
	Account   int64
	Target    string // address, normalised
	Outside   bool
	Basis     Basis
	Since     time.Time
	Until     directory.Date // the last day; zero: none
	Forwarded int64
	Withheld  int64 // because they name a protected person
	Last      time.Time
}

// Standings tells what addresses are for an account; *reach.Service does.
type Standings interface {
	Standings(ctx context.Context, sender int64, addresses []string) ([]guard.Standing, error)
}

// Teller puts a notice into an account's mailbox; *notice.Service does.
type Teller interface {
	Tell(ctx context.Context, account int64, n notice.Notice) error
}

var _ Teller = (*notice.Service)(nil)

// Config is what a Service needs.
type Config struct {
	DB        *store.DB
	Contents  *content.Contents
	Delivery  delivery.Accepter
	Standings Standings
	Teller    Teller
	Domain    string         // of the postmaster who writes what Navette tells holders
	Hostname  string         // of Received
	Zone      *time.Location // of the days; nil: UTC
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
}

// Service forwards. Its methods may be called from many goroutines; Run and Advance each from one.
type Service struct{ cfg Config }

// New gives the service; Run and Advance make it work.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	return &Service{cfg}
}

func (s *Service) today() directory.Date { return directory.DateOf(s.cfg.Now().In(s.cfg.Zone)) }

// SetOwn forwards the mail of an owner to another address of ours: failure.Policy where it is outside, failure.Permanent
// where it is none of a person or a box, failure.Conflict where the mail would come back. The owner is told: whoever
// else did this must not stay unseen.
func (s *Service) SetOwn(ctx context.Context, owner identity.Owner, target string) error {
	to, err := s.target(ctx, target)
	if err != nil {
		return err
	}
	if to.outside {
		return failure.New(failure.Policy, "Le transfert automatique hors de l'académie n'est pas permis : une adresse de l'académie seulement."+
			" / Mail is not forwarded outside the académie: an address of the académie only.")
	}
	f := Forward{Account: owner.Account, Target: to.address, Basis: Own}
	if err := s.set(ctx, owner.By("depuis les pages"), f, to); err != nil {
		return err
	}
	return s.tell(ctx, owner.Account, startedInside(to.address))
}

// Set forwards the mail of an account as an administrator: outside with a last day, which is at most MaxExceptionDays
// away, and a reason (by.Reason); inside without. failure.Policy where it may not be, and as SetOwn.
func (s *Service) Set(ctx context.Context, by identity.By, account int64, target string, until directory.Date) error {
	to, err := s.target(ctx, target)
	if err != nil {
		return err
	}
	f := Forward{Account: account, Target: to.address, Outside: to.outside, Basis: Exception, Until: until}
	days := until.DaysAfter(s.today())
	switch {
	case to.outside && until.IsZero():
		return failure.New(failure.Policy, "un transfert hors de l'académie a une date de fin / forwarding outside ends on a day")
	case to.outside && (days < 1 || days > MaxExceptionDays):
		return failure.New(failure.Policy, "la date de fin doit être dans un an au plus / the last day must be within a year")
	case !to.outside:
		f.Until = directory.Date{}
	}
	if err := s.set(ctx, by, f, to); err != nil {
		return err
	}
	if to.outside {
		return s.tell(ctx, account, startedOutside(f))
	}
	return s.tell(ctx, account, startedInside(to.address))
}

// destination is what an address to forward to is.
type destination struct {
	address string // normalised
	outside bool
	account int64 // inside
}

func (s *Service) target(ctx context.Context, address string) (destination, error) {
	l, err := directory.ParseLookup(address)
	if err != nil || l.Tag != "" {
		return destination{}, failure.New(failure.Permanent, "Cette adresse est incorrecte. / This is no address.")
	}
	r, err := s.cfg.Delivery.Resolve(ctx, l.Key())
	switch {
	case failure.Is(err, failure.Permanent):
		return destination{}, failure.New(failure.Permanent, "Personne n'a cette adresse dans l'académie. / Nobody here has this address.")
	case err != nil && !failure.Is(err, failure.Quota):
		return destination{}, err
	case err == nil && r.Local && (!r.Target.IsMailbox() || r.Class != guard.Agent && r.Class != guard.Functional):
		return destination{}, failure.New(failure.Permanent, "Le courrier se transfère à une personne ou à une boîte, pas à une liste ni à un groupe."+
			" / Mail is forwarded to a person or a box, and to no list or group.")
	case err != nil:
		return destination{}, failure.New(failure.Temporary, "Cette boîte est pleine : réessayez plus tard. / That mailbox is full: try again later.")
	}
	return destination{address: l.Key(), outside: !r.Local, account: r.Target.Account}, nil
}

// set writes a forward in the place of one that is there.
func (s *Service) set(ctx context.Context, by identity.By, f Forward, to destination) error {
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := s.mayForward(ctx, tx, f, to); err != nil {
			return err
		}
		if err := insert(ctx, tx, f, f.Until.DaysAfter(s.today())); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "forward.set", Subject: fmt.Sprintf("account:%d", f.Account), Reason: by.Reason,
			Detail: fmt.Sprintf(`{"outside":%t,"basis":%q,"until":%q}`, f.Outside, f.Basis, f.Until)})
	})
}

// mayForward refuses what no administrator may do either.
func (s *Service) mayForward(ctx context.Context, tx *store.Tx, f Forward, to destination) error {
	var kind string
	err := tx.QueryRow(ctx, `SELECT kind FROM account WHERE account_id = $1`, f.Account).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return failure.New(failure.NotFound, "ce compte n'existe pas / no such account")
	}
	if err != nil {
		return fmt.Errorf("read account %d: %w", f.Account, err)
	}
	switch {
	case kind == directory.KindFunctional.String() && to.outside:
		return failure.New(failure.Policy, "une boîte fonctionnelle ne se transfère jamais hors de l'académie / a functional box is never forwarded outside")
	case kind != directory.KindPerson.String() && kind != directory.KindFunctional.String():
		return failure.New(failure.Policy, "une liste ne se transfère pas / a list is not forwarded")
	case to.outside:
		return nil
	}
	return comesBack(ctx, tx, f.Account, to.account)
}

// maxChain is how many forwards may follow each other.
const maxChain = 5

// comesBack refuses a chain of forwards inside that would lead from an account back to it, or is too long.
func comesBack(ctx context.Context, tx *store.Tx, from, to int64) error {
	for range maxChain {
		if to == from {
			return failure.New(failure.Conflict, "Ce courrier reviendrait à son point de départ. / This mail would come back to where it started.")
		}
		err := tx.QueryRow(ctx, `SELECT a.account_id FROM forward f JOIN address a ON a.address = f.target WHERE f.account_id = $1`, to).Scan(&to)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("follow forwards: %w", err)
		}
	}
	return failure.New(failure.Conflict, "Trop de transferts se suivent. / Too many forwards follow each other.")
}

// insert writes a row. What came before is not forwarded. days is how many there are until its end: warnings for more
// than that are not due.
func insert(ctx context.Context, tx *store.Tx, f Forward, days int) error {
	until := ""
	if !f.Until.IsZero() {
		until = f.Until.String()
	}
	outside := 0
	if f.Outside {
		outside = 1
	}
	n, err := tx.Exec(ctx, `INSERT INTO forward (account_id, target, outside, basis, set_at, until, told_days, seen_email, forwarded, withheld, last_at)
		SELECT account_id, $2, $3, $4, $5, $6, $7, next_email_id - 1, 0, 0, 0 FROM account_state WHERE account_id = $1
		ON CONFLICT (account_id) DO UPDATE SET target = excluded.target, outside = excluded.outside, basis = excluded.basis, set_at = excluded.set_at,
			until = excluded.until, told_days = excluded.told_days, seen_email = excluded.seen_email, forwarded = 0, withheld = 0, last_at = 0`,
		f.Account, f.Target, outside, string(f.Basis), tx.NowMicros(), until, days)
	if err == nil && n == 0 {
		err = failure.New(failure.NotFound, "ce compte n'a pas de boîte aux lettres / this account has no mailbox")
	}
	if err != nil {
		return fmt.Errorf("set the forward of account %d: %w", f.Account, err)
	}
	return nil
}

// Clear ends the forward of an account. One that is not there is no error.
func (s *Service) Clear(ctx context.Context, by identity.By, account int64) error {
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM forward WHERE account_id = $1`, account)
		if err != nil {
			return fmt.Errorf("end the forward of account %d: %w", account, err)
		}
		if n == 0 {
			return nil
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "forward.clear", Subject: fmt.Sprintf("account:%d", account), Reason: by.Reason})
	})
}

// ClearOwn ends the forward of its owner.
func (s *Service) ClearOwn(ctx context.Context, owner identity.Owner) error {
	return s.Clear(ctx, owner.By("depuis les pages"), owner.Account)
}
