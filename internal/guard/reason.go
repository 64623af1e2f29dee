package guard

// Reason is the row of GUARD's table, « Decisions », that a verdict or a concern comes from.
type Reason int

// The reasons, in the order of the table.
const (
	Nothing        Reason = iota // nobody protected is concerned, as far as the sender may know
	Alone                        // one protected alone
	SchoolInformed               // one protected in À, agents of the pupil's school or its supervising service in Cc
	OtherAgents                  // one protected visible, other agents in À or Cc
	Together                     // two or more protected visible to each other
	Outside                      // protected and external visible
	InFrame                      // those who consented, inside their frame
	GroupApart                   // a group of guardians or pupils
	GroupClosed                  // a group that the sender's functions do not let them write to
	CciApart                     // in Cci beside or among protected people
	ManyPersonal                 // five or more presumed visible
	OnlyCci                      // nobody is named: To becomes the sender
	RepliedApart                 // reply-all in a thread that a parent started
	Newcomer                     // the same, with somebody who was not in it
	KnownAlready                 // the same, with one protected: everybody here had the address
	Quoted                       // quoted headers with protected addresses towards guardians or outside
	HiddenReply                  // a recipient who was in Cci replies to all
	AskedApart                   // the sender asked for « Envoyer séparément »
)

var reasonNames = [...]string{
	Nothing: "", Alone: "alone", SchoolInformed: "school-informed", OtherAgents: "other-agents", Together: "together", Outside: "outside",
	InFrame: "in-frame", GroupApart: "group-apart", GroupClosed: "group-closed", CciApart: "cci-apart", ManyPersonal: "many-personal",
	OnlyCci: "only-cci", RepliedApart: "replied-apart", Newcomer: "newcomer", KnownAlready: "known-already", Quoted: "quoted",
	HiddenReply: "hidden-reply", AskedApart: "asked-apart",
}

// String is the reason's name in JSON and in logs; "" for Nothing.
func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasonNames) {
		return "unknown"
	}
	return reasonNames[r]
}
