package imap

// ListEntry is one LIST or LSUB response.
type ListEntry struct {
	Attributes []string // such as `\HasChildren`
	Name       string
	// ChildInfo tells that mailboxes below match a selection that this one does
	// not: CHILDINFO ("SUBSCRIBED") of RFC 5258 §3.5.
	ChildInfo bool
}

// List writes a LIST response.
func (w *Writer) List(e ListEntry) { w.list("LIST", e) }

// Lsub writes an LSUB response.
func (w *Writer) Lsub(e ListEntry) { w.list("LSUB", e) }

func (w *Writer) list(verb string, e ListEntry) {
	w.raw("* ")
	w.raw(verb)
	w.raw(" ")
	w.flagList(e.Attributes)
	w.raw(` "` + string(Separator) + `" `)
	w.mailbox(e.Name)
	if e.ChildInfo {
		w.raw(` ("CHILDINFO" ("SUBSCRIBED"))`)
	}
	w.crlf()
}

// ListRoot answers LIST "" "", which asks for the separator (RFC 3501 §6.3.8).
func (w *Writer) ListRoot() {
	w.raw(`* LIST (\Noselect) "` + string(Separator) + `" ""`)
	w.crlf()
}

// StatusValue is one item of a STATUS response. Text, when set, stands in place
// of Number.
type StatusValue struct {
	Item   StatusItem
	Number uint64
	Text   string
}

// MailboxStatus writes a STATUS response.
func (w *Writer) MailboxStatus(name string, values []StatusValue) {
	w.raw("* STATUS ")
	w.mailbox(name)
	w.raw(" (")
	for i, v := range values {
		if i > 0 {
			w.raw(" ")
		}
		w.raw(string(v.Item))
		w.raw(" ")
		if v.Text != "" {
			w.raw(v.Text)
		} else {
			w.number(v.Number)
		}
	}
	w.raw(")")
	w.crlf()
}

// Namespace writes NAMESPACE with one personal namespace, the root, and one of shared mailboxes: those whose names
// begin with shared, which ends with the separator (RFC 2342).
func (w *Writer) Namespace(shared string) {
	w.raw(`* NAMESPACE (("" "` + string(Separator) + `")) NIL ((`)
	w.mailbox(shared)
	w.raw(` "` + string(Separator) + `"))`)
	w.crlf()
}

// SearchResult writes the SEARCH response of RFC 3501 §7.2.5; modSeq follows the
// numbers when it is not zero and there are any (RFC 7162 §3.1.6).
func (w *Writer) SearchResult(found NumSet, modSeq uint64) {
	w.raw("* SEARCH")
	for n := range found.All() {
		w.raw(" ")
		w.number(uint64(n))
	}
	if modSeq != 0 && len(found) > 0 {
		w.raw(" (MODSEQ ")
		w.number(modSeq)
		w.raw(")")
	}
	w.crlf()
}

// ExtendedResult is an ESEARCH response (RFC 4731).
type ExtendedResult struct {
	Tag    string
	UID    bool
	Found  NumSet // in rising order
	Return SearchReturn
	ModSeq uint64 // zero when it is not wanted
}

// ExtendedSearch writes an ESEARCH response. MIN, MAX and ALL are left out when
// nothing was found.
func (w *Writer) ExtendedSearch(e ExtendedResult) {
	w.raw("* ESEARCH (TAG ")
	w.string(e.Tag)
	w.raw(")")
	if e.UID {
		w.raw(" UID")
	}
	some := len(e.Found) > 0
	if e.Return.Min && some {
		w.raw(" MIN ")
		w.number(uint64(e.Found[0].First))
	}
	if e.Return.Max && some {
		w.raw(" MAX ")
		w.number(uint64(e.Found[len(e.Found)-1].Last))
	}
	if e.Return.All && some {
		w.raw(" ALL ")
		w.raw(e.Found.String())
	}
	if e.Return.Count {
		w.raw(" COUNT ")
		w.number(uint64(e.Found.Len()))
	}
	if e.ModSeq != 0 && some {
		w.raw(" MODSEQ ")
		w.number(e.ModSeq)
	}
	w.crlf()
}
