package imap

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Separator is the hierarchy separator of every mailbox name on the wire.
const Separator = '/'

// mailbox reads a mailbox name.
func (d *Decoder) mailbox() string { return d.mailboxName(d.astring("a mailbox name")) }

// mailboxName decodes a name from the wire. Names with octets above 127 are
// taken as UTF-8, which RFC 9051 sends and some clients send to everybody.
func (d *Decoder) mailboxName(wire string) string {
	if d.err != nil {
		return ""
	}
	name := wire
	if spanOf(wire, func(c byte) bool { return c < 0x80 }) == len(wire) {
		var err error
		if name, err = DecodeUTF7(wire); err != nil {
			d.fail("the mailbox name is not valid modified UTF-7")
			return ""
		}
	} else if !utf8.ValidString(wire) {
		d.fail("the mailbox name is not valid UTF-8")
		return ""
	}
	return foldInbox(name)
}

// foldInbox gives INBOX its one spelling (RFC 3501 §5.1).
func foldInbox(name string) string {
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	return name
}

// selectMailbox reads the arguments of SELECT and EXAMINE.
func (d *Decoder) selectMailbox(readOnly bool) Command {
	c := Select{Mailbox: d.mailbox(), ReadOnly: readOnly}
	if !d.accept(' ') {
		return c
	}
	d.list(func() {
		switch name := d.word("CONDSTORE or QRESYNC"); name {
		case "CONDSTORE":
			c.CondStore = true
		case "QRESYNC":
			d.space("after QRESYNC")
			c.QResync = d.qresync()
		default:
			d.fail("unknown parameter %s", name)
		}
	})
	return c
}

// qresync reads "(" uidvalidity SP modseq [SP known] [SP "(" seqs SP uids ")"] ")".
func (d *Decoder) qresync() *QResync {
	q := &QResync{}
	d.must('(')
	q.UIDValidity = uint32(d.number("a UIDVALIDITY", 32))
	d.space("before the mod-sequence")
	q.ModSeq = d.modSeq()
	if d.accept(' ') {
		if d.peek() != '(' {
			q.Known = d.numSet()
			if d.accept(' ') {
				d.matchData(q)
			}
		} else {
			d.matchData(q)
		}
	}
	d.must(')')
	return q
}

func (d *Decoder) matchData(q *QResync) {
	d.must('(')
	q.MatchSeq = d.numSet()
	d.space("between the sequence numbers and the UIDs")
	q.MatchUID = d.numSet()
	d.must(')')
}

// modSeq reads a mod-sequence: 63 bits (RFC 7162 §7).
func (d *Decoder) modSeq() uint64 { return d.number("a mod-sequence", 63) }

func (d *Decoder) create() Command {
	c := Create{Mailbox: d.mailbox()}
	if cut := strings.TrimSuffix(c.Mailbox, string(Separator)); cut != c.Mailbox && cut != "" {
		c.Mailbox, c.Trailing = foldInbox(cut), true
	}
	if !d.accept(' ') {
		return c
	}
	d.list(func() {
		if name := d.word("USE"); name != "USE" {
			d.fail("unknown parameter %s", name)
			return
		}
		d.space("after USE")
		d.list(func() { c.SpecialUse = append(c.SpecialUse, d.flag()) })
	})
	return c
}

func (d *Decoder) rename() Command {
	from := d.mailbox()
	d.space("before the new name")
	return Rename{from, d.mailbox()}
}

func (d *Decoder) status() Command {
	c := Status{Mailbox: d.mailbox()}
	d.space("before the items")
	c.Items = d.statusItems()
	return c
}

func (d *Decoder) statusItems() []StatusItem {
	var items []StatusItem
	d.list(func() {
		switch item := StatusItem(d.word("a STATUS item")); item {
		case StatusMessages, StatusRecent, StatusUIDNext, StatusUIDValidity, StatusUnseen, StatusDeleted,
			StatusSize, StatusHighestModSeq, StatusAppendLimit, StatusMailboxID:
			if !slices.Contains(items, item) {
				items = append(items, item)
			}
		default:
			d.fail("unknown STATUS item %s", item)
		}
	})
	if d.err == nil && len(items) == 0 {
		d.fail("STATUS needs at least one item")
	}
	return items
}

func (d *Decoder) lsub() Command {
	reference := d.mailbox()
	d.space("before the pattern")
	return Lsub{reference, d.pattern()}
}

// pattern reads a LIST pattern (list-mailbox).
func (d *Decoder) pattern() string {
	if c := d.peek(); c == '"' || c == '{' {
		return d.mailboxName(d.string())
	}
	n := spanOf(d.rest(), isListChar)
	if n == 0 {
		d.expected("a mailbox pattern")
		return ""
	}
	return d.mailboxName(d.take(n))
}

// listMailboxes reads the arguments of LIST (RFC 5258 §6).
func (d *Decoder) listMailboxes() Command {
	var c List
	if d.peek() == '(' {
		c.Extended = true
		d.list(func() { d.listSelection(&c) })
		d.space("before the reference name")
	}
	c.Reference = d.mailbox()
	d.space("before the pattern")
	if d.peek() == '(' {
		c.Extended = true
		d.list(func() { c.Patterns = append(c.Patterns, d.pattern()) })
		if d.err == nil && len(c.Patterns) == 0 {
			d.fail("LIST needs at least one pattern")
		}
	} else {
		c.Patterns = []string{d.pattern()}
	}
	if d.accept(' ') {
		if w := d.word("RETURN"); w != "RETURN" {
			d.fail("expected RETURN, found %s", w)
		}
		d.space("after RETURN")
		c.Extended = true
		d.list(func() { d.listReturn(&c) })
	}
	if c.SelectRecursive && !c.SelectSubscribed && !c.SelectSpecialUse {
		d.fail("RECURSIVEMATCH needs another selection option")
	}
	return c
}

func (d *Decoder) listSelection(c *List) {
	switch option := d.word("a selection option"); option {
	case "SUBSCRIBED":
		c.SelectSubscribed = true
	case "REMOTE":
		c.SelectRemote = true
	case "RECURSIVEMATCH":
		c.SelectRecursive = true
	case "SPECIAL-USE":
		c.SelectSpecialUse = true
	default:
		d.fail("unknown selection option %s", option)
	}
}

func (d *Decoder) listReturn(c *List) {
	switch option := d.word("a return option"); option {
	case "SUBSCRIBED":
		c.ReturnSubscribed = true
	case "CHILDREN":
		c.ReturnChildren = true
	case "SPECIAL-USE":
		c.ReturnSpecialUse = true
	case "STATUS":
		d.space("after STATUS")
		c.ReturnStatus = d.statusItems()
	default:
		d.fail("unknown return option %s", option)
	}
}
