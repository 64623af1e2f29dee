package submission

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/mail"
)

// header is the header of a submission, mended.
type header struct {
	octets []byte                 // with the empty line that ends it, if the message had one
	fields map[string]guard.Field // by directory.MatchKey: where an address stands for others to see
	shown  []string               // those addresses, each once
	facts  *mail.Facts            // of the header alone; see facts
}

// fieldOf tells where a recipient stands: Hidden if in no header field.
func (h *header) fieldOf(address string) guard.Field { return h.fields[directory.MatchKey(address)] }

// survey is what one pass over the fields of a header finds.
type survey struct {
	from, sender int    // how many fields
	authors      int    // mailboxes in From
	fromValue    []byte // raw
	named        bool   // To or Cc names somebody
	many         bool   // more addresses than are looked at
	date, id     bool   // there is one
	hidden       int    // how many Sender fields name the author of what is written as a box: they go
	end          int    // offset of the empty line, or of the end
	fields       map[string]guard.Field
	shown        []string
}

// mend checks who writes and brings the header into the form that the package comment promises.
func (s *Service) mend(raw []byte, own ownAddresses) (*header, error) {
	v := survey{fields: map[string]guard.Field{}}
	for f := range mail.HeaderFields(raw) {
		if err := v.look(f, own); err != nil {
			return nil, err
		}
	}
	switch {
	case v.from == 0:
		return nil, failure.New(failure.Permanent, "il manque le champ From (l'expéditeur) / the From field is missing")
	case v.from > 1 || v.sender+v.hidden > 1:
		return nil, failure.New(failure.Permanent, "le champ From ou Sender est répété / From or Sender stands twice")
	case v.many:
		return nil, errTooMany()
	case v.authors > 1 && v.sender == 0:
		return nil, failure.New(failure.Permanent, "plusieurs auteurs sans champ Sender / several authors and no Sender")
	}
	var to []byte
	if !v.named {
		to = v.toSender(own)
	}
	added, err := s.missing(&v, own)
	if err != nil {
		return nil, err
	}
	return &header{octets: v.rewrite(raw, to, added), fields: v.fields, shown: v.shown}, nil
}

func errTooMany() error {
	return failure.New(failure.Permanent, "trop d'adresses dans l'en-tête / too many addresses in the header")
}

// look takes note of one field.
func (v *survey) look(f mail.HeaderField, own ownAddresses) error {
	v.end = f.Offset + f.Size
	switch strings.ToLower(f.Name) {
	case "from":
		v.from++
		v.fromValue = f.Value
		v.authors = len(mail.ParseAddressList(string(f.Value)))
		return v.checked(f, "From", own)
	case "sender":
		if own.names(f) {
			v.hidden++
			return nil
		}
		v.sender++
		return v.checked(f, "Sender", own)
	case "resent-from":
		return v.checked(f, "Resent-From", own)
	case "resent-sender":
		return v.checked(f, "Resent-Sender", own)
	case "to":
		v.named = v.see(f, guard.To) || v.named
	case "cc":
		v.named = v.see(f, guard.Cc) || v.named
	case "date":
		v.date = true
	case "message-id":
		v.id = true
	default:
		v.glance(f)
	}
	return nil
}

// checked takes note of a field that names its sender.
func (v *survey) checked(f mail.HeaderField, name string, own ownAddresses) error {
	for _, a := range mail.ParseAddressList(string(f.Value)) {
		v.read(a)
	}
	return own.checkField(f, name)
}

// checkField refuses a field that names anybody but the account: every member must be one of its addresses. A field
// that names nobody, or a group, is refused too.
func (o ownAddresses) checkField(f mail.HeaderField, name string) error {
	list := mail.ParseAddressList(string(f.Value))
	if len(list) == 0 {
		return o.refuse("le champ "+name, "the "+name+" field")
	}
	for _, a := range list {
		if a.Kind != mail.Mailbox || a.Host == "" || !o.has(a.Addr()) {
			return o.refuse("le champ "+name, "the "+name+" field")
		}
	}
	return nil
}

