package submission

import (
	"context"
	"strings"

	"navette/internal/guard"
)

// afterwards tells the sender what they should know of a message that has left. It is durable already, so what fails here
// is logged and nothing else.
func (s *Service) afterwards(ctx context.Context, sub *submitting) {
	if !sub.q.judged || s.cfg.Teller == nil {
		return
	}
	keys, err := s.quoted(ctx, sub)
	if err != nil {
		s.cfg.Log.Error("quoted headers are not looked at", "account", sub.Principal.Account, "error", err)
	}
	decisions := sub.decisions
	if len(keys) > 0 {
		ask := sub.q.Message
		ask.Quoted = keys
		decisions = guard.Decide(ask)
	}
	concerns := decisions.Notices()
	if len(concerns) == 0 {
		return
	}
	if err := s.remark(ctx, sub.Principal.Account, remarkOf(sub.h.readFacts().SubjectText, concerns)); err != nil {
		s.cfg.Log.Error("a sender is not told of their message", "account", sub.Principal.Account, "error", err)
	}
}

// remarkOf is what to say of one message: « français / English » of each concern, under the message's subject.
func remarkOf(subject string, concerns []guard.Concern) remark {
	r := remark{subject: withoutAddresses(subject)}
	for _, c := range concerns {
		r.french = append(r.french, french(c.Text))
		r.english = append(r.english, english(c.Text))
	}
	return r
}

// french and english are the halves of a text of the guard.
func french(text string) string {
	before, _, _ := strings.Cut(text, " / ")
	return before
}

func english(text string) string {
	_, after, found := strings.Cut(text, " / ")
	if !found {
		return text
	}
	return after
}

// withoutAddresses masks what may be an address in a text.
func withoutAddresses(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		if strings.ContainsRune(w, '@') {
			words[i] = masked
		}
	}
	return strings.Join(words, " ")
}
