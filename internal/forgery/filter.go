// Package forgery takes out of a message, on its way in, the header fields that only Navette may write. Every door
// passes what it receives through a Filter: a reader, or a program behind us, may then believe what such a field says.
package forgery

import (
	"bytes"
	"io"
	"strings"
)

// Filter passes a message on, octet for octet, but for header lines that begin with X-Navette- (with such fields doors
// tell readers what was verified) and each Authentication-Results that claims our authserv-id (RFC 8601 §5). It
// streams, and decides the same however the message is cut: on the first heldMax octets of a field at most. It is for
// one message and one goroutine.
type Filter struct {
	w        io.Writer
	authserv string
	received int
	listIDs  [][]byte // values of List-Id fields, as they stand

	state   state
	listing bool   // the field under way is a List-Id
	midLine bool   // the last octet was no line end
	held    []byte // a field that is not decided on yet
	out     []byte // of the header, passed on and not yet written
}

type state int

const (
	passing  state = iota // the field under way is passed on, or held
	dropping              // the field under way is left out
	inBody
)

const (
	// heldMax bounds a field that cannot be decided on. A name is longer than this only in nonsense, which is
	// passed on. An Authentication-Results whose authserv-id does not come by then, or not at all, is dropped: it
	// says nothing to an honest reader, and what we cannot make out another reader might.
	heldMax = 4096
	outMax  = 8192

	ownPrefix   = "x-navette-"
	authResults = "authentication-results"
)

// NewFilter passes a message on to w. authserv is our authserv-id.
func NewFilter(w io.Writer, authserv string) *Filter {
	return &Filter{w: w, authserv: authserv, out: make([]byte, 0, 2048)}
}

// Received tells how many Received fields the header has so far: the hops of a message, many of them in a loop.
func (f *Filter) Received() int { return f.received }

// Bounds on the List-Id fields that are told of: a list nests in few others, and its id is a name.
const (
	listIDsMax = 50
	listIDMax  = 998
)

// ListIDs gives the identifiers of the List-Id fields (RFC 2919 §3) that the header has so far, in lower case: the
// lists that the message came through.
func (f *Filter) ListIDs() []string {
	var ids []string
	for _, value := range f.listIDs {
		id := string(value)
		if open := strings.LastIndexByte(id, '<'); open >= 0 {
			id, _, _ = strings.Cut(id[open+1:], ">")
		}
		ids = append(ids, strings.ToLower(strings.TrimSpace(id)))
	}
	return ids
}

// note adds to the List-Id under way.
func (f *Filter) note(b []byte) {
	last := &f.listIDs[len(f.listIDs)-1]
	*last = append(*last, b[:min(len(b), listIDMax-len(*last))]...)
}

// Write takes the next octets of the message.
func (f *Filter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 && f.state != inBody {
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			end = len(p)
		}
		f.piece(p[:end])
		p = p[end:]
		if len(f.out) >= outMax || f.state == inBody {
			if err := f.flush(); err != nil {
				return 0, err
			}
		}
	}
	if len(p) > 0 {
		if _, err := f.w.Write(p); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Close passes on what is left of a message that ended within its header.
func (f *Filter) Close() error {
	if !isAuthResults(f.held) {
		f.out = append(f.out, f.held...)
	}
	f.held = nil
	return f.flush()
}

func (f *Filter) flush() error {
	if len(f.out) == 0 {
		return nil
	}
	_, err := f.w.Write(f.out)
	f.out = f.out[:0]
	return err
}

// piece takes a line of the header with its end, or a part of one.
func (f *Filter) piece(b []byte) {
	starts := !f.midLine
	f.midLine = b[len(b)-1] != '\n'
	folded := b[0] == ' ' || b[0] == '\t'
	if f.listing = f.listing && !(starts && !folded); f.listing {
		f.note(b)
	}
	switch {
	case starts && !folded:
		f.held = f.held[:0] // undecided to its end: see heldMax
		f.state = passing
		f.hold(b)
	case len(f.held) > 0:
		f.hold(b)
	case f.state == passing:
		f.out = append(f.out, b...)
	}
}

// hold adds to a field that is not decided on, and decides if it can.
func (f *Filter) hold(b []byte) {
	f.held = append(f.held, b...)
	if n := len(f.held); n <= 2 && f.held[n-1] == '\n' && (n == 1 || f.held[0] == '\r') {
		f.decide(inBody)
		return
	}
	seen := f.held[:min(len(f.held), heldMax)]
	name, known := fieldName(seen)
	switch {
	case len(seen) >= len(ownPrefix) && strings.EqualFold(string(seen[:len(ownPrefix)]), ownPrefix):
		f.decide(dropping) // a field or not: nobody writes such a line by chance
	case !known && len(seen) < heldMax:
	case name == "received":
		f.received++
		f.decide(passing)
	case name == "list-id":
		if f.listing = len(f.listIDs) < listIDsMax; f.listing {
			f.listIDs = append(f.listIDs, nil)
			f.note(seen[bytes.IndexByte(seen, ':')+1:])
		}
		f.decide(passing)
	case name == authResults:
		id, found := authservID(seen[bytes.IndexByte(seen, ':')+1:])
		switch {
		case found && !strings.EqualFold(id, f.authserv):
			f.decide(passing)
		case found || len(seen) == heldMax:
			f.decide(dropping)
		}
	default:
		f.decide(passing)
	}
}

func (f *Filter) decide(s state) {
	if f.state = s; s != dropping {
		f.out = append(f.out, f.held...)
	}
	f.held = f.held[:0]
}

// fieldName gives the name of the field that b begins with, in lower case; "" and true where its first line is no
// field, "" and false where that cannot be told yet.
func fieldName(b []byte) (name string, known bool) {
	colon, lineEnd := bytes.IndexByte(b, ':'), bytes.IndexByte(b, '\n')
	switch {
	case colon >= 0 && (lineEnd < 0 || colon < lineEnd):
		return strings.ToLower(strings.TrimRight(string(b[:colon]), " \t")), true
	case lineEnd >= 0:
		return "", true
	}
	return "", false
}

func isAuthResults(b []byte) bool {
	name, _ := fieldName(b)
	return name == authResults
}

// authservID reads the authserv-id (RFC 8601 §2.2) at the beginning of a value: a token or a quoted string, after
// comments and folds. found is false where the value ends before it.
func authservID(value []byte) (id string, found bool) {
	depth := 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '(':
			depth++
		case depth > 0 && c == '\\':
			i++
		case depth > 0 && c == ')':
			depth--
		case depth > 0, c == ' ', c == '\t', c == '\r', c == '\n':
		case c == '"':
			end := bytes.IndexByte(value[i+1:], '"')
			if end < 0 {
				return "", false
			}
			return strings.ReplaceAll(string(value[i+1:i+1+end]), `\`, ""), true
		default:
			end := bytes.IndexAny(value[i:], "; \t\r\n(")
			if end < 0 {
				return "", false
			}
			return string(value[i : i+end]), true
		}
	}
	return "", false
}
