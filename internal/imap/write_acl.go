package imap

// ACLEntry is what one identifier may do.
type ACLEntry struct{ Identifier, Rights string }

// ACL writes the ACL response of GETACL (RFC 4314 §3.6).
func (w *Writer) ACL(mailbox string, entries []ACLEntry) {
	w.raw("* ACL ")
	w.mailbox(mailbox)
	for _, e := range entries {
		w.raw(" ")
		w.string(e.Identifier)
		w.raw(" ")
		w.string(e.Rights)
	}
	w.crlf()
}

// ListRights writes the LISTRIGHTS response (RFC 4314 §3.7): the rights that the identifier always has, and sets of
// which each is given or taken as a whole.
func (w *Writer) ListRights(mailbox, identifier, required string, optional ...string) {
	w.raw("* LISTRIGHTS ")
	w.mailbox(mailbox)
	w.raw(" ")
	w.string(identifier)
	w.raw(" ")
	w.string(required)
	for _, set := range optional {
		w.raw(" ")
		w.string(set)
	}
	w.crlf()
}

// MyRights writes the MYRIGHTS response (RFC 4314 §3.8).
func (w *Writer) MyRights(mailbox, rights string) {
	w.raw("* MYRIGHTS ")
	w.mailbox(mailbox)
	w.raw(" ")
	w.string(rights)
	w.crlf()
}

// QuotaRoot writes the QUOTAROOT response of a mailbox under one root (RFC 9208 §4.2.2).
func (w *Writer) QuotaRoot(mailbox, root string) {
	w.raw("* QUOTAROOT ")
	w.mailbox(mailbox)
	w.raw(" ")
	w.mailbox(root)
	w.crlf()
}

// StorageQuota writes the QUOTA response of a root (RFC 9208 §4.2.1): what is used and what may be, in units of 1024
// octets; no limit where limit is 0.
func (w *Writer) StorageQuota(root string, used, limit uint64) {
	w.raw("* QUOTA ")
	w.mailbox(root)
	w.raw(" (")
	if limit > 0 {
		w.raw("STORAGE ")
		w.number(used)
		w.raw(" ")
		w.number(limit)
	}
	w.raw(")")
	w.crlf()
}
