package imap

// rightsParserOf is parserOf for access control (RFC 4314 §6) and quotas (RFC 9208 §7).
func (d *Decoder) rightsParserOf(name string) func() Command {
	switch name {
	case "GETACL":
		return func() Command { return GetACL{d.mailbox()} }
	case "MYRIGHTS":
		return func() Command { return MyRights{d.mailbox()} }
	case "LISTRIGHTS":
		return func() Command { box, who := d.mailboxAndIdentifier(); return ListRights{box, who} }
	case "DELETEACL":
		return func() Command { box, who := d.mailboxAndIdentifier(); return DeleteACL{box, who} }
	case "SETACL":
		return d.setACL
	case "GETQUOTA":
		return func() Command { return GetQuota{d.mailboxName(d.astring("a quota root"))} }
	case "GETQUOTAROOT":
		return func() Command { return GetQuotaRoot{d.mailbox()} }
	}
	return nil
}

func (d *Decoder) mailboxAndIdentifier() (mailbox, identifier string) {
	mailbox = d.mailbox()
	d.space("before the identifier")
	return mailbox, d.astring("an identifier")
}

// setACL reads "mailbox identifier [+-]rights". Rights are lower-case letters and digits: whoever writes others means
// something that this server does not know (RFC 4314 §3.1).
func (d *Decoder) setACL() Command {
	c := SetACL{Action: StoreReplace}
	c.Mailbox, c.Identifier = d.mailboxAndIdentifier()
	d.space("before the rights")
	c.Rights = d.astring("rights")
	if c.Rights != "" && (c.Rights[0] == '+' || c.Rights[0] == '-') {
		c.Action, c.Rights = StoreAction(c.Rights[0]), c.Rights[1:]
	}
	if d.err == nil && spanOf(c.Rights, isRight) < len(c.Rights) {
		d.fail("rights are lower-case letters and digits")
	}
	return c
}

// isRight tells whether c may name a right (RFC 4314 §6).
func isRight(c byte) bool { return 'a' <= c && c <= 'z' || isDigit(c) }
