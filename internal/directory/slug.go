package directory

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Slug reduces a name to the letters an address is made of: lower-case ASCII
// letters, digits and single inner hyphens.
//
// Letters that Unicode does not decompose are spelt out (œ→oe æ→ae ß→ss ø→o ł→l
// đ→d ı→i); the others lose their accents; spaces, apostrophes, dots and underscores become
// hyphens; the rest is dropped. The typographic sisters of those signs (no-break
// space, en dash, ʼ…) count as the sign they stand for. The result is empty when
// nothing remains, as for a name in another script.
func Slug(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	pending := false // a hyphen is due before the next letter
	put := func(text string) {
		if pending && b.Len() > 0 {
			b.WriteByte('-')
		}
		pending = false
		b.WriteString(text)
	}
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			put(string(r))
		case separates(r):
			pending = true
		default:
			if spelt := spellOut(r); spelt != "" {
				put(spelt)
			}
		}
	}
	return b.String()
}

// spellOut gives the ASCII spelling of the letters that have no canonical decomposition.
func spellOut(r rune) string {
	switch r {
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ':
		return "d"
	case 'ı':
		return "i"
	}
	return ""
}

// separates reports the signs that part the words of a name.
func separates(r rune) bool {
	switch r {
	case '-', '.', '_',
		'\'', '’', '‘', '`', '´', 'ʼ', 'ʻ', '′',
		'\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212':
		return true
	}
	return unicode.IsSpace(r)
}

// FirstForename gives the first of the forenames, as written. Where commas part
// the forenames (the form of the civil registers) a forename may hold spaces;
// otherwise a space ends it. Hyphenated compounds are one forename, also when
// written with spaces around the hyphen.
func FirstForename(forenames string) string {
	text := strings.Join(strings.Fields(forenames), " ")
	if first, _, commas := strings.Cut(text, ","); commas {
		return strings.TrimSpace(first)
	}
	for _, hyphen := range []string{" - ", " -", "- "} {
		text = strings.ReplaceAll(text, hyphen, "-")
	}
	first, _, _ := strings.Cut(text, " ")
	return first
}
