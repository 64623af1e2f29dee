package aaf

// Record is one request of an export: what AAF says of one establishment, person, subject or kind of training.
type Record struct {
	Action   Action
	Category Category
	Key      string // the join key (ENTPersonJointure, ENTStructureJointure…), unique within a degree and a category

	// Set says which fields the request speaks of. Those of an Add are all of its category: what it does not name
	// is empty. Those of a Modify are to replace what is stored, an empty value included; the others stay as they
	// are. A Delete has none.
	Set Fields

	// One of them, by Category; none where the action is Delete.
	Structure *Structure
	Pupil     *Pupil
	Guardian  *Guardian
	Staff     *Staff
	Subject   *Subject
	Mef       *Mef

	// Doubts are what was left out of the record because it could not be understood: French, without any value.
	Doubts []string

	File string // name of the file it stands in, without folders
	Line int    // where the request begins, from 1
}

// Action is what a request asks for.
type Action uint8

// The actions. An AAF export repeats Adds for ever: it means « is », not « is new ».
const (
	Add    Action = iota + 1 // addRequest: the record is exactly this
	Modify                   // modifyRequest: the fields in Set are now this
	Delete                   // deleteRequest: to be held absent until the next complete export says so too
)

// String names the action as its element does.
func (a Action) String() string {
	switch a {
	case Add:
		return "addRequest"
	case Modify:
		return "modifyRequest"
	case Delete:
		return "deleteRequest"
	}
	return "?"
}

// Category is what a file holds, and the record of it. Their order is the one in which they are loaded.
type Category uint8

// The categories, as the names of files have them.
const (
	EtabEducNat    Category = iota + 1 // establishments
	MatiereEducNat                     // subjects
	MefEducNat                         // kinds of training (modules élémentaires de formation)
	Eleve                              // pupils
	PersRelEleve                       // people in charge of pupils
	PersEducNat                        // staff
)

// String names the category as file names do.
func (c Category) String() string {
	if c < EtabEducNat || c > PersEducNat {
		return "?"
	}
	return [...]string{"EtabEducNat", "MatiereEducNat", "MefEducNat", "Eleve", "PersRelEleve", "PersEducNat"}[c-1]
}

// Degree tells the two families of exports apart: their join keys are of different spaces.
type Degree uint8

// The degrees.
const (
	First  Degree = 1 // écoles: ENT1DVA
	Second Degree = 2 // collèges and lycées: ENT2DVA
)
