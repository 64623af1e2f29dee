package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold brings text into the form in which an exact search compares substrings: compatibility composed (NFKC), each
// rune in its simple lower case. It is i;unicode-casemap (RFC 5051) but for one thing: characters stay composed, so that
// "cafe" is not found in "café". Folding twice changes nothing.
func Fold(s string) string {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	if isASCIIString(s[i:]) {
		return strings.ToLower(s)
	}
	if simpleLatin(s) {
		return strings.Map(foldRune, s)
	}
	// Lower case may undo the composition (İ) and composition may undo the case (ϓ): until nothing changes.
	for range 4 {
		folded := norm.NFKC.String(strings.Map(foldRune, norm.NFKC.String(s)))
		if folded == s {
			break
		}
		s = folded
	}
	return s
}

// foldRune passes by the upper case, which brings letters together that have two lower ones: σ and ς, s and ſ.
func foldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// simpleLatin reports whether NFKC leaves s alone, for the letters of French: no combining marks, nothing that has a
// compatibility form but the letters below U+0180 which have none.
func simpleLatin(s string) bool {
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf, r >= 0xc0 && r <= 0x131, r == 0x152, r == 0x153, r == 0x178:
		case r >= 0x2010 && r <= 0x2022 && r != 0x2011 && r != 0x2017, r == 0x20ac, r == 0xab, r == 0xbb, r == 0xb0:
		default:
			return false
		}
	}
	return true
}
