package aaf

import (
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decoder turns the octets of requests into UTF-8. What a file declares is a hint: exports are known that declare UTF-8
// and are not, that declare ISO-8859-15 and are UTF-8, and that declare nothing (DOMAIN §1.4). So the octets decide,
// request by request:
//
//   - those that are valid UTF-8 are UTF-8: no French text in a one-octet encoding looks like it by chance;
//   - others are of the declared one-octet encoding, or of ISO-8859-15 where none is; of Windows-1252 where they hold
//     octets 80 to 9F, which are letters in that one alone;
//   - but in a file that declares none of these and has held good UTF-8 before, they are damage: the request is refused,
//     for read in another encoding it would give wrong letters.
type decoder struct {
	table    *charmap.Charmap // declared; nil: UTF-8, or nothing
	declared bool
	good     bool // UTF-8 beyond ASCII was seen
	told     bool // that the declaration is wrong
	out      []byte
}

// tableOf gives the table of an encoding by its declared name; nil for UTF-8 and for none.
func tableOf(name string) (table *charmap.Charmap, known bool) {
	switch name {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return nil, true
	case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9", "latin-9":
		return charmap.ISO8859_15, true
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1":
		return charmap.ISO8859_1, true
	case "windows-1252", "cp1252", "cp-1252":
		return charmap.Windows1252, true
	}
	return nil, false
}

func newDecoder(declared string) *decoder {
	table, _ := tableOf(declared) // the prolog refused the others
	return &decoder{table: table, declared: declared != ""}
}

// decode gives the octets in UTF-8, valid until the next call. doubt is told once a file, where the declaration is wrong;
// ok is false for damage.
func (d *decoder) decode(octets []byte) (text []byte, doubt string, ok bool) {
	switch {
	case isASCII(octets):
		return octets, "", true
	case utf8.Valid(octets):
		d.good = true
		if d.table != nil {
			doubt = d.lie("le fichier ne dit pas être en UTF-8, et il l'est", "the file does not declare UTF-8, and is UTF-8")
		}
		return octets, doubt, true
	case d.table == nil && d.good:
		return nil, "", false
	}
	if d.table == nil && d.declared {
		doubt = d.lie("le fichier se dit en UTF-8 et ne l'est pas : lu comme de l'ISO-8859-15 ou du Windows-1252",
			"the file declares UTF-8 and is not: read as ISO-8859-15 or Windows-1252")
	}
	return d.widen(octets), doubt, true
}

func (d *decoder) lie(french, english string) string {
	if d.told {
		return ""
	}
	d.told = true
	return both(french, english)
}

// widen turns one octet into one character.
func (d *decoder) widen(octets []byte) []byte {
	table := d.table
	switch {
	case hasC1(octets):
		table = charmap.Windows1252
	case table == nil:
		table = charmap.ISO8859_15
	}
	d.out = d.out[:0]
	for _, octet := range octets {
		if octet < utf8.RuneSelf {
			d.out = append(d.out, octet)
			continue
		}
		d.out = utf8.AppendRune(d.out, table.DecodeByte(octet))
	}
	return d.out
}

func isASCII(octets []byte) bool {
	for _, octet := range octets {
		if octet >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func hasC1(octets []byte) bool {
	for _, octet := range octets {
		if octet >= 0x80 && octet <= 0x9f {
			return true
		}
	}
	return false
}

// isEnd reports the ordinary end of a source.
func isEnd(err error) bool { return errors.Is(err, io.EOF) }
