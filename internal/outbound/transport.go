package outbound

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Transport brings messages to their next hop. Its methods may be called from many goroutines.
type Transport interface {
	// Send hands a parcel over and returns one outcome for each recipient, in their order. It is tried again after
	// Deferred and after a crash, so the next hop may see a parcel more than once.
	Send(ctx context.Context, p Parcel) []Outcome
}

// Parcel is a message with those of its recipients that go together.
type Parcel struct {
	ID          int64 // the least outbound_id in it
	ReversePath string
	Recipients  []string
	Size        int64 // octets
	EightBit    bool  // the message needs 8BITMIME (RFC 6152)

	// Open gives the octets as they go over the wire, without dot-stuffing.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Verdict is what became of a recipient.
type Verdict int

// The verdicts. The zero Verdict is none.
const (
	Sent     Verdict = iota + 1
	Deferred         // to be tried again
	Failed           // never to be tried again
)

// Outcome is a verdict with the reply that it came from.
type Outcome struct {
	Verdict  Verdict
	Code     int    // SMTP reply code, 0 where there was no reply
	Enhanced string // RFC 3463, never empty
	Text     string // the reply's words, for the sender only
	Cause    error  // for the log, where there was no reply
}

// status is what the table keeps of an outcome.
func (o Outcome) status() string {
	if o.Code == 0 {
		return o.Enhanced
	}
	return fmt.Sprintf("%d %s", o.Code, o.Enhanced)
}

// all is the same outcome for n recipients.
func all(n int, o Outcome) []Outcome {
	list := make([]Outcome, n)
	for i := range list {
		list[i] = o
	}
	return list
}

var addressLike = regexp.MustCompile(`[^\s<>()",;:\[\]]*@[^\s<>()",;\[\]]+`)

// withoutAddresses takes out of a reply every address but one: a relay may name whom a recipient forwards to.
func withoutAddresses(text, but string) string {
	return addressLike.ReplaceAllStringFunc(text, func(found string) string {
		if strings.EqualFold(strings.TrimRight(found, "."), but) {
			return found
		}
		return "[adresse]" // ASCII: it stands in fields, too
	})
}
