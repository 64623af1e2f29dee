package annuaire_test

import (
	"slices"
	"testing"

	"navette/internal/annuaire"
)

// Each person of the table is found by each of their words, and nobody else is.
func TestPeopleAreFoundHoweverTheirNamesAreTyped(t *testing.T) {
	t.Parallel()
	type quirk struct {
		person
		shown string
		typed []string
	}
	quirks := []quirk{
		{person{surname: "LÊ", forenames: "Thị Hồng"}, "Thị LÊ", []string{"lê thị", "le thi", "LE THI", "thi le", "Lê Thi", "thị", "tl"}},
		{person{surname: "d'AUBIGNÉ", forenames: "Françoise"}, "Françoise D'AUBIGNÉ",
			[]string{"d'aubigné", "d’Aubigne", "daubigne", "aubigne", "aubi franc", "d aubigné", "fda", "fa"}},
		{person{surname: "ŒUVRARD", forenames: "Cœlia"}, "Cœlia ŒUVRARD", []string{"œuvrard", "oeuvrard", "OEUVR", "cœlia", "coelia œu"}},
		{person{surname: "POQUELIN", forenames: "Jean-Baptiste"}, "Jean-Baptiste POQUELIN",
			[]string{"jean-baptiste poq", "jean baptiste poq", "jeanbaptiste poq", "poquelin jb", "J.-B. Poquelin", "baptiste poquelin", "jbp", "quelin"}},
		{person{surname: "EL-KHOURY", forenames: "Nadia"}, "Nadia EL-KHOURY", []string{"el-khoury", "el khoury", "elkhoury", "khoury", "nadia elk", "Khoury Nadia"}},
		{person{surname: "MÜLLER", forenames: "Jürgen"}, "Jürgen MÜLLER", []string{"müller", "muller", "mueller", "MUELLER Juergen", "jurgen"}},
		{person{surname: "GOEBEL", forenames: "Anna"}, "Anna GOEBEL", []string{"göbel", "goebel"}},
		{person{surname: "WEIß", forenames: "Ægidius"}, "Ægidius WEISS", []string{"weiß", "weiss", "ægidius", "aegidius weis"}},
		{person{surname: "DE LA TOUR DU PIN", forenames: "Zoé"}, "Zoé DE LA TOUR DU PIN",
			[]string{"de la tour", "tour du pin", "latour", "delatourdupin", "zoe pin", "ztp"}},
		{person{surname: "N'GUESSAN", forenames: "M'Hamed"}, "M'Hamed N'GUESSAN", []string{"n'guessan", "nguessan", "guessan", "mhamed", "m'hamed"}},
		{person{surname: "王", forenames: "李"}, "李 王", []string{"王", "李", "李 王"}},
		{person{surname: "ŁUKASIEWICZ", forenames: "Łucja"}, "Łucja ŁUKASIEWICZ", []string{"łukasiewicz", "lukasiewicz", "lucja"}},
		{person{surname: "O", forenames: "É"}, "É O", []string{"é o", "eo"}},
		{person{surname: "SAINT-EXUPÉRY", forenames: "Consuelo, Maria"}, "Consuelo SAINT-EXUPÉRY", []string{"saint exupery", "saintexupery", "St-Exupéry consuelo"[3:]}},
	}
	each(t, func(f *fixture) {
		var people []person
		for i, q := range quirks {
			q.id = string(rune('A'+i)) + "001"
			people = append(people, q.person)
			people[i].id = q.id
		}
		f.imports(people...)
		for _, q := range quirks {
			for _, typed := range q.typed {
				got := f.finds(stranger(), annuaire.Query{Text: typed, Kinds: []annuaire.Kind{annuaire.Person}})
				if len(got) == 0 || got[0] != q.shown {
					f.t.Errorf("%q finds %q, want %q first", typed, got, q.shown)
				}
			}
		}
		// As one types, the person stays in the answer from the first letter on (there are few here).
		for i := range "daubigne" {
			got := f.finds(stranger(), annuaire.Query{Text: "daubigne"[:i+1], Limit: annuaire.MaxLimit})
			if !slices.Contains(got, "Françoise D'AUBIGNÉ") {
				f.t.Errorf("%q finds %q", "daubigne"[:i+1], got)
			}
		}
	})
}

