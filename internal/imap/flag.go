package imap

import "strings"

// The system flags of RFC 3501 §2.3.2, spelled as the RFC does.
const (
	FlagSeen     = `\Seen`
	FlagAnswered = `\Answered`
	FlagFlagged  = `\Flagged`
	FlagDeleted  = `\Deleted`
	FlagDraft    = `\Draft`
)

// systemFlag returns the RFC's spelling of a flag that begins with a backslash.
func systemFlag(s string) string {
	for _, f := range [...]string{FlagSeen, FlagAnswered, FlagFlagged, FlagDeleted, FlagDraft} {
		if strings.EqualFold(f, s) {
			return f
		}
	}
	return s
}

// flag reads one flag: a keyword, or a backslash and an atom.
func (d *Decoder) flag() string {
	if d.accept('\\') {
		return systemFlag(`\` + d.atom("a flag"))
	}
	return d.atom("a flag")
}

// flagList reads a parenthesised list of flags.
func (d *Decoder) flagList() []string {
	flags := []string{}
	d.list(func() { flags = append(flags, d.flag()) })
	return flags
}

// storeFlags reads the flags of STORE, with or without parentheses.
func (d *Decoder) storeFlags() []string {
	if d.peek() == '(' {
		return d.flagList()
	}
	flags := []string{d.flag()}
	for d.accept(' ') {
		flags = append(flags, d.flag())
	}
	return flags
}

// store reads the arguments of STORE.
func (d *Decoder) store(uid bool) Command {
	c := Store{UID: uid, Set: d.numSet(), Action: StoreReplace}
	d.space("before the action")
	if d.peek() == '(' {
		d.list(func() {
			if name := d.word("UNCHANGEDSINCE"); name != "UNCHANGEDSINCE" {
				d.fail("unknown modifier %s", name)
				return
			}
			d.space("after UNCHANGEDSINCE")
			n := d.modSeq()
			c.UnchangedSince = &n
		})
		d.space("before the action")
	}
	if d.accept('+') {
		c.Action = StoreAdd
	} else if d.accept('-') {
		c.Action = StoreRemove
	}
	switch item := d.word("FLAGS or FLAGS.SILENT"); item {
	case "FLAGS":
	case "FLAGS.SILENT":
		c.Silent = true
	default:
		d.fail("STORE changes FLAGS, not %s", item)
	}
	d.space("before the flags")
	c.Flags = d.storeFlags()
	return c
}
