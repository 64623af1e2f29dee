package smtpd

import (
	"encoding/base32"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// trace is what the Return-Path and Received fields of one message are made of (RFC 5321 §4.4).
type trace struct {
	reversePath string
	helo        string
	peer        netip.Addr // zero on a Unix socket
	hostname    string     // ours
	protocol    string     // protocolName
	id          string
	recipient   string // "" where there are several: none of them learns of another
	at          time.Time
}

// prefix is the lines that stand before the message, each ending with CRLF.
func (t trace) prefix() []byte {
	b := make([]byte, 0, 320)
	b = fmt.Appendf(b, "Return-Path: <%s>\r\n", t.reversePath)
	b = fmt.Appendf(b, "Received: from %s", fieldWord(t.helo))
	if t.peer.IsValid() {
		b = fmt.Appendf(b, " (%s)", addressLiteral(t.peer))
	}
	b = fmt.Appendf(b, "\r\n\tby %s with %s id %s", t.hostname, t.protocol, t.id)
	if t.recipient != "" {
		b = fmt.Appendf(b, "\r\n\tfor <%s>", t.recipient)
	}
	return fmt.Appendf(b, ";\r\n\t%s\r\n", t.at.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// addressLiteral follows RFC 5321 §4.1.3.
func addressLiteral(a netip.Addr) string {
	if a.Is6() {
		return "[IPv6:" + a.WithZone("").String() + "]"
	}
	return "[" + a.String() + "]"
}

// fieldWord makes of a HELO name something that can stand in a field without meaning more than a name.
func fieldWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("-._:[]", r):
			return r
		}
		return '?'
	}, s)
}

// protocolName is the with clause of Received: RFC 3848, and RFC 6531 §4.3 for SMTPUTF8.
func protocolName(r Role, esmtp, utf8, tls, authenticated bool) string {
	name := "SMTP"
	switch {
	case r == LMTP && utf8:
		name = "UTF8LMTP"
	case r == LMTP:
		name = "LMTP"
	case utf8:
		name = "UTF8SMTP"
	case esmtp:
		name = "ESMTP"
	default:
		return name
	}
	if tls {
		name += "S"
	}
	if authenticated {
		name += "A"
	}
	return name
}

// newID names a message in Received, in the reply and in the log, so that an agent who quotes a bounce can be helped.
func newID(random io.Reader) (string, error) {
	var b [10]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("name a message: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), nil
}
