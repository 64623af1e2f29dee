package directory

// The values that HR files are expected to hold. The columns are open text: an
// unknown value is reported and kept, so that a new corps never stops a feed.

// Nature codes of establishments (nomenclature of the UAI register).
const (
	NatureEcoleMaternelle  = "101"
	NatureEcoleElementaire = "151"
	NatureLyceeGT          = "300" // lycée général et technologique
	NatureLyceeT           = "301"
	NatureLyceeG           = "302"
	NatureLyceePolyvalent  = "306"
	NatureLyceeAgricole    = "307"
	NatureLyceePro         = "320"
	NatureCollege          = "340"
	NatureEREA             = "352"
	NatureSEGPA            = "390"
	NatureRectorat         = "802"
	NatureDSDEN            = "806"
	NatureInspection       = "809"
)

// Natures lists the natures of establishments, code then label.
func Natures() [][2]string {
	return [][2]string{
		{NatureEcoleMaternelle, "École maternelle"},
		{NatureEcoleElementaire, "École élémentaire"},
		{NatureLyceeGT, "Lycée général et technologique"},
		{NatureLyceeT, "Lycée technologique"},
		{NatureLyceeG, "Lycée général"},
		{NatureLyceePolyvalent, "Lycée polyvalent"},
		{NatureLyceeAgricole, "Lycée agricole"},
		{NatureLyceePro, "Lycée professionnel"},
		{NatureCollege, "Collège"},
		{NatureEREA, "Établissement régional d'enseignement adapté"},
		{NatureSEGPA, "Section d'enseignement général et professionnel adapté"},
		{NatureRectorat, "Rectorat"},
		{NatureDSDEN, "Direction des services départementaux"},
		{NatureInspection, "Inspection"},
	}
}

// NatureLabel gives the label of a nature code; "" for one that the list does not have.
func NatureLabel(code string) string {
	for _, n := range Natures() {
		if n[0] == code {
			return n[1]
		}
	}
	return ""
}

// FonctionHead is the function whose holder answers for an establishment and
// owns its ce.<UAI> box.
const FonctionHead = "DIR"

// HeadFonctions lists the codes under which feeds name whoever answers for an
// establishment: the function, the post of a head in a collège or lycée, and
// the heads of primary schools, of CIO and of circonscriptions.
func HeadFonctions() []string { return []string{FonctionHead, "D0010", "DEC", "DIO", "IEN1D"} }

// DeputyFonctions lists the codes of those who second a head.
func DeputyFonctions() []string { return []string{"ADJ", "D0011"} }

// Categories lists the categories of the académie's statistics, code then label.
func Categories() [][2]string {
	return [][2]string{
		{"ENS1D", "Enseignants du premier degré public"},
		{"ENS1DPR", "Enseignants du premier degré privé"},
		{"ENS2D", "Enseignants du second degré public"},
		{"ENS2DPR", "Enseignants du second degré privé"},
		{"DIEO", "Direction, inspection, éducation, orientation"},
		{"AED", "Assistants d'éducation"},
		{"AESH", "Accompagnants d'élèves en situation de handicap"},
		{"ATSS", "Administratifs, techniques, sociaux et de santé"},
		{"COLL", "Agents de collectivité"},
		{"EXT", "Extérieurs et prestataires"},
		{"OS", "Organisations syndicales"},
	}
}

