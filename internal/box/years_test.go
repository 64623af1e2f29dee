package box_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"navette/internal/box"
	"navette/internal/directory"
	"navette/internal/failure"
)

// model is what HR and the heads did, kept without knowing how the boxes are.
type model struct {
	r     *rand.Rand
	today directory.Date
	posts []*postOf
	hand  map[string]box.Role // by « school person »
}

// postOf is a line of the HR file.
type postOf struct {
	person   int
	school   string
	fonction string
	first    directory.Date
	last     directory.Date // zero while there is none
	dropped  directory.Date // first day on which the file does not name it; zero while it does
}

var modelSchools = []string{"0759001B", "0759002C", "0759003D"}

const modelPeople = 12

// step lets things happen to the posts of a day.
func (m *model) step() {
	for _, p := range m.posts {
		if !p.dropped.IsZero() {
			continue
		}
		switch m.r.IntN(14) {
		case 0:
			p.dropped = m.today
		case 1:
			p.last = directory.Date{Year: m.today.Year, Month: 8, Day: 31}
			if p.last.Compare(p.first) < 0 {
				p.last = directory.Date{}
			}
		case 2:
			p.last = directory.Date{}
		}
	}
	for range m.r.IntN(3) {
		first := m.today.AddDays(m.r.IntN(60) - 30)
		p := &postOf{person: m.r.IntN(modelPeople), school: modelSchools[m.r.IntN(len(modelSchools))], first: first,
			fonction: []string{"DIR", "D0010", "ADJ", "ENS"}[m.r.IntN(4)]}
		if !slices.ContainsFunc(m.posts, func(o *postOf) bool {
			return o.person == p.person && o.school == p.school && o.fonction == p.fonction && o.first == p.first
		}) {
			m.posts = append(m.posts, p)
		}
	}
}

// file is the HR file of the day. Somebody who has no post left stands in it with one that does not count here.
func (m *model) file() (lines []string) {
	for person := range modelPeople {
		identity := fmt.Sprintf("%04d;;M.;NOM%d;;Jean;01/02/1980;", person, person)
		lines = append(lines, identity+"Agent contractuel;ATSS;ADF;0759009K;01/09/2000;;REF")
		for _, p := range m.posts {
			if p.person == person && p.dropped.IsZero() {
				lines = append(lines, identity+"Personnel de direction;DIEO;"+p.fonction+";"+p.school+";"+p.first.String()+";"+p.last.String()+";REF")
			}
		}
	}
	return lines
}

// runs tells that a post is held on the day; ran, that it was before.
func (m *model) runs(p *postOf) bool {
	return p.dropped.IsZero() && p.first.Compare(m.today) <= 0 && (p.last.IsZero() || p.last.Compare(m.today) >= 0)
}

func (p *postOf) heads() bool { return p.fonction == "DIR" || p.fonction == "D0010" }

// has tells that somebody's post of some kind at a school satisfies a condition.
func (m *model) has(person int, school string, cond func(*postOf) bool) bool {
	return slices.ContainsFunc(m.posts, func(p *postOf) bool { return (person < 0 || p.person == person) && p.school == school && cond(p) })
}

// justified says why a membership should not be, or "".
func (m *model) justified(person int, school string, ms box.Membership) string {
	runsAs := func(heads bool) func(*postOf) bool {
		return func(p *postOf) bool { return m.runs(p) && p.fonction != "ENS" && p.heads() == heads }
	}
	headed := m.has(-1, school, runsAs(true))
	switch {
	case ms.Source == box.ByHand && m.hand[fmt.Sprint(school, " ", person)] == ms.Role:
	case ms.Source == box.ByFunction && ms.Role == box.Owner && m.has(person, school, runsAs(true)):
	case ms.Source == box.ByFunction && ms.Role == box.Member && m.has(person, school, runsAs(false)):
	case ms.Source == box.ByInterim && headed:
		return "an interim beside a head"
	case ms.Source == box.ByInterim && ms.Until != (directory.Date{Year: m.today.Year, Month: 10, Day: 31}):
		return "an interim until " + ms.Until.String()
	case ms.Source == box.ByInterim && m.today.Month < 6:
		return "an interim in winter"
	case ms.Source == box.ByInterim && ms.Role == box.Owner && (m.has(person, school, runsAs(false)) || m.has(person, school, (*postOf).heads)):
	default:
		return "no reason"
	}
	return ""
}

