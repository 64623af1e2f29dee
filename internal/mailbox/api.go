// Package mailbox is the mailboxes of accounts: which email stands where, with which flags, and what changed since.
//
// # Layout
//
// An email (account_id, email_id) is one message held by one account, with its flags and keywords. A placement
// (account_id, mailbox_id, uid) shows it in a mailbox; an email may stand in several, and COPY keeps its id (RFC 8474
// §5). Every change of an account is one row of the change log with one modseq; a placement's modseq is that of its
// last change. account_state holds the account's counters, mailbox_state each mailbox's.
//
// A shared box is an account as any other; who may do what there is for the doors to ask of internal/box. Its members
// have its flags in common; each has subscriptions of their own (unsubscribed). What is copied from one account to
// another is a new email of the same message there (across.go).
//
// # Invariants
//
//  1. Every write of an account holds its account_state row (store.LockAccounts) from before it to the commit, and
//     takes its modseqs and UIDs from there: commit order is modseq order (RFC 7162 §3.1), UIDs ascend.
//  2. A modseq, a UID and an email id are never used twice in an account or mailbox.
//  3. A change of flags or keywords is the email's: it bumps all its placements. \Deleted is the placement's own.
//  4. mailbox_state's counters equal what its placements say, and account_state.used_bytes the sum of the sizes of its
//     emails that have a placement: what was expunged waits for recovery at the institution's expense.
//  5. Whoever reads the change log from each state it saw rebuilds every mailbox exactly, down to the purge floor.
//  6. Results are returned whole, from one snapshot; no method holds a transaction while its caller does something.
package mailbox

import (
	"time"

	"navette/internal/content"
)

// Flags are the system flags and the registered keywords that mail programs use most, as bits.
type Flags int64

// The bits. Deleted belongs to a placement, all others to the email. HasKeywords is ours: the email has keywords
// besides these.
const (
	Seen Flags = 1 << iota
	Answered
	Flagged
	Draft
	Deleted
	Forwarded // $Forwarded
	MDNSent   // $MDNSent
	Junk      // $Junk
	NotJunk   // $NotJunk
	Phishing  // $Phishing
	HasKeywords

	emailFlags = Seen | Answered | Flagged | Draft | Forwarded | MDNSent | Junk | NotJunk | Phishing
)

// Inbox is the id of every account's INBOX: the first mailbox made, never deleted.
const Inbox int64 = 1

// SharedRoot is the level below which members find the mailboxes of shared boxes. No account has a mailbox of that name,
// so that the two never meet.
const SharedRoot = "Boîtes partagées"

// Limits on names and keywords; what exceeds them is refused with failure.Permanent.
const (
	MaxMailboxName  = 1024 // octets of the full path
	MaxMailboxDepth = 32
	MaxKeyword      = 255 // octets of one keyword
	MaxKeywords     = 100 // of one email
)

// Mailbox is one mailbox as a snapshot saw it.
type Mailbox struct {
	ID          int64
	Name        string // full path, '/' between levels; INBOX is "INBOX"
	Role        string // JMAP role (RFC 8621 §2): inbox, drafts, sent, trash, junk, archive, or ""
	Subscribed  bool
	UIDValidity uint32
	UIDNext     uint32
	Modseq      int64 // highest of a change in it (HIGHESTMODSEQ); at least 1
	Messages    uint32
	Unseen      uint32
	Deleted     uint32
	Size        int64 // sum of RFC822.SIZE
	PurgeFloor  int64 // changes up to here may be forgotten: an older client gets a full resynchronisation
}

// UIDRange is a run of UIDs, both ends included.
type UIDRange struct{ First, Last uint32 }

// Snapshot is what SELECT needs.
type Snapshot struct {
	Mailbox
	AccountModseq int64      // state to pass to ChangesSince next
	UIDs          []UIDRange // maximal runs, ascending
	FirstUnseen   uint32     // UID, 0 for none
}

// Need says what Fetch must load besides UID, modseq, flags and keywords.
type Need int

// What can be needed. NeedFacts implies NeedEmail.
const (
	NeedEmail Need = 1 << iota // ThreadID, ReceivedAt, Message.Size
	NeedFacts                  // Message.Prefix, Message.Facts()
	NeedText                   // Message.Text
)

// Item is one placement with what was needed.
type Item struct {
	UID        uint32
	Email      int64
	Modseq     int64
	Flags      Flags
	Keywords   []string // beyond Flags; sorted, shared: do not change
	Thread     int64
	ReceivedAt time.Time
	Message    content.Message
}

// Changes are what happened in a mailbox since a state, netted: what came and went meanwhile is in neither list.
type Changes struct {
	Modseq  int64    // the account's modseq of this answer: pass it next time
	Highest int64    // the mailbox's (HIGHESTMODSEQ); 0 where the account has not changed since
	Reset   bool     // the log does not reach back that far, or the mailbox is gone: select again
	Gone    bool     // the mailbox no longer exists
	Added   []uint32 // UIDs placed since, ascending
	Removed []uint32 // UIDs that stood there then and are gone, ascending
	Flagged []Item   // placements that stood there then, whose flags or keywords changed: as they are now, ascending by UID
}

// StoreMode is how STORE combines flags.
type StoreMode int

// The modes of RFC 9051 §6.4.6.
const (
	ReplaceFlags StoreMode = iota
	AddFlags
	RemoveFlags
)

// FlagChange is what STORE does to each placement.
type FlagChange struct {
	Mode           StoreMode
	Flags          Flags
	Keywords       []string // beyond Flags; any case
	UnchangedSince int64    // CONDSTORE: skip what changed after it; negative for no condition (0 is a condition)
}

// StoreResult is what STORE did.
type StoreResult struct {
	Items    []Item   // every placement asked for that exists and was not skipped, as it is now; Modseq tells what changed
	Modified []uint32 // skipped because of UnchangedSince

	// Since and Modseq are the account's modseq before and after. Alone tells that nothing but Items' own changes came
	// between, and that they show in no other placement of the mailbox: who knew all as of Since now knows all as of
	// Modseq.
	Since, Modseq int64
	Alone         bool
}

// NewEmail is a message to append.
type NewEmail struct {
	Content    *content.Prepared
	Prefix     []byte // header lines before the content, usually none
	Flags      Flags
	Keywords   []string
	ReceivedAt time.Time // INTERNALDATE; zero means now
}

// Appended is the answer to APPEND (UIDPLUS, OBJECTID).
type Appended struct {
	UIDValidity uint32
	UIDs        []uint32
	Emails      []int64
}

// Copied is the answer to COPY and MOVE (COPYUID): Source[i] became Target[i].
type Copied struct {
	UIDValidity    uint32
	Source, Target []uint32
}

// Quota is an account's use of its space.
type Quota struct {
	UsedBytes  int64
	QuotaBytes int64 // 0: no limit
}

// Grace is how far deliveries and appends may exceed the quota before they are refused: a full mailbox still gets
// what the institution sends, and its owner is warned first (DOMAIN §3).
const Grace = 10 // per cent
