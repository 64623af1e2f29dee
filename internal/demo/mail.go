package demo

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"navette/internal/directory"
)

// richAccounts is how many of the first agents have a year of mail; the others have the few
// letters that everybody gets.
const richAccounts = 50

// Message is one message of the demo, and where copies of it lie.
type Message struct {
	Date   time.Time
	Raw    []byte // RFC 5322, CRLF
	Copies []Copy
}

// Copy is one copy in the mailbox of one agent.
type Copy struct {
	Agent    int    // place in Academie.Agents
	Role     string // of the mailbox, as JMAP names it: inbox, sent, drafts, trash, junk, archive
	Seen     bool
	Answered bool
	Flagged  bool
}

// Mail invents the mail of the académie: letters to everybody, and a school year for the first
// accounts. address gives the address that an agent was issued. Messages come in the order of their
// dates; the same académie and addresses give the same bytes.
func (a *Academie) Mail(address func(agent int) string) []Message {
	m := &mailroom{academie: a, names: newOnomastics(), address: address}
	rich := min(richAccounts, len(a.Agents))
	m.letters(rich)
	m.places(rich)
	for agent := range rich {
		m.notify(agent)
		m.outside(agent)
	}
	slices.SortStableFunc(m.messages, func(x, y Message) int { return cmp.Compare(x.Date.UnixNano(), y.Date.UnixNano()) })
	return m.messages
}

// mailroom writes messages.
type mailroom struct {
	academie *Academie
	names    *onomastics // of families
	address  func(int) string
	messages []Message
	serial   int // of Message-IDs
}

// now is when the demo's calendar stands still.
func now() time.Time { return at(2026, time.November, 20, 8, 0) }

func (m *mailroom) who(agent int) correspondent {
	return correspondent{m.academie.Agents[agent].Person.DisplayName(), m.address(agent)}
}

// id gives the next Message-ID.
func (m *mailroom) id(domain string) string {
	m.serial++
	r := m.academie.streams.at("message id", m.serial)
	return fmt.Sprintf("%08x.%06x@%s", r.Uint32(), m.serial, domain)
}

func (m *mailroom) add(l letter, copies ...Copy) {
	m.messages = append(m.messages, Message{Date: l.date, Raw: l.bytes(), Copies: copies})
}

// received is a copy in the inbox, read by most after some days, thrown away or filed by some later.
func (m *mailroom) received(r *rand.Rand, agent int, date time.Time) Copy {
	c := Copy{Agent: agent, Role: "inbox", Seen: chance(r, 55)}
	age := now().Sub(date)
	if age > 10*24*time.Hour {
		c.Seen = chance(r, 93)
		c.Flagged = chance(r, 4)
	}
	if age > 90*24*time.Hour {
		switch x := r.IntN(100); {
		case x < 14:
			c.Role = "archive"
		case x < 18:
			c.Role = "trash"
		}
	}
	return c
}

// letters are inform@lire and the lettre de l'encadrement.
func (m *mailroom) letters(rich int) {
	issues := newsletters()
	from := correspondent{"inform@lire", "informalire@" + Domain}
	for i, c := range issues {
		r := m.academie.streams.at("newsletter", i)
		l := letter{id: m.id(Domain), date: c.on, from: from, to: []correspondent{from}, subject: c.subject, text: c.text(), html: c.html(),
			extra: []string{"List-Id: inform@lire <informalire." + Domain + ">", "Precedence: bulk"}}
		readers := rich
		if i == len(issues)-3 || i == len(issues)-1 {
			readers = len(m.academie.Agents)
		}
		copies := make([]Copy, readers)
		for agent := range copies {
			copies[agent] = m.received(r, agent, c.on)
		}
		m.add(l, copies...)
	}
	m.managers()
}

// managers writes the lettre de l'encadrement, to whoever answers for a place.
func (m *mailroom) managers() {
	from := correspondent{"Lettre de l'encadrement", "lettre@" + Domain}
	for i, subject := range []string{"Préparer la rentrée : les points de vigilance", "Entretiens professionnels : le calendrier", "Sécurité des établissements : rappel des consignes",
		"Dialogue de gestion : les fiches sont en ligne", "Accueillir les nouveaux collègues"} {
		date := workday(at(2025, time.September, 8, 17, 10).AddDate(0, 3*i, 0))
		r := m.academie.streams.at("managers' letter", i)
		c := circular{date, "Lettre de l'encadrement – " + subject, [][2]string{{subject, "Vous trouverez ci-dessous les éléments utiles à votre établissement ou à votre service. Les fiches complètes sont disponibles dans l'intranet."},
			{"À vos agendas", "La prochaine réunion des personnels d'encadrement aura lieu en visioconférence."}}}
		var copies []Copy
		for agent, a := range m.academie.Agents {
			if a.Role == RoleHead || a.Functions[0].Fonction == "INS" {
				copies = append(copies, m.received(r, agent, date))
			}
		}
		if len(copies) > 0 {
			m.add(letter{id: m.id(Domain), date: date, from: from, to: []correspondent{from}, subject: c.subject, text: c.text(), html: c.html()}, copies...)
		}
	}
}

// notify writes what the applications tell one agent.
func (m *mailroom) notify(agent int) {
	r := m.academie.streams.at("notification", agent)
	for _, n := range notifications() {
		m.add(letter{id: m.id(Domain), date: n.on.Add(time.Duration(agent) * time.Second), from: n.from, to: []correspondent{m.who(agent)},
			subject: n.subject, text: n.text, extra: []string{"Auto-Submitted: auto-generated"}}, m.received(r, agent, n.on))
	}
}

// places writes the threads of each school and of the rectorat.
func (m *mailroom) places(rich int) {
	people := map[int][]int{}
	var order []int
	for agent, a := range m.academie.Agents[:rich] {
		if people[a.School] == nil {
			order = append(order, a.School)
		}
		people[a.School] = append(people[a.School], agent)
	}
	for _, school := range order {
		for i, s := range stories() {
			if !s.happensIn(m.academie.Schools[school], school == rectorat) || len(people[school]) < 2 {
				continue
			}
			for n := range s.times {
				m.thread(s, school, people[school], m.academie.streams.at("story", (school*1000+i)*10+n))
			}
		}
	}
}

func (s story) happensIn(school directory.Establishment, office bool) bool {
	secondary := school.Nature != directory.NatureEcoleElementaire && school.Nature != directory.NatureEcoleMaternelle
	switch s.where {
	case inSchools:
		return !office
	case inSecondary:
		return !office && secondary
	case inOffices:
		return office
	}
	return true
}
