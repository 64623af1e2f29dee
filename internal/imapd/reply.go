package imapd

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"navette/internal/failure"
	"navette/internal/imap"
)

// reply is the tagged answer of a command; without text there is none yet.
type reply struct {
	condition imap.Condition
	code      imap.Code
	text      string
}

func ok(text string) reply { return reply{condition: imap.OK, text: text} }

func okCode(code imap.Code, text string) reply {
	return reply{condition: imap.OK, code: code, text: text}
}

func no(code imap.Code, text string) reply { return reply{condition: imap.NO, code: code, text: text} }

func bad(text string) reply { return reply{condition: imap.BAD, text: text} }

// answerOf maps a service's failure to a NO: the one place where kinds become codes (RFC 5530).
func answerOf(err error) reply {
	text := plain(failure.TextOf(err, ""))
	say := func(code imap.Code, otherwise string) reply {
		if text == "" {
			return no(code, otherwise)
		}
		return no(code, text)
	}
	switch failure.KindOf(err) {
	case failure.Permanent:
		return say(imap.CodeCannot, "impossible")
	case failure.Policy:
		return say(imap.CodeNoPerm, "not allowed")
	case failure.Quota:
		return say(imap.CodeOverQuota, "no room")
	case failure.Conflict:
		return say(imap.CodeAlreadyExists, "exists already")
	case failure.NotFound:
		return say(imap.CodeNonExistent, "no such thing")
	case failure.Denied:
		return say(imap.CodeAuthFailed, "refused")
	case failure.CommitUnknown:
		return no(imap.CodeUnavailable, "It is not known whether this was done: look before you repeat it")
	}
	return no(imap.CodeUnavailable, "Erreur passagere, recommencez plus tard (temporary failure)")
}

// tryCreate makes a missing target mailbox an invitation to create it (RFC 3501 §6.3.11).
func tryCreate(err error) error {
	if failure.Is(err, failure.NotFound) {
		return errTryCreate
	}
	return err
}

// errTryCreate is answered NO [TRYCREATE].
var errTryCreate = errors.New("the target mailbox does not exist")

// wireError is an error of the client's connection, in contrast to one of the database's.
type wireError struct{ error }

func (e wireError) Unwrap() error { return e.error }

// isBroken tells whether err comes from the connection.
func isBroken(err error) bool {
	var e wireError
	return errors.As(err, &e)
}

// asWireError marks an error of the decoder that says neither that a command is wrong nor that sync is lost.
func asWireError(err error) error {
	var bad *imap.BadCommand
	var lost *imap.LostSync
	if err == nil || errors.As(err, &bad) || errors.As(err, &lost) {
		return err
	}
	return wireError{err}
}

// plain is s as a response may hold it: ASCII on one line, accents taken off.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, norm.NFD.String(s))
}