// Fonctions lists the codes of functions, code then label.
func Fonctions() [][2]string {
	return [][2]string{
		{"ENS", "Enseignement"},
		{"DOC", "Documentation"},
		{FonctionHead, "Direction"},
		{"ADJ", "Direction adjointe"},
		{"D0010", "Chef d'établissement"},
		{"D0011", "Chef d'établissement adjoint"},
		{"DEC", "Direction d'école"},
		{"DIO", "Direction de centre d'information et d'orientation"},
		{"IEN1D", "Inspection de circonscription"},
		{"EDU", "Éducation"},
		{"ORI", "Orientation"},
		{"AED", "Assistance éducative"},
		{"AES", "Accompagnement d'élèves en situation de handicap"},
		{"SUR", "Surveillance"},
		{"ADF", "Administration"},
		{"GES", "Gestion et intendance"},
		{"LAB", "Laboratoire"},
		{"MDS", "Santé"},
		{"ASS", "Service social"},
		{"TEC", "Technique"},
		{"INF", "Systèmes d'information"},
		{"COM", "Communication"},
		{"INS", "Inspection"},
		{"CTR", "Chef de travaux"},
		{"CFC", "Formation continue"},
	}
}

// Corps lists the corps and kinds of contract, in full.
func Corps() []string {
	return []string{
		"Professeur des écoles", "Instituteur",
		"Professeur certifié", "Professeur agrégé", "Professeur de lycée professionnel",
		"Professeur d'EPS", "Professeur contractuel", "Maître auxiliaire",
		"Conseiller principal d'éducation", "Psychologue de l'Éducation nationale",
		"Personnel de direction", "Inspecteur de l'Éducation nationale", "IA-IPR",
		"Assistant d'éducation", "AESH",
		"Attaché d'administration", "SAENES", "ADJAENES",
		"Ingénieur d'études", "Technicien de recherche et de formation", "Adjoint technique",
		"Infirmier", "Médecin", "Assistant de service social",
		"Administrateur de l'État", "Agent contractuel",
	}
}

// Disciplines lists the disciplines of recruitment that most teachers have, code of the post then label. Files write
// either, and others.
func Disciplines() [][2]string {
	return [][2]string{
		{"L0100", "Philosophie"},
		{"L0201", "Lettres classiques"},
		{"L0202", "Lettres modernes"},
		{"L0421", "Allemand"},
		{"L0422", "Anglais"},
		{"L0426", "Espagnol"},
		{"L0429", "Italien"},
		{"L1000", "Histoire-géographie"},
		{"L1100", "Sciences économiques et sociales"},
		{"L1300", "Mathématiques"},
		{"L1400", "Technologie"},
		{"L1500", "Physique-chimie"},
		{"L1600", "Sciences de la vie et de la Terre"},
		{"L1700", "Éducation musicale"},
		{"L1800", "Arts plastiques"},
		{"L1900", "Éducation physique et sportive"},
	}
}

// Nomenclature answers whether a value is a known one, whatever its case and
// accents. Build it once; it is then safe for use by several goroutines.
type Nomenclature struct {
	corps, categories, fonctions vocabulary
}

// NewNomenclature indexes the lists above.
func NewNomenclature() *Nomenclature {
	n := &Nomenclature{corps: vocabulary{}, categories: vocabulary{}, fonctions: vocabulary{}}
	for _, label := range Corps() {
		n.corps.add(label)
	}
	for _, pair := range Categories() {
		n.categories.add(pair[0], pair[1])
	}
	for _, pair := range Fonctions() {
		n.fonctions.add(pair[0], pair[1])
	}
	return n
}

// KnowsCorps reports a corps of the list.
func (n *Nomenclature) KnowsCorps(s string) bool { return n.corps.has(s) }

// KnowsCategory reports a category of the list, by code or by label.
func (n *Nomenclature) KnowsCategory(s string) bool { return n.categories.has(s) }

// KnowsFonction reports a function of the list, by code or by label.
func (n *Nomenclature) KnowsFonction(s string) bool { return n.fonctions.has(s) }

// vocabulary is a set of words, as written and as slugs.
type vocabulary map[string]bool

func (v vocabulary) add(words ...string) {
	for _, word := range words {
		v[word], v[Slug(word)] = true, true
	}
}

// has spares the slug of a word that is written as listed: nearly all are.
func (v vocabulary) has(word string) bool { return v[word] || v[Slug(word)] }
