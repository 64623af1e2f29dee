package demo

import "time"

// speaker is who opens a thread, by function; where a school has none, its head or anybody does.
type speaker string

const (
	byHead      speaker = "DIR"
	byDeputy    speaker = "ADJ"
	bySecretary speaker = "ADF"
	byCPE       speaker = "EDU"
	byTeacher   speaker = "ENS"
	byBursar    speaker = "GES"
	byAnybody   speaker = ""
)

// audience is whom a thread is written to.
type audience int

const (
	toStaff audience = iota // everybody of the place, hidden behind the sender's own address
	toTeam                  // some colleagues, named
	toHead                  // the head, the secretary in copy
	toOne                   // one colleague
)

// place is where a story can happen.
type place int

const (
	inSchools place = iota
	inSecondary
	inOffices
	everywhere
)

// document is what may be attached.
type document int

const (
	nothing document = iota
	aPDF
	anODT
)

// story is a thread that a school year brings, in the words of those who write it. {jour} is a
// school day about two weeks on, {classe} a class, {lieu} an outing, {etab} the establishment.
type story struct {
	year     int
	month    time.Month
	day      int
	by       speaker
	to       audience
	where    place
	times    int // how often in a place, each with other people
	subject  string
	text     string
	replies  []string
	document document
	title    string // of the document
}

// stories is the school year of a place.
func stories() []story {
	return append(append(autumn(), winter()...), append(spring(), nextAutumn()...)...)
}

