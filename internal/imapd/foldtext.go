package imapd

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"navette/internal/mail"
)

// needle is a text to search for, folded. The empty needle is everywhere.
type needle []byte

func newNeedle(text string) needle { return appendFolded(nil, text) }

// in tells whether folded text holds the needle.
func (n needle) in(folded []byte) bool { return bytes.Contains(folded, n) }

// appendFolded appends mail.Fold(text) to dst. It is many times faster on what people write: an ASCII character never
// joins with what stands before it, so text can be cut before any of them, and only the pieces that hold more than
// Latin letters go the long way.
func appendFolded(dst []byte, text string) []byte {
	for i := 0; i < len(text); {
		var n int
		dst, n = appendLower(dst, text[i:])
		if i += n; i == len(text) {
			break
		}
		// What follows is beyond ASCII, and may join with the character before it.
		start := i
		if n > 0 {
			start--
			dst = dst[:len(dst)-1]
		}
		for i < len(text) && text[i] >= utf8.RuneSelf {
			i++
		}
		dst = appendPiece(dst, text[start:i])
	}
	return dst
}

// eight is an octet repeated in a word.
const eight = 0x0101010101010101

// appendLower appends the ASCII at the head of text in lower case, and tells how much that was. It takes eight octets
// at a time: of each, the sums set the high bit where it is at least 'A' and where it is beyond 'Z'.
func appendLower(dst []byte, text string) ([]byte, int) {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		w := uint64(text[i]) | uint64(text[i+1])<<8 | uint64(text[i+2])<<16 | uint64(text[i+3])<<24 |
			uint64(text[i+4])<<32 | uint64(text[i+5])<<40 | uint64(text[i+6])<<48 | uint64(text[i+7])<<56
		if w&(eight*0x80) != 0 {
			break
		}
		upper := ((w + eight*(0x80-'A')) ^ (w + eight*(0x7f-'Z'))) & (eight * 0x80)
		dst = binary.LittleEndian.AppendUint64(dst, w|upper>>2)
	}
	for ; i < len(text) && text[i] < utf8.RuneSelf; i++ {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst, i
}

// appendPiece folds at most one ASCII character and others after it.
func appendPiece(dst []byte, piece string) []byte {
	start := len(dst)
	for _, r := range piece {
		switch {
		case r < utf8.RuneSelf, r >= 0xc0 && r <= 0x17e && isPlainLatin(r):
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		case r == 0xa0 || r == 0x202f: // the spaces of French punctuation
			dst = append(dst, ' ')
		case r == 0x2026:
			dst = append(dst, "..."...)
		case r == 0x2019, r == 0x2018, r == 0x201c, r == 0x201d, r == 0xab, r == 0xbb, r == 0x2013, r == 0x2014, r == 0x20ac, r == 0xb0:
			dst = utf8.AppendRune(dst, r)
		default:
			return append(dst[:start], mail.Fold(piece)...)
		}
	}
	return dst
}

// isPlainLatin tells whether folding a letter below U+017F is lower case and no more.
func isPlainLatin(r rune) bool {
	switch r {
	case 0x130, 0x131, 0x132, 0x133, 0x13f, 0x140, 0x149:
		return false
	}
	return true
}
