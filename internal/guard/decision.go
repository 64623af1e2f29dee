package guard

import "navette/internal/failure"

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
// never an address. It is "" where there is nothing to say.
type Decision struct {
	Recipient Recipient
	Verdict   Verdict
	Reason    Reason
	Text      string
	Quiet     bool // the sender must not learn that the copy is separate: see the package comment
}

// Locked tells that the recipient, a group, is shown in Cci whichever field it was written in, and stays there.
func (d Decision) Locked() bool { return d.Reason == GroupApart }

// Weight is how a concern reaches the sender.
type Weight int

// The weights.
const (
	Announced  Weight = iota + 1 // said before sending, asks nothing
	Afterwards                   // said once the message is sent
	Asked                        // sent once the sender has confirmed
	Refused
)

// Remedy is what one click does about a concern.
type Remedy int

// The remedies.
const (
	MoveToCci   Remedy = iota + 1 // « Mettre en Cci »: those whom the decisions name with the concern's reason
	SendApart                     // « Envoyer séparément »: Message.Apart
	ScrubQuotes                   // « Retirer les adresses citées »
)

// String is the remedy's name in JSON.
func (r Remedy) String() string {
	switch r {
	case MoveToCci:
		return "cci"
	case SendApart:
		return "apart"
	case ScrubQuotes:
		return "scrub"
	}
	return ""
}

// Concern is what is to be said of a message as a whole.
type Concern struct {
	Reason   Reason
	Weight   Weight
	Text     string // « French / English », without any address
	Remedies []Remedy
}

// Decisions answer for a whole message, in the order of its recipients.
type Decisions struct {
	door     Door
	sender   int64
	list     []Decision
	told     []Decision
	concerns []Concern
	header   header
}

// List returns the decisions.
func (d Decisions) List() []Decision { return d.list }

// Told are the decisions as their sender may know them, in the same order: they differ where one is Quiet. What is shown
// to the sender is made of these, and of Concerns.
func (d Decisions) Told() []Decision { return d.told }

// Concerns are what is to be said of the message, in the order of the table.
func (d Decisions) Concerns() []Concern { return d.concerns }

// Notices are what the sender is told once the message is sent: concerns of the weight Afterwards. A door with a
// dialogue has none, nor has a message that no account sent.
func (d Decisions) Notices() []Concern {
	var out []Concern
	for _, c := range d.concerns {
		if c.Weight == Afterwards {
			out = append(out, c)
		}
	}
	return out
}

// Cleared is a message's recipients that may be delivered to. Its zero value clears nobody.
type Cleared struct {
	door   Door
	sender int64
	list   []Decision
}

// Clear accepts the decisions; failure.Policy, with the first refusal's text, where one is refused: a message is
// delivered to all that its sender named, or to none. confirmed tells that the sender has confirmed what needs it.
func (d Decisions) Clear(confirmed bool) (Cleared, error) {
	for _, one := range d.told { // as strict as the list: what is quiet is separate
		if one.Verdict == Refuse || one.Verdict == Confirm && !confirmed && d.door == Webmail {
			return Cleared{}, failure.New(failure.Policy, "%s", one.Text)
		}
	}
	for _, c := range d.concerns {
		if c.Weight == Asked && !confirmed {
			return Cleared{}, failure.New(failure.Policy, "%s", c.Text)
		}
	}
	return Cleared{door: d.door, sender: d.sender, list: d.list}, nil
}

// Door tells where the message came in.
func (c Cleared) Door() Door { return c.door }

// Sender is the account that submitted, 0 for none.
func (c Cleared) Sender() int64 { return c.sender }

// Recipients are the cleared decisions, in the order asked.
func (c Cleared) Recipients() []Decision { return c.list }
