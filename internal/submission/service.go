// Package submission takes what agents send, whichever door they use: it checks that they write under their own
// addresses, mends the header, asks the guard, and hands the message to delivery.
//
// # Invariants
//
//  1. A message leaves under an address of its sender, or of one box that they are a member of, and of nobody else:
//     From, Sender, Resent-From, Resent-Sender and the reverse-path (RFC 6409 §6.1 and §8.1).
//  2. No Bcc goes on, whatever its spelling, its folds and its place.
//  3. Somebody is named: where To and Cc name nobody, To is the sender (the page's rule: « entrez votre propre
//     adresse »), so no reader sees an empty field or wonders who else got it.
//  4. Every other octet goes on as it came; Date and Message-ID are added where they are missing (RFC 6409 §8.2,
//     §8.3). Lines that are added or changed are part of the content, so that facts tell what readers see.
//  5. The header is read into memory up to HeaderMax, the body streams.
//  6. What is written as a box tells no recipient who wrote it: the reverse-path becomes the box's, a Sender that names
//     the author goes, and the author stands in the prefix of the copy that the box keeps, and in no other. A recipient
//     who is a member as well reads it there, not in their own copy.
//  7. Where copies are apart, the content has no To, Cc, Resent-*, nor any field that names somebody outside to whom a
//     copy goes, or a protected address. To and Cc of the other copies stand in their prefix, and show whom the guard
//     lets them show; To of the copies apart is the sender.
//  8. What the guard refuses is kept once, as it came, in the sender's mailbox ToCorrectName; nobody else learns of it.
//  9. No error, no log line and no notice holds an address of a recipient. Where standings cannot be asked, nothing is
//     sent.
//
// # What the trace tells
//
// The Received field of a submission has no from clause: an agent's address at home and the name of their computer are
// nobody's business. The log has the peer beside the id that Received shows, for whoever must look into an abuse.
package submission

import (
	"context"
	"io"
	"log/slog"
	"time"

	"navette/internal/box"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/mailbox"
	"navette/internal/notice"
	"navette/internal/store"
)

// HeaderMax is the longest header of a submission, in octets.
const HeaderMax = 1 << 20

// maxHops is how many Received fields a submission may bring: RFC 5321 §6.3.
const maxHops = 100

// Config is what the service needs to know.
type Config struct {
	Hostname string // our name in Received, and our authserv-id
	Now      func() time.Time
	Random   io.Reader // crypto/rand.Reader

	// Boxes are the functional boxes; nil: nobody writes as one.
	Boxes Boxes

	// Prover signs who writes; nil: nothing is signed.
	Prover Prover

	// Domains are those whose addresses are ours.
	Domains []string

	// Standings tell who is protected; nil: nobody is, and the guard has nothing to refuse.
	Standings Standings
	Relays    Relays // servers outside that may post to groups; nil: none
	Rules     guard.Rules

	// Mailboxes hold what was refused until it is corrected; nil: nothing is kept of it.
	Mailboxes *mailbox.Service
	Help      string // address of a page about the guard, for the text of refusals; "" for none

	// Teller tells senders what they should know of a message that has left; nil: nobody is told.
	Teller Teller
	Log    *slog.Logger // nil: nothing is logged

	// Windows bound the recipients of an account over time (limits.SenderWindows), and with them go the bounds on groups
	// (GroupsAnHour); none: no bound.
	Windows []limits.Window
}

// Boxes tells which functional boxes an account may write as (box.Service). Its errors refuse the message.
type Boxes interface {
	Voice(ctx context.Context, account int64, address string) (v box.Voice, has bool, err error)
	AccessOf(ctx context.Context, account int64) ([]box.Access, error)
}

var _ Boxes = (*box.Service)(nil)

// Teller puts a notice into an account's mailbox, together with what within writes (notice.Service).
type Teller interface {
	TellWithin(ctx context.Context, account int64, n notice.Notice, within delivery.Within) error
}

var _ Teller = (*notice.Service)(nil)

// Service takes submissions. Its methods may be called from many goroutines.
type Service struct {
	db       *store.DB
	contents *content.Contents
	delivery delivery.Accepter
	cfg      Config
	bounds   *bounds // nil: none
}

// New returns the service.
func New(db *store.DB, contents *content.Contents, accepter delivery.Accepter, cfg Config) *Service {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{db: db, contents: contents, delivery: accepter, cfg: cfg}
	if len(cfg.Windows) > 0 {
		s.bounds = newBounds(cfg.Windows, cfg.Now)
	}
	return s
}

// CheckReversePath tells whether an account may send under a reverse-path, its own or that of a box that it may write
// as: failure.Policy where it may not. The null
// path is allowed: notifications (RFC 8098) are sent under it.
func (s *Service) CheckReversePath(ctx context.Context, p identity.Principal, reversePath string) error {
	if !p.Can(identity.SubmitMail) {
		return failure.New(failure.Denied, "ce compte ne peut pas envoyer / this account may not send")
	}
	own, err := s.ownAddresses(ctx, p.Account)
	if err != nil {
		return err
	}
	if reversePath != "" && !own.has(reversePath) {
		if own, err = s.speaking(ctx, p.Account, own, reversePath); err != nil {
			return err
		}
	}
	return own.checkReversePath(reversePath)
}

// dateFormat is RFC 5322 §3.3.
const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// normal gives an address in the form in which addresses are compared, "" for what is none.
func normal(address string) string {
	n, err := directory.Normalize(address)
	if err != nil {
		return ""
	}
	return n
}
