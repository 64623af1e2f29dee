package demo

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// circular is an issue of a letter of the académie, or a notification by one of its applications.
type circular struct {
	on      time.Time
	subject string
	items   [][2]string // headings and texts
}

// newsletters are the issues of inform@lire; the first and the last go to everybody.
func newsletters() []circular {
	issue := func(n, year int, month time.Month, day int, items ...[2]string) circular {
		return circular{at(year, month, day, 10, 30), fmt.Sprintf("inform@lire n° %d – %s", n, items[0][0]), items}
	}
	return []circular{
		issue(112, 2025, time.September, 2, [2]string{"Bonne rentrée à toutes et à tous", "L'académie accueille cette année plusieurs centaines de nouveaux collègues. Retrouvez les dates clés de l'année et les services à votre disposition."},
			[2]string{"Votre messagerie professionnelle", "Elle vous accompagne toute la carrière : une seule adresse, un seul mot de passe, et vos heures de repos respectées."}, [2]string{"Formation", "Le programme annuel est ouvert aux inscriptions jusqu'à la fin du mois."}),
		issue(113, 2025, time.September, 23, [2]string{"Le programme de formation est en ligne", "Plus de deux cents modules vous sont proposés, à distance ou en présence."}, [2]string{"Prix de l'engagement collectif", "Déposez votre candidature avant les vacances d'automne."}),
		issue(114, 2025, time.October, 14, [2]string{"Semaine du goût : les projets des écoles", "Jardins, ateliers et rencontres avec des producteurs : tour d'horizon en images."}, [2]string{"Santé", "La campagne de vaccination contre la grippe est ouverte aux personnels."}),
		issue(115, 2025, time.November, 18, [2]string{"Mouvement : ce qui change cette année", "Calendrier, barème, accompagnement : l'essentiel en cinq questions."}, [2]string{"Culture", "Des invitations pour le spectacle « Les Heures bleues » sont réservées aux personnels."}),
		issue(116, 2025, time.December, 9, [2]string{"Laïcité : une journée, mille initiatives", "Retour sur les actions menées dans les écoles, collèges et lycées."}, [2]string{"Fermeture des services", "Les services seront fermés entre les fêtes ; une permanence téléphonique est assurée."}),
		issue(117, 2026, time.January, 13, [2]string{"Vœux et chantiers de l'année", "L'accompagnement des personnels et l'école inclusive au cœur de l'année."}, [2]string{"Numérique", "Les comptes de service passent à la double authentification au printemps."}),
		issue(118, 2026, time.February, 3, [2]string{"Orientation : les rendez-vous de l'hiver", "Salons, portes ouvertes, immersions : les dates par district."}, [2]string{"Action sociale", "Les demandes d'aide aux vacances sont à déposer avant le 15 mars."}),
		issue(119, 2026, time.March, 10, [2]string{"Semaine des mathématiques", "Énigmes, rallyes et rencontres : participez avec vos classes."}, [2]string{"Égalité", "Le nouveau plan académique est publié."}),
		issue(120, 2026, time.April, 7, [2]string{"Recrutement : les métiers de l'académie", "Devenez ambassadrice ou ambassadeur de votre métier."}, [2]string{"Développement durable", "Quarante établissements labellisés cette année."}),
		issue(121, 2026, time.May, 19, [2]string{"Examens : le guide des personnels", "Convocations, indemnités, remplacements : toutes les réponses."}, [2]string{"Sport", "Les championnats scolaires se tiendront en juin."}),
		issue(122, 2026, time.June, 16, [2]string{"Une année en images", "Les moments forts de l'année, racontés par celles et ceux qui les ont vécus."}, [2]string{"Été", "L'assistance reste ouverte du lundi au vendredi."}),
		issue(123, 2026, time.September, 1, [2]string{"Bienvenue dans l'académie", "Nouvelle année, nouveaux visages : les premiers pas des collègues qui nous rejoignent."},
			[2]string{"Le droit à la déconnexion", "Réglez vos heures de travail dans la messagerie : en dehors, aucune notification."}, [2]string{"Copie cachée", "Pour écrire à plusieurs familles, utilisez Cci et placez votre adresse dans À."}),
		issue(124, 2026, time.October, 13, [2]string{"Élections professionnelles : mode d'emploi", "Listes, notices et calendrier du scrutin."}, [2]string{"Formation", "Les parcours à distance sont ouverts toute l'année."}),
		issue(125, 2026, time.November, 16, [2]string{"Persévérance scolaire", "Une semaine pour partager ce qui marche."}, [2]string{"Sécurité", "L'assistance ne demande jamais votre mot de passe, ni par message ni par téléphone."}),
	}
}

// text gives the plain form of a circular.
func (c circular) text() string {
	var b strings.Builder
	for _, item := range c.items {
		fmt.Fprintf(&b, "%s\n%s\n\n%s\n\n", item[0], strings.Repeat("-", len([]rune(item[0]))), item[1])
	}
	b.WriteString("Vous recevez cette lettre à votre adresse professionnelle.\n")
	return b.String()
}

