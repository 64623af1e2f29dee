package sasl

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

var errUnprepared = errors.New("SASLprep does not allow the text")

// saslprep prepares a name for comparison (RFC 4013): spaces become one kind of space, invisible joiners go, compatible
// characters become one. Code points that Unicode 3.2 did not know are prepared by today's Unicode, which RFC 4013 leaves
// to a query such as ours.
func saslprep(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", errUnprepared
	}
	mapped := strings.Map(func(r rune) rune {
		switch {
		case isNothing(r): // RFC 3454 B.1
			return -1
		case r != ' ' && (unicode.Is(unicode.Zs, r) || r == 0x200B): // RFC 3454 C.1.2
			return ' '
		}
		return r
	}, text)
	prepared := norm.NFKC.String(mapped)
	if strings.ContainsFunc(prepared, isProhibited) || !readsOneWay(prepared) {
		return "", errUnprepared
	}
	return prepared, nil
}

// isNothing is RFC 3454 table B.1.
func isNothing(r rune) bool {
	switch r {
	case 0x00AD, 0x034F, 0x1806, 0x2060, 0xFEFF:
		return true
	}
	return 0x180B <= r && r <= 0x180D || 0x200C <= r && r <= 0x200D || 0xFE00 <= r && r <= 0xFE0F
}

// isProhibited is RFC 4013 §2.3: controls, private use, what is no character, what changes the display, tags.
func isProhibited(r rune) bool {
	switch {
	case r == 0xFFFD, 0xFFF9 <= r && r <= 0xFFFC: // C.6
		return true
	case 0x2FF0 <= r && r <= 0x2FFB: // C.7
		return true
	case r == 0x0340, r == 0x0341, r == 0x200E, r == 0x200F, 0x202A <= r && r <= 0x202E, 0x206A <= r && r <= 0x206F: // C.8
		return true
	case r == 0x06DD, r == 0x070F, r == 0x180E, r == 0x2028, r == 0x2029, 0x2060 <= r && r <= 0x2063, 0x1D173 <= r && r <= 0x1D17A: // C.2.2
		return true
	case 0xE0000 <= r && r <= 0xE007F: // C.9
		return true
	case 0xFDD0 <= r && r <= 0xFDEF, r&0xFFFE == 0xFFFE: // C.4
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Cs, r) // C.2.1, C.3, C.5
}

// readsOneWay is RFC 3454 §6: a text with letters of right-to-left scripts has no others, and begins and ends with them.
func readsOneWay(text string) bool {
	isRight := func(r rune) bool {
		p, _ := bidi.LookupRune(r)
		return p.Class() == bidi.R || p.Class() == bidi.AL
	}
	isLeft := func(r rune) bool {
		p, _ := bidi.LookupRune(r)
		return p.Class() == bidi.L
	}
	if !strings.ContainsFunc(text, isRight) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	return isRight(first) && isRight(last) && !strings.ContainsFunc(text, isLeft)
}
