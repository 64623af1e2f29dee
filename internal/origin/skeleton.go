package origin

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"navette/internal/directory"
)

// lookAlikes pairs letters of other scripts, and signs, with the Latin letter for which they are mistaken in the usual
// typefaces: those that Unicode's table of confusables (UTS #39) has for the letters of French names and of domains.
// What compatibility folds (full width, mathematical letters) needs no line here.
const lookAlikes = "аa ɑa αa ӓa " + "ЬbƄb ʙb вb βb " + "сc ϲc ᴄc " + "ԁd ɗd " + "еe ҽe єe εe ӗe " + "ƒf " + "ɡg ցg " + "һh հh нh ηn " +
	"іi ιi ɩi ıi ӏi ߊi ǀi " + "јj ϳj " + "κk кk " + "ⅼi ｌi " + "мm ᴍm " + "пn ոn ռn " + "оo οo օo σo ⲟo ٥o " + "рp ρp " + "ԛq զq " + "гr ᴦr ꭇr " +
	"ѕs ꜱs " + "тt τt ᴛt " + "υu սu ᴜu цu " + "νv ѵv ᴠv " + "ԝw ѡw ᴡw " + "хx χx ᕁx " + "уy үy γy ყy " + "ᴢz ʐz "

// resembling is lookAlikes as a replacer.
func resembling() *strings.Replacer {
	var pairs []string
	letters := []rune(strings.ReplaceAll(lookAlikes, " ", ""))
	for i := 0; i+1 < len(letters); i += 2 {
		pairs = append(pairs, string(letters[i]), string(letters[i+1]))
	}
	return strings.NewReplacer(pairs...)
}

// drawn replaces what looks like one letter within a Latin text: digits, and pairs of letters.
func drawn() *strings.Replacer {
	return strings.NewReplacer("0", "o", "1", "i", "l", "i", "|", "i", "!", "i", "5", "s", "rn", "m", "vv", "w")
}

// eye reduces texts to what an eye that reads fast sees. It is made once, for it holds tables.
type eye struct{ foreign, drawn *strings.Replacer }

func newEye() eye { return eye{resembling(), drawn()} }

// latin gives a text in lower case with foreign look-alikes in Latin letters, without marks and invisible signs.
func (e eye) latin(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
	return e.foreign.Replace(s)
}

// sees gives the skeleton of a text: two texts look the same where theirs are equal.
func (e eye) sees(s string) string { return e.drawn.Replace(e.latin(s)) }

// words parts a name into words of letters and digits, as addresses are spelt: without accents, ligatures spelt out.
func words(name string) []string {
	return strings.FieldsFunc(directory.Slug(strings.Join(strings.FieldsFunc(name, parts), " ")), func(r rune) bool { return r == '-' })
}

// parts reports what stands between two words of a name.
func parts(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Cf, r) && r != '|' && r != '!'
}

// civilities are the words that stand before a name and are none of it.
func civilities() []string {
	return []string{"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "dr", "docteur", "pr", "professeur", "maitre"}
}

// key gives what two ways of writing a name share: its words without civilities, in alphabetical order. "" for fewer
// than two words, which name nobody.
func key(list []string) string {
	titles := civilities()
	list = slices.DeleteFunc(slices.Clone(list), func(w string) bool { return slices.Contains(titles, w) })
	if len(list) < 2 {
		return ""
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// pieces gives a displayed name, and what it has before, between and after the signs that part a name from a remark:
// « Claire MARTIN (Principale) », « Claire MARTIN – Rectorat », « Claire Martin via Agenda ».
func pieces(display string) []string {
	out := []string{display}
	rest := display
	for _, sign := range []string{" - ", " – ", " — ", " via "} {
		rest = strings.ReplaceAll(rest, sign, "|")
	}
	cut := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("|()[]<>/:;\"", r) })
	if len(cut) > 1 || len(cut) == 1 && cut[0] != display {
		out = append(out, cut[:min(len(cut), maxPieces)]...)
	}
	return out
}

// maxPieces bounds what a name costs.
const maxPieces = 8
