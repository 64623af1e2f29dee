package imap

import "time"

// SearchOp says what a search key tests.
type SearchOp int

// The keys of RFC 3501 §6.4.4, RFC 7162 §3.1.5, RFC 5032 and RFC 8474 §6. The
// decoder folds UNSEEN, NEW, OLD and their like into NOT, AND and SearchFlag,
// and FROM, SUBJECT and their like into SearchHeader.
const (
	SearchAll  SearchOp = iota
	SearchAnd           // all of Kids
	SearchOr            // either of the two Kids
	SearchNot           // not the one of Kids
	SearchSeq           // Set holds sequence numbers
	SearchUID           // Set holds UIDs
	SearchFlag          // Text is a flag or keyword
	SearchRecent
	SearchHeader     // header Field holds Text, or exists when Text is empty
	SearchBody       // the body's text holds Text
	SearchText       // header or body hold Text
	SearchBefore     // internal date before the day Date
	SearchOn         // internal date on the day Date
	SearchSince      // internal date on or after the day Date
	SearchSentBefore // the same three by the Date: header
	SearchSentOn
	SearchSentSince
	SearchLarger  // more than Number octets
	SearchSmaller // fewer than Number octets
	SearchModSeq  // mod-sequence at least Number
	SearchOlder   // internal date at least Number seconds ago
	SearchYounger // internal date less than or equal to Number seconds ago
	SearchEmailID
	SearchThreadID
)

// SearchKey is a node of the tree of conditions.
type SearchKey struct {
	Op     SearchOp
	Kids   []SearchKey
	Set    NumSet
	Field  string // header name in lower case
	Text   string // the octets the client sent, in the command's charset
	Date   time.Time
	Number uint64
}

// Any tells whether some node of the tree satisfies is.
func (k SearchKey) Any(is func(SearchKey) bool) bool {
	if is(k) {
		return true
	}
	for _, kid := range k.Kids {
		if kid.Any(is) {
			return true
		}
	}
	return false
}
