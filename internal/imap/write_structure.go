package imap

import (
	"strconv"
	"strings"

	"navette/internal/mail"
)

// envelope writes an envelope (RFC 3501 §7.4.2). Sender and Reply-To default to
// From.
func (w *Writer) envelope(e *mail.Envelope) {
	sender, replyTo := e.Sender, e.ReplyTo
	if len(sender) == 0 {
		sender = e.From
	}
	if len(replyTo) == 0 {
		replyTo = e.From
	}
	w.raw("(")
	w.nstring(e.Date)
	w.raw(" ")
	w.nstring(e.Subject)
	for _, list := range [...][]mail.Address{e.From, sender, replyTo, e.To, e.Cc, e.Bcc} {
		w.raw(" ")
		w.addresses(list)
	}
	w.raw(" ")
	w.nstring(e.InReplyTo)
	w.raw(" ")
	w.nstring(e.MessageID)
	w.raw(")")
}

// addresses writes a list of addresses, NIL when it is empty. The marks of a
// group have no host; its end has no mailbox either.
func (w *Writer) addresses(list []mail.Address) {
	if len(list) == 0 {
		w.raw("NIL")
		return
	}
	w.raw("(")
	for _, a := range list {
		w.raw("(")
		w.nstring(a.Name)
		w.raw(" NIL ")
		switch a.Kind {
		case mail.GroupStart:
			w.string(a.Mailbox)
			w.raw(" NIL")
		case mail.GroupEnd:
			w.raw("NIL NIL")
		default:
			// NIL here would read as a group: an empty string says "missing".
			w.string(a.Mailbox)
			w.raw(" ")
			w.string(a.Host)
		}
		w.raw(")")
	}
	w.raw(")")
}

// structure writes a body structure (RFC 3501 §7.4.2), with extension data when
// extended.
func (w *Writer) structure(p *mail.Part, extended bool) {
	w.raw("(")
	if p.IsMultipart() {
		for _, kid := range p.Children {
			w.structure(kid, extended)
		}
		w.raw(" ")
		w.upper(p.Subtype)
		if extended {
			w.raw(" ")
			w.params(p.Params)
			w.dispositionLanguageLocation(p)
		}
		w.raw(")")
		return
	}
	w.upper(p.Type)
	w.raw(" ")
	w.upper(p.Subtype)
	w.raw(" ")
	w.params(p.Params)
	w.raw(" ")
	w.nstring(p.ID)
	w.raw(" ")
	w.nstring(p.Description)
	w.raw(" ")
	w.upper(p.Encoding)
	w.raw(" ")
	w.number(uint64(p.BodySize))
	switch {
	case p.IsMessage():
		w.raw(" ")
		w.envelope(p.Envelope)
		w.raw(" ")
		w.structure(p.Children[0], extended)
		w.raw(" ")
		w.number(uint64(p.Lines))
	case p.Type == "text":
		w.raw(" ")
		w.number(uint64(p.Lines))
	}
	if extended {
		w.raw(" ")
		w.nstring(p.MD5)
		w.dispositionLanguageLocation(p)
	}
	w.raw(")")
}

// dispositionLanguageLocation writes the extension data that all parts share.
func (w *Writer) dispositionLanguageLocation(p *mail.Part) {
	if p.Disposition == "" {
		w.raw(" NIL ")
	} else {
		w.raw(" (")
		w.upper(p.Disposition)
		w.raw(" ")
		w.params(p.DispositionParams)
		w.raw(") ")
	}
	switch len(p.Language) {
	case 0:
		w.raw("NIL")
	case 1:
		w.string(p.Language[0])
	default:
		w.raw("(")
		for i, l := range p.Language {
			if i > 0 {
				w.raw(" ")
			}
			w.string(l)
		}
		w.raw(")")
	}
	w.raw(" ")
	w.nstring(p.Location)
}

// params writes body parameters, NIL when there are none.
func (w *Writer) params(params []mail.Param) {
	if len(params) == 0 {
		w.raw("NIL")
		return
	}
	w.raw("(")
	for i, p := range params {
		if i > 0 {
			w.raw(" ")
		}
		w.upper(p.Name)
		w.raw(" ")
		w.string(p.Value)
	}
	w.raw(")")
}

// upper writes a token of MIME, which has no case, as clients are used to it.
func (w *Writer) upper(s string) { w.string(strings.ToUpper(s)) }

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
