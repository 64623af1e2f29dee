package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"navette/internal/directory"
)

// Domain is the mail domain of the fictional académie.
const Domain = "ac-paris.example"

// firstYear is the year in which the school year of the HR file began. The demo's calendar stands
// still, so that a seed gives the same bytes at any date.
const firstYear = 2026

// Role is what an account of the demo may be used to try, as accounts.csv names it.
type Role string

// The roles.
const (
	RoleAgent     Role = "agent"
	RoleHead      Role = "head"      // direction of a school
	RoleSecretary Role = "secretary" // of a school
	RoleLetters   Role = "letters"   // communication office: inform@lire, lettre de l'encadrement
	RoleHelpdesk  Role = "helpdesk"
	RoleAdmin     Role = "admin" // of the DSI
)

// Agent is one fictional person with everything HR knows.
type Agent struct {
	Person    directory.Person // without ID: the directory gives it
	NUMEN     directory.NUMEN
	Functions []directory.Function // the first is the main one
	Role      Role
	School    int // place of the main establishment in Academie.Schools
	woman     bool
}

// Category is that of the main function.
func (a Agent) Category() string { return a.Functions[0].Category }

// UAI is that of the main function.
func (a Agent) UAI() string { return a.Functions[0].UAI }

// Academie is a whole fictional académie, except for its mail.
type Academie struct {
	Seed    uint64
	Schools []directory.Establishment // the rectorat, then the schools
	Agents  []Agent                   // to be activated
	Fresh   []Agent                   // appointed, not yet activated

	streams streams
}

// Generate invents an académie of that many agents, and on top of them some who are freshly
// appointed. The first agents hold every role, so that the smallest académie shows them.
func Generate(seed uint64, agents int) *Academie {
	g := &generator{streams: streams{seed}, names: newOnomastics(), numens: map[directory.NUMEN]bool{}}
	a := &Academie{Seed: seed, streams: g.streams}
	posts := g.posts(agents)
	a.Agents = make([]Agent, agents)
	for i := range a.Agents {
		a.Agents[i] = g.agent(i, posts[i])
	}
	for i := range freshCount(agents) {
		a.Fresh = append(a.Fresh, g.fresh(i))
	}
	a.Schools = g.schools
	g.secondFunctions(a.Agents)
	return a
}

// freshCount is how many have just been appointed: some in the smallest académie too.
func freshCount(agents int) int { return min(max(agents/50, 6), 200) }

// generator invents one académie.
type generator struct {
	streams streams
	names   *onomastics
	numens  map[directory.NUMEN]bool // given so far: a NUMEN is one person's
	schools []directory.Establishment
}

// post is a vacancy: a job in a school.
type post struct {
	job    job
	school int
}

// posts fills schools, block after block, until there is a post for each agent.
func (g *generator) posts(agents int) []post {
	g.addSchool("Rectorat de l'académie fictive de Paris", directory.NatureRectorat)
	posts := make([]post, 0, agents+1000)
	for len(posts) < agents || len(g.schools) == 1 {
		first := len(g.schools) == 1
		start := len(posts)
		for _, kind := range block() {
			school := g.addSchool(g.schoolName(len(g.schools), kind.title), kind.nature)
			posts = appendPosts(posts, school, kind.staff)
		}
		posts = appendPosts(posts, rectorat, services())
		if first {
			showRolesFirst(posts[start:])
		}
	}
	return posts[:agents]
}

func appendPosts(posts []post, school int, staff []staffing) []post {
	for _, s := range staff {
		for range s.count {
			posts = append(posts, post{s.job, school})
		}
	}
	return posts
}

func (g *generator) addSchool(name, nature string) int {
	i := len(g.schools)
	city := "Paris"
	if i != rectorat {
		city = fmt.Sprintf("Paris %d", 1+g.streams.at("arrondissement", i).IntN(20))
	}
	uai := schoolUAI(i)
	g.schools = append(g.schools, directory.Establishment{UAI: uai, Name: name, Nature: nature, Department: uai[:3], City: city})
	return i
}

// showRolesFirst moves posts of every role to the front, the rest keeps its order.
func showRolesFirst(posts []post) {
	wanted := []func(post) bool{
		func(p post) bool { return p.job.fonction == "ENS" },
		func(p post) bool { return p.job.role == RoleHead },
		func(p post) bool { return p.job.role == RoleSecretary },
		func(p post) bool { return p.job.role == RoleLetters },
		func(p post) bool { return p.job.role == RoleHelpdesk },
		func(p post) bool { return p.job.role == RoleAdmin },
		func(p post) bool { return p.job.category == "DIEO" && p.job.fonction == "EDU" },
		func(p post) bool { return p.job.category == "ENS1D" && p.job.role == RoleHead },
		func(p post) bool { return p.job.category == "ENS1D" },
		func(p post) bool { return p.job.fonction == "INS" },
	}
	for to, want := range wanted {
		for from := to; from < len(posts); from++ {
			if want(posts[from]) {
				found := posts[from]
				copy(posts[to+1:from+1], posts[to:from])
				posts[to] = found
				break
			}
		}
	}
}

// agent invents the i-th agent for a post.
func (g *generator) agent(i int, p post) Agent {
	a := g.person("", i)
	a.Role, a.School = p.job.role, p.school
	if a.Role == "" {
		a.Role = RoleAgent
	}
	a.Person.HRID = fmt.Sprintf("%07d", 1_204_000+i)
	g.appoint("", i, &a, p)
	return a
}

