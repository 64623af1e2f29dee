package guard

import (
	"slices"

	"navette/internal/directory"
)

// role is what the rules take somebody for, at one door and for one sender.
type role int

const (
	outsider  role = iota // external, presumed, and guardians and pupils whom this sender is not to know
	veiled                // an outsider for the sender, and a guardian or a pupil of a school where the sender works
	protected             // a guardian or a pupil
	family                // a group of guardians or pupils
	colleague             // an agent, a box, a group of agents, a list
	self                  // the sender, or a box that they write as
)

// person is somebody whom the envelope or the header names.
type person struct {
	Recipient
	key   string // directory.MatchKey, "" where there is no address
	role  role
	copy  bool // the envelope names them
	words bool // the words of the header name them, and no field for addresses: Field is then Hidden unless they are protected
	apart bool // not in the header of plain copies, and their own copy, if any, is separate
	out   Decision
}

// scene is one message as the rules look at it.
type scene struct {
	Message
	people   []*person // the recipients in their order, then whom the header shows besides
	concerns []Concern
}

func newScene(m Message) *scene {
	s := &scene{Message: m, people: make([]*person, 0, len(m.Recipients)+len(m.Shown))}
	for i, r := range slices.Concat(m.Recipients, m.Shown) {
		p := &person{Recipient: r, key: directory.MatchKey(r.Address), role: s.roleOf(r.Standing), copy: i < len(m.Recipients),
			out: Decision{Recipient: r, Verdict: Deliver}}
		if r.Field == Words && p.role != protected {
			p.words, p.Field = true, Hidden
		}
		s.people = append(s.people, p)
	}
	return s
}

// roleOf tells what somebody is taken for. Programs and Navette itself are not people who could learn something: for
// them a protected person is protected, whoever is entitled.
func (s *scene) roleOf(to Standing) role {
	person := s.Door == Submission || s.Door == Webmail
	switch {
	case to.Own:
		return self
	case to.Class == Agent, to.Class == Functional, to.Class == Group && to.Holds != Guardians && to.Holds != Pupils:
		return colleague
	case to.Class == Group:
		return family
	case to.Class == Protected && (to.Entitled || !person):
		return protected
	case to.Class == Protected && overlap(s.Schools, to.Schools):
		return veiled
	}
	return outsider
}

// answer decides on somebody.
func (p *person) answer(v Verdict, why Reason, text string) {
	p.out.Verdict, p.out.Reason, p.out.Text = v, why, text
}

// open tells that plain copies show somebody besides the sender.
func (p *person) open() bool { return p.Field != Hidden && !p.apart && p.role != self }

// plain tells that somebody gets a plain copy, and is not the sender.
func (p *person) plain() bool { return p.copy && !p.apart && p.role != self }

// outside tells that somebody is outside: as far as the sender may know, neither protected nor a colleague. A list is,
// where some of its members are.
func (p *person) outside() bool {
	return p.role == outsider || p.role == veiled || p.spreads() && p.Outside
}

// spreads tells that a plain copy goes to more than one: there is no separate copy of it.
func (p *person) spreads() bool { return p.role == colleague && p.Class == Group }

// worksFor tells that somebody is of the school of a protected person, or of the service that supervises it.
func (p *person) worksFor(whom *person) bool {
	return p.role == colleague && overlap(p.Schools, whom.Schools)
}

// mayRead tells whether somebody may read, in a copy of theirs, the address of another: it is their own, they are of
// the school, or both agreed to it in one frame.
func (p *person) mayRead(whom *person) bool {
	return p.role == self || p.key == whom.key && p.key != "" || p.worksFor(whom) || overlap(p.Frames, whom.Frames)
}

// personal tells that an address is taken for a family's.
func (s *scene) personal(p *person) bool {
	if p.role != outsider && p.role != veiled {
		return false
	}
	return p.Class == Presumed || s.Rules.Providers.Has(p.key)
}

// those returns the people of whom is holds.
func (s *scene) those(is func(*person) bool) []*person {
	var out []*person
	for _, p := range s.people {
		if is(p) {
			out = append(out, p)
		}
	}
	return out
}

// mailboxes counts people by their mailbox: the same address written in two ways is one.
func mailboxes(people []*person) int {
	seen := make(map[string]bool, len(people))
	for _, p := range people {
		seen[p.key] = true
	}
	return len(seen)
}

// commonFrames are the frames that all are in.
func commonFrames(people []*person) []int64 {
	var common []int64
	for i, p := range people {
		if i == 0 {
			common = slices.Clone(p.Frames)
			continue
		}
		common = slices.DeleteFunc(common, func(f int64) bool { return !slices.Contains(p.Frames, f) })
	}
	return common
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}
