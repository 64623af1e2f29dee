package imap

import "strconv"

// Code is a response code without its brackets, such as "TRYCREATE".
type Code string

// The codes without arguments that the server sends: RFC 3501 §7.1, RFC 5530,
// RFC 4469, RFC 7162, RFC 6154.
const (
	CodeAlert            Code = "ALERT"
	CodeAlreadyExists    Code = "ALREADYEXISTS"
	CodeAuthFailed       Code = "AUTHENTICATIONFAILED"
	CodeAuthorizationErr Code = "AUTHORIZATIONFAILED"
	CodeCannot           Code = "CANNOT"
	CodeClientBug        Code = "CLIENTBUG"
	CodeClosed           Code = "CLOSED"
	CodeContactAdmin     Code = "CONTACTADMIN"
	CodeExpired          Code = "EXPIRED"
	CodeExpungeIssued    Code = "EXPUNGEISSUED"
	CodeHasChildren      Code = "HASCHILDREN"
	CodeInUse            Code = "INUSE"
	CodeLimit            Code = "LIMIT"
	CodeNoModSeq         Code = "NOMODSEQ"
	CodeNonExistent      Code = "NONEXISTENT"
	CodeNoPerm           Code = "NOPERM"
	CodeOverQuota        Code = "OVERQUOTA"
	CodeParse            Code = "PARSE"
	CodePrivacyRequired  Code = "PRIVACYREQUIRED"
	CodeReadOnly         Code = "READ-ONLY"
	CodeReadWrite        Code = "READ-WRITE"
	CodeServerBug        Code = "SERVERBUG"
	CodeTooBig           Code = "TOOBIG"
	CodeTryCreate        Code = "TRYCREATE"
	CodeUnavailable      Code = "UNAVAILABLE"
	CodeUseAttr          Code = "USEATTR"
)

// CodeNumber is a code with a number: UIDNEXT, UIDVALIDITY, UNSEEN,
// HIGHESTMODSEQ.
func CodeNumber(name string, n uint64) Code { return Code(name + " " + strconv.FormatUint(n, 10)) }

// CodeMailboxID is RFC 8474 §4.2.
func CodeMailboxID(id string) Code { return Code("MAILBOXID (" + id + ")") }

// CodeBadCharset is RFC 3501 §7.1 with the charsets that SEARCH takes.
func CodeBadCharset() Code { return "BADCHARSET (US-ASCII UTF-8)" }

// CodeAppendUID is RFC 4315 §3.
func CodeAppendUID(validity uint32, uids NumSet) Code {
	return Code("APPENDUID " + strconv.FormatUint(uint64(validity), 10) + " " + uids.String())
}

// CodeCopyUID is RFC 4315 §3. The sets pair up in order and hold as many
// numbers each; UIDs that were given out of order make one range each.
func CodeCopyUID(validity uint32, from, to NumSet) Code {
	return Code("COPYUID " + strconv.FormatUint(uint64(validity), 10) + " " + from.String() + " " + to.String())
}

// CodeModified is RFC 7162 §3.1.3: the messages that STORE left alone.
func CodeModified(set NumSet) Code { return Code("MODIFIED " + set.String()) }
