package roster

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"navette/internal/directory"
)

// Line is one data line that was understood: a function, and who holds it.
type Line struct {
	Number    int
	Person    directory.Person // without ID
	NUMEN     directory.NUMEN  // empty when the line has none
	Function  directory.Function
	Surprises []string // what was accepted but deserves a look; French; never holds a NUMEN
}

// The columns, in their order.
const (
	colIDRH = iota
	colNUMEN
	colCivilite
	colNomNaissance
	colNomUsage
	colPrenoms
	colNaissance
	colCorps
	colCategorie
	colFonction
	colUAI
	colDebut
	colFin
	colReference
	colDiscipline // may be absent: not every HR tool tells it
)

const (
	header  = "id_rh;numen;civilite;nom_naissance;nom_usage;prenoms;naissance;corps;categorie;fonction;uai;debut;fin;reference"
	trailer = "#FIN"
)

// columns names the fields in messages.
var columns = [...]string{"id_rh", "numen", "civilite", "nom_naissance", "nom_usage", "prenoms", "naissance",
	"corps", "categorie", "fonction", "uai", "debut", "fin", "reference", "discipline"}

// required is how many of the columns, the first ones, every file has.
const required = colDiscipline

// maxField is the longest field, in characters; maxIDRH the longest id_rh.
const (
	maxField = 200
	maxIDRH  = 40
)

// Header is the first line of a file in its canonical form.
func Header() string { return header }

// lineParser turns the text of a line into a Line.
type lineParser struct {
	layout layout
	known  *directory.Nomenclature
}

// parse gives the line without its surprises, or the reasons why it is refused. The id_rh is given as
// far as it could be read, so that a refusal names it.
func (p lineParser) parse(number int, text string) (line Line, idRH string, reasons []string) {
	fields, id, count, err := p.layout.split(text)
	if err != nil {
		return Line{}, "", []string{err.Error()}
	}
	idRH = readableID(tidyField(id))
	if want := len(p.layout.order); count != want {
		return Line{}, idRH, []string{fmt.Sprintf("%d champs attendus, %d trouvés", want, count)}
	}
	for i := range fields {
		fields[i] = tidyField(fields[i])
	}
	c := &checker{}
	c.identifier(fields[colIDRH])
	c.text(fields)
	line = Line{
		Number: number,
		NUMEN:  directory.NUMEN(strings.ToUpper(fields[colNUMEN])),
		Person: directory.Person{
			HRID:      fields[colIDRH],
			Civility:  civility(fields[colCivilite]),
			BirthName: fields[colNomNaissance],
			UsageName: fields[colNomUsage],
			Forenames: fields[colPrenoms],
			Birth:     c.date(colNaissance, fields[colNaissance], true),
		},
		Function: directory.Function{
			Corps:     fields[colCorps],
			Category:  fields[colCategorie],
			Fonction:  fields[colFonction],
			UAI:       strings.ToUpper(fields[colUAI]),
			Start:     c.date(colDebut, fields[colDebut], true),
			End:       c.date(colFin, fields[colFin], false),
			Reference: fields[colReference],

			Discipline: fields[colDiscipline],
		},
	}
	if line.Person.UsageName == line.Person.BirthName {
		line.Person.UsageName = ""
	}
	c.sense(line)
	if len(c.reasons) > 0 {
		return Line{}, idRH, c.reasons
	}
	return line, idRH, nil
}

// tidyField composes accents (NFC), trims, and leaves one plain space between words.
func tidyField(s string) string {
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// readableID gives an id_rh fit for a report. What looks like a NUMEN is none: columns
// have been shifted, and a report must not print it.
func readableID(s string) string {
	if looksLikeNUMEN(s) || utf8.RuneCountInString(s) > maxIDRH || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}

func looksLikeNUMEN(s string) bool {
	return directory.NUMEN(strings.ToUpper(s)).WellFormed()
}

// civility writes the usual ones in their usual form, and leaves others alone.
func civility(s string) string {
	switch strings.ToLower(strings.TrimSuffix(s, ".")) {
	case "m", "mr", "monsieur":
		return "M."
	case "mme", "madame", "mlle", "mademoiselle":
		return "Mme"
	}
	return s
}

// checker gathers the reasons for refusing a line.
type checker struct {
	reasons []string
}

func (c *checker) refuse(format string, args ...any) {
	c.reasons = append(c.reasons, fmt.Sprintf(format, args...))
}

// identifier wants an id_rh that could stand in an address, where a name cannot.
func (c *checker) identifier(idRH string) {
	switch {
	case idRH == "":
		c.refuse("id_rh absent")
	case looksLikeNUMEN(idRH):
		c.refuse("id_rh de la forme d'un NUMEN (colonnes décalées ?)")
	case readableID(idRH) == "":
		c.refuse("id_rh illisible ou de plus de %d caractères", maxIDRH)
	case directory.Slug(idRH) == "":
		c.refuse("id_rh sans lettre ni chiffre")
	}
}

// text refuses what no name, code or reference holds.
func (c *checker) text(fields []string) {
	for i, field := range fields {
		if utf8.RuneCountInString(field) > maxField {
			c.refuse("%s : plus de %d caractères", columns[i], maxField)
		}
		if strings.ContainsFunc(field, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
			c.refuse("%s : caractère interdit", columns[i])
		}
	}
}

func (c *checker) date(column int, text string, required bool) directory.Date {
	if text == "" {
		if required {
			c.refuse("%s : date absente", columns[column])
		}
		return directory.Date{}
	}
	date, err := directory.ParseDate(text)
	if err != nil {
		c.refuse("%s : %v", columns[column], err)
	}
	return date
}

// sense checks the fields against each other.
func (c *checker) sense(l Line) {
	if l.Person.BirthName == "" {
		c.refuse("nom_naissance absent")
	}
	start, end, birth := l.Function.Start, l.Function.End, l.Person.Birth
	if start.IsZero() {
		return
	}
	if !end.IsZero() && end.Compare(start) < 0 {
		c.refuse("fin (%s) avant debut (%s)", end.French(), start.French())
	}
	if !birth.IsZero() && birth.Compare(start) >= 0 {
		c.refuse("naissance après le début de la fonction (%s)", start.French())
	}
}

// surprises names what is accepted but unusual.
func (p lineParser) surprises(l Line) []string {
	var s []string
	add := func(format string, args ...any) { s = append(s, fmt.Sprintf(format, args...)) }
	switch {
	case l.NUMEN == "":
		add("NUMEN absent : première connexion impossible sans l'assistance")
	case !l.NUMEN.WellFormed():
		add("NUMEN de forme inhabituelle")
	}
	if directory.Slug(directory.FirstForename(l.Person.Forenames)) == "" {
		add("prénom sans lettre latine : l'adresse portera l'id_rh")
	}
	if directory.Slug(l.Person.Surname()) == "" {
		add("nom sans lettre latine : l'adresse portera l'id_rh")
	}
	if l.Person.Civility != "M." && l.Person.Civility != "Mme" {
		add("civilité inconnue : %q", l.Person.Civility)
	}
	if !p.known.KnowsCorps(l.Function.Corps) {
		add("corps inconnu : %q", l.Function.Corps)
	}
	if !p.known.KnowsCategory(l.Function.Category) {
		add("catégorie inconnue : %q", l.Function.Category)
	}
	if !p.known.KnowsFonction(l.Function.Fonction) {
		add("fonction inconnue : %q", l.Function.Fonction)
	}
	if l.Function.UAI == "" {
		add("UAI absente")
	} else if _, err := directory.ParseUAI(l.Function.UAI); err != nil {
		add("%v", err)
	}
	return s
}
