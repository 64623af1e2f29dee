package imap

import "time"

// Request is one command with the tag its answer must bear.
type Request struct {
	Tag     string
	Command Command
}

// Command is one of the structs of this file (and [Append]). Mailbox names in
// them are UTF-8, with INBOX in capitals; strings are otherwise the octets that
// the client sent.
type Command interface {
	// Name is the command's name as a client writes it, such as "UID FETCH".
	Name() string
}

// The commands without arguments.
type (
	// Capability is CAPABILITY, RFC 3501 §6.1.1.
	Capability struct{}
	// Noop is NOOP, RFC 3501 §6.1.2.
	Noop struct{}
	// Logout is LOGOUT, RFC 3501 §6.1.3.
	Logout struct{}
	// StartTLS is STARTTLS, RFC 3501 §6.2.1.
	StartTLS struct{}
	// Check is CHECK, RFC 3501 §6.4.1.
	Check struct{}
	// Close is CLOSE, RFC 3501 §6.4.2.
	Close struct{}
	// Unselect is UNSELECT, RFC 3691.
	Unselect struct{}
	// Idle is IDLE, RFC 2177.
	Idle struct{}
	// Namespace is NAMESPACE, RFC 2342.
	Namespace struct{}
)

// Login is LOGIN, RFC 3501 §6.2.3.
type Login struct{ Username, Password string }

// Authenticate is AUTHENTICATE, RFC 3501 §6.2.2 and RFC 4959.
type Authenticate struct {
	Mechanism string // upper case
	Initial   []byte // the initial response, decoded; nil when none was sent
}

// Enable is ENABLE, RFC 5161: capability names in upper case.
type Enable struct{ Capabilities []string }

// ID is ID, RFC 2971. Field names are in lower case; nil means NIL.
type ID struct{ Fields map[string]string }

// Select is SELECT, or EXAMINE when ReadOnly: RFC 3501 §6.3.1, RFC 7162 §3.1.8.
type Select struct {
	Mailbox   string
	ReadOnly  bool
	CondStore bool
	QResync   *QResync
}

// QResync is SELECT's parameter of RFC 7162 §3.2.5.
type QResync struct {
	UIDValidity uint32
	ModSeq      uint64
	Known       NumSet // UIDs the client has; empty means all
	MatchSeq    NumSet // sequence numbers, paired with MatchUID
	MatchUID    NumSet
}

// Create is CREATE, RFC 3501 §6.3.3 and RFC 6154 §3.
type Create struct {
	Mailbox    string
	SpecialUse []string // such as `\Archive`
	// Trailing tells that the name ended with the hierarchy separator, which
	// announces that only mailboxes below it are wanted (RFC 3501 §6.3.3).
	Trailing bool
}

// Delete is DELETE, RFC 3501 §6.3.4.
type Delete struct{ Mailbox string }

// Rename is RENAME, RFC 3501 §6.3.5.
type Rename struct{ From, To string }

// Subscribe is SUBSCRIBE, RFC 3501 §6.3.6.
type Subscribe struct{ Mailbox string }

// Unsubscribe is UNSUBSCRIBE, RFC 3501 §6.3.7.
type Unsubscribe struct{ Mailbox string }

// Lsub is LSUB, RFC 3501 §6.3.9.
type Lsub struct{ Reference, Pattern string }

// List is LIST, RFC 3501 §6.3.8, RFC 5258, RFC 5819, RFC 6154.
type List struct {
	Reference string
	Patterns  []string
	Extended  bool // any of the options of RFC 5258 was written

	SelectSubscribed bool
	SelectRemote     bool
	SelectRecursive  bool
	SelectSpecialUse bool

	ReturnSubscribed bool
	ReturnChildren   bool
	ReturnSpecialUse bool
	ReturnStatus     []StatusItem
}

// StatusItem is an item of STATUS in upper case.
type StatusItem string

// The items of RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 8438, RFC 7889 §5, RFC
// 8474 §4.3 and RFC 9051 §6.3.11.
const (
	StatusMessages      StatusItem = "MESSAGES"
	StatusRecent        StatusItem = "RECENT"
	StatusUIDNext       StatusItem = "UIDNEXT"
	StatusUIDValidity   StatusItem = "UIDVALIDITY"
	StatusUnseen        StatusItem = "UNSEEN"
	StatusDeleted       StatusItem = "DELETED"
	StatusSize          StatusItem = "SIZE"
	StatusHighestModSeq StatusItem = "HIGHESTMODSEQ"
	StatusAppendLimit   StatusItem = "APPENDLIMIT"
	StatusMailboxID     StatusItem = "MAILBOXID"
)

// Status is STATUS, RFC 3501 §6.3.10.
type Status struct {
	Mailbox string
	Items   []StatusItem
}

// GetACL is GETACL, RFC 4314 §3.3.
type GetACL struct{ Mailbox string }

// MyRights is MYRIGHTS, RFC 4314 §3.5.
type MyRights struct{ Mailbox string }

// ListRights is LISTRIGHTS, RFC 4314 §3.4.
type ListRights struct{ Mailbox, Identifier string }

