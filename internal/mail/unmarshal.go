package mail

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrFacts is the error for a blob that [Facts.MarshalBinary] did not write in this version.
var ErrFacts = errors.New("mail: not a blob of facts")

// UnmarshalFacts gives back everything that was marshalled: all but Text.
func UnmarshalFacts(blob []byte) (*Facts, error) {
	f := &Facts{}
	summary, envelope, tree, err := sections(blob)
	if err != nil {
		return nil, err
	}
	r := decoder{s: summary}
	r.summary(f)
	if err := r.end("summary"); err != nil {
		return nil, err
	}
	r = decoder{s: envelope}
	r.envelope(&f.Envelope)
	if err := r.end("envelope"); err != nil {
		return nil, err
	}
	r = decoder{s: tree}
	if tree != "" {
		f.Root = r.part(0)
	}
	if err := r.end("tree"); err != nil {
		return nil, err
	}
	return f, nil
}

// UnmarshalSummary gives the fields that stand beside the envelope and the tree, without decoding either: Envelope is
// empty, Root is nil.
func UnmarshalSummary(blob []byte) (*Facts, error) {
	f := &Facts{}
	summary, _, _, err := sections(blob)
	if err != nil {
		return nil, err
	}
	r := decoder{s: summary}
	r.summary(f)
	return f, r.end("summary")
}

// UnmarshalEnvelope gives the envelope, without decoding anything else.
func UnmarshalEnvelope(blob []byte) (*Envelope, error) {
	e := &Envelope{}
	_, envelope, _, err := sections(blob)
	if err != nil {
		return nil, err
	}
	r := decoder{s: envelope}
	r.envelope(e)
	return e, r.end("envelope")
}

// UnmarshalList gives what a list of messages shows, summary and envelope; Root is nil.
func UnmarshalList(blob []byte) (*Facts, error) {
	f := &Facts{}
	summary, envelope, _, err := sections(blob)
	if err != nil {
		return nil, err
	}
	r := decoder{s: summary}
	r.summary(f)
	if err := r.end("summary"); err != nil {
		return nil, err
	}
	r = decoder{s: envelope}
	r.envelope(&f.Envelope)
	return f, r.end("envelope")
}

// UnmarshalTree gives the MIME tree, without decoding anything else.
func UnmarshalTree(blob []byte) (*Part, error) {
	_, _, tree, err := sections(blob)
	if err != nil || tree == "" {
		return nil, err
	}
	r := decoder{s: tree}
	root := r.part(0)
	return root, r.end("tree")
}

// sections cuts the blob. Each section becomes one string, of which all strings in it are views.
func sections(blob []byte) (summary, envelope, tree string, err error) {
	if len(blob) == 0 || blob[0] != factsVersion {
		return "", "", "", fmt.Errorf("%w: version", ErrFacts)
	}
	rest := blob[1:]
	for _, section := range []*string{&summary, &envelope, &tree} {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return "", "", "", fmt.Errorf("%w: section", ErrFacts)
		}
		*section = string(rest[n : n+int(size)])
		rest = rest[n+int(size):]
	}
	if len(rest) > 0 {
		return "", "", "", fmt.Errorf("%w: bytes after it", ErrFacts)
	}
	return summary, envelope, tree, nil
}

// decoder reads one section. After the first mistake it gives zero values, and end reports it.
type decoder struct {
	s   string
	bad bool
}

func (r *decoder) end(section string) error {
	if r.bad || r.s != "" {
		return fmt.Errorf("%w: %s", ErrFacts, section)
	}
	return nil
}

func (r *decoder) fail() { r.s, r.bad = "", true }

func (r *decoder) uint() uint64 {
	var n uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		c := r.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.s = r.s[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

// int undoes the zigzag of a signed varint.
func (r *decoder) int() int64 {
	n := r.uint()
	return int64(n>>1) ^ -int64(n&1)
}

// count reads the length of a list whose members take at least one byte each.
func (r *decoder) count() int {
	n := r.uint()
	if n > uint64(len(r.s)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *decoder) string() string {
	n := r.count()
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *decoder) strings() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.string()
	}
	return list
}

func (r *decoder) summary(f *Facts) {
	flags := r.uint()
	f.TextComplete = flags&flagTextComplete != 0
	f.HasAttachment = flags&flagHasAttachment != 0
	f.Is8bit = flags&flagIs8bit != 0
	f.NeedsSMTPUTF8 = flags&flagNeedsSMTPUTF8 != 0
	f.BareNewline = flags&flagBareNewline != 0
	f.Size, f.HeaderSize, f.LongestLine = int64(r.uint()), int64(r.uint()), int(r.uint())
	if flags&flagHasDate != 0 {
		unix := r.int()
		f.Date = dateOf(unix, r.int())
	}
	f.SubjectText, f.BaseSubject, f.MessageID, f.Preview = r.string(), r.string(), r.string(), r.string()
	f.References = r.strings()
}

func (r *decoder) envelope(e *Envelope) {
	for _, s := range []*string{&e.Date, &e.Subject, &e.InReplyTo, &e.MessageID} {
		*s = r.string()
	}
	for _, list := range []*[]Address{&e.From, &e.Sender, &e.ReplyTo, &e.To, &e.Cc, &e.Bcc} {
		n := r.count()
		if n == 0 {
			continue
		}
		*list = make([]Address, n)
		for i := range *list {
			(*list)[i] = r.address()
		}
	}
}

func (r *decoder) address() Address {
	head := r.uint()
	a := Address{Kind: AddressKind(head & 3)}
	for i, s := range []*string{&a.Name, &a.Mailbox, &a.Host, &a.Route} {
		if head&(4<<i) != 0 {
			*s = r.string()
		}
	}
	return a
}

func (r *decoder) params() []Param {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]Param, n)
	for i := range list {
		list[i].Name, list[i].Value = r.string(), r.string()
	}
	return list
}

// maxTreeDepth bounds the recursion over a damaged blob; parsing stays far below, by Limits.
const maxTreeDepth = 10_000

func (r *decoder) part(depth int) *Part {
	p := &Part{}
	if depth > maxTreeDepth {
		r.fail()
		return p
	}
	for _, s := range []*string{&p.Type, &p.Subtype, &p.ID, &p.Description, &p.Encoding, &p.MD5, &p.Location, &p.Disposition} {
		*s = r.string()
	}
	p.Params, p.DispositionParams, p.Language = r.params(), r.params(), r.strings()
	for _, n := range []*int64{&p.HeaderOffset, &p.HeaderSize, &p.BodyOffset, &p.BodySize, &p.Lines} {
		*n = int64(r.uint())
	}
	if r.uint() != 0 {
		p.Envelope = &Envelope{}
		r.envelope(p.Envelope)
	}
	n := r.count()
	if n > 0 {
		p.Children = make([]*Part, 0, min(n, 16))
	}
	for range n {
		if r.bad {
			break
		}
		p.Children = append(p.Children, r.part(depth+1))
	}
	return p
}
