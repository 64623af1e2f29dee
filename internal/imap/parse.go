package imap

import (
	"encoding/base64"
	"strings"
)

// command reads everything after the tag (RFC 9051 §9, "command").
func (d *Decoder) command() Command {
	name := d.word("a command name")
	if name == "UID" {
		d.space("after UID")
		name = "UID " + d.word("COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE")
	}
	if d.err != nil {
		return nil
	}
	if cmd := d.bareCommand(name); cmd != nil {
		return cmd
	}
	parse := d.parserOf(name)
	if parse == nil {
		d.fail("unknown command %s", name)
		return nil
	}
	d.space("and arguments after " + name)
	if d.err != nil {
		return nil
	}
	return parse()
}

// bareCommand returns the command of that name if it takes no arguments.
func (d *Decoder) bareCommand(name string) Command {
	switch name {
	case "CAPABILITY":
		return Capability{}
	case "NOOP":
		return Noop{}
	case "LOGOUT":
		return Logout{}
	case "STARTTLS":
		return StartTLS{}
	case "CHECK":
		return Check{}
	case "CLOSE":
		return Close{}
	case "UNSELECT":
		return Unselect{}
	case "IDLE":
		return Idle{}
	case "NAMESPACE":
		return Namespace{}
	case "EXPUNGE":
		return Expunge{}
	}
	return nil
}

// parserOf returns the parser of the arguments of the command of that name.
func (d *Decoder) parserOf(name string) func() Command {
	switch name {
	case "LOGIN":
		return d.login
	case "AUTHENTICATE":
		return d.authenticate
	case "ENABLE":
		return d.enable
	case "ID":
		return d.id
	case "SELECT", "EXAMINE":
		return func() Command { return d.selectMailbox(name == "EXAMINE") }
	case "CREATE":
		return d.create
	case "DELETE":
		return func() Command { return Delete{d.mailbox()} }
	case "RENAME":
		return d.rename
	case "SUBSCRIBE":
		return func() Command { return Subscribe{d.mailbox()} }
	case "UNSUBSCRIBE":
		return func() Command { return Unsubscribe{d.mailbox()} }
	case "LIST":
		return d.listMailboxes
	case "LSUB":
		return d.lsub
	case "STATUS":
		return d.status
	case "APPEND":
		return d.append
	}
	if parse := d.rightsParserOf(name); parse != nil {
		return parse
	}
	return d.messageParserOf(name)
}

// messageParserOf is parserOf for commands that name messages.
func (d *Decoder) messageParserOf(name string) func() Command {
	name, uid := strings.CutPrefix(name, "UID ")
	switch name {
	case "EXPUNGE":
		if uid {
			return func() Command { return Expunge{UID: true, Set: d.numSet()} }
		}
	case "COPY":
		return func() Command { set, to := d.setAndMailbox(); return Copy{uid, set, to} }
	case "MOVE":
		return func() Command { set, to := d.setAndMailbox(); return Move{uid, set, to} }
	case "FETCH":
		return func() Command { return d.fetch(uid) }
	case "STORE":
		return func() Command { return d.store(uid) }
	case "SEARCH":
		return func() Command { return d.search(uid) }
	}
	return nil
}

func (d *Decoder) setAndMailbox() (NumSet, string) {
	set := d.numSet()
	d.space("before the mailbox")
	return set, d.mailbox()
}

func (d *Decoder) login() Command {
	user := d.astring("a user name")
	d.space("before the password")
	return Login{user, d.astring("a password")}
}

// authenticate reads the arguments of AUTHENTICATE; "=" stands for an empty
// initial response (RFC 4959 §3).
func (d *Decoder) authenticate() Command {
	c := Authenticate{Mechanism: d.word("a SASL mechanism")}
	if !d.accept(' ') {
		return c
	}
	text := string(d.rest())
	d.pos = len(d.line)
	if text == "=" {
		c.Initial = []byte{}
		return c
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		d.fail("the initial response is not base64")
		return nil
	}
	c.Initial = b
	return c
}

func (d *Decoder) enable() Command {
	var c Enable
	for {
		c.Capabilities = append(c.Capabilities, d.word("a capability"))
		if d.err != nil || !d.accept(' ') {
			return c
		}
	}
}

// id reads the arguments of ID. RFC 2971 §3.3 allows 30 fields; more are
// accepted within the bounds of a command, fields given twice keep the first.
func (d *Decoder) id() Command {
	if d.peek() != '(' {
		d.nilWord("a list of fields, or NIL")
		return ID{}
	}
	fields := map[string]string{}
	d.list(func() {
		name := strings.ToLower(d.string())
		d.space("before the field's value")
		value := ""
		if c := d.peek(); c == '"' || c == '{' {
			value = d.string()
		} else {
			d.nilWord("a string or NIL")
		}
		if _, twice := fields[name]; d.err == nil && !twice {
			fields[name] = value
		}
	})
	return ID{fields}
}

// nilWord consumes NIL.
func (d *Decoder) nilWord(what string) {
	if d.word(what) != "NIL" && d.err == nil {
		d.fail("expected %s", what)
	}
}