// fresh invents the i-th of those appointed during the year, in one of the schools.
func (g *generator) fresh(i int) Agent {
	const kind = "fresh "
	r := g.streams.at(kind+"post", i)
	a := g.person(kind, i)
	a.Role, a.School = RoleAgent, r.IntN(len(g.schools)-1)+1
	a.Person.HRID = fmt.Sprintf("%07d", 9_204_000+i)
	jobs := []job{teacher1D, teacher2D, substitut, aesh, aed, secretary}
	if g.schools[a.School].Nature == directory.NatureEcoleElementaire || g.schools[a.School].Nature == directory.NatureEcoleMaternelle {
		jobs = []job{teacher1D, aesh}
	}
	g.appoint(kind, i, &a, post{pick(r, jobs), a.School})
	start := directory.Date{Year: firstYear, Month: time.November, Day: 2 + r.IntN(26)}
	a.Functions[0].Start = start
	a.Functions[0].Reference = fmt.Sprintf("NOM-%d-%05d", firstYear, 40_000+i)
	return a
}

// person invents a civil identity. kind tells the streams of one population from another's.
func (g *generator) person(kind string, i int) Agent {
	r := g.streams.at(kind+"name", i)
	woman := chance(r, 70)
	family, birthName := g.names.surname(r)
	forenames := []string{g.names.forename(r, family, woman)}
	for range r.IntN(3) {
		if other := g.names.forename(r, family, woman); !slices.Contains(forenames, other) {
			forenames = append(forenames, other)
		}
	}
	p := directory.Person{Civility: "M.", BirthName: birthName, Forenames: strings.Join(forenames, ", ")}
	if woman {
		p.Civility = "Mme"
	}
	p.UsageName = g.usageName(kind, i, birthName, woman)
	return Agent{Person: p, woman: woman}
}

// usageName gives some people the name of a spouse, or both names.
func (g *generator) usageName(kind string, i int, birthName string, woman bool) string {
	r := g.streams.at(kind+"usage name", i)
	percent := 4
	if woman {
		percent = 34
	}
	if !chance(r, percent) {
		return ""
	}
	_, spouse := g.names.surname(r)
	switch {
	case spouse == birthName:
		return ""
	case chance(r, 20):
		return birthName + "-" + spouse
	}
	return spouse
}

// appoint gives a person birth, NUMEN and function that fit the job.
func (g *generator) appoint(kind string, i int, a *Agent, p post) {
	born := g.streams.at(kind+"birth", i)
	youngest, oldest := 23, 63
	switch {
	case p.job.fonction == "AED":
		youngest, oldest = 19, 29
	case p.job.role == RoleHead || p.job.fonction == "INS":
		youngest, oldest = 36, 63
	}
	age := youngest + born.IntN(oldest-youngest+1)
	a.Person.Birth = dayOf(born, firstYear-age)

	r := g.streams.at(kind+"function", i)
	entered := firstYear - r.IntN(max(1, age-youngest+1))
	since := entered + r.IntN(firstYear-entered+1) // in this school
	f := directory.Function{
		Corps: pick(r, p.job.corps), Category: p.job.category, Fonction: p.job.fonction, UAI: g.schools[p.school].UAI,
		Start: directory.Date{Year: since, Month: time.September, Day: 1}, Reference: fmt.Sprintf("ARR-%d-%05d", since, r.IntN(100_000)),
	}
	if p.job.contract {
		f.Start.Year = firstYear - r.IntN(3)
		f.End = directory.Date{Year: f.Start.Year + 3, Month: time.August, Day: 31}
		f.Reference = fmt.Sprintf("CTR-%d-%05d", f.Start.Year, r.IntN(100_000))
		entered = min(entered, f.Start.Year)
	}
	a.Functions = []directory.Function{f}
	a.NUMEN = g.numen(kind, i, p.job.category, entered)
}

// dayOf draws a day of a year.
func dayOf(r *rand.Rand, year int) directory.Date {
	return directory.DateOf(time.Date(year, time.January, 1+r.IntN(365), 0, 0, 0, 0, time.UTC))
}

// numen invents a NUMEN that nobody else of this académie has: where a career began, in
// which information system, and when (since 1992).
func (g *generator) numen(kind string, i int, category string, entered int) directory.NUMEN {
	r := g.streams.at(kind+"numen", i)
	system := map[string]byte{"ENS1D": 'G', "ENS1DPR": 'P', "ENS2DPR": 'P', "ATSS": 'A'}[category]
	if system == 0 {
		system = 'E'
	}
	for {
		academie := 1
		if chance(r, 30) {
			academie = 2 + r.IntN(24)
		}
		letters := [3]byte{}
		for k := range letters {
			letters[k] = byte('A' + r.IntN(26))
		}
		n := directory.NUMEN(fmt.Sprintf("%02d%c%02d%05d%s", academie, system, max(entered, 1992)%100, r.IntN(100_000), letters[:]))
		if !g.numens[n] {
			g.numens[n] = true
			return n
		}
	}
}

// secondFunctions gives some agents half of a post in the school of the same nature before theirs.
func (g *generator) secondFunctions(agents []Agent) {
	before := make([]int, len(g.schools)) // school -> the one before it of the same nature, or 0
	last := map[string]int{}
	for i, school := range g.schools {
		before[i] = last[school.Nature]
		last[school.Nature] = i
	}
	for i := range agents {
		a := &agents[i]
		other := before[a.School]
		r := g.streams.at("second function", i)
		if other == 0 || a.Role != RoleAgent || !chance(r, 4) {
			continue
		}
		second := a.Functions[0]
		second.UAI = g.schools[other].UAI
		second.Start = directory.Date{Year: firstYear, Month: time.September, Day: 1}
		second.Reference = fmt.Sprintf("CSD-%d-%05d", firstYear, r.IntN(100_000))
		a.Functions = append(a.Functions, second)
	}
}
