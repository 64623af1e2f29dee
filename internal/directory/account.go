package directory

import "fmt"

// AccountKind says whose mailbox an account is.
type AccountKind uint8

const (
	// KindPerson is the account of one person, who authenticates with it.
	KindPerson AccountKind = iota + 1
	// KindFunctional is a box of an establishment or a service (ce.<UAI>): nobody
	// authenticates as it, members act on it by name.
	KindFunctional
	// KindList is a distribution list: what is sent to it goes to its members. Its own
	// mailboxes hold its archive, and what waits for an owner.
	KindList
)

// AccountState is where an account stands in its life.
type AccountState uint8

const (
	// StateAppointed: HR has named the person; mail is received, nobody can read it yet.
	StateAppointed AccountState = iota + 1
	// StateActive: the person has chosen a password.
	StateActive
	// StateSuspended: closed for security; acts within one second (invariant 6).
	StateSuspended
	// StateDeparted: sending is closed, the mailbox stays readable for a time.
	StateDeparted
)

// AddressKind says what an address is to the account that holds it.
type AddressKind uint8

const (
	// AddressPrimary is the one shown in directories and used in From.
	AddressPrimary AddressKind = iota + 1
	// AddressAlias receives, and may be known, but is not the one shown (login@domain).
	AddressAlias
	// AddressFormer still receives but is never shown nor sent from: it may be a
	// deadname or tell of a divorce.
	AddressFormer
	// AddressClosed no longer receives; the row stays, so that nobody else is ever given it.
	AddressClosed
)

// Account is a mailbox's owner: what authenticates, receives and is suspended.
type Account struct {
	ID       int64
	Kind     AccountKind
	State    AccountState
	PersonID int64  // zero for a functional account
	Login    string // unique for ever, also for a functional account
	Display  string // the name beside the address in From
}

// Address is a name in one of our domains, issued once and for ever to one account.
type Address struct {
	Local     string // normalised: lower case, no plus-tag
	Domain    string // normalised: lower case, IDNA A-labels
	Kind      AddressKind
	AccountID int64
}

// String gives local@domain.
func (a Address) String() string { return a.Local + "@" + a.Domain }

// Receives reports that the kind of address takes mail.
func (k AddressKind) Receives() bool { return k >= AddressPrimary && k <= AddressFormer }

// Listed reports that the address may be shown in a directory or put in From.
func (k AddressKind) Listed() bool { return k == AddressPrimary }

// The names below are the ones stored and printed.

// String gives the stored name of the kind.
func (k AccountKind) String() string { return name(accountKinds(), int(k)) }

// String gives the stored name of the state.
func (s AccountState) String() string { return name(accountStates(), int(s)) }

// String gives the stored name of the kind.
func (k AddressKind) String() string { return name(addressKinds(), int(k)) }

// ParseAccountKind reads a stored name.
func ParseAccountKind(s string) (AccountKind, error) {
	n, err := parseName("kind of account", accountKinds(), s)
	return AccountKind(n), err
}

// ParseAccountState reads a stored name.
func ParseAccountState(s string) (AccountState, error) {
	n, err := parseName("state of account", accountStates(), s)
	return AccountState(n), err
}

// ParseAddressKind reads a stored name.
func ParseAddressKind(s string) (AddressKind, error) {
	n, err := parseName("kind of address", addressKinds(), s)
	return AddressKind(n), err
}

func accountKinds() []string  { return []string{"person", "functional", "list"} }
func accountStates() []string { return []string{"appointed", "active", "suspended", "departed"} }
func addressKinds() []string  { return []string{"primary", "alias", "former", "closed"} }

// name gives the nth of names, counted from 1.
func name(names []string, n int) string {
	if n < 1 || n > len(names) {
		return fmt.Sprintf("unknown(%d)", n)
	}
	return names[n-1]
}

// parseName gives the place of s in names, counted from 1.
func parseName(what string, names []string, s string) (int, error) {
	for i, candidate := range names {
		if candidate == s {
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q", what, s)
}
