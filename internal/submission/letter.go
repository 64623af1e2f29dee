package submission

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/mailbox"
)

// LetterRecipientsMax is how many addresses a letter may name, each as often as it stands there: whoever writes to more
// writes to a group.
const LetterRecipientsMax = 1000

// Letter is what somebody writes in a page: a message without attachments. Addresses are bare.
type Letter struct {
	From        string // an address of the sender, or of a box that they may write as; "" for the sender's primary one
	To, Cc, Bcc []string
	Subject     string
	Text        string // plain, lines ended by LF or CRLF
	InReplyTo   string // Message-ID of what it answers, with or without brackets; "" for nothing
	Apart       bool   // « Envoyer séparément »
	Confirmed   bool   // the sender has confirmed what the guard asks
}

// Outlook is what the guard says of a letter, as its sender may know it.
type Outlook struct {
	Recipients []guard.Decision // of To, Cc and Bcc in this order, an address that stands twice once for each
	Concerns   []guard.Concern
	Receipt    delivery.Receipt // of what was sent
}

// ErrUnconfirmed says that a letter is sent once its sender has confirmed it.
var ErrUnconfirmed = errors.New("not confirmed")

// Check tells what the guard would say of a letter, and changes nothing. Errors are those of Send but for the guard's.
func (s *Service) Check(ctx context.Context, p identity.Principal, l Letter) (Outlook, error) {
	sub, err := s.weigh(ctx, p, l)
	if err != nil {
		return Outlook{}, err
	}
	return sub.outlook(), nil
}

// Send sends a letter, with a copy into the sent mail of its author, or of the box. failure.Policy says with the guard's
// text that it is refused, or with ErrUnconfirmed that it must be confirmed; failure.Permanent that it cannot be sent as
// it is; the others are Submit's. Nothing of what is refused is kept: it stands in the page.
func (s *Service) Send(ctx context.Context, p identity.Principal, l Letter) (Outlook, error) {
	sub, err := s.weigh(ctx, p, l)
	if err != nil {
		return Outlook{}, err
	}
	cleared, err := sub.decisions.Clear(l.Confirmed)
	if err != nil {
		if _, held := sub.decisions.Clear(true); held == nil {
			return Outlook{}, failure.Wrap(failure.Policy, ErrUnconfirmed, failure.TextOf(err, ""))
		}
		return Outlook{}, err
	}
	c, err := s.compose(sub)
	if err != nil {
		return Outlook{}, err
	}
	receipt, err := s.send(ctx, sub, cleared, c)
	if err != nil {
		return Outlook{}, err
	}
	out := sub.outlook()
	out.Receipt = receipt
	return out, nil
}

// weigh makes a submission of a letter and asks the guard.
func (s *Service) weigh(ctx context.Context, p identity.Principal, l Letter) (*submitting, error) {
	if !p.Can(identity.SubmitMail) {
		return nil, failure.New(failure.Denied, "ce compte ne peut pas envoyer / this account may not send")
	}
	own, err := s.ownAddresses(ctx, p.Account)
	if err != nil {
		return nil, err
	}
	if l.From == "" {
		l.From = own.primary
	}
	if err := l.normalise(); err != nil {
		return nil, err
	}
	name, err := s.nameOf(ctx, p, own, l.From)
	if err != nil {
		return nil, err
	}
	head, body, err := l.render(name)
	if err != nil {
		return nil, err
	}
	id, err := s.newID()
	if err != nil {
		return nil, err
	}
	sub, err := s.open(ctx, Message{Principal: p, ReversePath: l.From, Recipients: l.recipients(), ID: id, Protocol: "HTTP", apart: l.Apart, door: guard.Webmail,
		keep: &delivery.Keep{Account: p.Account, Role: "sent", Flags: mailbox.Seen}, kept: l.bcc()}, io.MultiReader(bytes.NewReader(head), bytes.NewReader(body)))
	if err != nil {
		return nil, err
	}
	if err := s.ask(ctx, sub); err != nil {
		return nil, err
	}
	if sub.q.judged {
		sub.sample.octets = body[:min(len(body), sampleMax)]
		if sub.q.Quoted, err = s.quoted(ctx, sub); err != nil {
			return nil, err
		}
		sub.sample.octets = nil
	}
	sub.decisions = guard.Decide(sub.q.Message)
	return sub, nil
}

// nameOf is what stands beside the From of a letter: the author's name, or that of the box (invariant 6).
func (s *Service) nameOf(ctx context.Context, p identity.Principal, own ownAddresses, from string) (string, error) {
	if own.has(from) {
		return p.Display, nil
	}
	as, err := s.speaking(ctx, p.Account, own, from)
	if err != nil || as.voice == nil {
		return "", err
	}
	open, err := s.cfg.Boxes.AccessOf(ctx, p.Account)
	if err != nil {
		return "", err
	}
	for _, a := range open {
		if a.Box == as.voice.Box {
			return a.Display, nil
		}
	}
	return "", nil
}

