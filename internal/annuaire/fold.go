package annuaire

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"navette/internal/directory"
)

// words parts a text into folded words: as addresses are made (directory.Slug), without accents and with ligatures
// spelt out, parted at spaces, hyphens, apostrophes and all else that is neither letter nor digit. A word of another
// script is kept in lower case.
func words(text string) []string {
	var out []string
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		word := directory.Slug(piece)
		if word == "" {
			word = strings.ToLower(norm.NFC.String(piece))
		}
		out = append(out, word)
	}
	return out
}

// umlauts spells them as Germans do where they have none: MÜLLER is also found as « mueller ».
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

// spellings gives the words of a text, each with the further ways in which it is written.
func spellings(text string) [][]string {
	plain := words(text)
	german := words(umlauts.Replace(norm.NFC.String(strings.ToLower(text))))
	out := make([][]string, len(plain))
	for i, word := range plain {
		out[i] = []string{word}
		if len(german) == len(plain) && german[i] != word {
			out[i] = append(out[i], german[i])
		}
	}
	return out
}

// nameTerms are the words by which a name is found: those of the forename and of the surname, each of the two written
// as one (« jeanbaptiste », « daubigne », « elkhoury »), and the initials, with and without particles.
func nameTerms(forename, surname string) []string {
	var terms, initials, bare []string
	for _, part := range []string{forename, surname} {
		var joined [2]strings.Builder
		for _, spelt := range spellings(part) {
			terms = append(terms, spelt...)
			joined[0].WriteString(spelt[0])
			joined[1].WriteString(spelt[len(spelt)-1])
			initial, _, _ := cutRune(spelt[0])
			initials = append(initials, initial)
			if !particle(spelt[0]) {
				bare = append(bare, initial)
			}
		}
		terms = append(terms, joined[0].String(), joined[1].String())
	}
	terms = append(terms, strings.Join(initials, ""), strings.Join(bare, ""))
	return distinct(terms)
}

// particle reports the words that initials leave out at will.
func particle(word string) bool {
	switch word {
	case "d", "de", "du", "des", "la", "le", "les", "l":
		return true
	}
	return false
}

// distinct sorts words and leaves out the empty one.
func distinct(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > 0 && list[0] == "" {
		list = list[1:]
	}
	return list
}

// cutRune gives the first letter and the rest.
func cutRune(s string) (first, rest string, ok bool) {
	for i := range s {
		if i > 0 {
			return s[:i], s[i:], true
		}
	}
	return s, "", s != ""
}

// labelTerms are the words by which a function, a corps or an establishment is found, with their feminines and the
// initials of several (« cpe »).
func labelTerms(text string) []string {
	var terms []string
	var initials strings.Builder
	all := words(text)
	for _, word := range all {
		terms = append(terms, word)
		terms = append(terms, feminines(word)...)
		if !particle(word) {
			initial, _, _ := cutRune(word)
			initials.WriteString(initial)
		}
	}
	if len(all) > 2 {
		terms = append(terms, initials.String())
	}
	return distinct(terms)
}

// feminines gives the feminine forms of the French names of occupations, folded. A form that nobody uses harms nobody:
// it is only ever found by who types it.
func feminines(word string) []string {
	stem, teur := strings.CutSuffix(word, "teur")
	switch {
	case teur:
		return []string{stem + "trice", word + "e"}
	case strings.HasSuffix(word, "eur"), strings.HasSuffix(word, "al"), strings.HasSuffix(word, "int"), strings.HasSuffix(word, "ant"):
		return []string{word + "e"}
	case strings.HasSuffix(word, "ier"), strings.HasSuffix(word, "ller"):
		return []string{strings.TrimSuffix(word, "er") + "ere"}
	case strings.HasSuffix(word, "ien"), strings.HasSuffix(word, "el"):
		return []string{word + word[len(word)-1:] + "e"}
	case strings.HasSuffix(word, "ifie"), strings.HasSuffix(word, "rege"), strings.HasSuffix(word, "ache"):
		return []string{word + "e"}
	}
	return nil
}
