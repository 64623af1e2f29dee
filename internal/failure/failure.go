// Package failure is the error that services give to doors: a kind that says what the caller may do, a text that is
// safe to show to anybody, and the cause for the log.
//
// Doors map kinds to their protocol's codes in one place each (SMTP reply, IMAP response, JMAP error, HTTP status).
// A text never holds an address of somebody other than its reader, and never a secret.
package failure

import (
	"errors"
	"fmt"
)

// Kind says what the caller may do about a failure.
type Kind int

// The kinds. The zero Kind means that an error carries none: doors treat it as Temporary, because what nobody
// classified must never make a sender give up on a message.
const (
	Temporary     Kind = iota + 1 // try the same again later (SMTP 4xx)
	Permanent                     // the same request can never succeed (SMTP 5xx)
	Policy                        // refused by a rule; the text says which and what to do (SMTP 550 5.7.1)
	Quota                         // no room in the mailbox or in a limit (SMTP 452 4.2.2)
	Conflict                      // the state changed meanwhile: read again, then retry
	NotFound                      // no such object for this account
	Denied                        // credentials wrong, revoked, or too weak for this
	CommitUnknown                 // the database may or may not have committed: look by id, never acknowledge
)

// String returns the kind's name as logs show it.
func (k Kind) String() string {
	switch k {
	case Temporary:
		return "temporary"
	case Permanent:
		return "permanent"
	case Policy:
		return "policy"
	case Quota:
		return "quota"
	case Conflict:
		return "conflict"
	case NotFound:
		return "not found"
	case Denied:
		return "denied"
	case CommitUnknown:
		return "commit unknown"
	}
	return "unclassified"
}

// Error is a classified failure.
type Error struct {
	Kind  Kind
	Text  string // safe to show
	Cause error  // for the log; nil where the text says all
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Text
	}
	return e.Text + ": " + e.Cause.Error()
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns a failure of a kind with a formatted text that is safe to show.
func New(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// Wrap classifies cause; text is what may be shown instead of it.
func Wrap(kind Kind, cause error, text string) error {
	return &Error{Kind: kind, Text: text, Cause: cause}
}

// KindOf returns the kind of the outermost classified error in err's chain, or 0.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

// Is reports whether err is of a kind.
func Is(err error, kind Kind) bool { return KindOf(err) == kind }

// TextOf returns the text that may be shown for err: its own where it is classified, else otherwise.
func TextOf(err error, otherwise string) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Text
	}
	return otherwise
}
