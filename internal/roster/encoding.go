package roster

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Encoding is how a file's octets stand for letters.
type Encoding string

// The encodings that HR exports come in.
const (
	UTF8        Encoding = "UTF-8"
	ISO8859_15  Encoding = "ISO-8859-15"
	Windows1252 Encoding = "Windows-1252"
)

// Byte order marks (Unicode §23.8).
const (
	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"
)

// encodingGuess gathers, line by line, what tells the encodings apart.
type encodingGuess struct {
	bom       bool
	wellMade  int  // lines with letters beyond ASCII that are valid UTF-8
	malformed int  // lines that are no UTF-8
	controls  bool // octets 80 to 9F in a malformed line: letters in Windows-1252 only
}

func (g *encodingGuess) add(line []byte) {
	switch {
	case !utf8.Valid(line):
		g.malformed++
		g.controls = g.controls || hasC1(line)
	case !isASCII(line):
		g.wellMade++
	}
}

// encoding decides. A file that is mostly good UTF-8 is UTF-8 in spite of some spoilt
// lines: read in another encoding, every accent of the good ones would turn into two
// wrong letters, and into wrong addresses that are issued for ever.
func (g *encodingGuess) encoding() Encoding {
	switch {
	case g.bom, g.malformed == 0, g.wellMade >= g.malformed:
		return UTF8
	case g.controls:
		return Windows1252
	default:
		return ISO8859_15
	}
}

// decode gives the text of a line. ok is false when the octets are not of the encoding.
func (e Encoding) decode(line []byte) (text string, ok bool) {
	switch e {
	case ISO8859_15, Windows1252:
		table := charmap.ISO8859_15
		if e == Windows1252 {
			table = charmap.Windows1252
		}
		if isASCII(line) {
			return string(line), true
		}
		runes := make([]rune, len(line))
		for i, octet := range line {
			runes[i] = table.DecodeByte(octet)
			if runes[i] == utf8.RuneError {
				return "", false
			}
		}
		return string(runes), true
	default:
		return string(line), utf8.Valid(line)
	}
}

func isASCII(line []byte) bool {
	for _, octet := range line {
		if octet >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func hasC1(line []byte) bool {
	for _, octet := range line {
		if octet >= 0x80 && octet <= 0x9f {
			return true
		}
	}
	return false
}
