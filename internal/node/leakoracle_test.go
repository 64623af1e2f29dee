package node

import "slices"

// What GUARD.md says of a letter, written again from its text and without its engine, for the people of the town.

// outcome is what becomes of a letter at a door.
type outcome string

const (
	sent    outcome = "sent"
	refused outcome = "refused"
	asked   outcome = "asked" // webmail: sent once it is confirmed
	either  outcome = "sent or refused"
)

// view is a letter as its writer may know it.
type view struct {
	families  []mention // visible, and known to be protected
	strangers []mention // visible: outside, as far as the writer may know
	agents    []mention // visible agents and boxes
	newcomers bool      // somebody who is not in the thread that is answered
	closed    bool      // a group that the writer may not write to
}

func (l *letter) view() view {
	var v view
	for _, m := range l.mentions {
		silent := m.where == inWords && !(m.protected() && l.writer.entitled(m.person)) // words count for those alone
		if l.writer.owns(m.person) {
			continue
		}
		if m.copy || !silent {
			v.newcomers = v.newcomers || l.thread != nil && !slices.Contains(l.thread.visible, m.person)
		}
		switch {
		case m.group != nil:
			v.closed = v.closed || m.copy && !l.writer.entitled(m.person)
		case m.where == inBcc, silent:
		case m.account != 0:
			v.agents = append(v.agents, m)
		case m.protected() && l.writer.entitled(m.person):
			v.families = append(v.families, m)
		default:
			v.strangers = append(v.strangers, m)
		}
	}
	return v
}

// framed tells whether everybody of some agreed to be seen by the others: « guardians who consented, inside their named
// frame ». To who works elsewhere it is not known.
func (l *letter) framed(people []mention) bool {
	return !slices.ContainsFunc(people, func(m mention) bool { return !m.elected || !l.writer.near(m.person) })
}

// expected is the row of the table.
func (l *letter) expected() outcome {
	v := l.view()
	homes := 0
	for _, m := range v.strangers {
		if m.home && !l.framed([]mention{m}) {
			homes++
		}
	}
	parentsThread := l.thread != nil && l.writer.entitled(l.thread.author) && !v.newcomers
	shown := slices.Concat(v.families, v.strangers)
	exposed := len(v.families) > 0 && len(shown) > 1 && !l.framed(shown) || homes >= 5
	refuses := exposed && !parentsThread // else « Répondre à tous, séparément »
	named := slices.ContainsFunc(shown, func(m mention) bool { return m.copy })
	switch {
	case v.closed:
		return refused
	case refuses && named:
		return refused
	case refuses: // nobody gets a copy who is shown: it depends on who else does
		return either
	case l.web && (l.asks(v) && !parentsThread || l.quotesTowardsFamilies(v)):
		return asked
	}
	return sent
}

// asks: « one protected visible, other agents in À/Cc »: those who are not of the school, or not in Cc of a message to
// the one, or to those of a frame.
func (l *letter) asks(v view) bool {
	return slices.ContainsFunc(v.agents, func(a mention) bool {
		return slices.ContainsFunc(v.families, func(f mention) bool {
			return a.where != inCc || !a.worksAt(f.child.uai) || f.where != inTo && !(f.where == inCc && f.elected)
		})
	})
}

// quotesTowardsFamilies: « quoted headers with protected addresses towards guardians or outside ».
func (l *letter) quotesTowardsFamilies(v view) bool {
	if l.quotes == nil || !l.writer.entitled(l.quotes) || l.thread != nil && !v.newcomers && slices.Contains(l.thread.visible, l.quotes) {
		return false
	}
	return slices.ContainsFunc(l.mentions, func(m mention) bool { return m.copy && m.account == 0 && m.person != l.quotes })
}

// mayRead tells whether the copy of a reader may show the address of somebody protected.
func (l *letter) mayRead(reader, whom *person) bool {
	v := l.view()
	switch {
	case reader == whom, l.writer.owns(reader): // their own; what they wrote themselves
		return true
	case !l.writer.near(whom): // « elsewhere … treated as presumed/external »
		return true
	case reader.worksAt(whom.child.uai): // « agents of the pupil's school »
		return true
	case l.quotes == whom: // « bytes of a body that the sender typed are the sender's »
		return true
	case reader.account == 0:
		return reader.elected && whom.elected // « inside their named frame »
	}
	// « one protected visible, other agents in À/Cc: deliver, tell the sender afterwards »
	known := slices.ContainsFunc(v.families, func(f mention) bool { return f.person == whom })
	return known && (len(v.families) == 1 || l.framed(v.families)) && slices.ContainsFunc(v.agents, func(a mention) bool { return a.person == reader })
}
