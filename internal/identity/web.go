package identity

// Owner is the holder of an account who has just proved to be it: what changes of one's own account ask for. One comes
// from session.Session.Owner, which refuses where the proof is too old, and from activation.State while an account is
// being activated.
type Owner struct {
	Account int64
	Login   string
	Display string // as beside the account's address in From
}

// By names the owner in the journal.
func (o Owner) By(reason string) By { return By{Actor: o.Login, Reason: reason} }
