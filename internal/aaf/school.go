package aaf

// Structure is an establishment with its classes and groups.
type Structure struct {
	UAI      string // as AAF writes it, in capitals; its key may be wrong (DOMAIN §1)
	Name     string // ENTStructureNomCourant without its separators and its « -ac-ACADEMIE »
	Type     string // « COLLEGE »
	Nature   string // code of the register of UAI: « 340 »
	Contract string // « PU »: public
	SIREN    string // often a SIRET, 14 digits
	City     string
	Mail     string   // ENTStructureMailSI, or ""
	Bassin   string   // code
	Academy  string   // code
	Attached []string // join keys: ENTEtablissementStructRattachFctl
	Classes  []Class
	Groups   []Group
}

// Class is a division of an establishment.
type Class struct {
	Name  string // what pupils and staff refer to: « T S1 », « 4E3 »
	Label string // « QUATRIEME 3 », or ""
	MEFs  []string
}

// Group is a teaching group of an establishment.
type Group struct {
	Name    string
	Label   string   // or ""
	Classes []string // names of the classes that its pupils come from
}

// Division refers to a class or a group of a structure.
type Division struct {
	Structure string // join key
	Name      string
	ID        string // 1D only: its own key, or ""
}

// Subject is a matière.
type Subject struct {
	Label  string
	Parent string // join key of the subject that it belongs to, or ""
}

// Mef is a kind of training: a level with its options.
type Mef struct {
	Label  string
	Parent string // ENTMEFRattach
	STAT11 string
	Level  string // ENTNivFormation
	Stream string // ENTFiliere
}
