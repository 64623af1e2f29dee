package annuaire

import (
	"cmp"
	"strings"

	"navette/internal/directory"
)

// school is an establishment of the view.
type school struct {
	Establishment
	nature string
}

// post is a function as a record holds it.
type post struct {
	school *school
	code   string
	corps  string
	taught string         // discipline
	from   directory.Date // zero: held today
}

// record is an entry in the index. It is immutable, and shared by the views that hold it.
type record struct {
	kind     Kind
	account  int64
	forename int    // octets of name before the surname, with the space between; 0 where there is none
	name     string // as shown
	key      string // by which entries are ordered, folded
	address  string
	posts    []post
	document string
	since    directory.Date
	verified bool
	hidden   bool
}

// compare orders records within a rank: by surname, forename, then account; of vacancies, which come last, headships
// first. Two records of a view are never equal: vacancies have their establishment and code in their key.
func (r *record) compare(other *record) int {
	return cmp.Or(strings.Compare(r.key, other.key), cmp.Compare(r.account, other.account))
}

// setName gives a person's record its name and what follows from it.
func (r *record) setName(forename, surname string) {
	r.name = directory.DisplayName(forename, surname)
	first := directory.DisplayName(forename, "")
	if first != "" && len(first) < len(r.name) {
		r.forename = len(first) + 1
	}
	r.key = strings.Join(words(surname), " ") + "\x00" + strings.Join(words(first), " ")
}

// setLabel gives a box its name.
func (r *record) setLabel(name string) {
	r.name, r.key = name, strings.Join(words(name), " ")
}

// terms are the words of the name, and those of the address, which the name may lack (digits of homonyms, names of
// another script).
func (r *record) terms() []string {
	if r.kind == Vacancy {
		return nil
	}
	local, _, _ := strings.Cut(r.address, "@")
	out := words(local)
	if r.kind == Box {
		return distinct(append(out, labelTerms(r.name)...))
	}
	forename := strings.TrimSuffix(r.name[:r.forename], " ")
	return distinct(append(out, nameTerms(forename, r.name[r.forename:])...))
}

// entry shows the record.
func (r *record) entry() Entry {
	e := Entry{Kind: r.kind, Account: r.account, Name: r.name, Address: r.address, Hidden: r.hidden}
	if r.kind == Person {
		e.Guarantee = Guarantee{Verified: r.verified, Document: r.document, Since: r.since}
	}
	for _, p := range r.posts {
		e.Functions = append(e.Functions, Function{Title: title(p.code, p.school.nature), Code: p.code, Corps: p.corps, Discipline: p.taught,
			Establishment: p.school.Establishment, From: p.from})
	}
	return e
}

// facet is something that many records share, with the words by which they are found through it.
type facet struct {
	key   string
	terms func() []string
}

// The beginnings of facets' keys.
const (
	facetKind     = "kind:"
	facetSchool   = "uai:"
	facetFunction = "function:" // code, a slash, the establishment's nature
	facetCorps    = "corps:"
	facetRegion   = "department:"
	facetTaught   = "discipline:"
)

func kindKey(k Kind) string { return facetKind + string('0'+rune(k)) }

// kindTerms are the words by which a kind is found.
func kindTerms(k Kind) []string {
	switch k {
	case Box:
		return []string{"boite", "fonctionnelle"}
	case Vacancy:
		return []string{"poste", "vacant", "vacante"}
	}
	return nil
}

// facets calls each with those of the record.
func (r *record) facets(each func(facet)) {
	each(facet{kindKey(r.kind), func() []string { return kindTerms(r.kind) }})
	for _, p := range r.posts {
		s := p.school
		if s.UAI != "" {
			each(facet{facetSchool + s.UAI, func() []string { return s.terms() }})
		}
		if s.Department != "" {
			each(facet{facetRegion + s.Department, func() []string { return []string{strings.ToLower(s.Department)} }})
		}
		if p.code != "" {
			each(facet{facetFunction + p.code + "/" + s.nature, func() []string { return functionTerms(p.code, s.nature) }})
		}
		if p.corps != "" {
			each(facet{facetCorps + p.corps, func() []string { return labelTerms(p.corps) }})
		}
		if p.taught != "" {
			each(facet{facetTaught + p.taught, func() []string { return labelTerms(p.taught) }})
		}
	}
}

// terms are the words of an establishment: its name, its town, its UAI.
func (s *school) terms() []string {
	return distinct(append(append(labelTerms(s.Name), words(s.City)...), strings.ToLower(s.UAI)))
}
