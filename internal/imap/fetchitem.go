package imap

import "strings"

// FetchKind names a thing that FETCH can return.
type FetchKind int

// The items of RFC 3501 §6.4.5, RFC 7162 §3.1.4 and RFC 8474 §5. The macros ALL,
// FAST and FULL are expanded by the decoder.
const (
	FetchUID FetchKind = iota
	FetchFlags
	FetchInternalDate
	FetchSize
	FetchEnvelope
	FetchBody          // BODY without extension data
	FetchBodyStructure // BODYSTRUCTURE
	FetchModSeq
	FetchEmailID
	FetchThreadID
	FetchSection // BODY[...], RFC822, RFC822.HEADER and RFC822.TEXT
)

// FetchItem is one item of a FETCH. The rest of the fields are for
// FetchSection only.
type FetchItem struct {
	Kind    FetchKind
	Label   string // what the response calls the item when it is RFC822…; else empty
	Section Section
	Peek    bool // reading it does not set \Seen
	Partial *Partial
}

// Part says which side of a body part a section is.
type Part int

// RFC 3501 §6.4.5. PartAll of the empty path is the whole message; of another
// path it is that part's body as it is transferred.
const (
	PartAll Part = iota
	PartHeader
	PartHeaderFields
	PartHeaderFieldsNot
	PartText
	PartMIME
)

// Section is a section-spec.
type Section struct {
	Path   []int // body part numbers from 1; empty for the message itself
	Part   Part
	Fields []string // header names as the client wrote them
}

// Partial is <offset.size>: at most Size octets from the octet Offset on.
type Partial struct {
	Offset int64
	Size   int64 // as asked; at least 1
}

// String writes the section as it stands between the brackets.
func (s Section) String() string {
	var b strings.Builder
	for i, n := range s.Path {
		if i > 0 {
			b.WriteByte('.')
		}
		writeNumber(&b, uint32(n))
	}
	if s.Part != PartAll && len(s.Path) > 0 {
		b.WriteByte('.')
	}
	b.WriteString([...]string{"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"}[s.Part])
	if s.Part == PartHeaderFields || s.Part == PartHeaderFieldsNot {
		b.WriteString(" (")
		for i, f := range s.Fields {
			if i > 0 {
				b.WriteByte(' ')
			}
			if isAtom(f) {
				b.WriteString(f)
			} else {
				b.WriteString(quote(f))
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}
