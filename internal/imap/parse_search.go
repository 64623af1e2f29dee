package imap

import "strings"

// maxSearchDepth bounds NOT, OR and parentheses within one another; maxSearchKeys
// bounds the keys of one SEARCH, each of which looks at every message.
const (
	maxSearchDepth = 50
	maxSearchKeys  = 500
)

// search reads the arguments of SEARCH (RFC 9051 §9, "search").
func (d *Decoder) search(uid bool) Command {
	c := Search{UID: uid}
	d.keys = 0
	if d.wordAhead("RETURN") {
		d.pos += len("RETURN")
		d.space("after RETURN")
		c.Extended, c.Return = true, d.searchReturn()
		d.space("before the search keys")
	}
	if d.wordAhead("CHARSET") {
		d.pos += len("CHARSET")
		d.space("after CHARSET")
		c.Charset = strings.ToUpper(d.astring("a charset"))
		d.space("before the search keys")
	}
	c.Key = d.searchKeys(0)
	return c
}

// wordAhead tells whether word, in any case, is the next atom.
func (d *Decoder) wordAhead(word string) bool {
	n := spanOf(d.rest(), isAtomChar)
	return n == len(word) && strings.EqualFold(string(d.rest()[:n]), word)
}

// searchReturn reads the list of RETURN; an empty one means ALL (RFC 4731 §3.1).
func (d *Decoder) searchReturn() SearchReturn {
	var r SearchReturn
	d.list(func() {
		switch option := d.word("a return option"); option {
		case "MIN":
			r.Min = true
		case "MAX":
			r.Max = true
		case "ALL":
			r.All = true
		case "COUNT":
			r.Count = true
		default:
			d.fail("unknown return option %s", option)
		}
	})
	if r == (SearchReturn{}) {
		r.All = true
	}
	return r
}

// searchKeys reads keys up to the end of the command or a closing parenthesis.
func (d *Decoder) searchKeys(depth int) SearchKey {
	var keys []SearchKey
	for {
		keys = append(keys, d.searchKey(depth))
		if d.err != nil || !d.accept(' ') {
			break
		}
	}
	if len(keys) == 1 {
		return keys[0]
	}
	return SearchKey{Op: SearchAnd, Kids: keys}
}

// searchKey reads one key.
func (d *Decoder) searchKey(depth int) SearchKey {
	if depth > maxSearchDepth {
		d.fail("search keys are nested at most %d deep", maxSearchDepth)
		return SearchKey{}
	}
	if d.keys++; d.keys > maxSearchKeys {
		d.fail("a search has at most %d keys", maxSearchKeys)
		return SearchKey{}
	}
	switch c := d.peek(); {
	case c == '(':
		d.pos++
		k := d.searchKeys(depth + 1)
		d.must(')')
		return k
	case isDigit(c) || c == '*' || c == '$':
		return SearchKey{Op: SearchSeq, Set: d.numSet()}
	}
	name := d.word("a search key")
	if d.err != nil {
		return SearchKey{}
	}
	if k, ok := flagKey(name); ok {
		return k
	}
	return d.searchKeyWithArgument(name, depth)
}

