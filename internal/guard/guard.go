// Package guard decides who may see whose address: the one way into delivery.
//
// It is pure: doors and services tell it who writes, through which door, and who stands in which field; it answers
// for each recipient, and for the message. Delivery takes a Cleared, which only this package can make, so nothing is
// delivered that was not asked for here. The policy is GUARD.md's table, row by row in Reason.
//
// # Invariants
//
//  1. In a plain copy, no address of a protected person stands where somebody reads it to whom the table does not give it.
//  2. No text holds an address, nor says of anybody what this sender may not know (Decisions.Told).
//  3. To whoever is not entitled to a guardian or a pupil, they are what any address of the same domain is.
//  4. The order of the recipients decides nothing, and what is moved to Cci makes nothing worse.
//
// # Whom the sender may not know
//
// A colleague who works in the school and is not entitled to a guardian of it (a teacher of other classes) must not
// learn that the address is one, and must not expose it either. Its copy then goes apart and is taken out of the plain
// copies, and the sender is told what they would be told of any other address (Decision.Quiet).
package guard

// Door is where a message comes in.
type Door int

// The doors. Each has a policy, and a test lists them all.
const (
	Reception  Door = iota + 1 // SMTP from the Internet: its bytes are the sender's
	LMTP                       // injection by a local program
	Submission                 // SMTP with authentication
	Webmail                    // JMAP
	System                     // Navette's own messages: reports, notices
)

// Class says what a recipient is (GUARD.md, « Who is protected »).
type Class int

// The classes.
const (
	External   Class = iota // anything else
	Agent                   // person with an account
	Functional              // a box that is no person
	Group
	Protected
	Presumed
)

// Field is where the recipient stands for others to see.
type Field int

// The fields. Hidden is an envelope recipient that no header names: Cci. Who stands in several counts as where they are
// most visible.
const (
	Hidden Field = iota
	To
	Cc
	Other // another field for addresses: Resent-To, Reply-To
	Words // a field that is for none: Subject, one of the sender's own making. There, only the protected count
)

// Holds says whom a group holds.
type Holds int

// What groups hold.
const (
	Members   Holds = iota // a distribution list: who may write to it is its own rule's to say, at RCPT (delivery.MayPost)
	Staff                  // accounts: a computed group of colleagues
	Guardians              // protected people
	Pupils                 // protected people
)

// Standing is what the directory knows of an address for one sender (reach.Service.Standings): what one sender may
// know, another may not.
type Standing struct {
	Class    Class
	Own      bool     // the sender's own address, or that of a box that they write as
	Entitled bool     // of Protected and Group: the sender's functions let them write to it, and know the class
	Schools  []string // UAI, sorted: where an agent, a box, a staff group belongs, and the schools that a service supervises; whose pupils a protected person is or answers for
	Frames   []int64  // consent frames in force, in which somebody agreed to be seen by the others of it
	Holds    Holds    // of a Group
	Outside  bool     // of a Group that holds Members: some of them have no account
}

// Recipient is one envelope recipient.
type Recipient struct {
	Address string
	Field   Field
	Standing
}

// Answered is the message that a submission answers, as the sender's own copy of it shows.
type Answered struct {
	ByProtected bool            // a protected person wrote it, to whom the sender is entitled
	Visible     map[string]bool // directory.MatchKey of whom its From, To and Cc show
	Hidden      bool            // its fields name neither the sender nor a group or list: they had it by Cci
}

// Message is what a policy needs to know of a submission.
type Message struct {
	Door       Door
	Sender     int64    // account, 0 for nobody
	Schools    []string // UAI, sorted: where the sender works
	Recipients []Recipient
	Shown      []Recipient // whom a field shows and the envelope does not name: they get no copy, and are seen as the others
	Answered   *Answered   // nil: an answer to nothing that the sender has
	Apart      bool        // the sender asked for « Envoyer séparément »

	// Quoted are directory.MatchKey of the protected addresses, to whom the sender is entitled, that quoted headers in
	// the text of the message show; neither those in an attached message nor those in a signed part.
	Quoted []string

	Rules Rules
}

// Rules are what the configuration says. The zero value knows no personal provider, and refuses.
type Rules struct {
	Providers Providers // whose addresses are presumed to be those of families
	Separates bool      // Submission sends separately what the table has it refuse
}

// Providers are the domains of personal providers, normalised.
type Providers map[string]bool
