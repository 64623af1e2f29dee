package imap

import (
	"io"
	"time"

	"navette/internal/mail"
)

// FetchWriter writes one FETCH response. Its methods write one item each, in
// the order they are called; End closes the response.
type FetchWriter struct {
	w     *Writer
	items int
}

// Fetch begins the FETCH response of the message with that sequence number.
func (w *Writer) Fetch(seq uint32) FetchWriter {
	w.raw("* ")
	w.number(uint64(seq))
	w.raw(" FETCH (")
	return FetchWriter{w: w}
}

// End closes the response.
func (f *FetchWriter) End() {
	f.w.raw(")")
	f.w.crlf()
}

// item writes the name of an item and the spaces around it.
func (f *FetchWriter) item(name string) {
	if f.items > 0 {
		f.w.raw(" ")
	}
	f.items++
	f.w.raw(name)
	f.w.raw(" ")
}

// UID writes the message's UID.
func (f *FetchWriter) UID(uid uint32) {
	f.item("UID")
	f.w.number(uint64(uid))
}

// Flags writes the message's flags.
func (f *FetchWriter) Flags(flags []string) {
	f.item("FLAGS")
	f.w.flagList(flags)
}

// InternalDate writes when the message was received.
func (f *FetchWriter) InternalDate(t time.Time) {
	f.item("INTERNALDATE")
	f.w.raw(`"`)
	f.w.raw(FormatInternalDate(t))
	f.w.raw(`"`)
}

// Size writes the message's size in octets.
func (f *FetchWriter) Size(n int64) {
	f.item("RFC822.SIZE")
	f.w.number(uint64(n))
}

// ModSeq writes the message's mod-sequence (RFC 7162 §3.1.4.2).
func (f *FetchWriter) ModSeq(n uint64) {
	f.item("MODSEQ")
	f.w.raw("(")
	f.w.number(n)
	f.w.raw(")")
}

// EmailID writes the identifier of the message's content (RFC 8474 §5.1).
func (f *FetchWriter) EmailID(id string) { f.objectID("EMAILID", id) }

// ThreadID writes the identifier of the message's thread, NIL when it is empty
// (RFC 8474 §5.2).
func (f *FetchWriter) ThreadID(id string) { f.objectID("THREADID", id) }

func (f *FetchWriter) objectID(name, id string) {
	f.item(name)
	if id == "" {
		f.w.raw("NIL")
		return
	}
	f.w.raw("(")
	f.w.raw(id)
	f.w.raw(")")
}

// Envelope writes ENVELOPE.
func (f *FetchWriter) Envelope(e *mail.Envelope) {
	f.item("ENVELOPE")
	f.w.envelope(e)
}

// Body writes BODY: the structure without extension data.
func (f *FetchWriter) Body(root *mail.Part) {
	f.item("BODY")
	f.w.structure(root, false)
}

// BodyStructure writes BODYSTRUCTURE.
func (f *FetchWriter) BodyStructure(root *mail.Part) {
	f.item("BODYSTRUCTURE")
	f.w.structure(root, true)
}

// Section writes the octets that a FetchSection item asked for: size of them,
// from r; nil stands for a section that the message does not have. After an
// error the response cannot be mended and the connection must be closed.
func (f *FetchWriter) Section(item FetchItem, size int64, r io.Reader) error {
	f.item(item.Name())
	if r == nil {
		f.w.raw("NIL")
		return nil
	}
	if size == 0 {
		f.w.raw(`""`)
		return nil
	}
	return f.w.literal(size, r)
}

// Name is what a FETCH response calls a FetchSection item.
func (item FetchItem) Name() string {
	if item.Label != "" {
		return item.Label
	}
	name := "BODY[" + item.Section.String() + "]"
	if p := item.Partial; p != nil {
		name += "<" + formatInt(p.Offset) + ">"
	}
	return name
}