// flagKey returns the key of a name that takes no argument.
func flagKey(name string) (SearchKey, bool) {
	switch name {
	case "ALL":
		return SearchKey{Op: SearchAll}, true
	case "RECENT":
		return SearchKey{Op: SearchRecent}, true
	case "NEW":
		return SearchKey{Op: SearchAnd, Kids: []SearchKey{{Op: SearchRecent}, not(SearchKey{Op: SearchFlag, Text: FlagSeen})}}, true
	case "OLD":
		return not(SearchKey{Op: SearchRecent}), true
	case "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN":
		return SearchKey{Op: SearchFlag, Text: systemFlag(`\` + name)}, true
	case "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN":
		return not(SearchKey{Op: SearchFlag, Text: systemFlag(`\` + name[len("UN"):])}), true
	}
	return SearchKey{}, false
}

func not(k SearchKey) SearchKey { return SearchKey{Op: SearchNot, Kids: []SearchKey{k}} }

// textKeys are the keys with one string.
var textKeys = map[string]SearchKey{
	"BCC":      {Op: SearchHeader, Field: "bcc"},
	"CC":       {Op: SearchHeader, Field: "cc"},
	"FROM":     {Op: SearchHeader, Field: "from"},
	"SUBJECT":  {Op: SearchHeader, Field: "subject"},
	"TO":       {Op: SearchHeader, Field: "to"},
	"BODY":     {Op: SearchBody},
	"TEXT":     {Op: SearchText},
	"EMAILID":  {Op: SearchEmailID},
	"THREADID": {Op: SearchThreadID},
}

// dateKeys are the keys with one day.
var dateKeys = map[string]SearchOp{
	"BEFORE": SearchBefore, "ON": SearchOn, "SINCE": SearchSince,
	"SENTBEFORE": SearchSentBefore, "SENTON": SearchSentOn, "SENTSINCE": SearchSentSince,
}

// numberKeys are the keys with one number, and how many bits it has.
var numberKeys = map[string]struct {
	op   SearchOp
	bits int
}{
	"LARGER": {SearchLarger, 63}, "SMALLER": {SearchSmaller, 63},
	"OLDER": {SearchOlder, 32}, "YOUNGER": {SearchYounger, 32},
}

// searchKeyWithArgument reads what follows the name of a key.
func (d *Decoder) searchKeyWithArgument(name string, depth int) SearchKey {
	parse := d.searchArgument(name, depth)
	if parse == nil {
		d.fail("unknown search key %s", name)
		return SearchKey{}
	}
	d.space("after " + name)
	if d.err != nil {
		return SearchKey{}
	}
	return parse()
}

// searchArgument returns the parser of the arguments of a key.
func (d *Decoder) searchArgument(name string, depth int) func() SearchKey {
	if k, ok := textKeys[name]; ok {
		return func() SearchKey { k.Text = d.astring("a string"); return k }
	}
	if op, ok := dateKeys[name]; ok {
		return func() SearchKey { return SearchKey{Op: op, Date: d.date()} }
	}
	if n, ok := numberKeys[name]; ok {
		return func() SearchKey { return SearchKey{Op: n.op, Number: d.number("a number", n.bits)} }
	}
	switch name {
	case "UID":
		return func() SearchKey { return SearchKey{Op: SearchUID, Set: d.numSet()} }
	case "KEYWORD":
		return func() SearchKey { return SearchKey{Op: SearchFlag, Text: d.flag()} }
	case "UNKEYWORD":
		return func() SearchKey { return not(SearchKey{Op: SearchFlag, Text: d.flag()}) }
	case "HEADER":
		return d.searchHeader
	case "NOT":
		return func() SearchKey { return not(d.searchKey(depth + 1)) }
	case "OR":
		return func() SearchKey { return d.searchOr(depth) }
	case "MODSEQ":
		return d.searchModSeq
	}
	return nil
}

func (d *Decoder) searchHeader() SearchKey {
	field := strings.ToLower(d.astring("a header name"))
	d.space("after the header name")
	return SearchKey{Op: SearchHeader, Field: field, Text: d.astring("a string")}
}

func (d *Decoder) searchOr(depth int) SearchKey {
	left := d.searchKey(depth + 1)
	d.space("between the two keys of OR")
	return SearchKey{Op: SearchOr, Kids: []SearchKey{left, d.searchKey(depth + 1)}}
}

// searchModSeq reads [entry-name SP entry-type SP] mod-sequence. Every flag has
// one mod-sequence here, so the entry is read and not used (RFC 7162 §3.1.5).
func (d *Decoder) searchModSeq() SearchKey {
	if d.peek() == '"' {
		d.quoted()
		d.space("before the entry type")
		switch kind := d.word("priv, shared or all"); kind {
		case "PRIV", "SHARED", "ALL":
		default:
			d.fail("unknown entry type %s", kind)
		}
		d.space("before the mod-sequence")
	}
	return SearchKey{Op: SearchModSeq, Number: d.modSeq()}
}
