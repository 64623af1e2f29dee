package outbound

import (
	"bytes"
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"

	"navette/internal/mail"
)

// Actions of RFC 3464 §2.3.3.
const (
	actionFailed  = "failed"
	actionDelayed = "delayed"
)

// headerMax is how much of the original's header a report returns, in octets.
const headerMax = 64 << 10

const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// composeReport writes a report (RFC 3464) on some recipients of a message: words for the sender, in French and then
// in English, the same for programs, and the header of the message. Its body is not returned: the sender has it.
func (s *Service) composeReport(ctx context.Context, m *message, action string, verdicts []verdictOn) ([]byte, error) {
	facts, err := m.Facts()
	if err != nil {
		return nil, err
	}
	header, err := s.originalHeader(ctx, m)
	if err != nil {
		return nil, err
	}
	var random [20]byte
	if _, err := io.ReadFull(s.cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("draw the ids of a report: %w", err)
	}
	name := strings.ToLower(base32.HexEncoding.EncodeToString(random[:]))
	boundary := "rapport-" + name[16:]
	first := verdicts[0].item

	var b bytes.Buffer
	title := "Message non remis"
	if action == actionDelayed {
		title = "Message retardé"
	}
	if facts.SubjectText != "" {
		title += " : " + facts.SubjectText
	}
	fmt.Fprintf(&b, "From: Messagerie <postmaster@%s>\r\nTo: <%s>\r\n", s.cfg.Domain, first.reversePath)
	fmt.Fprintf(&b, "Subject: %s\r\n", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", title), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(&b, "Date: %s\r\nMessage-ID: <%s@%s>\r\n", s.cfg.Now().Format(dateFormat), name[:16], s.cfg.Hostname)
	if facts.MessageID != "" && isASCII(facts.MessageID) {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", facts.MessageID, facts.MessageID)
	}
	fmt.Fprintf(&b, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n")
	fmt.Fprintf(&b, "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\n", boundary)

	fmt.Fprintf(&b, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", boundary)
	q := quotedprintable.NewWriter(&b)
	io.WriteString(q, strings.ReplaceAll(words(action, facts, verdicts), "\n", "\r\n")) //nolint:errcheck // into memory
	if err := q.Close(); err != nil {
		return nil, err
	}
	statusType := "delivery-status"
	if !allASCII(verdicts) {
		statusType = "global-delivery-status" // RFC 6533
	}
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: message/%s\r\n", boundary, statusType)
	if statusType != "delivery-status" {
		b.WriteString("Content-Transfer-Encoding: 8bit\r\n")
	}
	b.WriteString("\r\n")
	s.statusFields(&b, action, verdicts)
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: text/rfc822-headers\r\n", boundary)
	if !isASCII(string(header)) {
		b.WriteString("Content-Transfer-Encoding: 8bit\r\n")
	}
	fmt.Fprintf(&b, "\r\n%s\r\n--%s--\r\n", header, boundary)
	return b.Bytes(), nil
}

// originalHeader is the header of a message as it was sent, without its last empty line.
func (s *Service) originalHeader(ctx context.Context, m *message) ([]byte, error) {
	r, err := s.contents.Open(ctx, &m.Message, 0)
	if err != nil {
		return nil, fmt.Errorf("open the message to report on: %w", err)
	}
	defer r.Close()
	header, err := mail.ReadHeader(r, headerMax)
	if err != nil {
		return nil, fmt.Errorf("read the header to report on: %w", err)
	}
	return bytes.TrimSuffix(header, []byte("\r\n\r\n")), nil
}

func allASCII(verdicts []verdictOn) bool {
	for _, v := range verdicts {
		if !isASCII(v.item.recipient) {
			return false
		}
	}
	return true
}

// statusFields writes the body of message/delivery-status.
func (s *Service) statusFields(b *bytes.Buffer, action string, verdicts []verdictOn) {
	fmt.Fprintf(b, "Reporting-MTA: dns; %s\r\nArrival-Date: %s\r\n", s.cfg.Hostname, verdicts[0].item.acceptedAt.Format(dateFormat))
	for _, v := range verdicts {
		kind := "rfc822"
		if !isASCII(v.item.recipient) {
			kind = "utf-8"
		}
		fmt.Fprintf(b, "\r\nFinal-Recipient: %s; %s\r\nAction: %s\r\nStatus: %s\r\n", kind, v.item.recipient, action, v.outcome.Enhanced)
		if v.outcome.Code != 0 {
			fmt.Fprintf(b, "Diagnostic-Code: smtp; %d %s\r\n", v.outcome.Code, diagnostic(v))
		}
		fmt.Fprintf(b, "Last-Attempt-Date: %s\r\n", s.cfg.Now().Format(dateFormat))
		if action == actionDelayed {
			fmt.Fprintf(b, "Will-Retry-Until: %s\r\n", v.item.expiresAt.Format(dateFormat))
		}
	}
}

// diagnosticMax is how much of a reply a report repeats.
const diagnosticMax = 400

// diagnostic is the reply of the next hop in one line of ASCII, without addresses of others.
func diagnostic(v verdictOn) string {
	line := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, v.outcome.Text)
	line = withoutAddresses(line, v.item.recipient)
	return line[:min(len(line), diagnosticMax)]
}

// words is what a person reads.
func words(action string, facts *mail.Facts, verdicts []verdictOn) string {
	var list strings.Builder
	for _, v := range verdicts {
		fmt.Fprintf(&list, "  %s\n      %s (%s)\n", v.item.recipient, reason(v.outcome), v.outcome.Enhanced)
		if v.outcome.Code != 0 {
			fmt.Fprintf(&list, "      %d %s\n", v.outcome.Code, diagnostic(v))
		}
	}
	subject := facts.SubjectText
	if subject == "" {
		subject = "(sans objet)"
	}
	at := verdicts[0].item.acceptedAt.Format("02/01/2006 15:04")
	if action == actionDelayed {
		until := verdicts[0].item.expiresAt.Format("02/01/2006 15:04")
		return fmt.Sprintf("Bonjour,\n\nVotre message du %s, « %s », attend encore d'être remis à :\n\n%s\n"+
			"Vous n'avez rien à faire : les essais continuent jusqu'au %s. Si aucun n'aboutit, un autre avis vous le dira.\n\n"+
			"-- \nYour message of %s is still waiting to be delivered to the recipients above. There is nothing to do: it will be\n"+
			"tried again until %s.\n", at, subject, list.String(), until, at, until)
	}
	return fmt.Sprintf("Bonjour,\n\nVotre message du %s, « %s », n'a pas pu être remis à :\n\n%s\n"+
		"Il ne sera plus essayé. Vérifiez l'adresse, puis envoyez-le de nouveau, ou joignez la personne autrement.\n"+
		"Les autres destinataires, s'il y en a, ne sont pas concernés.\n\n"+
		"-- \nYour message of %s could not be delivered to the recipients above, and will not be tried again. Other\n"+
		"recipients, if any, are not concerned.\n", at, subject, list.String(), at)
}

// reason puts an enhanced code (RFC 3463) into words.
func reason(o Outcome) string {
	class, rest, _ := strings.Cut(o.Enhanced, ".")
	switch rest {
	case "1.1", "1.2", "1.3", "1.10":
		return "cette adresse n'existe pas / no such address"
	case "2.1":
		return "cette boîte est fermée / mailbox disabled"
	case "2.2":
		return "cette boîte est pleine / mailbox full"
	case "3.4", "2.3":
		return "le message est trop volumineux / message too large"
	case "4.7":
		return "aucun essai n'a abouti dans le délai / time expired"
	case "6.7":
		return "cette adresse demande SMTPUTF8 / the address needs SMTPUTF8"
	}
	switch {
	case strings.HasPrefix(rest, "7."):
		return "refusé par une règle de l'autre messagerie / refused by the other system's policy"
	case class == "4":
		return "l'autre messagerie n'est pas joignable / the other system cannot be reached"
	}
	return "refusé par l'autre messagerie / refused by the other system"
}
