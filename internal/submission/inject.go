package submission

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"navette/internal/box"
	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mail"
	"navette/internal/reach"
)

// Relays tells which servers outside may post to the groups of which schools (reach.Service).
type Relays interface {
	// Relay gives the rights with which a server posts under a reverse-path; is tells that it is a registered one.
	Relay(ctx context.Context, peer netip.Addr, reversePath string) (r reach.Rights, is bool, err error)
	StandingsFor(ctx context.Context, r reach.Rights, addresses []string) ([]guard.Standing, error)

	// StandingsEverywhere tells who is protected in any school: for programs of ours.
	StandingsEverywhere(ctx context.Context, addresses []string) ([]guard.Standing, error)
}

var _ Relays = (*reach.Service)(nil)

// CheckRecipient tells at RCPT, where it is certain before the header is known, that an account may not write to an
// address: failure.Policy for a computed group that neither their functions nor a box that they write as open to them.
func (s *Service) CheckRecipient(ctx context.Context, p identity.Principal, address string, to delivery.Resolution) error {
	if to.Target.Group == 0 || s.cfg.Standings == nil {
		return nil
	}
	if s.cfg.Boxes != nil {
		open, err := s.cfg.Boxes.AccessOf(ctx, p.Account)
		if err != nil {
			return err
		}
		for _, a := range open {
			if a.Role.Allows(box.Member) {
				return nil // whom they write as, the header will tell
			}
		}
	}
	standings, err := s.standings(ctx, p.Account, []string{address})
	if err != nil {
		return err
	}
	return mayWrite(guard.Message{Door: guard.Submission, Sender: p.Account, Rules: s.cfg.Rules}, address, standings[0])
}

// mayWrite asks the guard about one recipient whom nobody sees.
func mayWrite(m guard.Message, address string, to guard.Standing) error {
	m.Recipients = []guard.Recipient{{Address: address, Standing: to}}
	_, err := guard.Decide(m).Clear(true)
	return err
}

// Injection is a message that nobody signed in for: from a program on this machine, or from a server outside.
type Injection struct {
	Door        guard.Door // LMTP or Reception
	Peer        netip.Addr // zero for a program
	ReversePath string
	Recipients  []string
	To          []delivery.Resolution // of Recipients
	Prefix      []byte                // trace

	// Mark gives the fields that stand between the trace and the content, of which it is told the envelope; nil: none.
	Mark func(*mail.Envelope) []byte
}

// MayInject tells at RCPT whether a computed group takes a message from where it comes: failure.Policy where not.
func (s *Service) MayInject(ctx context.Context, in Injection, address string) error {
	standings, _, err := s.injectors(ctx, in, []string{address})
	if err != nil {
		return err
	}
	return mayWrite(guard.Message{Door: in.Door, Rules: s.cfg.Rules}, address, standings[0])
}

// injectors gives the standings of addresses for a program, which is nobody, or a server, which is nobody or an ENT;
// schools are the ENT's.
func (s *Service) injectors(ctx context.Context, in Injection, addresses []string) (standings []guard.Standing, schools []string, err error) {
	if s.cfg.Relays != nil && in.Peer.IsValid() {
		r, is, err := s.cfg.Relays.Relay(ctx, in.Peer, in.ReversePath)
		if err != nil {
			return nil, nil, fmt.Errorf("whose server it is: %w", err)
		}
		if is {
			standings, err = s.cfg.Relays.StandingsFor(ctx, r, addresses)
			return standings, r.Schools, err
		}
	}
	if s.cfg.Standings == nil {
		return nil, nil, failure.New(failure.Policy, "ce groupe n'est pas ouvert d'ici / this group is not open from here")
	}
	standings, err = s.standings(ctx, 0, addresses)
	return standings, nil, err
}

// Everywhere gives the standings of addresses for what a program of ours shows: whoever is protected in any school is.
func (s *Service) Everywhere(ctx context.Context, addresses []string) ([]guard.Standing, error) {
	if s.cfg.Relays == nil {
		return s.standings(ctx, 0, addresses)
	}
	return s.cfg.Relays.StandingsEverywhere(ctx, addresses)
}

// Inject takes a message of which some recipients are computed groups: octets with CRLF from r, to io.EOF. Their members
// get copies of their own, as they do of a submission. Its errors are Submit's; nothing of what is refused is kept.
func (s *Service) Inject(ctx context.Context, in Injection, r io.Reader) (delivery.Receipt, error) {
	sub := &submitting{Message: Message{ReversePath: in.ReversePath, Recipients: in.Recipients}, body: bufio.NewReaderSize(r, 32<<10)}
	var err error
	if sub.raw, err = mail.ReadHeader(sub.body, HeaderMax+1); err != nil {
		return delivery.Receipt{}, fmt.Errorf("read the header: %w", err)
	}
	if len(sub.raw) > HeaderMax {
		return delivery.Receipt{}, failure.New(failure.Permanent, "en-tête trop long / header too long")
	}
	if sub.own, sub.h, err = in.author(sub.raw); err != nil {
		return delivery.Receipt{}, err
	}
	sub.q = question{Message: guard.Message{Door: in.Door, Rules: s.cfg.Rules}}
	standings, schools, err := s.injectors(ctx, in, in.Recipients)
	if err != nil {
		return delivery.Receipt{}, err
	}
	for i, address := range in.Recipients {
		sub.q.to = append(sub.q.to, in.To[i])
		sub.q.Recipients = append(sub.q.Recipients, guard.Recipient{Address: address, Standing: standings[i], Field: sub.h.fieldOf(address)})
	}
	sub.decisions = guard.Decide(sub.q.Message)
	cleared, err := sub.decisions.Clear(false)
	if err != nil {
		return delivery.Receipt{}, err
	}
	c, err := s.compose(sub)
	if err != nil {
		return delivery.Receipt{}, err
	}
	prepared, lists, err := s.keep(ctx, c.header, sub)
	if err != nil {
		return delivery.Receipt{}, err
	}
	c.env.ListIDs = lists
	if err := s.bounds.takeRelayed(in.domain(), len(schools), cleared); err != nil {
		return delivery.Receipt{}, err
	}
	prefix := in.Prefix
	if in.Mark != nil {
		prefix = slices.Concat(prefix, in.Mark(&prepared.Facts.Envelope))
	}
	return s.delivery.Accept(ctx, cleared, c.env, prepared, prefix)
}

// domain is that of the reverse-path, by which an ENT is known.
func (in Injection) domain() string {
	l, _ := directory.ParseLookup(in.ReversePath) // what is none has no standing that bounds would count
	return l.Domain
}

// author tells whose message it is, by its own word: copies apart are To them.
func (in Injection) author(raw []byte) (ownAddresses, *header, error) {
	v := survey{fields: map[string]guard.Field{}}
	own := ownAddresses{primary: in.ReversePath, all: map[string]bool{}}
	for f := range mail.HeaderFields(raw) {
		switch strings.ToLower(f.Name) {
		case "from":
			for _, a := range addressesOf(mail.ParseAddressList(string(f.Value))) {
				own.primary = a
				own.all[normal(a)] = true
			}
		case "to":
			v.see(f, guard.To)
		case "cc":
			v.see(f, guard.Cc)
		}
	}
	if v.many {
		return own, nil, errTooMany()
	}
	return own, &header{octets: raw, fields: v.fields, shown: v.shown}, nil
}
