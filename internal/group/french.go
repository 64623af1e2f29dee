package group

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"navette/internal/directory"
)

// Name is the French name of a group: « Parents de la 4e3 », « Enseignants du groupe 4ALL2 », « Personnels du collège
// Jean Exemple ». division is the class or group as AAF writes it; school is the name of the establishment, or "".
func Name(k Kind, s Scope, division, school, uai string) string {
	switch s {
	case OfClass:
		return k.French() + " " + ofClass(division)
	case OfGroup:
		return k.French() + " du groupe " + division
	}
	return k.French() + " " + ofSchool(school, uai)
}

// level is a class that is named by its level: « 4E3 », « 6EME A », « 1ERE S1 », « 2NDE 5 ».
var level = regexp.MustCompile(`^([1-6])\s*(EME|ÈME|ERE|ÈRE|RE|NDE|DE|E)(\s?)([A-ZÀ-Ü0-9].*)?$`)

// ClassName is a class as people write it: « 4e3 » for 4E3, « 6e A » for 6EME A; what is not named by its level stays.
func ClassName(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	m := level.FindStringSubmatch(strings.ToUpper(name))
	if m == nil {
		return name
	}
	ordinal := "e"
	switch {
	case m[1] == "1":
		ordinal = "re"
	case m[1] == "2" && m[2] != "E" && m[2] != "EME" && m[2] != "ÈME":
		ordinal = "de"
	}
	return m[1] + ordinal + m[3] + m[4]
}

// masculine begin the names of classes that are masculine: cours préparatoire, élémentaire, moyen; CAP, BTS.
var masculine = regexp.MustCompile(`^(CP|CE[12]|CM[12]|CAP|BTS|BAC)\b`)

// acronym begins the names of classes that are units: ULIS, UPE2A, UEE.
var acronym = regexp.MustCompile(`^(ULIS|UPE|UPI|UEE|IME)`)

// ofClass is a class with its preposition.
func ofClass(division string) string {
	name := ClassName(division)
	upper := strings.ToUpper(name)
	first, _ := utf8.DecodeRuneInString(upper)
	switch {
	case masculine.MatchString(upper):
		return "du " + name
	case acronym.MatchString(upper):
		return "de l'" + name
	case unicode.IsDigit(first), level.MatchString(upper):
		return "de la " + name
	}
	return "de la classe " + name
}

// kinds of establishments by the first word of their names: the word as it stands within a sentence, and its preposition.
var establishments = []struct{ begins, word, of string }{
	{"COLLEGE", "collège", "du "}, {"CLG", "collège", "du "},
	{"LYCEE", "lycée", "du "}, {"LYC", "lycée", "du "}, {"LPO", "lycée polyvalent", "du "}, {"LP", "lycée professionnel", "du "}, {"LGT", "lycée", "du "},
	{"ECOLE", "école", "de l'"}, {"E.E.PU", "école élémentaire", "de l'"}, {"E.M.PU", "école maternelle", "de l'"},
	{"CITE", "cité", "de la "}, {"EREA", "EREA", "de l'"}, {"INSTITUTION", "institution", "de l'"}, {"INSTITUT", "institut", "de l'"},
	{"ENSEMBLE", "ensemble", "de l'"}, {"ETABLISSEMENT", "établissement", "de l'"}, {"EXTERNAT", "externat", "de l'"},
	{"INTERNAT", "internat", "de l'"}, {"GROUPE", "groupe", "du "}, {"COURS", "cours", "du "}, {"SECTION", "section", "de la "}, {"SEGPA", "SEGPA", "de la "},
	{"RECTORAT", "rectorat", "du "}, {"DSDEN", "DSDEN", "de la "}, {"DIRECTION", "direction", "de la "}, {"INSPECTION", "inspection", "de l'"},
	{"CIRCONSCRIPTION", "circonscription", "de la "}, {"CIO", "CIO", "du "}, {"CENTRE", "centre", "du "}, {"GRETA", "GRETA", "du "},
	{"CANOPE", "Canopé", "de "}, {"UNITE", "unité", "de l'"}, {"MAISON", "maison", "de la "}, {"SERVICE", "service", "du "},
}

// ofSchool is an establishment with its preposition: « du collège Jean Exemple », « de l'école élémentaire Voltaire ».
func ofSchool(name, uai string) string {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return "de l'établissement " + uai
	}
	first, rest, _ := strings.Cut(name, " ")
	key := strings.ToUpper(directory.Slug(first))
	if strings.Contains(first, ".") {
		key = strings.TrimSuffix(strings.ToUpper(first), ".")
	}
	for _, e := range establishments {
		if key == e.begins {
			return e.of + strings.TrimSpace(e.word+" "+rest)
		}
	}
	return "de l'établissement " + name
}

// mute begin the forenames whose h is mute: before them de becomes d'.
var mute = []string{"hector", "helene", "heloise", "henri", "herm", "herve", "hilaire", "hippolyte", "honor", "horace", "hortense", "hubert", "hugo",
	"hugu", "hyacinthe"}

// De is a forename with its preposition: « de Léa », « d'Anne », « d'Hugo », « de Hamza », « d'Yves », « de Yasmine ».
func De(forename string) string {
	slug := directory.Slug(forename)
	if slug == "" {
		return "de " + forename
	}
	elides := strings.ContainsRune("aeiou", rune(slug[0]))
	switch {
	case slug[0] == 'y' && len(slug) > 1:
		elides = !strings.ContainsRune("aeiouy", rune(slug[1]))
	case slug[0] == 'h':
		for _, begin := range mute {
			elides = elides || strings.HasPrefix(slug, begin)
		}
	}
	if elides {
		return "d'" + forename
	}
	return "de " + forename
}
