package demo

import (
	"fmt"

	"navette/internal/directory"
)

// rectorat is the place of the rectorat among the establishments; schools follow.
const rectorat = 0

// schoolKind is one kind of establishment: what it is called and who works there.
type schoolKind struct {
	nature string
	title  string // before its name
	staff  []staffing
}

// staffing is how many hold a post in each school of a kind.
type staffing struct {
	count int
	job   job
}

// job is what somebody is appointed to.
type job struct {
	category string
	corps    []string // one of them
	fonction string
	role     Role
	contract bool // fixed term: the function has an end
}

// The jobs of a school. Counts below follow the proportions of the statistics: about 27 % teachers
// of the first degree, 33 % of the second, 10 % private, 15 % AESH, 5 % AED, 7 % ATSS, 4 % DIEO.
var (
	teacher1D = job{category: "ENS1D", corps: []string{"Professeur des écoles"}, fonction: "ENS"}
	head1D    = job{category: "ENS1D", corps: []string{"Professeur des écoles"}, fonction: directory.FonctionHead, role: RoleHead}
	private1D = job{category: "ENS1DPR", corps: []string{"Professeur des écoles"}, fonction: "ENS"}
	head1DPR  = job{category: "ENS1DPR", corps: []string{"Professeur des écoles"}, fonction: directory.FonctionHead, role: RoleHead}
	teacher2D = job{category: "ENS2D", fonction: "ENS", corps: []string{"Professeur certifié", "Professeur certifié", "Professeur certifié", "Professeur agrégé", "Professeur d'EPS"}}
	teacherLP = job{category: "ENS2D", fonction: "ENS", corps: []string{"Professeur de lycée professionnel"}}
	substitut = job{category: "ENS2D", fonction: "ENS", corps: []string{"Professeur contractuel"}, contract: true}
	librarian = job{category: "ENS2D", fonction: "DOC", corps: []string{"Professeur certifié"}}
	private2D = job{category: "ENS2DPR", fonction: "ENS", corps: []string{"Professeur certifié", "Professeur contractuel"}}
	head2DPR  = job{category: "ENS2DPR", fonction: directory.FonctionHead, corps: []string{"Professeur certifié"}, role: RoleHead}
	head2D    = job{category: "DIEO", corps: []string{"Personnel de direction"}, fonction: directory.FonctionHead, role: RoleHead}
	deputy    = job{category: "DIEO", corps: []string{"Personnel de direction"}, fonction: "ADJ"}
	cpe       = job{category: "DIEO", corps: []string{"Conseiller principal d'éducation"}, fonction: "EDU"}
	psyEN     = job{category: "DIEO", corps: []string{"Psychologue de l'Éducation nationale"}, fonction: "ORI"}
	aed       = job{category: "AED", corps: []string{"Assistant d'éducation"}, fonction: "AED", contract: true}
	aesh      = job{category: "AESH", corps: []string{"AESH"}, fonction: "AES", contract: true}
	secretary = job{category: "ATSS", corps: []string{"SAENES", "ADJAENES"}, fonction: "ADF", role: RoleSecretary}
	bursar    = job{category: "ATSS", corps: []string{"Attaché d'administration"}, fonction: "GES"}
	nurse     = job{category: "ATSS", corps: []string{"Infirmier"}, fonction: "MDS"}
	social    = job{category: "ATSS", corps: []string{"Assistant de service social"}, fonction: "ASS"}
	lab       = job{category: "ATSS", corps: []string{"Technicien de recherche et de formation", "Adjoint technique"}, fonction: "LAB"}

	officer   = job{category: "ATSS", corps: []string{"Attaché d'administration", "SAENES", "ADJAENES"}, fonction: "ADF"}
	writer    = job{category: "ATSS", corps: []string{"Attaché d'administration"}, fonction: "COM", role: RoleLetters}
	helper    = job{category: "ATSS", corps: []string{"Technicien de recherche et de formation"}, fonction: "INF", role: RoleHelpdesk}
	engineer  = job{category: "ATSS", corps: []string{"Ingénieur d'études"}, fonction: "INF", role: RoleAdmin}
	inspector = job{category: "DIEO", corps: []string{"Inspecteur de l'Éducation nationale", "IA-IPR"}, fonction: "INS"}
)

