package mail

import (
	"encoding/binary"
	"math"
	"time"
)

// The blob of facts holds everything but Text, which is stored by itself:
//
//	version  1 byte
//	summary  uvarint length, then the fields that a list shows and [UnmarshalSummary] reads
//	envelope uvarint length, then the envelope
//	tree     uvarint length, then the parts, each before its children
//
// Numbers are varints, strings and lists carry their length before them. An unknown version is an error: facts can always
// be made anew from the message.
const factsVersion = 1

const (
	flagTextComplete = 1 << iota
	flagHasAttachment
	flagIs8bit
	flagNeedsSMTPUTF8
	flagBareNewline
	flagHasDate
)

// MarshalBinary gives the facts without their Text as one compact blob. The error is always nil.
func (f *Facts) MarshalBinary() ([]byte, error) {
	w := encoder{b: make([]byte, 0, 1024)}
	w.b = append(w.b, factsVersion)
	w.section(func() { w.summary(f) })
	w.section(func() { w.envelope(&f.Envelope) })
	w.section(func() {
		if f.Root != nil {
			w.part(f.Root)
		}
	})
	return w.b, nil
}

type encoder struct{ b []byte }

func (w *encoder) uint(n uint64)   { w.b = binary.AppendUvarint(w.b, n) }
func (w *encoder) int(n int64)     { w.b = binary.AppendVarint(w.b, n) }
func (w *encoder) string(s string) { w.uint(uint64(len(s))); w.b = append(w.b, s...) }

// section writes what write writes, with its length before it.
func (w *encoder) section(write func()) {
	start := len(w.b)
	write()
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(len(w.b)-start))
	w.b = append(w.b, length[:n]...)
	copy(w.b[start+n:], w.b[start:])
	copy(w.b[start:], length[:n])
}

func (w *encoder) strings(list []string) {
	w.uint(uint64(len(list)))
	for _, s := range list {
		w.string(s)
	}
}

func (w *encoder) summary(f *Facts) {
	flags := uint64(0)
	for i, set := range []bool{f.TextComplete, f.HasAttachment, f.Is8bit, f.NeedsSMTPUTF8, f.BareNewline, !f.Date.IsZero()} {
		if set {
			flags |= 1 << i
		}
	}
	w.uint(flags)
	w.uint(uint64(f.Size))
	w.uint(uint64(f.HeaderSize))
	w.uint(uint64(f.LongestLine))
	if !f.Date.IsZero() {
		_, zone := f.Date.Zone()
		w.int(f.Date.Unix())
		w.int(int64(zone))
	}
	w.string(f.SubjectText)
	w.string(f.BaseSubject)
	w.string(f.MessageID)
	w.string(f.Preview)
	w.strings(f.References)
}

func (w *encoder) envelope(e *Envelope) {
	for _, s := range []string{e.Date, e.Subject, e.InReplyTo, e.MessageID} {
		w.string(s)
	}
	for _, list := range [][]Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		w.uint(uint64(len(list)))
		for _, a := range list {
			w.address(a)
		}
	}
}

// address starts with one number for the kind and for which strings follow.
func (w *encoder) address(a Address) {
	fields := [...]string{a.Name, a.Mailbox, a.Host, a.Route}
	head := uint64(a.Kind)
	for i, s := range fields {
		if s != "" {
			head |= 4 << i
		}
	}
	w.uint(head)
	for _, s := range fields {
		if s != "" {
			w.string(s)
		}
	}
}

func (w *encoder) params(list []Param) {
	w.uint(uint64(len(list)))
	for _, p := range list {
		w.string(p.Name)
		w.string(p.Value)
	}
}

func (w *encoder) part(p *Part) {
	for _, s := range []string{p.Type, p.Subtype, p.ID, p.Description, p.Encoding, p.MD5, p.Location, p.Disposition} {
		w.string(s)
	}
	w.params(p.Params)
	w.params(p.DispositionParams)
	w.strings(p.Language)
	for _, n := range []int64{p.HeaderOffset, p.HeaderSize, p.BodyOffset, p.BodySize, p.Lines} {
		w.uint(uint64(n))
	}
	if p.Envelope == nil {
		w.uint(0)
	} else {
		w.uint(1)
		w.envelope(p.Envelope)
	}
	w.uint(uint64(len(p.Children)))
	for _, child := range p.Children {
		w.part(child)
	}
}

// dateOf rebuilds a time from its blob form; a zone that no date can have is UTC.
func dateOf(unix, zone int64) time.Time {
	t := time.Unix(unix, 0).UTC()
	if zone != 0 && zone > -math.MaxInt16*4 && zone < math.MaxInt16*4 {
		t = t.In(time.FixedZone("", int(zone)))
	}
	return t
}
