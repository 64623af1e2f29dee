package directory

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrAddress says that a text is no mail address.
var ErrAddress = errors.New("adresse de courriel mal formée")

// Lookup is an address in the form in which addresses are compared and looked up.
type Lookup struct {
	Local  string // lower case, NFC, unquoted, without the plus-tag
	Tag    string // what followed the first "+", as written; empty when none
	Domain string // lower case A-labels (RFC 5890), without a final dot; or an address literal
}

// Key is what two addresses share when they name the same mailbox.
func (l Lookup) Key() string { return l.Local + "@" + l.Domain }

// Normalize gives the form in which an address is stored and compared:
// ParseLookup's Key.
func Normalize(address string) (string, error) {
	l, err := ParseLookup(address)
	if err != nil {
		return "", err
	}
	return l.Key(), nil
}

// ParseLookup reads local@domain as SMTP writes it (RFC 5321 §4.1.2, RFC 6531),
// without angle brackets, and normalises it: case is folded in both halves, the
// plus-tag split off, the domain turned into A-labels. A quoted local part counts
// as what it quotes.
//
// The local part of a foreign address is, by the letter, its host's business;
// this form is for looking up and comparing, never for sending.
func ParseLookup(address string) (Lookup, error) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 || !utf8.ValidString(address) {
		return Lookup{}, ErrAddress
	}
	local, err := unquote(address[:at])
	if err != nil {
		return Lookup{}, err
	}
	domain, err := NormalDomain(address[at+1:])
	if err != nil {
		return Lookup{}, err
	}
	tag := ""
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local, tag = local[:plus], local[plus+1:]
	}
	return Lookup{Local: norm.NFC.String(strings.ToLower(local)), Tag: tag, Domain: domain}, nil
}

// NormalDomain gives a domain in lower-case A-labels, without a final dot. Address
// literals ([192.0.2.1]) only change case.
func NormalDomain(domain string) (string, error) {
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") {
		return strings.ToLower(domain), nil
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil {
		return "", fmt.Errorf("%w : domaine : %w", ErrAddress, err)
	}
	if ascii == "" || len(ascii) > 255 || strings.HasPrefix(ascii, ".") || strings.Contains(ascii, "..") {
		return "", ErrAddress
	}
	return strings.ToLower(ascii), nil
}

// unquote undoes the quoted-string form of a local part (RFC 5321 §4.1.2).
func unquote(local string) (string, error) {
	if !strings.HasPrefix(local, `"`) {
		if strings.ContainsAny(local, "\"\\<>()[],;: \t\r\n\x00") {
			return "", ErrAddress
		}
		return local, nil
	}
	if len(local) < 3 || !strings.HasSuffix(local, `"`) {
		return "", ErrAddress
	}
	var b strings.Builder
	inner := local[1 : len(local)-1]
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\' && i+1 < len(inner):
			i++
			b.WriteByte(inner[i])
		case c == '"', c == '\\', c < ' ', c == 0x7f:
			return "", ErrAddress
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
