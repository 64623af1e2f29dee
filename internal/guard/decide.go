package guard

import "slices"

// personalMax is how many presumed addresses may be seen by each other before they are taken for families.
const personalMax = 4

// Decide applies GUARD's table to a message.
func Decide(m Message) Decisions {
	s := newScene(m)
	s.groups()
	if m.Door != Reception { // what stands in the header of mail from outside is its sender's business
		s.askedApart()
		s.cci()
		s.exposures()
		s.readersInCci()
		s.quoted()
		s.hiddenReply()
		s.onlyCci()
	}
	d := Decisions{door: m.Door, sender: m.Sender, told: s.list(), concerns: s.concerns}
	s.veil()
	d.list, d.header = s.list(), s.header()
	return d
}

// groups sends to the members of a group of guardians or pupils one by one, and refuses computed groups to whoever may
// not write to them, Navette itself among them. Lists answered at RCPT.
func (s *scene) groups() {
	for _, p := range s.people {
		if p.Class != Group {
			continue
		}
		if p.role == family {
			p.separate(GroupApart)
		}
		if p.copy && p.Holds != Members && !p.Entitled {
			c := Concern{Reason: GroupClosed, Weight: Refused}
			c.Text = say(c, exposure{})
			p.answer(Refuse, c.Reason, c.Text)
			s.add(c)
		}
	}
}

// askedApart does « Envoyer séparément »: families and strangers get copies of their own, colleagues see each other.
func (s *scene) askedApart() {
	if s.Apart {
		s.sendApart(AskedApart)
	}
}

func (s *scene) sendApart(why Reason) {
	for _, p := range s.people {
		if p.role == protected || p.role == outsider || p.role == veiled {
			p.separate(why)
		}
	}
}

// separate gives somebody a copy of their own, unless they have one already.
func (p *person) separate(why Reason) {
	if p.apart {
		return
	}
	p.apart = true
	p.answer(Separate, why, ofCopy)
}

// cci gives protected people in Cci copies of their own.
func (s *scene) cci() {
	for _, p := range s.people {
		if p.role == protected && p.Field == Hidden {
			p.separate(CciApart)
		}
	}
}

// exposures is the heart of the table: whose addresses plain copies would show, and to whom.
func (s *scene) exposures() {
	found := []exposure{s.ofFamilies(), s.ofPersonal()}
	worst := max(found[0].weight, found[1].weight)
	switch {
	case worst < Asked:
		s.mark(found[0])
	case s.inThread() && worst == Asked:
		s.mark(exposure{reason: KnownAlready, who: found[0].who})
	case s.inThread():
		s.sendApart(RepliedApart)
		s.add(s.aside(Concern{Reason: RepliedApart, Weight: Announced, Remedies: []Remedy{SendApart}}, exposure{}))
	case worst == Refused && s.Rules.Separates && s.Door == Submission:
		for _, e := range found {
			if e.weight == Refused {
				s.sendApart(e.reason)
				s.add(s.aside(Concern{Reason: e.reason, Weight: Afterwards}, e))
			}
		}
	default:
		for _, e := range found {
			s.hold(e)
		}
	}
}

// exposure is what plain copies would show.
type exposure struct {
	reason  Reason
	weight  Weight    // Refused, Asked, 0 where nothing needs to be done
	who     []*person // whose addresses
	readers int       // how many would read them that may not: colleagues of Asked, the outside of Outside
}