// html gives the laid-out form: tables and inline styles, as mail programs understand them.
func (c circular) html() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>" + html.EscapeString(c.subject) + "</title></head>\n" +
		"<body style=\"margin:0;background:#f4f4f6;font-family:Arial,sans-serif;color:#222\">\n<table role=\"presentation\" width=\"100%\"><tr><td align=\"center\">\n" +
		"<table role=\"presentation\" width=\"600\" style=\"background:#ffffff\">\n<tr><td style=\"background:#234567;color:#ffffff;padding:20px;font-size:24px\">inform@lire</td></tr>\n")
	for _, item := range c.items {
		fmt.Fprintf(&b, "<tr><td style=\"padding:16px 20px\"><h2 style=\"font-size:18px;margin:0 0 8px\">%s</h2><p style=\"margin:0;line-height:1.5\">%s</p>"+
			"<p><a href=\"https://www.ac-paris.example/informalire\" style=\"color:#234567\">Lire la suite</a></p></td></tr>\n", html.EscapeString(item[0]), html.EscapeString(item[1]))
	}
	b.WriteString("<tr><td style=\"padding:16px 20px;font-size:12px;color:#555\">Vous recevez cette lettre à votre adresse professionnelle.</td></tr>\n</table>\n</td></tr></table>\n</body></html>\n")
	return b.String()
}

// notification is what an application tells one agent.
type notification struct {
	on      time.Time
	from    correspondent
	subject string
	text    string
}

// notifications of a year, in the manner of iProf and its sisters. They name no address and ask for no secret.
func notifications() []notification {
	iprof := correspondent{"iProf", "iprof@" + Domain}
	move := correspondent{"Mouvement", "mouvement@" + Domain}
	train := correspondent{"Formation continue", "formation@" + Domain}
	helpdesk := correspondent{"Assistance", "assistance@" + Domain}
	const end = "\n\nCe message est envoyé par une application : il n'est pas lu si vous y répondez.\n"
	return []notification{
		{at(2025, time.September, 15, 6, 15), iprof, "Votre dossier a été mis à jour", "Bonjour,\n\nVotre situation administrative a été mise à jour à la date du 1er septembre. Vous pouvez la consulter dans votre dossier, rubrique « Votre carrière »." + end},
		{at(2025, time.October, 20, 6, 15), iprof, "PPCR : rendez-vous de carrière", "Bonjour,\n\nVous êtes susceptible de bénéficier d'un rendez-vous de carrière au cours de l'année. La date vous sera communiquée au moins quinze jours à l'avance. La notice est disponible dans votre dossier." + end},
		{at(2025, time.November, 20, 6, 20), move, "Mouvement interacadémique : ouverture du service", "Bonjour,\n\nLe service de saisie des vœux est ouvert jusqu'au 11 décembre à 12 h. Une cellule d'information répond à vos questions." + end},
		{at(2026, time.January, 19, 6, 15), iprof, "Avancement d'échelon : résultat", "Bonjour,\n\nLe résultat de l'examen de votre avancement d'échelon est disponible dans votre dossier, rubrique « Votre carrière »." + end},
		{at(2026, time.March, 12, 6, 20), move, "Mouvement intra-académique : calendrier", "Bonjour,\n\nLe service sera ouvert du 18 mars au 2 avril. Vérifiez dès maintenant les éléments de votre barème." + end},
		{at(2026, time.April, 2, 7, 0), train, "Convocation à une formation", "Bonjour,\n\nVous êtes convoqué à la formation « Différencier sans s'épuiser ». Le lieu et les horaires figurent dans l'application. En cas d'empêchement, prévenez votre supérieur hiérarchique." + end},
		{at(2026, time.June, 11, 6, 15), iprof, "Tableau d'avancement : promouvables", "Bonjour,\n\nVous remplissez les conditions pour être proposé au tableau d'avancement. Aucune démarche n'est nécessaire ; vous pouvez compléter votre dossier." + end},
		{at(2026, time.September, 14, 6, 15), iprof, "Votre dossier a été mis à jour", "Bonjour,\n\nVotre situation administrative a été mise à jour à la date du 1er septembre." + end},
		{at(2026, time.October, 5, 8, 30), helpdesk, "Maintenance de la messagerie samedi", "Bonjour,\n\nUne maintenance aura lieu samedi de 6 h à 8 h. Les messages reçus pendant ce temps seront remis ensuite ; aucun n'est perdu.\n\nL'assistance ne vous demandera jamais votre mot de passe.\n"},
		{at(2026, time.November, 9, 6, 15), iprof, "Élections professionnelles : votre notice", "Bonjour,\n\nVotre notice de vote est disponible. Le scrutin se déroule en ligne jusqu'au 10 décembre à 17 h." + end},
	}
}
