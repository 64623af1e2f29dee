package submission

import (
	"bytes"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"

	"navette/internal/failure"
	"navette/internal/mail"
)

// split is a header that was cut in two, because some copies are apart: their recipients see no other address.
type split struct {
	content []byte // what all copies share: no To, no Cc, no Resent-*, and nothing that names a hidden address
	shown   []byte // To and Cc of the copies that are not apart, without the hidden ones
}

// apart cuts a mended header in two: the content names none of hide, To and Cc of plain copies none of unshown. Every
// field that stays is kept octet for octet, but for those that a message cannot do without: From loses its display name,
// Subject and Content-* the words that name a hidden address. failure.Policy says that such a field cannot be mended.
func (s *Service) apart(raw []byte, own ownAddresses, hide, unshown hidden) (split, error) {
	var out split
	end, replaced := 0, false
	for f := range mail.HeaderFields(raw) {
		end = f.Offset + f.Size
		octets := raw[f.Offset:end]
		name := strings.ToLower(f.Name)
		switch {
		case name == "to", name == "cc":
			out.shown = append(out.shown, withoutHidden(f, octets, unshown)...)
		case strings.HasPrefix(name, "resent-"):
		case !hide.in(string(f.Value)) && !hide.in(string(octets)):
			out.content = append(out.content, octets...)
		case name == "message-id":
			replaced = true
		default:
			mended, err := unnamed(f, name, own, hide)
			if err != nil {
				return split{}, err
			}
			out.content = append(out.content, mended...)
		}
	}
	if !namesSomebody(out.shown) {
		out.shown = fmt.Appendf(nil, "To: <%s>\r\n", own.primary)
	}
	out.shown = endLine(out.shown)
	if replaced {
		id, err := s.messageID(own)
		if err != nil {
			return split{}, err
		}
		out.content = append(endLine(out.content), id...)
	}
	out.content = append(out.content, raw[end:]...)
	return out, nil
}

// mendable refuses a message whose fields could not be mended if one of the addresses had to be hidden, whether it has to
// be or not: only who is entitled to a guardian may learn from a refusal that somebody is one.
func mendable(raw []byte, own ownAddresses, addresses hidden) error {
	for f := range mail.HeaderFields(raw) {
		name := strings.ToLower(f.Name)
		if !strings.HasPrefix(name, "content-") || !addresses.in(string(f.Value)) {
			continue
		}
		if _, err := unnamed(f, name, own, addresses); err != nil {
			return err
		}
	}
	return nil
}

// namesSomebody tells that some field of a header has an address.
func namesSomebody(raw []byte) bool {
	for f := range mail.HeaderFields(raw) {
		for _, a := range mail.ParseAddressList(string(f.Value)) {
			if a.Kind == mail.Mailbox && a.Host != "" {
				return true
			}
		}
	}
	return false
}