func (l Letter) recipients() []string { return slices.Concat(l.To, l.Cc, l.Bcc) }

// outlook gives what was decided for each recipient as the letter names them.
func (sub *submitting) outlook() Outlook {
	told := sub.decisions.Told()
	by := make(map[string]guard.Decision, len(told))
	for _, one := range told {
		by[one.Recipient.Address] = one
	}
	out := Outlook{Concerns: sub.decisions.Concerns()}
	for _, address := range sub.Recipients {
		out.Recipients = append(out.Recipients, by[address])
	}
	return out
}

// errLetter says which part of a letter cannot be sent.
func errLetter(french, english string) error {
	return failure.New(failure.Permanent, "%s / %s", french, english)
}

// normalise brings the addresses of a letter into the form in which they are sent.
func (l *Letter) normalise() error {
	if len(l.recipients()) > LetterRecipientsMax {
		return errLetter(fmt.Sprintf("plus de %d destinataires", LetterRecipientsMax), fmt.Sprintf("more than %d recipients", LetterRecipientsMax))
	}
	from := []string{l.From}
	for _, f := range []struct {
		list            *[]string
		french, english string
	}{{&from, "De", "From"}, {&l.To, "À", "To"}, {&l.Cc, "Cc", "Cc"}, {&l.Bcc, "Cci", "Bcc"}} {
		sent := make([]string, len(*f.list))
		for i, address := range *f.list {
			var ok bool
			if sent[i], ok = sendable(address); !ok {
				return errLetter("une adresse du champ "+f.french+" est invalide", "an address of the "+f.english+" field is invalid")
			}
		}
		*f.list = sent
	}
	l.From = from[0]
	if len(l.recipients()) == 0 {
		return errLetter("aucun destinataire", "no recipient")
	}
	l.InReplyTo = strings.Trim(l.InReplyTo, "<> ")
	if len(l.InReplyTo) > idMax || strings.ContainsFunc(l.InReplyTo, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return errLetter("la référence du message d'origine est invalide", "the reference to the original message is invalid")
	}
	return nil
}

// idMax is the longest Message-ID that fits into a line (RFC 5322 §2.1.1), in octets.
const idMax = 900

// sendable gives an address with its domain in A-labels. Local parts beyond ASCII would need SMTPUTF8 (RFC 6531) at each
// server on the way, and quoted ones are nobody's whom a page offers: neither is sendable.
func sendable(address string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	if _, err := directory.Normalize(address); err != nil || at < 1 {
		return "", false
	}
	domain, err := directory.NormalDomain(address[at+1:])
	odd := strings.ContainsFunc(address[:at], func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>()[],;:\\\"@", r) })
	return address[:at] + "@" + domain, err == nil && !odd
}

// render writes a normalised letter as RFC 5322 has it, without what mend adds: header with its empty line, and body.
func (l Letter) render(name string) (header, body []byte, err error) {
	var h, b bytes.Buffer
	fmt.Fprintf(&h, "From: %s\r\n", named(name, l.From))
	h.Write(field("To", l.To))
	h.Write(field("Cc", l.Cc))
	fmt.Fprintf(&h, "Subject: %s\r\n", encodedWords(oneLine(l.Subject)))
	if l.InReplyTo != "" {
		fmt.Fprintf(&h, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", l.InReplyTo, l.InReplyTo)
	}
	h.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	text := strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(strings.ToValidUTF8(l.Text, "\uFFFD"))
	if _, err = io.WriteString(q, strings.TrimRight(text, "\r\n")+"\r\n"); err == nil {
		err = q.Close()
	}
	return h.Bytes(), b.Bytes(), err
}

// bcc is the field of the copy that the author keeps.
func (l Letter) bcc() []byte { return field("Bcc", l.Bcc) }

// field writes addresses as a field, or nothing where there are none.
func field(name string, addresses []string) []byte {
	if len(addresses) == 0 {
		return nil
	}
	return fmt.Appendf(nil, "%s: <%s>\r\n", name, strings.Join(addresses, ">,\r\n <"))
}

// named puts a name before an address.
func named(name, address string) string {
	name = oneLine(name)
	switch {
	case name == "":
		return "<" + address + ">"
	case strings.ContainsFunc(name, func(r rune) bool { return r > '~' }):
		return encodedWords(name) + " <" + address + ">"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" <` + address + ">"
}

// oneLine keeps a text within its field.
func oneLine(text string) string {
	printable := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(printable), " ")
}