// ofFamilies tells how protected people in the header are seen.
func (s *scene) ofFamilies() exposure {
	e := exposure{who: s.those(func(p *person) bool { return p.role == protected && p.open() })}
	if len(e.who) == 0 {
		return e
	}
	frames := commonFrames(e.who)
	strangers := s.those(func(p *person) bool {
		return p.outside() && (p.open() || p.plain() && p.spreads()) && !overlap(p.Frames, frames)
	})
	others := s.those(func(p *person) bool {
		return p.role == colleague && (p.open() || p.plain() && p.spreads()) && !informed(p, e.who)
	})
	together := mailboxes(e.who) > 1
	switch {
	case together && len(frames) == 0:
		e.reason, e.weight = Together, Refused
	case len(strangers) > 0:
		e.reason, e.weight, e.readers = Outside, Refused, mailboxes(strangers)
	case len(others) > 0:
		e.reason, e.weight, e.readers = OtherAgents, Asked, mailboxes(others)
	case together || slices.ContainsFunc(s.people, func(p *person) bool { return p.outside() && p.open() }):
		e.reason = InFrame
	case slices.ContainsFunc(s.people, func(p *person) bool { return p.role == colleague && p.open() }):
		e.reason = SchoolInformed
	default:
		e.reason = Alone
	}
	return e
}

// informed tells that a colleague is one « in Cc »: of the school of all who are shown, who stand in À, or in Cc inside
// a frame.
func informed(p *person, shown []*person) bool {
	for _, whom := range shown {
		if whom.Field != To && (whom.Field != Cc || len(whom.Frames) == 0) || !p.worksFor(whom) {
			return false
		}
	}
	return p.Field == Cc || p.Field == Hidden
}

// ofPersonal tells whether so many personal addresses are seen together that they are taken for families. Inside a
// frame, those who consented are seen as they agreed to be.
func (s *scene) ofPersonal() exposure {
	who := s.those(func(p *person) bool { return s.personal(p) && p.open() && len(p.Frames) == 0 })
	if mailboxes(who) <= personalMax {
		return exposure{}
	}
	return exposure{reason: ManyPersonal, weight: Refused, who: who}
}

// inThread tells that a message answers one that a protected person wrote, and goes to nobody who was not in it.
func (s *scene) inThread() bool {
	return s.Answered != nil && s.Answered.ByProtected && s.newcomers() == 0
}

func (s *scene) newcomers() int {
	return mailboxes(s.those(func(p *person) bool { return p.role != self && (p.copy || !p.words) && !s.Answered.Visible[p.key] }))
}

// mark says for what is delivered as written which row of the table lets it be.
func (s *scene) mark(e exposure) {
	for _, p := range e.who {
		p.out.Reason = e.reason
	}
}

// hold refuses what a row refuses, or has it confirmed: for those whose addresses would be seen, or for all who would
// read them where no copy goes to the former.
func (s *scene) hold(e exposure) {
	if e.weight == 0 {
		return
	}
	c := Concern{Reason: e.reason, Weight: e.weight, Remedies: []Remedy{MoveToCci, SendApart}}
	if e.weight == Refused && s.Answered != nil && s.Answered.ByProtected {
		c.Reason, e.readers = Newcomer, s.newcomers()
	}
	c = s.aside(c, e)
	verdict := Refuse
	if e.weight == Asked {
		verdict = Confirm
	}
	held := slices.DeleteFunc(slices.Clone(e.who), func(p *person) bool { return !p.copy })
	if len(held) == 0 {
		held = s.those((*person).plain)
	}
	if len(held) == 0 {
		return // no copy shows them to anybody
	}
	for _, p := range held {
		if p.out.Verdict == Deliver {
			p.answer(verdict, c.Reason, c.Text)
		}
	}
	s.add(c)
}

// aside gives a concern its text. Where it refuses nothing and the door has no dialogue, it waits until afterwards.
func (s *scene) aside(c Concern, e exposure) Concern {
	if c.Weight != Refused && s.Door != Webmail {
		c.Weight, c.Remedies = Afterwards, nil
	}
	c.Text = say(c, e)
	return c
}

// add tells the sender of a concern, once. Programs read refusals and nothing else.
func (s *scene) add(c Concern) {
	known := slices.ContainsFunc(s.concerns, func(had Concern) bool { return had.Reason == c.Reason })
	person := s.Sender != 0 && (s.Door == Submission || s.Door == Webmail)
	if !known && (person || c.Weight == Refused) {
		s.concerns = append(s.concerns, c)
	}
}
