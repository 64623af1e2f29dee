package aaf

import "navette/internal/directory"

// Identity is what the three categories of people have in common.
type Identity struct {
	Civility  string // « M. » or « Mme », or ""; Mlle is written Mme
	BirthName string // ENTPersonNomPatro
	UsageName string // sn, ENTPersonNom in 1D; the birth name where AAF gives no other
	Forename  string
	Forenames []string // ENTPersonAutresPrenoms: all of them, in their order
	Birth     directory.Date
	Mail      string // as AAF writes it, an address at least by its form; or ""
}

// Pupil is an élève.
type Pupil struct {
	Identity
	INE        string
	Structures []string // join keys: ENTPersonStructRattach
	Links      []Link   // who is in charge
	Classes    []Division
	Groups     []Division
	MEFs       []string
	Level      string // ENTEleveNivFormation, ENTEleveNiveau in 1D
	Stream     string // ENTEleveFiliere, ENTEleveCycle in 1D
	Subjects   []string
	Status     string    // « SCOLAIRE », « APPRENTI »
	Entries    []Passage // into classes
	Exits      []Passage
	Entered    directory.Date // into the establishment
	Left       directory.Date
}

// Passage is the day on which a pupil came into a class, or left it.
type Passage struct {
	Division
	Day directory.Date
}

// Link is one person in charge of a pupil, and as what: ENTElevePersRelEleve, ENTEleveAutoriteParentale in 1D.
type Link struct {
	Guardian  string // join key of the PersRelEleve
	Code      int    // 1..7 in the old nomenclature, 10..90 in the new; 0: not given
	Rank      int    // légal: 1 or 2; 0: none. Everybody whom 1D lists has 1
	Financial bool
	Contact   bool
	Payment   bool
}

// yes and no are what AAF writes for true and false.
const (
	yes = "O"
	no  = "N"
)

// lastOldCode is the highest code of the old nomenclature of links, N_LIEN_ELEVE_RESPONSABLE.
const lastOldCode = 7

// Legal reports a responsable légal (DOMAIN §1.5): légal 1, or légal 2 under the old codes, where it meant the second of
// two. Under the new ones 2 is somebody who has the pupil in charge without that authority.
func (l Link) Legal() bool {
	return l.Rank == 1 || l.Rank == 2 && l.Code >= 1 && l.Code <= lastOldCode
}

// Guardian is somebody in charge of pupils: PersRelEleve. Whether in law is said by each pupil's Link.
type Guardian struct {
	Identity
	Pupils []string // join keys, where the export gives them: ENTAuxPersRelEleveEleve

	// PassedOn says that the address may be given to associations of parents (ENTPersonAdresseDiffusion).
	PassedOn bool
}

// Staff is somebody who works in an establishment: PersEducNat.
type Staff struct {
	Identity // Mail is the academic address
	// Structure is the join key of the establishment that they belong to (ENTPersonStructRattach).
	Structure  string
	Posts      []Post
	Directs    []string   // join keys of structures: ENTEnsFonctionDir
	Classes    []Teaching // ENTAuxEnsClassesMatieres, and ENTAuxEnsClasses where the former does not name the class
	Groups     []Teaching // ENTAuxEnsGroupesMatieres, and ENTAuxEnsGroupes likewise
	Principal  []Division // classes of which they are professeur principal
	Discipline Labelled   // ENTAuxEnsCategoDiscipline
	Taught     []Taught   // ENTAuxEnsMatiereEnseignEtab
	// Category is ENTPersonCategorieEnseignant: « O », « N », or "" where the export does not give it.
	Category string
	// BeforePupils is PersEducNatPresenceDevantEleves: « O », « N », or "".
	BeforePupils string
	STSID        string
}

// Post is a function held in a structure: ENTPersonFonctions.
type Post struct {
	Structure string // join key
	Function  string // code: ENS, DIR, EDU…; never « - », sans objet
	Label     string
	Code      string // of the post or discipline: « D0010 », « L1600 »; or ""
	CodeLabel string
}

// Teaching is a class or group that somebody teaches.
type Teaching struct {
	Division
	Subject string // join key of the subject, or ""
}

// Labelled is a code with its label.
type Labelled struct{ Code, Label string }

// Taught is a subject that somebody teaches in a structure, by its label.
type Taught struct{ Structure, Label string }

// The functions that make somebody a teacher.
const (
	functionTeaching      = "ENS"
	functionDocumentation = "DOC"
)

// Teaches reports a teacher: by the category where AAF gives one, else by who stands before pupils, else by function.
func (s *Staff) Teaches() bool {
	switch {
	case s.Category != "":
		return s.Category == yes
	case s.BeforePupils == yes:
		return true
	}
	for _, p := range s.Posts {
		if p.Function == functionTeaching || p.Function == functionDocumentation {
			return true
		}
	}
	return false
}
