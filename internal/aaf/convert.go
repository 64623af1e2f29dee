package aaf

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"navette/internal/directory"
)

// converter makes records of requests, by the dictionary of their category.
type converter struct {
	rules  map[string]rule
	common map[string]string // texts that many records share
	rec    *Record
	name   string // of the attribute being read
	spoilt bool   // something of it was not understood
	fields [][]byte
	late   late
}

// rule is what an attribute means.
type rule struct {
	field Fields
	// clears says that an empty value of a modifyRequest empties the field. Other empty values there mean nothing:
	// exports are full of them (DOMAIN §1.4).
	clears bool
	read   func(c *converter, values [][]byte)
}

// late are values that cannot be put into the record before all attributes were read.
type late struct {
	jointure string
	classes  []Division // of staff, from attributes that others have superseded
	groups   []Division
}

func newConverter(c Category) *converter {
	return &converter{rules: dictionary(c), common: map[string]string{}}
}

// record fills a record from a request. reason is why it is refused, or "".
func (c *converter) record(rec *Record, q *request) (reason string) {
	c.rec, c.late = rec, late{}
	rec.Key = string(q.key)
	if said := categoryOfName(string(q.said)); said != 0 && said != rec.Category {
		c.doubtOf("categorie", "dit une autre catégorie que le nom du fichier", "another category than the file's name")
	}
	if rec.Action == Delete {
		return ""
	}
	c.body()
	if rec.Action == Add {
		rec.Set = fieldsOf(rec.Category)
	}
	for i := range q.attributes {
		c.attribute(&q.attributes[i])
	}
	if c.late.jointure != "" && c.late.jointure != rec.Key {
		c.doubtOf("Jointure", "autre clé que l'identifiant, qui est retenu", "another key than the identifier, which is kept")
	}
	return c.finish()
}

// body makes room for what the record is about.
func (c *converter) body() {
	switch c.rec.Category {
	case EtabEducNat:
		c.rec.Structure = &Structure{}
	case MatiereEducNat:
		c.rec.Subject = &Subject{}
	case MefEducNat:
		c.rec.Mef = &Mef{}
	case Eleve:
		c.rec.Pupil = &Pupil{}
	case PersRelEleve:
		c.rec.Guardian = &Guardian{}
	case PersEducNat:
		c.rec.Staff = &Staff{}
	}
}

// attribute reads one attribute. In a modifyRequest, one of which a part was not understood changes nothing: what is
// stored is better than a piece.
func (c *converter) attribute(a *attribute) {
	r, known := c.rules[string(a.name)]
	if !known || len(a.values) == 0 && !r.clears {
		return
	}
	c.name, c.spoilt = string(a.name), false
	r.read(c, a.values)
	if c.rec.Action == Modify && !c.spoilt {
		c.rec.Set |= r.field
	}
}

// finish puts the values in order that depend on each other, and refuses a record that cannot be used.
func (c *converter) finish() (reason string) {
	rec := c.rec
	switch rec.Category {
	case EtabEducNat:
		if rec.Action == Add && rec.Structure.UAI == "" {
			return both("l'UAI manque", "the UAI is missing")
		}
	case Eleve:
		return finishIdentity(rec, &rec.Pupil.Identity)
	case PersRelEleve:
		return finishIdentity(rec, &rec.Guardian.Identity)
	case PersEducNat:
		rec.Staff.Classes = withUntold(rec.Staff.Classes, c.late.classes)
		rec.Staff.Groups = withUntold(rec.Staff.Groups, c.late.groups)
		return finishIdentity(rec, &rec.Staff.Identity)
	}
	return ""
}

// finishIdentity gives somebody with one name both.
func finishIdentity(rec *Record, who *Identity) (reason string) {
	if rec.Action != Add {
		return ""
	}
	if who.UsageName == "" {
		who.UsageName = who.BirthName
	}
	if who.BirthName == "" {
		who.BirthName = who.UsageName
	}
	if who.BirthName == "" {
		return both("le nom manque", "the name is missing")
	}
	return ""
}

// withUntold adds the classes that are not among those taught with a subject.
func withUntold(told []Teaching, divisions []Division) []Teaching {
	for _, d := range divisions {
		if !slices.ContainsFunc(told, func(t Teaching) bool { return t.Structure == d.Structure && t.Name == d.Name }) {
			told = append(told, Teaching{Division: d})
		}
	}
	return told
}

// doubt says why a part of the attribute was left out. Texts hold no value.
func (c *converter) doubt(french, english string) {
	c.spoilt = true
	c.doubtOf(c.name, french, english)
}

// maxDoubts is how many a record tells of.
const maxDoubts = 20

func (c *converter) doubtOf(name, french, english string) {
	text := name + " : " + both(french, english)
	if len(c.rec.Doubts) < maxDoubts && !slices.Contains(c.rec.Doubts, text) {
		c.rec.Doubts = append(c.rec.Doubts, text)
	}
}

