package smtpd

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"navette/internal/failure"
)

// reply is one answer: a code (RFC 5321 §4.2), an enhanced code (RFC 2034) or "", and lines of ASCII. It is an error
// too, so that what refuses a message while it is read passes through whoever reads it.
type reply struct {
	code     int
	enhanced string
	lines    []string
	close    bool // the connection ends after it
}

func (r *reply) Error() string {
	return strconv.Itoa(r.code) + " " + r.enhanced + " " + strings.Join(r.lines, " ")
}

// say makes a reply of one line, French before English.
func say(code int, enhanced, french, english string) *reply {
	return &reply{code: code, enhanced: enhanced, lines: []string{ascii(french + " / " + english)}}
}

// bye is say for the last reply of a connection.
func bye(code int, enhanced, french, english string) *reply {
	r := say(code, enhanced, french, english)
	r.close = true
	return r
}

// refused reports that the reply is no success.
func (r *reply) refused() bool { return r.code >= 400 }

// maxReplyText keeps a reply line within the 512 octets of RFC 5321 §4.5.3.1.5, with its code.
const maxReplyText = 480

// append writes the reply as it goes over the wire.
func (r *reply) append(b []byte) []byte {
	for i, line := range r.lines {
		b = strconv.AppendInt(b, int64(r.code), 10)
		if i < len(r.lines)-1 {
			b = append(b, '-')
		} else {
			b = append(b, ' ')
		}
		if r.enhanced != "" {
			b = append(append(b, r.enhanced...), ' ')
		}
		if len(line) > maxReplyText {
			line = line[:maxReplyText]
		}
		b = append(append(b, line...), '\r', '\n')
	}
	return b
}

// ascii brings a text to printable ASCII: a client that did not ask for SMTPUTF8 may not get anything else
// (RFC 6531 §3.7.4), and one rule for all is simpler to rely on. French stays readable without its accents.
func ascii(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r >= ' ' && r < 0x7f:
			b.WriteByte(byte(r))
		case unicode.Is(unicode.Mn, r):
		case r == 'œ':
			b.WriteString("oe")
		case r == 'Œ':
			b.WriteString("OE")
		case r == 'æ':
			b.WriteString("ae")
		case r == '’' || r == '‘':
			b.WriteByte('\'')
		case r == '«' || r == '»' || r == '“' || r == '”':
			b.WriteByte('"')
		case r == '–' || r == '—' || r == '‑' || r == '‐':
			b.WriteByte('-')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// textLines are the lines of a text, those too long for a reply broken between words.
func textLines(text string) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = ascii(line)
		for len(line) > maxReplyText {
			at := strings.LastIndexByte(line[:maxReplyText], ' ')
			if at <= 0 {
				at = maxReplyText
			}
			lines = append(lines, line[:at])
			line = strings.TrimLeft(line[at:], " ")
		}
		lines = append(lines, line)
	}
	return lines
}

// stage is where in a transaction a service failed: the same kind has another code there.
type stage int

const (
	atMail stage = iota
	atRcpt
	atData
	atAuth
)

// replyFor maps what a service answered to a reply: the one place where kinds become codes. The text of a failure is
// shown, its cause never. What nobody classified, an unknown outcome and a conflict are temporary: the client still
// has the message and comes again.
func replyFor(err error, at stage) *reply {
	var r *reply
	if errors.As(err, &r) {
		return r
	}
	text := func(usual string) []string { return textLines(failure.TextOf(err, usual)) }
	switch failure.KindOf(err) {
	case failure.Policy:
		if at == atAuth { // RFC 4954 §6 has no 550
			return &reply{code: 535, enhanced: "5.7.1", lines: text("refuse / refused")}
		}
		return &reply{code: 550, enhanced: "5.7.1", lines: text("refuse / refused")}
	case failure.Quota:
		if at == atRcpt {
			return &reply{code: 452, enhanced: "4.2.2", lines: text("boite pleine / mailbox full")}
		}
		return &reply{code: 452, enhanced: "4.3.1", lines: text("plus de place / no room left")}
	case failure.Permanent, failure.NotFound:
		switch at {
		case atRcpt:
			return &reply{code: 550, enhanced: "5.1.1", lines: text("destinataire inconnu / no such recipient")}
		case atMail:
			return &reply{code: 550, enhanced: "5.1.7", lines: text("expediteur refuse / sender refused")}
		}
		return &reply{code: 554, enhanced: "5.6.0", lines: text("message refuse / message refused")}
	case failure.Denied:
		if at == atAuth {
			return &reply{code: 535, enhanced: "5.7.8", lines: text("identifiants incorrects / credentials invalid")}
		}
		return &reply{code: 550, enhanced: "5.7.1", lines: text("non autorise / not allowed")}
	}
	if at == atAuth {
		return say(454, "4.7.0", "authentification impossible pour l'instant", "temporary authentication failure")
	}
	if failure.Is(err, failure.Temporary) {
		return &reply{code: 451, enhanced: "4.3.0", lines: text("erreur passagere / temporary failure")}
	}
	return say(451, "4.3.0", "erreur passagère, réessayez plus tard", "temporary failure, try again later")
}
