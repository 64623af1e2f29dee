package directory

// Person is a human being whom the HR services know. The identity is theirs:
// only the HR feed, or a correction on an official document, changes it.
type Person struct {
	ID        int64  // ours; never reused
	HRID      string // id_rh of the feed: stable for a whole career, opaque
	Civility  string // « M. », « Mme », or empty
	BirthName string // nom de naissance, as HR writes it
	UsageName string // nom d'usage; empty when it is the birth name
	Forenames string // all forenames, in the order of the civil status
	Birth     Date
}

// Surname is the name a person is called by: the usage name, or failing that
// the birth name.
func (p Person) Surname() string {
	if p.UsageName != "" {
		return p.UsageName
	}
	return p.BirthName
}

// DisplayName is the name shown to others and put in From: see DisplayName.
func (p Person) DisplayName() string { return DisplayName(p.Forenames, p.Surname()) }

// SameIdentity reports that two records describe the same civil identity. The
// ID is ours and is left out.
func (p Person) SameIdentity(other Person) bool {
	p.ID = other.ID
	return p == other
}

// Function is one function held by one person in one establishment for a time.
// Corps, Category and Fonction are open text as HR writes them (see the
// nomenclature in this package for the values that raise no warning).
type Function struct {
	ID       int64
	PersonID int64
	Corps    string // corps: « Professeur certifié », « AESH »…
	Category string // catégorie of the statistics: « ENS2D », « ATSS »…
	Fonction string // code of the function exercised: ENS, DIR, EDU…
	UAI      string // establishment, 7 digits and a key; may be unknown to us

	// Discipline is what is taught, open text like the corps: « Anglais »; "" where HR does not tell.
	Discipline string

	Start     Date   // first day, never zero
	End       Date   // last day included; zero while open
	Reference string // the HR document that says so (arrêté, contrat…)
}

// Post tells a function from the others of the same person. The corps, the
// category, the end and the reference of a post may change without it becoming
// another one (a promotion, a prolonged contract).
type Post struct {
	UAI      string
	Fonction string
	Start    Date
}

// Post gives what identifies the function among those of its person.
func (f Function) Post() Post {
	return Post{UAI: f.UAI, Fonction: f.Fonction, Start: f.Start}
}

// ActiveOn reports that the function is exercised on that day.
func (f Function) ActiveOn(day Date) bool {
	return f.Start.Compare(day) <= 0 && (f.End.IsZero() || f.End.Compare(day) >= 0)
}

// Establishment is a school or a service, known by its UAI.
type Establishment struct {
	UAI        string
	Name       string // « Collège Mathilde-Vauquelin »
	Nature     string // nature code: see the Nature constants; empty when unknown
	Department string // « 075 »: the first three digits of the UAI
	City       string
}
