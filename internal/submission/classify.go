package submission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/mail"
)

// Standings tells what addresses are to a sender (reach.Service). Its errors refuse the message for now.
type Standings interface {
	// Standings answers in the order of the addresses, in a number of statements that does not depend on theirs.
	Standings(ctx context.Context, sender int64, addresses []string) ([]guard.Standing, error)

	// Schools gives the UAI, sorted, where an account works today.
	Schools(ctx context.Context, account int64) ([]string, error)
}

// question is what the guard is asked of a submission, and where its recipients lead.
type question struct {
	guard.Message
	to     []delivery.Resolution // of Message.Recipients, in their order
	asks   int64                 // account for which standings are asked: the sender's, or that of the box
	judged bool                  // standings were asked: somebody is named who is not simply a colleague
}

// ask resolves the recipients of a submission and tells what each of them, and each whom the header shows, is to its
// sender. Where all are colleagues, boxes and lists nothing more is asked: that is most mail.
func (s *Service) ask(ctx context.Context, sub *submitting) error {
	account := sub.Principal.Account
	q := &sub.q
	*q = question{Message: guard.Message{Door: sub.door, Sender: account, Apart: sub.apart, Rules: s.cfg.Rules}, asks: account}
	if sub.own.voice != nil {
		q.asks = sub.own.voice.Box
	}
	if err := s.resolve(ctx, q, sub.Recipients, sub.h); err != nil {
		return err
	}
	q.Shown = sub.h.shownBesides(q.Recipients)
	if s.cfg.Standings == nil || !q.concerns(s.isOurs) {
		return nil
	}
	return s.judge(ctx, q, sub.own, sub.h)
}

// resolve gives the recipients, each once, with the class that their address tells by itself.
func (s *Service) resolve(ctx context.Context, q *question, recipients []string, h *header) error {
	seen := make(map[string]bool, len(recipients))
	for _, address := range recipients {
		if seen[address] {
			continue
		}
		seen[address] = true
		to, err := s.delivery.Resolve(ctx, address)
		if err != nil {
			return err
		}
		q.to = append(q.to, to)
		q.Recipients = append(q.Recipients, guard.Recipient{Address: address, Standing: guard.Standing{Class: to.Class}, Field: h.fieldOf(address)})
	}
	return nil
}

// concerns tells whether anybody is named who is neither a colleague, nor a box, nor a list.
func (q *question) concerns(isOurs func(address string) bool) bool {
	for i, r := range q.Recipients {
		if !q.to[i].Local || q.to[i].Target.Group != 0 || r.Class == guard.Protected {
			return true
		}
	}
	return slices.ContainsFunc(q.Shown, func(r guard.Recipient) bool { return !isOurs(r.Address) })
}

// isOurs tells that an address is of one of our domains.
func (s *Service) isOurs(address string) bool {
	l, err := directory.ParseLookup(address)
	return err == nil && slices.Contains(s.cfg.Domains, l.Domain)
}

// judge asks what everybody is to the sender: the recipients, those whom the header shows besides, and those of the
// message that this one answers.
func (s *Service) judge(ctx context.Context, q *question, own ownAddresses, h *header) error {
	answered, err := s.answered(ctx, q.asks, h)
	if err != nil {
		return fmt.Errorf("what the message answers: %w", err)
	}
	var addresses []string
	for _, r := range q.Recipients {
		addresses = append(addresses, r.Address)
	}
	for _, r := range q.Shown {
		addresses = append(addresses, r.Address)
	}
	addresses = append(addresses, answered.asked()...)
	standings, err := s.standings(ctx, q.asks, addresses)
	if err != nil {
		return err
	}
	if q.Schools, err = s.cfg.Standings.Schools(ctx, q.asks); err != nil {
		return fmt.Errorf("schools of the sender: %w", err)
	}
	for _, list := range [][]guard.Recipient{q.Recipients, q.Shown} {
		for i := range list {
			list[i].Standing = standings[i]
			list[i].Own = list[i].Own || own.has(list[i].Address) || own.personal[normal(list[i].Address)]
		}
		standings = standings[len(list):]
	}
	q.Answered = answered.told(own, standings)
	q.judged = true
	return nil
}

func (s *Service) standings(ctx context.Context, sender int64, addresses []string) ([]guard.Standing, error) {
	list, err := s.cfg.Standings.Standings(ctx, sender, addresses)
	if err != nil {
		return nil, fmt.Errorf("standings of recipients: %w", err)
	}
	if len(list) != len(addresses) {
		return nil, fmt.Errorf("standings of %d recipients were asked, %d given", len(addresses), len(list))
	}
	return list, nil
}

// shownBesides gives whom the header shows and the envelope does not name.
func (h *header) shownBesides(recipients []guard.Recipient) (out []guard.Recipient) {
	named := make(map[string]bool, len(recipients))
	for _, r := range recipients {
		named[directory.MatchKey(r.Address)] = true
	}
	for _, address := range h.shown {
		if key := directory.MatchKey(address); !named[key] {
			out = append(out, guard.Recipient{Address: address, Field: h.fields[key]})
		}
	}
	return out
}

// glance notes the addresses that a field other than To and Cc shows.
func (v *survey) glance(f mail.HeaderField) {
	value := string(f.Value)
	if !strings.ContainsRune(value, '@') && !strings.Contains(value, "=?") && !strings.Contains(value, "%40") {
		return
	}
	switch name := strings.ToLower(f.Name); {
	case isQuiet(name):
	case isForAddresses(name):
		v.see(f, guard.Other)
	default:
		for address := range addressesIn(unescape(mail.DecodeHeader(value)), nil) {
			v.note(address, guard.Words)
		}
	}
}

// isQuiet tells the fields whose addresses nobody is shown: they are the sender's, go, or only look like addresses.
func isQuiet(name string) bool {
	switch name {
	case "bcc", "resent-bcc", "resent-message-id", "references", "in-reply-to", "received", "return-path", "dkim-signature", "content-id":
		return true
	}
	return false
}

// isForAddresses tells the other fields that hold address lists.
func isForAddresses(name string) bool {
	switch name {
	case "resent-to", "resent-cc", "resent-reply-to", "reply-to", "mail-followup-to", "mail-reply-to", "disposition-notification-to", "return-receipt-to",
		"x-confirm-reading-to", "errors-to", "apparently-to", "delivered-to", "x-original-to":
		return true
	}
	return false
}
