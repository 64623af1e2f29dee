package audience

import (
	"errors"
	"slices"
	"strings"

	"navette/internal/directory"
)

// fold is the form in which open text is compared: directory.Slug, or for what has no Latin letter the text itself.
func fold(s string) string {
	if slug := directory.Slug(s); slug != "" {
		return slug
	}
	return strings.ToLower(strings.TrimSpace(s))
}

func upper(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// prefix is the three characters that a UAI begins with: its département's.
func prefix(uai string) string {
	uai = upper(uai)
	return uai[:min(3, len(uai))]
}

// Known is what the directory holds.
type Known struct {
	Categories, Corps, Fonctions, Disciplines []string // as HR writes them

	Establishments map[string]string // UAI -> name, "" for one that only functions name
}

// Vocabulary knows the values of each field. It may be used by many goroutines.
type Vocabulary struct {
	words   map[Field]map[string]Value // by key
	schools map[string]string
	lenient bool
}

// teachers are the categories that « enseignant » names.
var teachers = []string{"ENS1D", "ENS1DPR", "ENS2D", "ENS2DPR"}

// NewVocabulary gives the vocabulary of the nomenclature and of what the directory holds.
func NewVocabulary(k Known) *Vocabulary {
	v := &Vocabulary{words: map[Field]map[string]Value{Category: {}, Corps: {}, Fonction: {}, Discipline: {}}, schools: k.Establishments}
	for _, pair := range directory.Categories() {
		v.add(Category, pair[0], pair[1])
	}
	for _, pair := range directory.Fonctions() {
		v.add(Fonction, pair[0], pair[1])
	}
	for _, pair := range directory.Disciplines() {
		v.add(Discipline, pair[1], pair[0])
	}
	for _, name := range directory.Corps() {
		v.add(Corps, name, "")
	}
	for field, found := range map[Field][]string{Category: k.Categories, Corps: k.Corps, Fonction: k.Fonctions, Discipline: k.Disciplines} {
		found = slices.Sorted(slices.Values(found)) // of two spellings the same is the canonical one each time
		for _, raw := range found {
			if _, known := v.words[field][fold(raw)]; !known && sayable(raw) {
				v.add(field, strings.Join(strings.Fields(raw), " "), "")
			}
		}
	}
	v.addTeachers()
	return v
}

// sayable tells whether there are quotes that a value can stand in.
func sayable(raw string) bool {
	return strings.TrimSpace(raw) != "" && !(strings.Contains(raw, `"`) && strings.Contains(raw, "»") && strings.Contains(raw, "”"))
}

// Lenient is the same vocabulary for expressions that were checked when they were written: a value that nobody bears
// any more is no error then.
func (v *Vocabulary) Lenient() *Vocabulary {
	return &Vocabulary{words: v.words, schools: v.schools, lenient: true}
}

// add makes a value known by its name and its label: HR files write either.
func (v *Vocabulary) add(f Field, name, label string) {
	keys := []string{fold(name)}
	if label != "" {
		keys = append(keys, fold(label))
	}
	slices.Sort(keys)
	value := Value{Name: name, Label: label, Keys: slices.Compact(keys)}
	for _, key := range value.Keys {
		if _, taken := v.words[f][key]; !taken {
			v.words[f][key] = value
		}
	}
}

func (v *Vocabulary) addTeachers() {
	group := Value{Name: "enseignant", Label: strings.Join(teachers, ", ")}
	for _, code := range teachers {
		group.Keys = append(group.Keys, v.words[Category][fold(code)].Keys...)
	}
	slices.Sort(group.Keys)
	v.words[Category]["enseignant"], v.words[Category]["enseignants"] = group, group
}

// find gives the value that a text names. The error has no position yet.
func (v *Vocabulary) find(f Field, text string) (Value, *Error) {
	text = strings.Join(strings.Fields(text), " ")
	switch f {
	case Establishment:
		return v.establishment(text)
	case Department:
		return department(text)
	}
	if value, ok := v.words[f][fold(text)]; ok {
		return value, nil
	}
	if v.lenient && text != "" {
		return Value{Name: text, Keys: []string{fold(text)}}, nil
	}
	var names []string
	for _, value := range v.words[f] {
		names = append(names, value.Name)
	}
	return Value{}, &Error{French: f.french() + " : valeur inconnue « " + text + " »", English: f.english() + ": unknown value \"" + text + "\"",
		Proposal: nearest(text, names)}
}

// establishment takes a UAI: one that the directory knows, whatever its key, or a right one.
func (v *Vocabulary) establishment(text string) (Value, *Error) {
	uai := upper(text)
	name, known := v.schools[uai]
	if !known {
		right, err := directory.ParseUAI(uai)
		if err != nil && !(v.lenient && len(uai) == 8) {
			wrong := &Error{French: "établissement : " + err.Error(), English: "establishment: \"" + text + "\" is no UAI"}
			if e := (*directory.UAIError)(nil); errors.As(err, &e) {
				wrong.Proposal = e.Want
			}
			return Value{}, wrong
		}
		if err == nil {
			uai = right
		}
		name = "inconnu de l'annuaire"
	}
	return Value{Name: uai, Label: name, Keys: []string{uai}}, nil
}

// department takes a number: 75, 075, 2A, 971. The UAIs of Corse begin with 620 and 720.
func department(text string) (Value, *Error) {
	number := strings.TrimLeft(upper(text), "0")
	key := ""
	switch {
	case number == "2A" || number == "620":
		number, key = "2A", "620"
	case number == "2B" || number == "720":
		number, key = "2B", "720"
	case len(number) == 1 && number >= "1" && number <= "9":
		number, key = "0"+number, "00"+number
	case len(number) == 2 && strings.Trim(number, "0123456789") == "" && number <= "95" && number != "20":
		key = "0" + number
	case len(number) == 3 && strings.Trim(number, "0123456789") == "" && number >= "971" && number <= "988":
		key = number
	default:
		return Value{}, &Error{French: "département : numéro attendu (75, 2A, 971), et non « " + text + " »",
			English: "department: a number is expected (75, 2A, 971), not \"" + text + "\""}
	}
	return Value{Name: number, Keys: []string{key}}, nil
}