func autumn() []story {
	return []story{
		{2025, time.August, 28, byHead, toStaff, inSchools, 1, "Pré-rentrée : ordre du jour et emplois du temps",
			"Chères et chers collègues,\n\nLa réunion de pré-rentrée se tiendra vendredi à 9 h en salle polyvalente. Après l'accueil autour d'un café, nous évoquerons les effectifs, les priorités de l'année et l'organisation des premiers jours.\n\nVous trouverez l'ordre du jour en pièce jointe. Les emplois du temps provisoires seront remis à cette occasion ; merci de signaler toute anomalie avant lundi midi.\n\nBonne fin de congés à toutes et à tous.",
			[]string{"Bonjour,\n\nMerci pour ces informations. Je serai en stage le matin, j'arriverai vers 10 h 30.\n\nBien à vous,", "Bonjour,\n\nC'est noté. Peut-on prévoir un moment pour les collègues qui découvrent l'établissement ?\n\nCordialement,"}, aPDF, "Ordre du jour de la pré-rentrée"},
		{2025, time.September, 4, bySecretary, toStaff, everywhere, 1, "Procès-verbaux d'installation à signer",
			"Bonjour à toutes et à tous,\n\nMerci de passer au secrétariat avant la fin de la semaine pour signer votre procès-verbal d'installation. Sans ce document, la mise en paiement peut être retardée.\n\nLe bureau est ouvert de 8 h à 12 h 30 et de 13 h 30 à 17 h.",
			[]string{"Bonjour,\n\nJe passerai demain à la récréation de 10 h. Faut-il apporter l'arrêté d'affectation ?\n\nMerci d'avance,"}, nothing, ""},
		{2025, time.September, 9, byCPE, toTeam, inSecondary, 3, "Élèves de {classe} : premiers constats",
			"Bonjour,\n\nAprès une semaine, trois élèves de {classe} arrivent régulièrement en retard en première heure. J'ai pris contact avec les familles. Pouvez-vous me faire remonter les retards au fil de l'eau plutôt qu'en fin de journée ?\n\nMerci de votre vigilance.",
			[]string{"Bonjour,\n\nMême constat de mon côté, surtout le mardi. Je note les retards dès le début du cours.\n\nCordialement,", "Merci pour le suivi. L'une des élèves m'a parlé d'un changement de ligne de bus, cela devrait se régler.\n\nBonne journée,"}, nothing, ""},
		{2025, time.September, 16, byTeacher, toHead, inSchools, 2, "Demande d'autorisation : sortie {lieu}",
			"Madame, Monsieur,\n\nJe souhaite emmener la classe de {classe} {lieu} le {jour}. Le déplacement se fait en transports en commun, avec trois accompagnateurs. La visite guidée est gratuite, seul le transport est à prévoir.\n\nLe projet pédagogique est joint. Je reste à votre disposition pour toute précision.\n\nRespectueusement,",
			[]string{"Bonjour,\n\nAccord de principe. Merci de déposer la liste des accompagnateurs et le budget au secrétariat une semaine avant le départ.\n\nBien cordialement,", "Bonjour,\n\nLa liste est complète, je la dépose demain. Merci beaucoup !\n\nBien à vous,"}, anODT, "Projet pédagogique de sortie"},
		{2025, time.September, 23, byHead, toStaff, inSchools, 1, "Réunion parents-professeurs du {jour}",
			"Chères et chers collègues,\n\nLa réunion de rentrée avec les familles aura lieu le {jour} à partir de 18 h. Chaque équipe présentera le travail de l'année pendant une demi-heure.\n\nPour mémoire : les adresses des familles ne doivent pas apparaître en clair dans vos messages. Utilisez le champ Cci.",
			[]string{"Bonjour,\n\nPeut-on réserver le CDI pour les langues ? Nous sommes cinq.\n\nMerci,"}, nothing, ""},
		{2025, time.October, 2, byBursar, toStaff, inSecondary, 1, "Commandes pédagogiques : clôture le {jour}",
			"Bonjour,\n\nLes demandes d'achat sur les crédits pédagogiques sont à transmettre avant le {jour}. Passé cette date, elles seront reportées au prochain exercice.\n\nMerci de joindre un devis à chaque demande.",
			[]string{"Bonjour,\n\nJe vous envoie le devis pour les blouses et la verrerie dans la journée.\n\nCordialement,"}, anODT, "Formulaire de demande d'achat"},
		{2025, time.October, 7, byAnybody, toTeam, everywhere, 2, "Covoiturage pour la formation du {jour}",
			"Bonjour,\n\nQui se rend à la formation du {jour} ? J'ai trois places au départ de la station, retour vers 17 h.",
			[]string{"Je prends une place, merci !", "Moi aussi si c'est encore possible. Je peux apporter les viennoiseries.\n\nÀ bientôt,"}, nothing, ""},
		{2025, time.October, 14, byHead, toStaff, inSchools, 1, "Exercice PPMS du {jour}",
			"Bonjour,\n\nUn exercice de mise à l'abri est prévu le {jour} dans la matinée. Les consignes sont affichées dans chaque salle ; merci de les relire avec vos classes.\n\nUn point sera fait à l'issue de l'exercice.", nil, aPDF, "Consignes de mise à l'abri"},
		{2025, time.November, 4, byTeacher, toOne, inSchools, 3, "Échange de créneau vendredi",
			"Bonjour,\n\nSerait-il possible d'échanger notre créneau de vendredi ? J'ai un rendez-vous de suivi avec une famille à 14 h et je ne peux pas le déplacer.\n\nMerci d'avance,",
			[]string{"Bonjour,\n\nPas de souci, je prends la {classe} à 14 h et tu me rends l'heure lundi.\n\nBonne journée,", "Super, merci beaucoup. Je préviens la vie scolaire.\n"}, nothing, ""},
		{2025, time.November, 18, byDeputy, toStaff, inSecondary, 1, "Calendrier des conseils de classe du 1er trimestre",
			"Chères et chers collègues,\n\nVous trouverez ci-joint le calendrier des conseils de classe du premier trimestre. Les moyennes doivent être arrêtées trois jours avant chaque conseil.\n\nMerci aux professeurs principaux de préparer la synthèse de la classe.",
			[]string{"Bonjour,\n\nLe conseil des 4e 3 tombe le même soir que celui des 3e 1, où j'enseigne aussi. Est-il possible d'en décaler un ?\n\nMerci,", "Bonjour,\n\nLe conseil des 4e 3 est avancé à 16 h 45. Une version corrigée suivra.\n\nCordialement,"}, aPDF, "Calendrier des conseils de classe"},
	}
}

