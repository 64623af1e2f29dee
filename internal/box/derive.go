package box

import (
	"cmp"
	"slices"

	"navette/internal/directory"
)

// holding is a function of direction that somebody holds, held or will hold in the establishment of a box.
type holding struct {
	account int64
	open    bool           // they have not left the académie
	head    bool           // else a deputy
	first   directory.Date // day of it
	last    directory.Date // zero while it has no end
}

func (h holding) holds(day directory.Date) bool {
	return h.first.Compare(day) <= 0 && (h.last.IsZero() || h.last.Compare(day) >= 0)
}

func (h holding) over(day directory.Date) bool {
	return !h.last.IsZero() && h.last.Compare(day) < 0
}

// grant is a role that follows from functions.
type grant struct {
	member       int64
	source       Source
	role         Role
	since, until directory.Date // until is zero while there is no end
}

// derive gives who has which role in a box by function, today or later: a pure function of who directs the
// establishment, of the day, and of whether somebody owns the box by hand.
//
// A head owns, from the first to the last day of the function. A deputy is a member: they read and answer for the
// school, while who reads its mail is the head's to decide; a head makes a deputy owner by hand where they want to.
//
// When the last head has left and nobody owns the box, the interim is the deputies': in a school they stand in for the
// head until one is named. Where there is none (a primary school, a CIO, a small collège), the head who left keeps the
// box for that time: the mail of the summer is theirs to hand over, and nobody else is known yet.
func derive(today directory.Date, held []holding, ownedByHand bool, rules Rules) []grant {
	held = joined(held)
	var grants []grant
	var deputies, heads []holding // of today
	var left []holding            // heads who left last
	for _, h := range held {
		switch {
		case h.over(today):
			if h.head {
				left = latest(left, h)
			}
			continue
		case !h.open:
			continue
		case h.holds(today) && h.head:
			heads = append(heads, h)
		case h.holds(today):
			deputies = append(deputies, h)
		}
		role := Member
		if h.head {
			role = Owner
		}
		grants = append(grants, grant{h.account, ByFunction, role, h.first, h.last})
	}
	if len(heads) > 0 || ownedByHand || len(left) == 0 {
		return grants
	}
	vacant := left[0].last.AddDays(1)
	until := rules.interimUntil(vacant)
	if until.IsZero() || until.Compare(today) < 0 {
		return grants
	}
	standIns := deputies
	if len(standIns) == 0 {
		standIns = slices.DeleteFunc(left, func(h holding) bool { return !h.open })
	}
	for _, h := range standIns {
		since := vacant
		if h.first.Compare(vacant) > 0 { // a deputy who came since
			since = h.first
		}
		grants = append(grants, grant{h.account, ByInterim, Owner, since, until})
	}
	return grants
}

// joined makes one holding of those of one person that follow each other without a gap (a contract prolonged on a new
// line), and leaves out those that never ran.
func joined(held []holding) []holding {
	held = slices.DeleteFunc(slices.Clone(held), func(h holding) bool { return !h.last.IsZero() && h.last.Compare(h.first) < 0 })
	slices.SortFunc(held, func(a, b holding) int {
		if a.head != b.head {
			if a.head {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.account, b.account), a.first.Compare(b.first))
	})
	var out []holding
	for _, h := range held {
		n := len(out)
		follows := n > 0 && out[n-1].account == h.account && out[n-1].head == h.head &&
			(out[n-1].last.IsZero() || out[n-1].last.AddDays(1).Compare(h.first) >= 0)
		switch {
		case !follows:
			out = append(out, h)
		case out[n-1].last.IsZero():
		case h.last.IsZero() || h.last.Compare(out[n-1].last) > 0:
			out[n-1].last = h.last
		}
	}
	return out
}

// latest keeps of the heads who left those who left last.
func latest(left []holding, h holding) []holding {
	if len(left) == 0 || h.last.Compare(left[0].last) > 0 {
		return []holding{h}
	}
	if h.last == left[0].last {
		return append(left, h)
	}
	return left
}

// next leaves of each person's grants of one source and role the first that is not over: what a row of box_member
// holds. A later one comes when its time has.
func next(grants []grant) []grant {
	type key struct {
		member int64
		source Source
		role   Role
	}
	first := map[key]grant{}
	for _, g := range grants {
		k := key{g.member, g.source, g.role}
		if other, twice := first[k]; !twice || g.since.Compare(other.since) < 0 {
			first[k] = g
		}
	}
	out := make([]grant, 0, len(first))
	for _, g := range first {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b grant) int {
		return cmp.Or(cmp.Compare(a.member, b.member), cmp.Compare(a.source, b.source), cmp.Compare(a.role, b.role))
	})
	return out
}