// Whatever HR writes over the years, at every moment each box has an owner or an alarm, every head owns, and nobody has
// a role without a reason.
func TestOverTheYearsEachBoxIsOwnedOrToldOf(t *testing.T) {
	t.Parallel()
	academies(t, "01/09/2026", func(a *academie) {
		m := &model{r: rand.New(rand.NewPCG(7, 20)), today: directory.Date{Year: 2026, Month: 9, Day: 1}, hand: map[string]box.Role{}}
		seen := map[box.Source]int{}
		alarms := 0
		for m.today.Year < 2036 {
			m.today = m.today.AddDays(1 + m.r.IntN(45))
			a.clock.Set(m.today.UTC().Add(1e9))
			m.step()
			a.file(m.file()...)
			m.byHand(a)
			alarms += m.verify(a, seen)
			if t.Failed() {
				t.FailNow()
			}
			// Days pass without a file.
			m.today = m.today.AddDays(m.r.IntN(20))
			a.clock.Set(m.today.UTC().Add(1e9))
			a.refresh()
			alarms += m.verify(a, seen)
		}
		if len(seen) != 3 || alarms == 0 {
			t.Errorf("the years showed %v and %d alarms: some case never came", seen, alarms)
		}
	})
}

// byHand has the DSI give or take a role now and then.
func (m *model) byHand(a *academie) {
	if m.r.IntN(3) > 0 {
		return
	}
	person, school := m.r.IntN(modelPeople), modelSchools[m.r.IntN(len(modelSchools))]
	key := fmt.Sprint(school, " ", person)
	id, err := a.Find(a.t.Context(), school)
	if failure.Is(err, failure.NotFound) {
		return
	}
	account := a.person(fmt.Sprintf("jnom%d", person))
	role := []box.Role{box.Reader, box.Member, box.Owner}[m.r.IntN(3)]
	if _, has := m.hand[key]; has {
		if err := a.RemoveMember(a.t.Context(), dsi(), id, account); err != nil {
			a.t.Fatal(err)
		}
		delete(m.hand, key)
		return
	}
	switch err := a.SetMember(a.t.Context(), dsi(), id, account, role); {
	case err == nil:
		m.hand[key] = role
	case !failure.Is(err, failure.Policy): // less than their function gives
		a.t.Fatal(err)
	}
}

// verify asks every question of a day, and gives how many boxes have no owner.
func (m *model) verify(a *academie, seen map[box.Source]int) int {
	a.t.Helper()
	orphans, err := a.Orphans(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	for _, school := range modelSchools {
		id, err := a.Find(a.t.Context(), school)
		if failure.Is(err, failure.NotFound) {
			continue // no file has named it yet
		}
		list, err := a.Members(a.t.Context(), id)
		if err != nil {
			a.t.Fatal(err)
		}
		owners := map[int]bool{}
		for _, ms := range list {
			seen[ms.Source]++
			person := int(number(a.t, strings.TrimPrefix(ms.Login, "jnom")))
			if ms.Role == box.Owner {
				owners[person] = true
			}
			if why := m.justified(person, school, ms); why != "" {
				a.t.Errorf("%s: %s is %s of %s: %s", m.today, ms.Login, ms.French(), school, why)
			}
		}
		for _, p := range m.posts {
			if p.school == school && p.heads() && m.runs(p) && !owners[p.person] {
				a.t.Errorf("%s: person %d heads %s and does not own its box", m.today, p.person, school)
			}
		}
		told := slices.ContainsFunc(orphans, func(o box.Orphan) bool { return o.Box == id })
		if told != (len(owners) == 0) {
			a.t.Errorf("%s: %s has owners %v, and an alarm: %t", m.today, school, owners, told)
		}
	}
	if r := a.refresh(); r.Altered+r.Made > 0 {
		a.t.Errorf("%s: again %+v", m.today, r)
	}
	a.outsiders()
	return len(orphans)
}

// outsiders makes sure that whom Members does not name opens nothing.
func (a *academie) outsiders() {
	a.t.Helper()
	var members []string
	for _, school := range modelSchools {
		id, err := a.Find(a.t.Context(), school)
		if err != nil {
			continue
		}
		list, err := a.Members(a.t.Context(), id)
		if err != nil {
			a.t.Fatal(err)
		}
		for _, m := range list {
			members = append(members, fmt.Sprint(id, " ", m.Account, " ", m.Role))
		}
	}
	var access []string
	for _, account := range a.rows(`SELECT account_id FROM account WHERE kind = 'person'`) {
		boxes, err := a.AccessOf(a.t.Context(), number(a.t, account))
		if err != nil {
			a.t.Fatal(err)
		}
		for _, b := range boxes {
			if strings.HasSuffix(b.Login, "0759009k") {
				continue
			}
			access = append(access, fmt.Sprint(b.Box, " ", account, " ", b.Role))
		}
	}
	slices.Sort(members)
	slices.Sort(access)
	if !slices.Equal(members, access) {
		a.t.Errorf("members %q, access %q", members, access)
	}
}
