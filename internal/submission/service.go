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
//
// # What the trace tells
//
// The Received field of a submission has no from clause: an agent's address at home and the name of their computer are
// nobody's business. The log has the peer beside the id that Received shows, for whoever must look into an abuse.
package submission

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"navette/internal/box"
	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/forgery"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/mail"
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

	// Windows bound the recipients of an account over time (limits.SenderWindows); none: no bound.
	Windows []limits.Window
}

// Boxes tells which functional boxes an account may write as (box.Service). Its errors refuse the message.
type Boxes interface {
	Voice(ctx context.Context, account int64, address string) (v box.Voice, has bool, err error)
}

var _ Boxes = (*box.Service)(nil)

// Service takes submissions. Its methods may be called from many goroutines.
type Service struct {
	db       *store.DB
	contents *content.Contents
	delivery delivery.Accepter
	cfg      Config
	windows  *limits.Windows[int64]
}

// New returns the service.
func New(db *store.DB, contents *content.Contents, accepter delivery.Accepter, cfg Config) *Service {
	s := &Service{db: db, contents: contents, delivery: accepter, cfg: cfg}
	if len(cfg.Windows) > 0 {
		s.windows = limits.NewWindows[int64](cfg.Windows, limits.DefaultKeys, cfg.Now)
	}
	return s
}

// Message is what a door knows of a submission besides its octets.
type Message struct {
	Principal   identity.Principal
	ReversePath string   // "" for the null path
	Recipients  []string // as written; doubles count once
	ID          string   // names it in Received, in replies and in logs
	Protocol    string   // the with clause of Received: ESMTPSA, HTTP

	// StillAllowed is asked when the octets have come, before anything is kept; its error is returned.
	StillAllowed func() error
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

// Submit takes a message: octets with CRLF from r, to io.EOF. It returns when the message is durable for all its
// recipients, or an error of the kinds that delivery.Accept and delivery.Resolve give; failure.Policy where the
// message may not be sent as it is, and r's own error where reading failed.
func (s *Service) Submit(ctx context.Context, m Message, r io.Reader) (delivery.Receipt, error) {
	if err := s.CheckReversePath(ctx, m.Principal, m.ReversePath); err != nil {
		return delivery.Receipt{}, err
	}
	own, err := s.ownAddresses(ctx, m.Principal.Account)
	if err != nil {
		return delivery.Receipt{}, err
	}
	br := bufio.NewReaderSize(r, 32<<10)
	raw, err := mail.ReadHeader(br, HeaderMax+1)
	if err != nil {
		return delivery.Receipt{}, fmt.Errorf("read the header: %w", err)
	}
	if len(raw) > HeaderMax {
		return delivery.Receipt{}, failure.New(failure.Permanent, "en-tête trop long / header too long")
	}
	own, err = s.author(ctx, m.Principal.Account, own, raw)
	if err != nil {
		return delivery.Receipt{}, err
	}
	if m.ReversePath, err = own.reversePath(m.ReversePath); err != nil {
		return delivery.Receipt{}, err
	}
	h, err := s.mend(raw, own)
	if err != nil {
		return delivery.Receipt{}, err
	}
	cleared, env, err := s.clear(ctx, m, h)
	if err != nil {
		return delivery.Receipt{}, err
	}
	prepared, lists, err := s.keep(ctx, h.octets, br)
	if err != nil {
		return delivery.Receipt{}, err
	}
	env.ListIDs = lists
	if v := own.voice; v != nil {
		env.Keep = v.Keep()
		if env.Within, err = v.Sending(ctx, prepared.Facts); err != nil {
			return delivery.Receipt{}, err
		}
	}
	if m.StillAllowed != nil {
		if err := m.StillAllowed(); err != nil {
			return delivery.Receipt{}, err
		}
	}
	if s.windows != nil {
		if ok, _ := s.windows.Take(m.Principal.Account, int64(len(cleared.Recipients()))); !ok {
			return delivery.Receipt{}, failure.New(failure.Temporary,
				"trop de destinataires en peu de temps, réessayez plus tard / too many recipients in a short time, try again later")
		}
	}
	return s.delivery.Accept(ctx, cleared, env, prepared, s.prefix(m))
}

// keep streams the mended header and the body into a content. lists are the List-Id of the message.
func (s *Service) keep(ctx context.Context, header []byte, body io.Reader) (prepared *content.Prepared, lists []string, err error) {
	draft := s.contents.NewDraft(ctx)
	defer draft.Abort()
	filter := forgery.NewFilter(draft, s.cfg.Hostname)
	if _, err := filter.Write(header); err != nil {
		return nil, nil, err
	}
	if _, err := io.Copy(struct{ io.Writer }{filter}, body); err != nil {
		return nil, nil, fmt.Errorf("read the message: %w", err)
	}
	if err := filter.Close(); err != nil {
		return nil, nil, err
	}
	if filter.Received() > maxHops {
		return nil, nil, failure.New(failure.Permanent, "le message tourne en rond / mail loop")
	}
	prepared, err = draft.Finish(ctx)
	return prepared, filter.ListIDs(), err
}

// clear resolves the recipients, asks the guard, and makes the envelope of what it cleared.
func (s *Service) clear(ctx context.Context, m Message, h *header) (guard.Cleared, delivery.Envelope, error) {
	ask := guard.Message{Door: guard.Submission, Sender: m.Principal.Account}
	env := delivery.Envelope{ReversePath: m.ReversePath}
	seen := make(map[string]bool, len(m.Recipients))
	for _, address := range m.Recipients {
		if seen[address] {
			continue
		}
		seen[address] = true
		to, err := s.delivery.Resolve(ctx, address)
		if err != nil {
			return guard.Cleared{}, env, err
		}
		if to.Local {
			env.Local = append(env.Local, to.Target)
		} else {
			env.Remote = append(env.Remote, address)
		}
		ask.Recipients = append(ask.Recipients, guard.Recipient{Address: address, Standing: guard.Standing{Class: to.Class}, Field: h.fieldOf(address)})
	}
	cleared, err := guard.Decide(ask).Clear(false)
	return cleared, env, err
}

// prefix is the trace: see the package comment on what it does not tell.
func (s *Service) prefix(m Message) []byte {
	return fmt.Appendf(nil, "Return-Path: <%s>\r\nReceived: by %s with %s id %s;\r\n\t%s\r\n",
		m.ReversePath, s.cfg.Hostname, m.Protocol, m.ID, s.cfg.Now().Format(dateFormat))
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
