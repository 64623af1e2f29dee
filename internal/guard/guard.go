// Package guard decides who may see whose address: the one way into delivery.
//
// It is pure: doors and services tell it who writes, through which door, and who stands in which field; it answers
// for each recipient. Delivery takes a Cleared, which only this package can make, so nothing is delivered that was
// not asked for here. The policy is GUARD.md's; this first one knows no protected people yet and separates nobody.
package guard

import "navette/internal/failure"

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
	Other // any other field of the header: Resent-To, Reply-To, one of the sender's own making
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

// Verdict is the answer for one recipient.
type Verdict int

// The verdicts.
const (
	Deliver  Verdict = iota + 1 // as written
	Separate                    // a copy of its own, that names nobody else
	Confirm                     // only after the sender has confirmed; doors without a dialogue deliver and tell afterwards
	Refuse
)

// Decision is the verdict for one recipient; Text says why in French and then in English, naming fields and counts,
// never an address.
type Decision struct {
	Recipient Recipient
	Verdict   Verdict
	Text      string
}

// Decisions answer for a whole message, in the order of its recipients.
type Decisions struct {
	door   Door
	sender int64
	list   []Decision
}

// Decide applies the policy of a door.
func Decide(m Message) Decisions {
	d := Decisions{door: m.Door, sender: m.Sender, list: make([]Decision, 0, len(m.Recipients))}
	for _, r := range m.Recipients {
		d.list = append(d.list, Decision{Recipient: r, Verdict: Deliver})
	}
	return d
}

// List returns the decisions.
func (d Decisions) List() []Decision { return d.list }

// Cleared is a message's recipients that may be delivered to. Its zero value clears nobody.
type Cleared struct {
	door   Door
	sender int64
	list   []Decision
}

// Clear accepts the decisions; failure.Policy, with the first refusal's text, where one is refused: a message is
// delivered to all that its sender named, or to none. confirmed tells that the sender has confirmed what needs it.
func (d Decisions) Clear(confirmed bool) (Cleared, error) {
	for _, one := range d.list {
		if one.Verdict == Refuse || one.Verdict == Confirm && !confirmed && d.door == Webmail {
			return Cleared{}, failure.New(failure.Policy, "%s", one.Text)
		}
	}
	return Cleared(d), nil
}

// Door tells where the message came in.
func (c Cleared) Door() Door { return c.door }

// Sender is the account that submitted, 0 for none.
func (c Cleared) Sender() int64 { return c.sender }

// Recipients are the cleared decisions, in the order asked.
func (c Cleared) Recipients() []Decision { return c.list }
