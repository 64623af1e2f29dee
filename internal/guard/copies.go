package guard

import (
	"slices"

	"navette/internal/directory"
)

// readersInCci gives copies of their own to those in Cci who may not read the protected addresses that plain copies
// show. Lists and groups have none: they count among the visible (scene.ofFamilies).
func (s *scene) readersInCci() {
	if s.refused() {
		return // nobody gets a copy
	}
	shown := s.those(func(p *person) bool { return p.role == protected && p.open() })
	for _, p := range s.people {
		if p.copy && p.Field == Hidden && p.role != self && !p.spreads() && !p.mayReadAll(shown) {
			p.separate(CciApart)
		}
	}
}

// refused tells that the message goes to nobody.
func (s *scene) refused() bool {
	return slices.ContainsFunc(s.people, func(p *person) bool { return p.out.Verdict == Refuse })
}

func (p *person) mayReadAll(shown []*person) bool {
	return !slices.ContainsFunc(shown, func(whom *person) bool { return !p.mayRead(whom) })
}

// veil keeps the addresses of guardians and pupils whom the sender is not to know from whoever may not read them. What
// the sender is told is settled before (Decision.Quiet).
func (s *scene) veil() {
	if s.refused() {
		return
	}
	for _, p := range s.those(func(p *person) bool { return p.role == veiled && (p.open() || p.words && !p.apart) && s.exposed(p) }) {
		p.separate(Nothing)
		p.out.Quiet, p.out.Text = true, ""
	}
}

// exposed tells that somebody besides the sender, here or by the next answer to all, reads an address that they may not.
func (s *scene) exposed(whom *person) bool {
	return slices.ContainsFunc(s.people, func(p *person) bool { return p != whom && (p.open() || p.plain()) && !p.mayRead(whom) })
}

// quoted looks at the protected addresses that quoted headers show. Towards agents they are evidence and stay; so do
// those that all recipients had in the message that is answered.
func (s *scene) quoted() {
	keys := s.Quoted
	if s.Answered != nil && s.newcomers() == 0 {
		keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return s.Answered.Visible[key] })
	}
	towards := s.those(func(p *person) bool {
		return p.copy && (p.role == family || p.role == protected || p.outside()) &&
			slices.ContainsFunc(keys, func(key string) bool { return key != p.key })
	})
	if len(towards) == 0 {
		return
	}
	c := s.aside(Concern{Reason: Quoted, Weight: Asked, Remedies: []Remedy{ScrubQuotes}}, exposure{})
	if c.Weight == Asked {
		ask(towards, c)
	}
	s.add(c)
}

// hiddenReply asks somebody who had a message by Cci, and answers to all, whether the others shall know that they had it.
func (s *scene) hiddenReply() {
	if s.Answered == nil || !s.Answered.Hidden || s.Door != Webmail {
		return
	}
	all := s.those(func(p *person) bool { return p.plain() && s.Answered.Visible[p.key] })
	if len(all) < 2 {
		return // the author alone
	}
	c := s.aside(Concern{Reason: HiddenReply, Weight: Asked}, exposure{})
	ask(all, c)
	s.add(c)
}

// ask makes a confirmation of what would be delivered as written. Separate copies stay: the concern itself holds them
// until it is confirmed.
func ask(people []*person, c Concern) {
	for _, p := range people {
		if p.out.Verdict == Deliver {
			p.answer(Confirm, c.Reason, c.Text)
		}
	}
}

// onlyCci announces that nobody is named but the sender.
func (s *scene) onlyCci() {
	if !s.named() && s.Door != System {
		s.add(Concern{Reason: OnlyCci, Weight: Announced, Text: announcement(OnlyCci)})
	}
}

// list is what was decided so far for the recipients.
func (s *scene) list() []Decision {
	list := make([]Decision, 0, len(s.Recipients))
	for _, p := range s.people {
		if p.copy {
			list = append(list, p.out)
		}
	}
	return list
}

// named tells that To or Cc of plain copies name somebody.
func (s *scene) named() bool {
	return slices.ContainsFunc(s.people, func(p *person) bool { return (p.Field == To || p.Field == Cc) && !p.apart })
}

// header is what plain copies show.
type header struct {
	shown    map[string]bool // directory.MatchKey
	toSender bool
	rewrites bool
}

func (s *scene) header() header {
	h := header{shown: map[string]bool{}}
	for _, p := range s.people {
		switch {
		case p.apart:
			h.rewrites = true
		case p.Field != Hidden || p.words:
			h.shown[p.key] = true
		}
	}
	h.toSender = s.Door != Reception && s.Door != System && !s.named()
	return h
}

// ToSender tells that the To of plain copies becomes the sender, because To and Cc name nobody, or nobody who stays.
func (d Decisions) ToSender() bool { return d.header.toSender }

// Rewrites tells that plain copies need a header of their own: there are separate copies, whose content must name
// nobody, or addresses that must not be shown.
func (d Decisions) Rewrites() bool { return d.header.rewrites }

// Shows tells whether the header of plain copies may show an address that the message names: in To, Cc or any other
// field. What the guard was not told of is not shown. It says nothing of a message that Rewrites leaves as it came.
func (d Decisions) Shows(address string) bool {
	key := directory.MatchKey(address)
	return key != "" && d.header.shown[key]
}