// see notes whom a field shows, and whether it shows anybody: words without an address are no recipient.
func (v *survey) see(f mail.HeaderField, where guard.Field) (named bool) {
	list := mail.ParseAddressList(string(f.Value))
	v.many = v.many || len(list) >= shownMax
	for _, a := range list {
		v.read(a)
		if a.Kind != mail.Mailbox || a.Host == "" {
			continue
		}
		named = true
		v.note(a.Addr(), where)
	}
	return named
}

// read notes the addresses in a display name, or in the name of a group.
func (v *survey) read(a mail.Address) {
	words := a.Name
	if a.Kind == mail.GroupStart {
		words = a.Mailbox
	}
	if !strings.ContainsRune(words, '@') && !strings.Contains(words, "=?") {
		return
	}
	for address := range addressesIn(mail.DecodeHeader(words), nil) {
		v.note(address, guard.Words)
	}
}

// shownMax bounds the addresses of a header, fewer than ParseAddressList gives of one field: nobody is shown who is not
// looked at.
const shownMax = 4000

// note takes note of an address. One in several fields counts where it is most visible.
func (v *survey) note(address string, where guard.Field) {
	key := directory.MatchKey(address)
	if key == "" || v.many {
		return
	}
	before, known := v.fields[key]
	if !known {
		v.shown = append(v.shown, address)
		v.many = len(v.shown) > shownMax
	}
	if !known || visibility(where) > visibility(before) {
		v.fields[key] = where
	}
}

// visibility orders the fields by how plainly they show somebody.
func visibility(f guard.Field) int {
	switch f {
	case guard.To:
		return 4
	case guard.Cc:
		return 3
	case guard.Other:
		return 2
	case guard.Words:
		return 1
	}
	return 0
}

// toSender is the To of a message that names nobody: the sender as From has it, or the primary address where From has
// several.
func (v *survey) toSender(own ownAddresses) []byte {
	if v.authors == 1 {
		return fmt.Appendf(nil, "To: %s\r\n", bytes.TrimSpace(v.fromValue))
	}
	return fmt.Appendf(nil, "To: <%s>\r\n", own.primary)
}

// missing are the fields that a submission may lack and a message may not.
func (s *Service) missing(v *survey, own ownAddresses) ([]byte, error) {
	var b []byte
	if !v.date {
		b = fmt.Appendf(b, "Date: %s\r\n", s.cfg.Now().Format(dateFormat))
	}
	if !v.id {
		id, err := s.messageID(own)
		if err != nil {
			return nil, err
		}
		b = append(b, id...)
	}
	return b, nil
}

// messageID is a Message-ID field.
func (s *Service) messageID(own ownAddresses) ([]byte, error) {
	var random [15]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("make a Message-ID: %w", err)
	}
	_, domain, _ := strings.Cut(own.primary, "@")
	return fmt.Appendf(nil, "Message-ID: <%s@%s>\r\n", strings.ToLower(base32.StdEncoding.EncodeToString(random[:])), domain), nil
}

// rewrite copies a header field by field, without those that go; to comes after From, added after the last field.
func (v *survey) rewrite(raw, to, added []byte) []byte {
	out := make([]byte, 0, len(raw)+len(to)+len(added)+2)
	for f := range mail.HeaderFields(raw) {
		switch strings.ToLower(f.Name) {
		case "bcc", "resent-bcc":
			continue
		case "to":
			if !v.named {
				continue
			}
		case "sender":
			if v.hidden > 0 {
				continue
			}
		}
		out = append(out, raw[f.Offset:f.Offset+f.Size]...)
		if strings.EqualFold(f.Name, "From") && len(to) > 0 {
			out = append(endLine(out), to...)
		}
	}
	if len(added) > 0 {
		out = append(endLine(out), added...)
	}
	return append(out, raw[v.end:]...)
}

// endLine ends the last line of a header that the message ended in the middle of.
func endLine(b []byte) []byte {
	if len(b) > 0 && b[len(b)-1] != '\n' {
		b = append(b, "\r\n"...)
	}
	return b
}