func TestWholeWordsComeBeforeBeginningsAndTheseBeforeTheInsideOfNames(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "MARTINEZ", forenames: "Ana"}, person{id: "2", surname: "SAINMARTIN", forenames: "Luc"},
			person{id: "3", surname: "MARTIN", forenames: "Zoé"}, person{id: "4", surname: "PETIT", forenames: "Martin"},
			person{id: "5", surname: "AUBRY", forenames: "Paul", corps: "Martin pêcheur"})
		f.wants("martin", "Zoé MARTIN", "Martin PETIT", "Ana MARTINEZ", "Paul AUBRY", "Luc SAINMARTIN")
		f.wants("martin zoe", "Zoé MARTIN")
		f.wants("zzz")
		f.wants("martin zzz")
		f.wants("--")
	})
}

func TestPeopleAreFoundByWhatTheyDoAndWhere(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(
			person{id: "1", surname: "ARNAUD", forenames: "Luc", corps: "Personnel de direction", function: "DIR"},
			person{id: "2", surname: "BLANC", forenames: "Ève", corps: "Personnel de direction", function: "DIR", uai: lycee},
			person{id: "3", surname: "COSTE", forenames: "Ida", corps: "Conseiller principal d'éducation", function: "EDU", uai: lycee},
			person{id: "4", surname: "DIALLO", forenames: "Awa", corps: "Professeur agrégé", uai: lycee, taught: "Histoire-géographie"},
			person{id: "5", surname: "FAURE", forenames: "Léo", corps: "Infirmier", function: "MDS"})
		for text, want := range map[string][]string{
			"principal prevert":   {"Luc ARNAUD"},
			"Principale Prévert":  {"Luc ARNAUD"},
			"proviseure":          {"Ève BLANC"},
			"chef bobigny":        {"Ève BLANC"},
			"cpe":                 {"Ida COSTE"},
			"professeure agrégée": {"Awa DIALLO"},
			"prof histoire geo":   {"Awa DIALLO"},
			"infirmière":          {"Léo FAURE"},
			"infirmiere paris":    {"Léo FAURE"},
			"MDS 0759001B":        {"Léo FAURE"},
			"louise-michel awa":   {"Awa DIALLO"},
			"0759002":             {"Lycée Louise-Michel", "Ève BLANC", "Ida COSTE", "Awa DIALLO"},
		} {
			f.wants(text, want...)
		}
		for name, c := range map[string]struct {
			q    annuaire.Query
			want []string
		}{
			"establishment": {annuaire.Query{UAI: lycee, Kinds: []annuaire.Kind{annuaire.Person}}, []string{"Ève BLANC", "Ida COSTE", "Awa DIALLO"}},
			"function":      {annuaire.Query{Function: "DIR"}, []string{"Luc ARNAUD", "Ève BLANC"}},
			"department":    {annuaire.Query{Department: "093", Kinds: []annuaire.Kind{annuaire.Box}}, []string{"Lycée Louise-Michel"}},
			"all and words": {annuaire.Query{Text: "e", UAI: lycee, Function: "DIR"}, []string{"Ève BLANC"}},
			"nobody":        {annuaire.Query{Text: "luc", UAI: lycee}, nil},
			"an address":    {annuaire.Query{Text: "awa.diallo@ac-paris.example"}, []string{"Awa DIALLO"}},
		} {
			if got := f.finds(stranger(), c.q); !slices.Equal(got, c.want) {
				f.t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}

func TestColleaguesComeFirstAmongEquals(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "MARTIN", forenames: "Anne", uai: lycee}, person{id: "2", surname: "MARTIN", forenames: "Zoé"},
			person{id: "3", surname: "MARTINEZ", forenames: "Ana"}, person{id: "4", surname: "ROUX", forenames: "Guy"})
		if got, want := f.finds(f.as("groux"), annuaire.Query{Text: "martin"}), []string{"Zoé MARTIN", "Anne MARTIN", "Ana MARTINEZ"}; !slices.Equal(got, want) {
			f.t.Errorf("a colleague of Zoé and Ana finds %q, want %q", got, want)
		}
		if got, want := f.finds(f.as("groux"), annuaire.Query{}), []string{"Collège Jacques-Prévert", "Zoé MARTIN", "Ana MARTINEZ", "Guy ROUX"}; !slices.Equal(got, want) {
			f.t.Errorf("without words: %q, want the colleagues: %q", got, want)
		}
		if got := f.finds(stranger(), annuaire.Query{}); len(got) != 0 {
			f.t.Errorf("who has no colleagues gets %q without words", got)
		}
	})
}