func winter() []story {
	return []story{
		{2025, time.December, 2, byTeacher, toTeam, inSecondary, 3, "Conseil de classe de {classe} : synthèse",
			"Bonjour à toute l'équipe,\n\nVoici une première synthèse pour le conseil de {classe} : un groupe vivant, des écarts qui se creusent en mathématiques, quatre élèves à encourager nommément. Merci de compléter le document joint avant jeudi.\n\nJe propose d'évoquer aussi le travail personnel à la maison.",
			[]string{"Bonjour,\n\nD'accord avec la synthèse. J'ajoute que l'ambiance s'est nettement apaisée depuis les vacances.\n\nBien à toi,", "Bonjour,\n\nJe complète pour les sciences : deux élèves n'ont rendu aucun compte rendu. Je les reçois lundi.\n\nCordialement,"}, anODT, "Synthèse du conseil de classe"},
		{2025, time.December, 11, byAnybody, toStaff, everywhere, 1, "Repas de fin d'année",
			"Bonjour à toutes et à tous,\n\nComme chaque année, nous vous proposons un repas partagé le dernier jeudi avant les vacances, à partir de 12 h 15. Chacun apporte un plat, salé ou sucré. Un tableau d'inscription est affiché en salle des personnels.\n\nAu plaisir de vous y retrouver !",
			[]string{"J'apporte une tarte aux poireaux et du jus de pomme !", "Une bûche pour ma part. Merci pour l'organisation.\n\nBonne fin de semaine,"}, nothing, ""},
		{2026, time.January, 6, byHead, toStaff, everywhere, 1, "Vœux et projets du second semestre",
			"Chères et chers collègues,\n\nJe vous adresse mes meilleurs vœux pour cette nouvelle année : santé, sérénité, et de belles réussites collectives.\n\nLes prochaines semaines seront consacrées à la préparation de la rentrée et à l'orientation. Un temps d'échange est prévu le {jour} à 17 h.",
			[]string{"Bonne année à toute l'équipe !\n\nBien à vous,", "Merci, meilleurs vœux également. Je serai présente le {jour}.\n\nCordialement,"}, nothing, ""},
		{2026, time.January, 13, byDeputy, toStaff, inSecondary, 1, "Dotation horaire : première répartition",
			"Bonjour,\n\nLa dotation horaire globale nous a été notifiée. Vous trouverez en pièce jointe une première répartition par discipline, à discuter en conseil d'enseignement avant le {jour}.\n\nMerci de me faire parvenir vos propositions par l'intermédiaire des coordonnateurs.",
			[]string{"Bonjour,\n\nNous demandons une réunion de l'équipe de lettres avant de nous prononcer : deux groupes perdraient une heure.\n\nCordialement,"}, aPDF, "Répartition de la dotation horaire"},
		{2026, time.January, 27, byTeacher, toTeam, inSecondary, 2, "Épreuves blanches : surveillance et barème",
			"Bonjour,\n\nLes épreuves blanches auront lieu le {jour}. Le tableau de surveillance est joint. Nous harmonisons les barèmes mardi à 13 h en salle 204.\n\nPensez aux aménagements pour les élèves qui en bénéficient.",
			[]string{"Bonjour,\n\nJe peux prendre la salle du tiers-temps si cela arrange.\n\nBonne journée,"}, aPDF, "Tableau de surveillance"},
		{2026, time.February, 3, byCPE, toTeam, inSecondary, 2, "Équipe éducative du {jour}",
			"Bonjour,\n\nUne équipe éducative se réunira le {jour} à 16 h 30 au sujet d'un élève de {classe}. Merci de préparer quelques lignes sur les points d'appui et les difficultés ; ces éléments restent confidentiels.\n\nLa famille et la psychologue seront présentes.",
			[]string{"Bonjour,\n\nJe serai là. L'élève a beaucoup progressé à l'oral, je l'indiquerai.\n\nCordialement,"}, nothing, ""},
		{2026, time.February, 10, bySecretary, toStaff, everywhere, 1, "Campagne d'entretiens et fiches de vœux",
			"Bonjour,\n\nLes fiches de vœux sont à remettre au secrétariat avant le {jour}. Elles permettent de préparer les services ; elles ne remplacent pas la saisie dans l'application du mouvement.\n\nMerci de votre ponctualité.", nil, anODT, "Fiche de vœux"},
		{2026, time.March, 3, byTeacher, toHead, inSchools, 2, "Projet {lieu} : budget prévisionnel",
			"Madame, Monsieur,\n\nVoici le budget prévisionnel de la sortie {lieu} avec les {classe}. La participation demandée aux familles reste inférieure à 10 euros, et le foyer prend en charge les situations difficiles.\n\nPourriez-vous l'inscrire à l'ordre du jour du prochain conseil ?\n\nRespectueusement,",
			[]string{"Bonjour,\n\nC'est inscrit. Merci de préciser le coût du transport avec deux devis.\n\nBien cordialement,"}, anODT, "Budget prévisionnel"},
	}
}

