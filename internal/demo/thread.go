package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// thread tells one story in one place: the opening, its answers, and whose mailboxes hold them.
func (m *mailroom) thread(s story, school int, people []int, r *rand.Rand) {
	fill := m.words(s, school, r)
	opener := m.speaker(s.by, people, r)
	named, hidden := m.audience(s.to, opener, people, r)
	date := workday(at(s.year, s.month, s.day, 8+r.IntN(10), r.IntN(60)))
	first := letter{id: m.id(Domain), date: date, from: m.who(opener), subject: fill.Replace(s.subject), spelling: spelling(r.IntN(4))}
	for _, agent := range named {
		first.to = append(first.to, m.who(agent))
	}
	if len(hidden) > 0 {
		first.to = []correspondent{first.from} // the others are in Cci
	}
	switch title := fill.Replace(s.title); s.document {
	case aPDF:
		first.attached = append(first.attached, pdf(fileName(title, "pdf"), title, paragraphs(fill.Replace(s.text))))
	case anODT:
		first.attached = append(first.attached, odt(fileName(title, "odt"), title, paragraphs(fill.Replace(s.text))))
	}
	opening := fill.Replace(s.text)
	first.text = opening + m.signature(opener)
	answered := m.answers(s, fill, first, opening, opener, append(slices.Clone(named), hidden...), r)
	m.add(first, m.copies(first, opener, append(named, hidden...), answered, r)...)
}

// answers writes the replies, and reports who answered the opening.
func (m *mailroom) answers(s story, fill *strings.Replacer, first letter, text string, opener int, others []int, r *rand.Rand) map[int]bool {
	answered := map[int]bool{}
	last, lastText, author := first, text, opener
	references := []string{}
	for i, reply := range s.replies {
		by := opener
		if author == opener {
			by = pick(r, others)
		}
		if by == author {
			break
		}
		date := last.date.Add(time.Duration(20+r.IntN(1500)) * time.Minute)
		references = append(references, last.id)
		l := letter{id: m.id(Domain), date: daytime(date), from: m.who(by), to: []correspondent{last.from}, subject: "Re: " + strings.TrimPrefix(last.subject, "Re: "),
			inReplyTo: last.id, references: slices.Clone(references), spelling: spelling(r.IntN(4))}
		readers := []int{author}
		if s.to == toTeam && i == 0 { // to all: they were named
			for _, agent := range others {
				if agent != by {
					l.cc = append(l.cc, m.who(agent))
					readers = append(readers, agent)
				}
			}
		}
		reply = fill.Replace(reply)
		l.text = reply + m.signature(by) + quote(last, lastText)
		m.add(l, m.copies(l, by, readers, nil, r)...)
		if author == opener {
			answered[by] = true
		}
		last, lastText, author = l, reply, by
	}
	return answered
}

// copies are the sender's in « Envoyés » and one for each reader.
func (m *mailroom) copies(l letter, sender int, readers []int, answered map[int]bool, r *rand.Rand) []Copy {
	copies := []Copy{{Agent: sender, Role: "sent", Seen: true}}
	for _, agent := range readers {
		c := m.received(r, agent, l.date)
		if answered[agent] {
			c.Seen, c.Answered = true, true
		}
		copies = append(copies, c)
	}
	return copies
}

// speaker finds who would say this: by function, else the head, else anybody.
func (m *mailroom) speaker(by speaker, people []int, r *rand.Rand) int {
	for _, wanted := range []speaker{by, byHead} {
		var able []int
		for _, agent := range people {
			if m.academie.Agents[agent].Functions[0].Fonction == string(wanted) {
				able = append(able, agent)
			}
		}
		if len(able) > 0 {
			return pick(r, able)
		}
	}
	return pick(r, people)
}

// audience finds who is written to: named in À, or hidden in Cci.
func (m *mailroom) audience(to audience, opener int, people []int, r *rand.Rand) (named, hidden []int) {
	others := slices.DeleteFunc(slices.Clone(people), func(agent int) bool { return agent == opener })
	r.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	switch to {
	case toStaff:
		slices.Sort(others)
		return nil, others
	case toTeam:
		return others[:min(len(others), 7+r.IntN(4))], nil
	case toHead:
		if head := m.speaker(byHead, others, r); head != opener {
			return []int{head}, nil
		}
	}
	return others[:1], nil
}

// words fills the blanks of a story.
func (m *mailroom) words(s story, school int, r *rand.Rand) *strings.Replacer {
	day := workday(at(s.year, s.month, s.day, 12, 0).AddDate(0, 0, 12+r.IntN(6)))
	classes := list("6e 1,6e 2,6e 4,5e 1,5e 3,4e 2,4e 3,3e 1,3e 2,3e 4")
	switch m.academie.Schools[school].Nature {
	case "101":
		classes = list("petite section,moyenne section,grande section")
	case "151":
		classes = list("CP A,CP B,CE1 A,CE1-CE2,CM1 A,CM2 B")
	case "300", "320":
		classes = list("2de 3,2de 7,1re 2,1re 5,Tle 1,Tle 4")
	}
	return strings.NewReplacer("{jour}", french(day), "{classe}", pick(r, classes),
		"{lieu}", pick(r, list("au musée des Horloges,au jardin des Simples,au théâtre de la Passerelle,à la ferme des Vieux-Chênes,au planétarium,aux archives du canal,à l'atelier de la Verrerie")),
		"{etab}", m.academie.Schools[school].Name)
}

// signature is what a mail program puts below.
func (m *mailroom) signature(agent int) string {
	a := m.academie.Agents[agent]
	return fmt.Sprintf("\n\n-- \n%s\n%s\n%s\n", a.Person.DisplayName(), a.Functions[0].Corps, m.academie.Schools[a.School].Name)
}

// quote repeats the message that is answered, as a mail program does.
func quote(l letter, text string) string {
	quoted := "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
	return fmt.Sprintf("\nLe %s %d à %02d:%02d, %s a écrit :\n%s\n", french(l.date), l.date.Year(), l.date.Hour(), l.date.Minute(), l.from.name, strings.ReplaceAll(quoted, "> \n", ">\n"))
}

func paragraphs(text string) []string { return strings.Split(text, "\n") }

func fileName(title, extension string) string {
	return strings.ReplaceAll(title, " ", "_") + "." + extension
}
