package mail

import (
	"strings"
	"time"
)

// Limits is the one budget of a parse. A zero field takes its value from [DefaultLimits].
type Limits struct {
	Depth       int // nested multiparts and messages; deeper ones stay one opaque leaf
	Parts       int // nodes of the tree; the last one takes the rest of the message
	HeaderField int // bytes kept of one header field, folds included; the rest is counted and skipped
	HeaderTotal int // bytes kept of all header fields of the message together
	Fields      int // header fields looked at in one header; later ones are counted and skipped
	Addresses   int // addresses kept in all envelopes of the message together
	TextInput   int // bytes of text parts, still encoded, taken for Text and Preview
	Text        int // bytes of Text
}

// DefaultLimits are wide enough for any mail that people send and small enough for one goroutine per connection.
func DefaultLimits() Limits {
	return Limits{
		Depth: 50, Parts: 1000, HeaderField: 256 << 10, HeaderTotal: 1 << 20, Fields: 2000, Addresses: 5000,
		TextInput: 1 << 20, Text: 256 << 10,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, f := range []struct {
		value *int
		usual int
	}{
		{&l.Depth, d.Depth}, {&l.Parts, d.Parts}, {&l.HeaderField, d.HeaderField}, {&l.HeaderTotal, d.HeaderTotal},
		{&l.Fields, d.Fields}, {&l.Addresses, d.Addresses}, {&l.TextInput, d.TextInput}, {&l.Text, d.Text},
	} {
		if *f.value <= 0 {
			*f.value = f.usual
		}
	}
	return l
}

// AddressKind tells the members of an address list apart from the marks of a group (RFC 9051 §7.5.2).
type AddressKind uint8

// The kinds of members of an address list.
const (
	Mailbox    AddressKind = iota // an address; Mailbox or Host is "" where the header lacked it
	GroupStart                    // Mailbox holds the group's name; in an ENVELOPE its host is NIL
	GroupEnd                      // every string is ""; in an ENVELOPE its mailbox and host are NIL
)

// Address is one member of an address list (RFC 5322 §3.4). Its strings hold no CR, LF or NUL.
type Address struct {
	Kind    AddressKind
	Name    string // display name as the header has it: quotes removed, encoded words (RFC 2047) kept
	Mailbox string // local part, quotes removed
	Host    string // domain as written; a literal keeps its brackets
	Route   string // "@a,@b", the obsolete source route (RFC 5322 §4.4); nearly always ""
}

// DisplayName is the name with its encoded words decoded, in UTF-8.
func (a Address) DisplayName() string { return DecodeHeader(a.Name) }

// Addr is "mailbox@host", or only the part that the header has.
func (a Address) Addr() string {
	if a.Kind != Mailbox {
		return ""
	}
	if a.Host == "" {
		return a.Mailbox
	}
	return a.Mailbox + "@" + a.Host
}

// Envelope is what ENVELOPE shows (RFC 9051 §7.5.2): values as the header has them, unfolded, trimmed, still in
// their RFC 2047 form, without CR, LF or NUL. Sender and ReplyTo stay empty where the header lacks them: the
// default to From is the reader's.
type Envelope struct {
	Date, Subject                      string
	From, Sender, ReplyTo, To, Cc, Bcc []Address
	InReplyTo, MessageID               string
}

// Param is one parameter of Content-Type or Content-Disposition. Continuations (RFC 2231 §3) are joined, as §6
// asks of IMAP servers; an extended value keeps the star in its name and its form charset'language'percent-encoded.
type Param struct {
	Name  string // lower case, with "*" at the end when Value is extended
	Value string // raw: encoded words and percent signs are as in the header; no CR, LF or NUL
}

// Part is one node of the MIME tree. Offsets count bytes from the start of the message.
//
// Type "multipart" always has children. A multipart that cannot be split (no boundary parameter, or none of its
// delimiters found) is given as text/plain, and one beyond [Limits] as application/octet-stream, without
// parameters. message/rfc822 and message/global have an Envelope and exactly one child, the root of the embedded
// message, unless they are encoded (base64, quoted-printable) or too deep: then both are missing.
type Part struct {
	Type, Subtype     string // lower case; text/plain by default, message/rfc822 in a multipart/digest
	Params            []Param
	ID                string // Content-ID as written, with its brackets
	Description       string // Content-Description, unfolded, not decoded
	Encoding          string // Content-Transfer-Encoding, lower case; "7bit" by default
	MD5, Location     string
	Disposition       string // lower case; "" if there is none
	DispositionParams []Param
	Language          []string

	HeaderOffset, HeaderSize int64 // the size includes the empty line
	BodyOffset, BodySize     int64 // encoded; without the line end that belongs to the boundary after it
	Lines                    int64 // line ends in the body

	Children []*Part
	Envelope *Envelope
}

// Facts are everything that is kept of a message besides its bytes.
type Facts struct {
	Envelope   Envelope
	Root       *Part
	Size       int64 // bytes of the whole message
	HeaderSize int64 // bytes of its header with the empty line

	SubjectText string    // Subject decoded to UTF-8
	BaseSubject string    // RFC 5256 §2.1, case kept
	Date        time.Time // the Date field; zero if missing or unreadable
	MessageID   string    // without angle brackets
	References  []string  // ids of References, then In-Reply-To, without brackets, each once; the first and the last, at most 40
	Preview     string    // at most 256 runes on one line: no quoted lines, no greeting alone on its line

	Text         string // decoded text of all text parts, and file names; lines end with LF
	TextComplete bool   // false when Text was cut by Limits: a search must then read the message itself

	HasAttachment bool // something to offer for download: not the texts, not pictures shown in them, not signatures
	Is8bit        bool // a byte above 127 anywhere
	NeedsSMTPUTF8 bool // a byte above 127 in a header (RFC 6531)
	BareNewline   bool // a CR without LF or an LF without CR
	LongestLine   int  // bytes, without the line end
}

// ContentType is "type/subtype".
func (p *Part) ContentType() string { return p.Type + "/" + p.Subtype }

// IsMultipart reports whether the part is a multipart that was split into children.
func (p *Part) IsMultipart() bool { return p.Type == "multipart" && len(p.Children) > 0 }

// IsMessage reports whether the part is an embedded message that was parsed: Envelope and Children[0] are there.
func (p *Part) IsMessage() bool { return p.Envelope != nil && len(p.Children) == 1 }

// Charset is the charset parameter in lower case, "" if there is none.
func (p *Part) Charset() string { return strings.ToLower(paramText(p.Params, "charset")) }

// Filename is the decoded file name that the sender gave, from Content-Disposition or else Content-Type's name;
// "" if there is none. It is the sender's: it may hold slashes and anything else but control characters.
func (p *Part) Filename() string {
	name := paramText(p.DispositionParams, "filename")
	if name == "" {
		name = paramText(p.Params, "name")
	}
	return name
}