// DeleteACL is DELETEACL, RFC 4314 §3.2.
type DeleteACL struct{ Mailbox, Identifier string }

// SetACL is SETACL, RFC 4314 §3.1.
type SetACL struct {
	Mailbox, Identifier string
	Action              StoreAction // what becomes of the rights that the identifier has
	Rights              string      // letters and digits, as written
}

// GetQuota is GETQUOTA, RFC 9208 §4.1.1.
type GetQuota struct{ Root string }

// GetQuotaRoot is GETQUOTAROOT, RFC 9208 §4.1.2.
type GetQuotaRoot struct{ Mailbox string }

// Expunge is EXPUNGE, or UID EXPUNGE when UID (RFC 4315 §2.1).
type Expunge struct {
	UID bool
	Set NumSet // of UIDs; only with UID
}

// Copy is COPY or UID COPY, RFC 3501 §6.4.7.
type Copy struct {
	UID     bool
	Set     NumSet
	Mailbox string
}

// Move is MOVE or UID MOVE, RFC 6851.
type Move struct {
	UID     bool
	Set     NumSet
	Mailbox string
}

// StoreAction is what STORE does with its flags, and SETACL with its rights.
type StoreAction byte

// The actions of RFC 3501 §6.4.6 and RFC 4314 §3.1.
const (
	StoreReplace StoreAction = '='
	StoreAdd     StoreAction = '+'
	StoreRemove  StoreAction = '-'
)

// Store is STORE or UID STORE, RFC 3501 §6.4.6 and RFC 7162 §3.1.3.
type Store struct {
	UID            bool
	Set            NumSet
	Action         StoreAction
	Silent         bool
	Flags          []string
	UnchangedSince *uint64 // nil when the modifier is absent
}

// Fetch is FETCH or UID FETCH, RFC 3501 §6.4.5 and RFC 7162 §3.1.4.
type Fetch struct {
	UID          bool
	Set          NumSet
	Items        []FetchItem
	ChangedSince *uint64 // nil when the modifier is absent
	Vanished     bool    // RFC 7162 §3.2.6
}

// Search is SEARCH or UID SEARCH, RFC 3501 §6.4.4 and RFC 4731.
type Search struct {
	UID     bool
	Charset string // upper case, as written; empty when absent
	// Extended tells that RETURN was written: the answer is an ESEARCH.
	Extended bool
	Return   SearchReturn
	Key      SearchKey
}

// SearchReturn is what an extended SEARCH asks for. RETURN () means All.
type SearchReturn struct{ Min, Max, All, Count bool }

// AppendMessage is what stands before the octets of one message of an APPEND.
type AppendMessage struct {
	Flags        []string
	InternalDate time.Time // zero when absent
	Size         int64     // octets of the message
	Binary       bool      // a literal8 (RFC 3516 §4.4): it may hold NUL
}

func (Capability) Name() string   { return "CAPABILITY" }
func (Noop) Name() string         { return "NOOP" }
func (Logout) Name() string       { return "LOGOUT" }
func (StartTLS) Name() string     { return "STARTTLS" }
func (Check) Name() string        { return "CHECK" }
func (Close) Name() string        { return "CLOSE" }
func (Unselect) Name() string     { return "UNSELECT" }
func (Idle) Name() string         { return "IDLE" }
func (Namespace) Name() string    { return "NAMESPACE" }
func (Login) Name() string        { return "LOGIN" }
func (Authenticate) Name() string { return "AUTHENTICATE" }
func (Enable) Name() string       { return "ENABLE" }
func (ID) Name() string           { return "ID" }
func (Create) Name() string       { return "CREATE" }
func (Delete) Name() string       { return "DELETE" }
func (Rename) Name() string       { return "RENAME" }
func (Subscribe) Name() string    { return "SUBSCRIBE" }
func (Unsubscribe) Name() string  { return "UNSUBSCRIBE" }
func (Lsub) Name() string         { return "LSUB" }
func (List) Name() string         { return "LIST" }
func (Status) Name() string       { return "STATUS" }
func (GetACL) Name() string       { return "GETACL" }
func (MyRights) Name() string     { return "MYRIGHTS" }
func (ListRights) Name() string   { return "LISTRIGHTS" }
func (DeleteACL) Name() string    { return "DELETEACL" }
func (SetACL) Name() string       { return "SETACL" }
func (GetQuota) Name() string     { return "GETQUOTA" }
func (GetQuotaRoot) Name() string { return "GETQUOTAROOT" }
func (c Expunge) Name() string    { return uidName(c.UID, "EXPUNGE") }
func (c Copy) Name() string       { return uidName(c.UID, "COPY") }
func (c Move) Name() string       { return uidName(c.UID, "MOVE") }
func (c Store) Name() string      { return uidName(c.UID, "STORE") }
func (c Fetch) Name() string      { return uidName(c.UID, "FETCH") }
func (c Search) Name() string     { return uidName(c.UID, "SEARCH") }

func (c Select) Name() string {
	if c.ReadOnly {
		return "EXAMINE"
	}
	return "SELECT"
}

func uidName(uid bool, name string) string {
	if uid {
		return "UID " + name
	}
	return name
}