func spring() []story {
	return []story{
		{2026, time.March, 17, byDeputy, toStaff, inSecondary, 1, "Conseils de classe du 2e trimestre",
			"Chères et chers collègues,\n\nLe calendrier du deuxième trimestre est joint. Les vœux provisoires d'orientation seront examinés en même temps que les résultats pour les classes concernées.",
			[]string{"Bonjour,\n\nMerci. Les délégués de {classe} demandent si le conseil peut commencer par leurs questions.\n\nCordialement,"}, aPDF, "Calendrier du 2e trimestre"},
		{2026, time.March, 31, byTeacher, toTeam, inSchools, 3, "Semaine de la presse : qui participe ?",
			"Bonjour,\n\nLa semaine de la presse approche. Je propose un numéro commun du journal de l'établissement, avec une page par classe. Qui souhaite participer ?\n\nUne réunion courte est prévue le {jour} à la pause de midi.",
			[]string{"Avec plaisir, les {classe} ont déjà deux articles.\n\nÀ bientôt,", "Je peux m'occuper de la relecture.\n\nBonne journée,"}, nothing, ""},
		{2026, time.April, 8, byHead, toStaff, inSchools, 1, "Organisation des journées banalisées",
			"Bonjour,\n\nLes cours seront banalisés le {jour} pour le travail sur le projet d'établissement. Trois ateliers sont proposés : climat scolaire, oral, liaison avec le cycle suivant.\n\nMerci de vous inscrire auprès du secrétariat.",
			[]string{"Bonjour,\n\nJe m'inscris à l'atelier « oral ».\n\nCordialement,"}, nothing, ""},
		{2026, time.May, 5, byTeacher, toOne, inSchools, 3, "Compte rendu de la réunion de liaison",
			"Bonjour,\n\nVoici mes notes de la réunion de liaison. Peux-tu vérifier le passage sur les attendus en lecture avant que je l'envoie à tout le monde ?\n\nMerci !",
			[]string{"Bonjour,\n\nC'est très clair. J'ai corrigé deux dates dans le document.\n\nBonne soirée,"}, anODT, "Compte rendu de la réunion de liaison"},
		{2026, time.May, 19, byCPE, toStaff, inSecondary, 1, "Fin d'année : manuels et casiers",
			"Bonjour,\n\nLe retour des manuels se fera par classe à partir du {jour}. Merci de rappeler aux élèves de vider leur casier. Les livres perdus seront facturés selon le tarif voté en conseil d'administration.", nil, nothing, ""},
		{2026, time.June, 2, byDeputy, toStaff, inSecondary, 1, "Examens : convocations et remplacements",
			"Chères et chers collègues,\n\nLes convocations aux jurys et aux surveillances sont arrivées. Merci de vérifier la vôtre et de me signaler tout double engagement avant demain soir.\n\nLes cours des niveaux non concernés sont maintenus.",
			[]string{"Bonjour,\n\nJe suis convoqué dans deux centres le même jour. Vers qui me tourner ?\n\nCordialement,", "Bonjour,\n\nJe transmets au service des examens et vous tiens informé.\n\nBien à vous,"}, aPDF, "Surveillances des examens"},
		{2026, time.June, 23, byHead, toStaff, everywhere, 1, "Départs et remerciements",
			"Chères et chers collègues,\n\nPlusieurs d'entre nous rejoignent une autre affectation ou prennent leur retraite. Un moment convivial est organisé le dernier jour à 12 h pour les remercier.\n\nJe vous souhaite à toutes et à tous un très bel été.",
			[]string{"Merci pour cette année, et bon été à toute l'équipe !", "Un grand merci de ma part. À la rentrée !\n"}, nothing, ""},
	}
}

