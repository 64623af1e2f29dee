package directory

import "testing"

func TestDisplayNamesAreWrittenAsTheAdministrationDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ forenames, surname, want string }{
		{"CLAIRE", "MARTIN", "Claire MARTIN"},
		{"Claire Anne", "Martin", "Claire MARTIN"},
		{"MARIE-FRANÇOISE", "LE GUÉN", "Marie-Françoise LE GUÉN"},
		{"élodie", "de la tour d’auvergne", "Élodie DE LA TOUR D’AUVERGNE"},
		{"N'GOLO", "N'GUESSAN", "N'Golo N'GUESSAN"},
		{"McKenzie", "O'Connor", "McKenzie O'CONNOR"},
		{"Œdipe", "œuvrard", "Œdipe ŒUVRARD"},
		{"JÜRGEN", "Weiß", "Jürgen WEISS"},
		{"ABD EL KADER, ALI", "BEN ALI", "Abd El Kader BEN ALI"},
		{"A", "o", "A O"},
		{"", "Sukarno", "SUKARNO"},
		{"Martin", "Claire", "Martin CLAIRE"},
		{"  JEAN - PIERRE ", "  DU   PONT ", "Jean-Pierre DU PONT"},
	} {
		if got := DisplayName(c.forenames, c.surname); got != c.want {
			t.Errorf("DisplayName(%q, %q) = %q, want %q", c.forenames, c.surname, got, c.want)
		}
	}
}

func TestPersonIsCalledByTheUsageName(t *testing.T) {
	t.Parallel()
	p := Person{Forenames: "CLAIRE", BirthName: "PETIT"}
	if got := p.DisplayName(); got != "Claire PETIT" {
		t.Errorf("without a usage name: %q", got)
	}
	p.UsageName = "MARTIN"
	if got := p.DisplayName(); got != "Claire MARTIN" {
		t.Errorf("with a usage name: %q", got)
	}
	same := p
	same.ID = 7
	if !p.SameIdentity(same) {
		t.Error("the ID is no part of the identity")
	}
	same.Birth = Date{1980, 1, 1}
	if p.SameIdentity(same) {
		t.Error("another birth date is another identity")
	}
}

func TestNomenclatureKnowsCodesAndLabelsInAnyCase(t *testing.T) {
	t.Parallel()
	n := NewNomenclature()
	for _, s := range []string{"Professeur certifié", "PROFESSEUR CERTIFIE", "aesh"} {
		if !n.KnowsCorps(s) {
			t.Errorf("corps %q unknown", s)
		}
	}
	if !n.KnowsCategory("ATSS") || !n.KnowsCategory("assistants d'éducation") || !n.KnowsFonction("dir") {
		t.Error("a listed value is unknown")
	}
	if n.KnowsCorps("Astronaute") || n.KnowsCategory("") || n.KnowsFonction("XYZ") {
		t.Error("an unlisted value is known")
	}
}

func TestAFunctionIsActiveFromItsFirstToItsLastDay(t *testing.T) {
	t.Parallel()
	f := Function{Start: Date{2026, 9, 1}, End: Date{2027, 8, 31}}
	for day, want := range map[Date]bool{
		{2026, 8, 31}: false, {2026, 9, 1}: true, {2027, 8, 31}: true, {2027, 9, 1}: false,
	} {
		if f.ActiveOn(day) != want {
			t.Errorf("on %s: %v", day, !want)
		}
	}
	f.End = Date{}
	if !f.ActiveOn(Date{2060, 1, 1}) {
		t.Error("an open function ended")
	}
}
