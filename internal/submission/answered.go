package submission

import (
	"context"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// answered is the message that a submission answers, as the sender's own copy has it.
type answered struct {
	from  []string
	named []string // To and Cc
}

// answered finds, in the mailboxes of an account, the nearest message that a submission refers to; nil where it refers to
// none that is there, or under another subject: it is then no answer, and stricter rules hold.
func (s *Service) answered(ctx context.Context, account int64, h *header) (*answered, error) {
	facts := h.readFacts()
	if len(facts.References) == 0 {
		return nil, nil
	}
	var envelope mail.Envelope
	found := false
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		envelope, found, err = mailbox.Referred(ctx, tx, s.contents, account, facts)
		return err
	})
	if err != nil || !found {
		return nil, err
	}
	return &answered{from: addressesOf(envelope.From), named: append(addressesOf(envelope.To), addressesOf(envelope.Cc)...)}, nil
}

func addressesOf(list []mail.Address) (out []string) {
	for _, a := range list {
		if a.Kind == mail.Mailbox && a.Host != "" && len(out) < answeredMax {
			out = append(out, a.Addr())
		}
	}
	return out
}

// readFacts are the facts of the header alone.
func (h *header) readFacts() *mail.Facts {
	if h.facts == nil {
		h.facts = mail.ParseBytes(h.octets, mail.DefaultLimits())
	}
	return h.facts
}

// answeredMax bounds how many addresses of a field of the answered message are asked for.
const answeredMax = 500

// asked are the addresses whose standing tells something of the answered message.
func (a *answered) asked() []string {
	if a == nil {
		return nil
	}
	return append(a.from[:len(a.from):len(a.from)], a.named...)
}

// told is what the guard needs to know of the answered message. standings are those of asked.
func (a *answered) told(own ownAddresses, standings []guard.Standing) *guard.Answered {
	if a == nil {
		return nil
	}
	out := &guard.Answered{Visible: map[string]bool{}, Hidden: true}
	for i, address := range a.asked() {
		out.Visible[directory.MatchKey(address)] = true
		if i < len(a.from) {
			out.ByProtected = out.ByProtected || standings[i].Class == guard.Protected && standings[i].Entitled
			continue
		}
		if own.has(address) || own.personal[normal(address)] || standings[i].Class == guard.Group {
			out.Hidden = false
		}
	}
	return out
}
