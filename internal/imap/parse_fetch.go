package imap

import "strings"

// maxPath is the deepest body part that can be asked for, maxFields how many
// header names one section may pick.
const (
	maxPath   = 64
	maxFields = 200
)

// fetch reads the arguments of FETCH.
func (d *Decoder) fetch(uid bool) Command {
	c := Fetch{UID: uid, Set: d.numSet()}
	d.space("before the items")
	if d.peek() == '(' {
		d.list(func() { c.Items = append(c.Items, d.fetchItem()) })
		if d.err == nil && len(c.Items) == 0 {
			d.fail("FETCH needs at least one item")
		}
	} else if c.Items = d.fetchMacro(); c.Items == nil {
		c.Items = []FetchItem{d.fetchItem()}
	}
	if d.accept(' ') {
		d.list(func() { d.fetchModifier(&c) })
	}
	if c.Vanished && (c.ChangedSince == nil || !uid) {
		d.fail("VANISHED goes with UID FETCH and CHANGEDSINCE")
	}
	return c
}

// fetchMacro reads ALL, FAST or FULL, or nothing.
func (d *Decoder) fetchMacro() []FetchItem {
	n := spanOf(d.rest(), isItemChar)
	var kinds []FetchKind
	switch strings.ToUpper(string(d.rest()[:n])) {
	case "FAST":
		kinds = []FetchKind{FetchFlags, FetchInternalDate, FetchSize}
	case "ALL":
		kinds = []FetchKind{FetchFlags, FetchInternalDate, FetchSize, FetchEnvelope}
	case "FULL":
		kinds = []FetchKind{FetchFlags, FetchInternalDate, FetchSize, FetchEnvelope, FetchBody}
	default:
		return nil
	}
	d.pos += n
	items := make([]FetchItem, len(kinds))
	for i, k := range kinds {
		items[i].Kind = k
	}
	return items
}

// isItemChar tells whether c may stand in the name of a FETCH item or section.
func isItemChar(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || isDigit(c) || c == '.' || c == '-'
}

// fetchItem reads one item.
func (d *Decoder) fetchItem() FetchItem {
	n := spanOf(d.rest(), isItemChar)
	if n == 0 {
		d.expected("a FETCH item")
		return FetchItem{}
	}
	name := strings.ToUpper(d.take(n))
	if d.peek() == '[' {
		switch name {
		case "BODY":
			return d.bodySection(false)
		case "BODY.PEEK":
			return d.bodySection(true)
		}
	}
	for _, item := range plainItems {
		if item.name == name {
			return item.FetchItem
		}
	}
	d.fail("unknown FETCH item %s", name)
	return FetchItem{}
}

// plainItems are the items without brackets.
var plainItems = []struct {
	name string
	FetchItem
}{
	{"UID", FetchItem{Kind: FetchUID}},
	{"FLAGS", FetchItem{Kind: FetchFlags}},
	{"INTERNALDATE", FetchItem{Kind: FetchInternalDate}},
	{"RFC822.SIZE", FetchItem{Kind: FetchSize}},
	{"ENVELOPE", FetchItem{Kind: FetchEnvelope}},
	{"BODY", FetchItem{Kind: FetchBody}},
	{"BODYSTRUCTURE", FetchItem{Kind: FetchBodyStructure}},
	{"MODSEQ", FetchItem{Kind: FetchModSeq}},
	{"EMAILID", FetchItem{Kind: FetchEmailID}},
	{"THREADID", FetchItem{Kind: FetchThreadID}},
	{"RFC822", FetchItem{Kind: FetchSection, Label: "RFC822"}},
	{"RFC822.HEADER", FetchItem{Kind: FetchSection, Label: "RFC822.HEADER", Peek: true, Section: Section{Part: PartHeader}}},
	{"RFC822.TEXT", FetchItem{Kind: FetchSection, Label: "RFC822.TEXT", Section: Section{Part: PartText}}},
}

// bodySection reads "[" [section-spec] "]" ["<" offset "." size ">"].
func (d *Decoder) bodySection(peek bool) FetchItem {
	item := FetchItem{Kind: FetchSection, Peek: peek}
	d.must('[')
	if d.peek() != ']' {
		item.Section = d.sectionSpec()
	}
	d.must(']')
	if d.accept('<') {
		p := &Partial{Offset: int64(d.number("an offset", 63))}
		d.must('.')
		p.Size = int64(d.number("a size", 63))
		d.must('>')
		if d.err == nil && p.Size == 0 {
			d.fail("a partial fetch asks for at least one octet")
		}
		item.Partial = p
	}
	return item
}

// sectionSpec reads part numbers and what is wanted of the part.
func (d *Decoder) sectionSpec() Section {
	var s Section
	for isDigit(d.peek()) {
		n := d.number("a part number", 31)
		if n == 0 {
			d.fail("body parts are numbered from 1")
		}
		if len(s.Path) == maxPath {
			d.fail("body parts are nested at most %d deep", maxPath)
		}
		s.Path = append(s.Path, int(n))
		if !d.accept('.') {
			return s
		}
	}
	n := spanOf(d.rest(), isItemChar)
	if n == 0 {
		d.expected("HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT, MIME or a part number")
		return s
	}
	switch name := strings.ToUpper(d.take(n)); name {
	case "HEADER":
		s.Part = PartHeader
	case "TEXT":
		s.Part = PartText
	case "HEADER.FIELDS":
		s.Part = PartHeaderFields
	case "HEADER.FIELDS.NOT":
		s.Part = PartHeaderFieldsNot
	case "MIME":
		s.Part = PartMIME
		if len(s.Path) == 0 {
			d.fail("MIME needs a part number before it")
		}
	default:
		d.fail("unknown section %s", name)
	}
	if s.Part == PartHeaderFields || s.Part == PartHeaderFieldsNot {
		d.space("before the header names")
		d.list(func() { s.Fields = append(s.Fields, d.astring("a header name")) })
		if n := len(s.Fields); d.err == nil && (n == 0 || n > maxFields) {
			d.fail("HEADER.FIELDS takes 1 to %d header names", maxFields)
		}
	}
	return s
}

// fetchModifier reads CHANGEDSINCE or VANISHED (RFC 7162).
func (d *Decoder) fetchModifier(c *Fetch) {
	switch name := d.word("CHANGEDSINCE or VANISHED"); name {
	case "CHANGEDSINCE":
		d.space("after CHANGEDSINCE")
		n := d.modSeq()
		c.ChangedSince = &n
	case "VANISHED":
		c.Vanished = true
	default:
		d.fail("unknown modifier %s", name)
	}
}
