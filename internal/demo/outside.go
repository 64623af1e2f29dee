package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"navette/internal/directory"
)

// outside writes what one agent gets from beyond the académie, what is not finished, and what is junk.
func (m *mailroom) outside(agent int) {
	r := m.academie.streams.at("outside mail", agent)
	a := m.academie.Agents[agent]
	switch {
	case a.School == rectorat:
		for i := range 14 {
			m.ticket(agent, i, r)
		}
	default:
		for i := range 6 + r.IntN(5) {
			m.family(agent, i, r)
		}
	}
	m.partner(agent, r)
	for range 2 {
		m.junk(agent, r)
	}
	m.unfinished(agent, r)
}

// someday draws an instant of the school year.
func someday(r *rand.Rand) time.Time {
	return workday(at(2025, time.September, 8, 7+r.IntN(15), r.IntN(60)).AddDate(0, 0, r.IntN(430)))
}

// family is a message of a guardian and mostly its answer.
func (m *mailroom) family(agent, i int, r *rand.Rand) {
	o := m.names
	family, surname := o.surname(r)
	woman := chance(r, 65)
	name := directory.DisplayName(o.forename(r, family, woman), surname)
	local := directory.Slug(strings.ReplaceAll(name, " ", "."))
	parent := correspondent{name, local + "@" + pick(r, list("courriel.example,boite.example,foyer.example"))}
	child := directory.FirstForename(o.forename(r, family, chance(r, 50)))
	said := pick(r, [][2]string{
		{"Absence de " + child, "Bonjour,\n\n" + child + " ne pourra pas venir demain : nous avons un rendez-vous médical en matinée. Pouvez-vous m'indiquer le travail à rattraper ?\n\nMerci beaucoup,\n" + name + "\n"},
		{"Rendez-vous au sujet de " + child, "Bonjour,\n\nSerait-il possible de vous rencontrer la semaine prochaine ? Nous aimerions parler des derniers résultats de " + child + " et de la façon de l'aider à la maison.\n\nCordialement,\n" + name + "\n"},
		{"Sortie scolaire", "Bonjour,\n\nJe peux accompagner la classe pour la sortie. Faut-il remplir un document ?\n\nBonne journée,\n" + name + "\n"},
		{"Cahier oublié", "Bonjour,\n\n" + child + " a oublié son cahier dans la salle. Peut-on passer le prendre ce soir ?\n\nMerci,\n" + name + "\n"},
		{"Remerciements", "Bonjour,\n\nUn petit mot pour vous remercier : " + child + " a repris confiance depuis janvier et parle de votre cours à table.\n\nBien à vous,\n" + name + "\n"},
	})
	date := someday(r)
	domain := parent.address[strings.IndexByte(parent.address, '@')+1:]
	l := letter{id: m.id(domain), date: date, from: parent, to: []correspondent{m.who(agent)}, subject: said[0], text: said[1], spelling: spelling(r.IntN(4)),
		extra: []string{fmt.Sprintf("Received: from smtp.%s (smtp.%s [192.0.2.%d]) by mx.%s;\r\n %s", domain, domain, 10+i, Domain, date.Add(2*time.Second).Format("Mon, 02 Jan 2006 15:04:05 -0700"))}}
	in := m.received(r, agent, date)
	if chance(r, 60) {
		in.Seen, in.Answered = true, true
		text := pick(r, []string{"Bonjour,\n\nMerci pour votre message. C'est entendu ; je reste à votre disposition.\n\nBien cordialement,",
			"Bonjour,\n\nJe vous propose mardi à 17 h, ou par téléphone si vous préférez.\n\nBien cordialement,"})
		answer := letter{id: m.id(Domain), date: daytime(date.Add(time.Duration(2+r.IntN(30)) * time.Hour)), from: m.who(agent), to: []correspondent{parent}, subject: "Re: " + l.subject,
			inReplyTo: l.id, references: []string{l.id}, text: text + m.signature(agent) + quote(l, l.text)}
		m.add(answer, Copy{Agent: agent, Role: "sent", Seen: true})
	}
	m.add(l, in)
}

