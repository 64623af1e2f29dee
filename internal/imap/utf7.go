package imap

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// errUTF7 says that a name is not modified UTF-7.
var errUTF7 = errors.New("not valid modified UTF-7")

// utf7Base64 is the alphabet of RFC 3501 §5.1.3: "," stands for "/", no padding,
// and unused bits are zero.
var utf7Base64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding).Strict()

// isDirect tells whether r stands for itself in modified UTF-7.
func isDirect(r rune) bool { return ' ' <= r && r <= '~' && r != '&' }

// EncodeUTF7 writes a mailbox name in modified UTF-7 (RFC 3501 §5.1.3). Octets
// that are no UTF-8 become U+FFFD.
func EncodeUTF7(name string) string {
	if spanOf(name, func(c byte) bool { return isDirect(rune(c)) }) == len(name) {
		return name
	}
	var out strings.Builder
	var shifted []rune
	flush := func() {
		if len(shifted) == 0 {
			return
		}
		units := utf16.Encode(shifted)
		b := make([]byte, 0, 2*len(units))
		for _, u := range units {
			b = append(b, byte(u>>8), byte(u))
		}
		out.WriteByte('&')
		out.WriteString(utf7Base64.EncodeToString(b))
		out.WriteByte('-')
		shifted = shifted[:0]
	}
	for _, r := range name {
		switch {
		case r == '&':
			flush()
			out.WriteString("&-")
		case isDirect(r):
			flush()
			out.WriteRune(r)
		default:
			shifted = append(shifted, r)
		}
	}
	flush()
	return out.String()
}

// DecodeUTF7 reads a mailbox name in modified UTF-7. It accepts one spelling of
// each name, the one that EncodeUTF7 writes, so that two names on the wire are
// never one mailbox.
func DecodeUTF7(wire string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(wire); {
		c := wire[i]
		if c != '&' {
			if !isDirect(rune(c)) {
				return "", errUTF7
			}
			out.WriteByte(c)
			i++
			continue
		}
		n := strings.IndexByte(wire[i:], '-')
		if n < 0 {
			return "", errUTF7
		}
		if n == 1 {
			out.WriteByte('&')
		} else if err := decodeShifted(&out, wire[i+1:i+n]); err != nil {
			return "", err
		}
		i += n + 1
	}
	if name := out.String(); EncodeUTF7(name) == wire {
		return name, nil
	}
	return "", errUTF7
}

// decodeShifted decodes what stands between "&" and "-".
func decodeShifted(out *strings.Builder, text string) error {
	b, err := utf7Base64.DecodeString(text)
	if err != nil || len(b)%2 != 0 {
		return errUTF7
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	for _, r := range utf16.Decode(units) {
		if r == utf8.RuneError || isDirect(r) || r < ' ' || r == 0x7f {
			return errUTF7
		}
		out.WriteRune(r)
	}
	return nil
}
