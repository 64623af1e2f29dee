package directory

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// DisplayName gives a person's name as the French administration writes it:
// first forename in lower case with capitals, whole surname in capitals, accents kept on
// capitals: « Claire MARTIN », « Marie-Françoise LE GUÉN », « Jean DE LA TOUR ».
//
// The surname is in capitals to the last letter, particles included: this is
// how the civil registers and the HR files write it, and it tells forename from
// surname where both could be either (« Martin CLAIRE »). A forename that HR wrote
// in mixed case is kept as written (« Maïlys », « McKenzie »); one that is all
// capitals or all small gets a capital after each hyphen, space and apostrophe.
func DisplayName(forenames, surname string) string {
	first := casedForename(FirstForename(forenames))
	last := strings.ReplaceAll(norm.NFC.String(strings.ToUpper(tidy(surname))), "ß", "SS")
	switch {
	case first == "":
		return last
	case last == "":
		return first
	}
	return first + " " + last
}

// casedForename gives capitals to a forename written in one case only.
func casedForename(s string) string {
	s = norm.NFC.String(tidy(s))
	upper, lower := strings.ToUpper(s), strings.ToLower(s)
	if s != upper && s != lower {
		return s
	}
	start := true
	return strings.Map(func(r rune) rune {
		switch {
		case separates(r):
			start = true
		case unicode.IsLetter(r) && start:
			start = false
			return unicode.ToTitle(r)
		}
		return r
	}, lower)
}

// tidy trims and leaves one space between words.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }
