package imap

// The character classes of RFC 3501 §9 and RFC 9051 §9.

// isAtomChar tells whether c may stand in an atom (ATOM-CHAR).
func isAtomChar(c byte) bool {
	if c <= ' ' || c >= 0x7f {
		return false
	}
	switch c {
	case '(', ')', '{', '%', '*', '"', '\\', ']':
		return false
	}
	return true
}

// isAStringChar tells whether c may stand in an unquoted astring.
func isAStringChar(c byte) bool { return isAtomChar(c) || c == ']' }

// isListChar tells whether c may stand in an unquoted LIST pattern.
func isListChar(c byte) bool { return isAtomChar(c) || c == ']' || c == '%' || c == '*' }

// isTagChar tells whether c may stand in a command's tag.
func isTagChar(c byte) bool { return isAStringChar(c) && c != '+' }

// isDigit tells whether c is an ASCII digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isAtom tells whether s can be written as an atom.
func isAtom(s string) bool { return s != "" && spanOf(s, isAtomChar) == len(s) }

// spanOf returns how many octets at the head of s satisfy class.
func spanOf[T string | []byte](s T, class func(byte) bool) int {
	for i := range len(s) {
		if !class(s[i]) {
			return i
		}
	}
	return len(s)
}