func college() schoolKind {
	return schoolKind{directory.NatureCollege, "Collège", []staffing{
		{1, head2D}, {1, deputy}, {2, secretary}, {1, bursar}, {1, cpe}, {22, teacher2D}, {2, substitut}, {1, librarian}, {1, nurse}, {6, aed}, {6, aesh}}}
}

func lycee() schoolKind {
	return schoolKind{directory.NatureLyceeGT, "Lycée", []staffing{
		{1, head2D}, {2, deputy}, {3, secretary}, {2, bursar}, {2, cpe}, {1, psyEN}, {62, teacher2D}, {5, substitut}, {2, librarian}, {1, nurse}, {1, social}, {3, lab}, {7, aed}, {3, aesh}}}
}

func lyceePro() schoolKind {
	return schoolKind{directory.NatureLyceePro, "Lycée professionnel", []staffing{
		{1, head2D}, {1, deputy}, {2, secretary}, {1, bursar}, {2, cpe}, {38, teacherLP}, {1, librarian}, {1, nurse}, {1, social}, {4, aed}, {2, aesh}}}
}

func elementaire() schoolKind {
	return schoolKind{directory.NatureEcoleElementaire, "École élémentaire", []staffing{{1, head1D}, {11, teacher1D}, {5, aesh}}}
}

func maternelle() schoolKind {
	return schoolKind{directory.NatureEcoleMaternelle, "École maternelle", []staffing{{1, head1D}, {7, teacher1D}, {3, aesh}}}
}

func ecolePrivee() schoolKind {
	return schoolKind{directory.NatureEcoleElementaire, "École privée", []staffing{{1, head1DPR}, {17, private1D}}}
}

func collegePrive() schoolKind {
	return schoolKind{directory.NatureCollege, "Collège privé", []staffing{{1, head2DPR}, {39, private2D}}}
}

// block is the group of schools that an académie of any size repeats: 21 schools, about 570 people.
func block() []schoolKind {
	return []schoolKind{
		college(), elementaire(), elementaire(), maternelle(), lycee(), elementaire(), elementaire(), maternelle(), college(), elementaire(), ecolePrivee(),
		elementaire(), maternelle(), elementaire(), lyceePro(), elementaire(), collegePrive(), elementaire(), maternelle(), college(), elementaire(),
	}
}

// services are who joins the rectorat with each block.
func services() []staffing {
	return []staffing{{1, writer}, {2, helper}, {1, engineer}, {7, officer}, {1, inspector}}
}

// schoolUAI numbers the establishments: 0759000 is the rectorat, schools go up from 0759001 through
// blocks that no real school of the department uses, then through a department that does not exist.
func schoolUAI(i int) string {
	switch block := i / 1000; {
	case block < 4:
		return directory.MakeUAI((759-block)*1000 + i%1000)
	default:
		return directory.MakeUAI(960_000 + i - 4000)
	}
}

// schoolName invents a name. Patrons are made of a forename and a surname that nobody bore together.
func (g *generator) schoolName(i int, title string) string {
	r := g.streams.at("school name", i)
	if chance(r, 40) {
		return fmt.Sprintf("%s %s", title, pick(r, schoolPlaces()))
	}
	return fmt.Sprintf("%s %s %s", title, pick(r, list("Mathilde,Octave,Hortense,Anselme,Philippine,Aristide,Célestine,Barnabé,Zélie,Théodule,Joséphine,Honoré,Augustine,Firmin,Léopoldine,Casimir,Séraphine,Gustave,Apolline,Ferdinand")),
		pick(r, list("Vauquelin,Montjoly,Chantereine,Aubrive,Castelnef,Belleserre,Grandpré,Hautecour,Lamarelle,Montsoreau,Verdelet,Puymorin,Rochebelle,Sainterre,Tournemine,Valfleury,Brévannes,Clairambault,Dormoy,Fierville")))
}

func schoolPlaces() []string {
	return list("des Marronniers,des Trois-Fontaines,du Canal,de la Verrerie,des Glycines,du Vieux-Moulin,des Acacias,de la Tuilerie,du Petit-Pont-Neuf,des Horloges," +
		"de la Butte-aux-Lilas,des Lavandières,du Pré-Fleuri,des Cèdres,de la Passerelle,des Quatre-Vents,de l'Observatoire-Vieux,du Clos-Gentil,des Tilleuls,de la Halle-aux-Grains")
}
