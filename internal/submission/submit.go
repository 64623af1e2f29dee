package submission

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/failure"
	"navette/internal/forgery"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mail"
	"navette/internal/proof"
	"navette/internal/store"
)

// Message is what a door knows of a submission besides its octets.
type Message struct {
	Principal   identity.Principal
	ReversePath string   // "" for the null path
	Recipients  []string // as written; doubles count once
	ID          string   // names it in Received, in replies and in logs
	Protocol    string   // the with clause of Received: ESMTPSA, HTTP

	// StillAllowed is asked when the octets have come, before anything is kept; its error is returned.
	StillAllowed func() error

	door guard.Door // Submission, Webmail for a Letter
	kept []byte     // fields for the copy that the author keeps, after those of keep

	// Of what is sent again, corrected (SendCorrected).
	corrected  bool
	apart, cci bool // the remedy
	keep       *delivery.Keep
	within     func(ctx context.Context, tx *store.Tx) error
	locks      []int64
}

// submitting is a submission under way.
type submitting struct {
	Message
	given     string // the reverse-path as the door got it
	own       ownAddresses
	raw       []byte // the header as it came
	body      *bufio.Reader
	h         *header
	q         question
	decisions guard.Decisions
	sample    sample // of the body
	digest    *proof.Body
}

// Submit takes a message: octets with CRLF from r, to io.EOF. It returns when the message is durable for all its
// recipients, or an error of the kinds that delivery.Accept and delivery.Resolve give; failure.Policy where the
// message may not be sent as it is, and r's own error where reading failed. What the guard refuses waits in the sender's
// mailbox ToCorrectName, and the text of the error says so.
func (s *Service) Submit(ctx context.Context, m Message, r io.Reader) (delivery.Receipt, error) {
	m.door = guard.Submission
	sub, err := s.open(ctx, m, r)
	if err != nil {
		return delivery.Receipt{}, err
	}
	if err := s.ask(ctx, sub); err != nil {
		return delivery.Receipt{}, err
	}
	sub.decisions = guard.Decide(sub.q.Message)
	if sub.cci {
		if err := s.moveToCci(sub); err != nil {
			return delivery.Receipt{}, err
		}
	}
	cleared, refused := sub.decisions.Clear(false)
	if refused != nil {
		return delivery.Receipt{}, s.refuse(ctx, sub, refused)
	}
	c, err := s.compose(sub)
	if err != nil {
		return delivery.Receipt{}, err
	}
	return s.send(ctx, sub, cleared, c)
}

// open reads the header of a submission, checks who writes, and mends it.
func (s *Service) open(ctx context.Context, m Message, r io.Reader) (*submitting, error) {
	if err := s.CheckReversePath(ctx, m.Principal, m.ReversePath); err != nil {
		return nil, err
	}
	own, err := s.ownAddresses(ctx, m.Principal.Account)
	if err != nil {
		return nil, err
	}
	sub := &submitting{Message: m, given: m.ReversePath, body: bufio.NewReaderSize(r, 32<<10), digest: proof.NewBody()}
	if sub.raw, err = mail.ReadHeader(sub.body, HeaderMax+1); err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	if len(sub.raw) > HeaderMax {
		return nil, failure.New(failure.Permanent, "en-tête trop long / header too long")
	}
	if sub.own, err = s.author(ctx, m.Principal.Account, own, sub.raw); err != nil {
		return nil, err
	}
	if sub.ReversePath, err = sub.own.reversePath(m.ReversePath); err != nil {
		return nil, err
	}
	sub.h, err = s.mend(sub.raw, sub.own)
	return sub, err
}

// send hands over what the guard cleared.
func (s *Service) send(ctx context.Context, sub *submitting, cleared guard.Cleared, c composed) (delivery.Receipt, error) {
	prepared, lists, err := s.keep(ctx, c.header, sub)
	if err != nil {
		return delivery.Receipt{}, err
	}
	c.env.ListIDs, c.env.Within, c.env.Locks = lists, sub.within, sub.locks
	if v := sub.own.voice; v != nil {
		sending, err := v.Sending(ctx, prepared.Facts)
		if err != nil {
			return delivery.Receipt{}, err
		}
		c.env.Within = both(sending, sub.within)
	}
	if sub.StillAllowed != nil {
		if err := sub.StillAllowed(); err != nil {
			return delivery.Receipt{}, err
		}
	}
	if err := s.bounds.take(sub.Principal.Account, cleared); err != nil {
		return delivery.Receipt{}, err
	}
	prefix, err := s.proved(ctx, sub, c.header)
	if err != nil {
		return delivery.Receipt{}, err
	}
	receipt, err := s.delivery.Accept(ctx, cleared, c.env, prepared, prefix)
	if err == nil {
		s.afterwards(ctx, sub)
	}
	return receipt, err
}

// both runs two parts of a transaction; the second may be nil.
func both(first, second func(context.Context, *store.Tx) error) func(context.Context, *store.Tx) error {
	if second == nil {
		return first
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if err := first(ctx, tx); err != nil {
			return err
		}
		return second(ctx, tx)
	}
}

// keep streams the header and the body into a content. lists are the List-Id of the message.
func (s *Service) keep(ctx context.Context, header []byte, sub *submitting) (prepared *content.Prepared, lists []string, err error) {
	draft := s.contents.NewDraft(ctx)
	defer draft.Abort()
	filter := forgery.NewFilter(draft, s.cfg.Hostname)
	if _, err := filter.Write(header); err != nil {
		return nil, nil, err
	}
	if _, err := io.Copy(struct{ io.Writer }{filter}, sub.read()); err != nil {
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

// read gives the body, digested on the way where it will be signed; where somebody protected may be quoted in it, a sample
// of it is kept.
func (sub *submitting) read() io.Reader {
	var body io.Reader = sub.body
	if sub.digest != nil {
		body = io.TeeReader(body, sub.digest)
	}
	if sub.q.judged {
		body = io.TeeReader(body, &sub.sample)
	}
	return body
}

// prefix is the trace: see the package comment on what it does not tell.
func (s *Service) prefix(sub *submitting) []byte {
	return fmt.Appendf(nil, "Return-Path: <%s>\r\nReceived: by %s with %s id %s;\r\n\t%s\r\n",
		sub.ReversePath, s.cfg.Hostname, sub.Protocol, sub.ID, s.cfg.Now().Format(dateFormat))
}