// withoutHidden is a To or Cc without the hidden addresses: the field as it stands where it names none, nothing where it
// names nobody else.
func withoutHidden(f mail.HeaderField, octets []byte, hide hidden) []byte {
	if !hide.in(string(f.Value)) {
		return octets
	}
	var list []string
	for _, a := range mail.ParseAddressList(string(f.Value)) {
		if a.Kind == mail.Mailbox && a.Host != "" && !hide.in(a.Addr()) {
			list = append(list, bracketed(a, hide))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return fmt.Appendf(nil, "%s: %s\r\n", f.Name, strings.Join(list, ",\r\n "))
}

// bracketed writes a mailbox, its name left out where it names a hidden address.
func bracketed(a mail.Address, hide hidden) string {
	address := "<" + quoteLocal(a.Mailbox) + "@" + a.Host + ">"
	switch {
	case a.Name == "" || hide.in(a.Name):
		return address
	case strings.Contains(a.Name, "=?"):
		return a.Name + " " + address
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `" ` + address
}

// quoteLocal puts the quotes back that a local part needs (RFC 5321 §4.1.2).
func quoteLocal(local string) string {
	if !strings.ContainsAny(local, " \t\"\\()<>[]:;,@") && !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") {
		return local
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
}

// unnamed is a field that named a hidden address and does no longer; nothing where a message can do without the field.
func unnamed(f mail.HeaderField, name string, own ownAddresses, hide hidden) (mended []byte, err error) {
	switch {
	case name == "from":
		mended = withoutNames(f, own)
	case name == "subject":
		mended = withoutWords(f, hide)
	case strings.HasPrefix(name, "content-"):
		mended = withoutParams(f, hide)
	case name == "date":
		return withoutComments(f), nil
	case name == "mime-version":
		mended = fmt.Appendf(nil, "%s: 1.0\r\n", f.Name) // RFC 2045 §4 knows no other
	default:
		return nil, nil
	}
	if mended == nil || hide.in(string(mended)) {
		return nil, failure.New(failure.Policy, "le champ %s nomme un destinataire que les autres ne doivent pas voir ; retirez-le / the %s field names a recipient whom the others must not see; take it out",
			f.Name, f.Name)
	}
	return mended, nil
}

// withoutComments is a Date of the same instant; nothing where it is none that can be read.
func withoutComments(f mail.HeaderField) []byte {
	at, err := netmail.ParseDate(strings.TrimSpace(string(f.Value)))
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, "%s: %s\r\n", f.Name, at.Format(dateFormat))
}

// withoutNames is From with its addresses alone, which are the sender's own.
func withoutNames(f mail.HeaderField, own ownAddresses) []byte {
	var list []string
	for _, a := range mail.ParseAddressList(string(f.Value)) {
		list = append(list, "<"+quoteLocal(a.Mailbox)+"@"+a.Host+">")
	}
	if len(list) == 0 {
		list = []string{"<" + own.primary + ">"}
	}
	return fmt.Appendf(nil, "%s: %s\r\n", f.Name, strings.Join(list, ",\r\n "))
}

// masked stands in a Subject where an address stood.
const masked = "[adresse masquée]"

// withoutWords is a Subject whose words that name a hidden address are masked.
func withoutWords(f mail.HeaderField, hide hidden) []byte {
	words := strings.Fields(mail.DecodeHeader(string(f.Value)))
	for i, word := range words {
		if hide.in(word) {
			words[i] = masked
		}
	}
	text := strings.Join(words, " ")
	if hide.in(text) {
		text = masked
	}
	return fmt.Appendf(nil, "%s: %s\r\n", f.Name, encodedWords(text))
}

// encodedWords writes a text as a value (RFC 2047), folded between words.
func encodedWords(text string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?")
}

// withoutParams is a Content-* field without the parameters that name a hidden address (a file's name, most often).
func withoutParams(f mail.HeaderField, hide hidden) []byte {
	parts := splitParams(f.Value)
	if hide.in(string(parts[0])) {
		return nil
	}
	kept := parts[:1:1]
	family := map[string]bool{} // parameters that are written in pieces go as a whole
	for _, p := range parts[1:] {
		base := paramBase(p)
		family[base] = family[base] || hide.in(string(p)) || hide.in(string(joinFamily(parts[1:], base)))
	}
	if family["boundary"] {
		return nil // the body needs it
	}
	for _, p := range parts[1:] {
		if !family[paramBase(p)] {
			kept = append(kept, p)
		}
	}
	return endLine(append([]byte(f.Name+":"), bytes.Join(kept, []byte(";"))...))
}

// joinFamily puts the pieces of one parameter together.
func joinFamily(params [][]byte, base string) []byte {
	var b []byte
	for _, p := range params {
		if paramBase(p) == base {
			b = append(append(b, ';'), p...)
		}
	}
	return b
}

// paramBase is the name of a parameter, without the marks of RFC 2231, in lower case.
func paramBase(param []byte) string {
	name, _, _ := strings.Cut(string(param), "=")
	name, _, _ = strings.Cut(name, "*")
	return strings.ToLower(strings.TrimSpace(name))
}

// splitParams cuts a value at the semicolons that stand in no quotes.
func splitParams(value []byte) (parts [][]byte) {
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			parts = append(parts, value[start:i])
			start = i + 1
		}
	}
	return append(parts, value[start:])
}