// ticket is a colleague's question to a service of the rectorat.
func (m *mailroom) ticket(agent, i int, r *rand.Rand) {
	other := r.IntN(len(m.academie.Agents))
	if other == agent {
		return
	}
	ask := pick(r, [][2]string{
		{"Première connexion impossible", "Bonjour,\n\nJe viens d'être nommé et la page d'activation ne reconnaît pas ma date de naissance. Pouvez-vous m'aider ?"},
		{"Message disparu", "Bonjour,\n\nUn message important a été effacé par erreur. Peut-on le récupérer ?"},
		{"Adresse après changement de nom", "Bonjour,\n\nMon changement de nom a été enregistré par les ressources humaines. Mon ancienne adresse restera-t-elle valable ?"},
		{"Téléphone perdu", "Bonjour,\n\nJ'ai perdu mon téléphone, qui recevait la messagerie. Que dois-je faire ?"},
		{"Parution dans inform@lire", "Bonjour,\n\nNotre école organise une exposition. Est-il possible d'en dire un mot dans le prochain numéro ?"},
		{"Boîte de l'établissement", "Bonjour,\n\nNotre nouvelle secrétaire n'a pas accès à la boîte de l'établissement. Qui peut l'ajouter ?"},
		{"Réunion de service", "Bonjour,\n\nPouvez-vous me confirmer l'horaire de la réunion de service ?"},
	})
	date := someday(r)
	l := letter{id: m.id(Domain), date: date, from: m.who(other), to: []correspondent{m.who(agent)}, subject: ask[0], text: ask[1] + m.signature(other), spelling: spelling(r.IntN(4))}
	in := m.received(r, agent, date)
	if i%2 == 0 {
		in.Seen, in.Answered = true, true
		answer := letter{id: m.id(Domain), date: daytime(date.Add(time.Duration(1+r.IntN(20)) * time.Hour)), from: m.who(agent), to: []correspondent{l.from}, subject: "Re: " + l.subject,
			inReplyTo: l.id, references: []string{l.id}, text: "Bonjour,\n\nC'est pris en charge, vous recevrez une réponse complète dans la journée.\n\nBien cordialement," + m.signature(agent) + quote(l, ask[1])}
		m.add(answer, Copy{Agent: agent, Role: "sent", Seen: true}, m.received(r, other, answer.date))
	}
	m.add(l, in, Copy{Agent: other, Role: "sent", Seen: true})
}

// partner is an association or a museum that proposes something.
func (m *mailroom) partner(agent int, r *rand.Rand) {
	who := pick(r, []correspondent{{"Musée des Horloges – service éducatif", "groupes@musee-horloges.example"}, {"Théâtre de la Passerelle", "scolaires@theatre-passerelle.example"},
		{"Autocars Vieux-Chênes", "devis@autocars-vieux-chenes.example"}, {"Association Lire Ensemble", "contact@lire-ensemble.example"}})
	domain := who.address[strings.IndexByte(who.address, '@')+1:]
	date := someday(r)
	m.add(letter{id: m.id(domain), date: date, from: who, to: []correspondent{m.who(agent)}, subject: "Notre programme pour les groupes scolaires",
		text:     "Bonjour,\n\nVous trouverez en pièce jointe notre programme de l'année et les conditions de réservation pour les classes. Les visites du mardi sont gratuites.\n\nAu plaisir de vous accueillir,\nLe service éducatif\n",
		attached: []attachment{pdf("Programme_été_"+fmt.Sprint(date.Year())+".pdf", "Programme des groupes scolaires", []string{"Visites guidées", "Ateliers", "Réservations : quinze jours à l'avance"})},
		spelling: spelling(r.IntN(4))}, m.received(r, agent, date))
}

// junk is what every mailbox gets.
func (m *mailroom) junk(agent int, r *rand.Rand) {
	bait := pick(r, [][2]string{
		{"Votre boîte est pleine : action requise", "Cher utilisateur,\n\nVotre quota est dépassé. Confirmez votre compte sous 24 heures sur la page ci-dessous, sinon vos messages seront perdus.\n\nhttp://verification.quota.example/\n"},
		{"Gagnez un séjour d'exception", "Félicitations !\n\nVous avez été choisi. Répondez à ce message avec vos coordonnées pour recevoir votre lot.\n"},
		{"Facture impayée n° 88213", "Bonjour,\n\nVeuillez régler la facture jointe sans délai.\n"},
	})
	date := someday(r)
	from := correspondent{"Service Client", fmt.Sprintf("contact%d@offres.example", r.IntN(90))}
	m.add(letter{id: m.id("offres.example"), date: date, from: from, to: []correspondent{m.who(agent)}, subject: bait[0], text: bait[1], spelling: spellUTF8Base64}, Copy{Agent: agent, Role: "junk", Seen: chance(r, 20)})
}

// unfinished is a draft.
func (m *mailroom) unfinished(agent int, r *rand.Rand) {
	date := now().Add(-time.Duration(1+r.IntN(200)) * time.Hour)
	text := pick(r, []string{"Bonjour,\n\nSuite à notre échange de ce matin, je voulais revenir sur", "Chères et chers collègues,\n\nVoici quelques pistes pour la réunion :\n\n- \n", "Bonjour,\n\nPourriez-vous me confirmer la date du"})
	m.add(letter{id: m.id(Domain), date: date, from: m.who(agent), to: []correspondent{m.who(agent)}, subject: pick(r, list("Réunion,Suite à notre échange,À relire avant envoi")), text: text}, Copy{Agent: agent, Role: "drafts", Seen: true})
}