func nextAutumn() []story {
	return []story{
		{2026, time.August, 27, byHead, toStaff, everywhere, 1, "Rentrée 2026 : informations pratiques",
			"Chères et chers collègues,\n\nJ'espère que vous avez passé un bel été. Nous nous retrouvons lundi à 9 h pour la pré-rentrée ; le programme est joint.\n\nBienvenue aux collègues nommés cet été : votre adresse académique est déjà active, et l'assistance répond à toutes les questions de première connexion.",
			[]string{"Bonjour,\n\nMerci pour l'accueil, au plaisir de vous rencontrer lundi.\n\nBien cordialement,"}, aPDF, "Programme de la pré-rentrée"},
		{2026, time.September, 10, bySecretary, toStaff, everywhere, 1, "Mise à jour des coordonnées",
			"Bonjour,\n\nMerci de vérifier vos coordonnées dans l'application de gestion et de signaler tout changement au secrétariat avec un justificatif.", nil, nothing, ""},
		{2026, time.September, 22, byTeacher, toHead, inSchools, 2, "Demande d'autorisation : sortie {lieu}",
			"Madame, Monsieur,\n\nJe souhaiterais organiser une sortie {lieu} avec les {classe} le {jour}. Les accompagnateurs sont trouvés et l'entrée est gratuite.\n\nRespectueusement,",
			[]string{"Bonjour,\n\nAccord. Bonne sortie aux élèves.\n\nBien cordialement,"}, anODT, "Fiche de sortie"},
		{2026, time.October, 6, byAnybody, toTeam, everywhere, 2, "Absence la semaine prochaine",
			"Bonjour,\n\nJe serai absent en début de semaine prochaine. Le travail à donner est prêt ; il est dans le casier commun.\n\nMerci de votre aide,",
			[]string{"Bon rétablissement, je m'en occupe.\n"}, nothing, ""},
		{2026, time.November, 12, byDeputy, toStaff, inSecondary, 1, "Conseils de classe du 1er trimestre",
			"Chères et chers collègues,\n\nLe calendrier des conseils de classe est joint. Les appréciations doivent être saisies pour le {jour}.", nil, aPDF, "Calendrier des conseils de classe"},
		{2026, time.November, 17, byHead, toStaff, everywhere, 1, "Élections professionnelles : bureau de vote électronique",
			"Bonjour,\n\nLe scrutin se déroule en ligne. Chaque agent reçoit sa notice à son adresse académique ou en main propre. Un poste en libre accès est disponible pendant les heures d'ouverture.", nil, aPDF, "Notice de vote"},
	}
}