// text composes accents (NFC) and leaves one plain space between words.
func (c *converter) text(v []byte) string {
	if isASCII(v) && !bytes.Contains(v, []byte("  ")) && !bytes.ContainsAny(v, "\t\r\n") {
		return string(bytes.TrimSpace(v))
	}
	if bytes.Contains(v, []byte("\ufffd")) {
		c.doubtOf(c.name, "des lettres ont été perdues avant l'export", "letters were lost before the export")
	}
	return norm.NFC.String(strings.Join(strings.Fields(string(v)), " "))
}

// maxCommon bounds the texts that are shared.
const maxCommon = 50_000

// code is text that many records share: one string serves all.
func (c *converter) code(v []byte) string {
	if s, known := c.common[string(v)]; known {
		return s
	}
	s := c.text(v)
	if len(c.common) >= maxCommon {
		clear(c.common)
	}
	c.common[string(v)] = s
	return s
}

// one gives the only value of an attribute; of several the first.
func (c *converter) one(values [][]byte) []byte {
	if len(values) == 0 {
		return nil
	}
	for _, v := range values[1:] {
		if !bytes.Equal(v, values[0]) {
			c.doubtOf(c.name, "plusieurs valeurs : la première est retenue", "several values: the first is kept")
			break
		}
	}
	return values[0]
}

// list gives all values once.
func (c *converter) list(values [][]byte) []string {
	var out []string
	for _, v := range values {
		if s := c.code(v); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// split gives the fields of a value, which « $ » separates, without space around them; nil and a doubt when there are
// fewer than expected.
func (c *converter) split(v []byte, atLeast int) [][]byte {
	c.fields = c.fields[:0]
	for field := range bytes.SplitSeq(v, []byte("$")) {
		c.fields = append(c.fields, bytes.TrimSpace(field))
	}
	if len(c.fields) < atLeast {
		c.doubt(fmt.Sprintf("une valeur n'a pas %d champs", atLeast), "a value has too few fields")
		return nil
	}
	return c.fields
}

// date reads JJ/MM/AAAA; the zero Date, and a doubt, for anything else.
func (c *converter) date(v []byte) directory.Date {
	if len(v) == 0 {
		return directory.Date{}
	}
	d, err := directory.ParseDate(string(v))
	if err != nil {
		c.doubt("ce n'est pas une date JJ/MM/AAAA", "not a date JJ/MM/AAAA")
	}
	return d
}

// number reads a small decimal number, 0 for nothing.
func (c *converter) number(v []byte) int {
	if len(v) == 0 {
		return 0
	}
	n, err := strconv.ParseUint(string(v), 10, 16)
	if err != nil {
		c.doubt("un nombre est attendu", "a number is expected")
		return 0
	}
	return int(n)
}

// yesNo gives « O » or « N ».
func (c *converter) yesNo(v []byte) string {
	switch strings.ToUpper(string(v)) {
	case yes, "OUI", "1":
		return yes
	case no, "NON", "0":
		return no
	}
	c.doubt("O ou N est attendu", "O or N is expected")
	return ""
}

// mail gives an address, or "" and a doubt for what is none.
func (c *converter) mail(v []byte) string {
	s := strings.TrimSpace(string(v))
	if isPlainAddress(s) {
		return s
	}
	if _, err := directory.ParseLookup(s); err != nil || len(s) > maxAddress || strings.Count(s, "@") != 1 {
		c.doubt("ce n'est pas une adresse de courriel", "not a mail address")
		return ""
	}
	return s
}

// maxAddress is the longest address (RFC 5321 §4.5.3.1.3, without its angle brackets).
const maxAddress = 254

// isPlainAddress reports an address of the usual letters: most are, and need no further look.
func isPlainAddress(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	if local == "" || len(local) > 64 || len(domain) > 63 || !strings.Contains(domain, ".") {
		return false
	}
	for i := range len(local) {
		if !isAlphanumeric(local[i]) && strings.IndexByte(".-_+", local[i]) < 0 {
			return false
		}
	}
	for i := range len(domain) { // dots and hyphens stand between others
		if !isAlphanumeric(domain[i]) &&
			(domain[i] != '.' && domain[i] != '-' || i == 0 || i == len(domain)-1 || !isAlphanumeric(domain[i+1])) {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool { return c >= '0' && c <= '9' || (c|0x20) >= 'a' && (c|0x20) <= 'z' }

// civility writes the usual ones in their usual form.
func civility(s string) string {
	switch strings.ToLower(strings.TrimSuffix(s, ".")) {
	case "m", "mr", "monsieur":
		return "M."
	case "mme", "mlle", "madame", "mademoiselle":
		return "Mme"
	}
	return s
}
