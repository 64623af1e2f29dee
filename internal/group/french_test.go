package group

import "testing"

func TestGroupsAreNamedInFrench(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind             Kind
		scope            Scope
		division, school string
		want             string
	}{
		{Parents, OfClass, "4E3", "Collège Jean Exemple", "Parents de la 4e3"},
		{Eleves, OfClass, "6EME A", "", "Élèves de la 6e A"},
		{Parents, OfClass, "1ERE S1", "", "Parents de la 1re S1"},
		{Parents, OfClass, "2NDE 5", "", "Parents de la 2de 5"},
		{Parents, OfClass, "2 CAP", "", "Parents de la 2 CAP"},
		{Parents, OfClass, "T S1", "", "Parents de la classe T S1"},
		{Parents, OfClass, "CM1 B", "", "Parents du CM1 B"},
		{Parents, OfClass, "CE2", "", "Parents du CE2"},
		{Principaux, OfClass, "ULIS TFC", "", "Professeurs principaux de l'ULIS TFC"},
		{Parents, OfClass, "AZUR", "", "Parents de la classe AZUR"},
		{Enseignants, OfGroup, "4ALL2", "", "Enseignants du groupe 4ALL2"},
		{Parents, OfSchool, "", "Collège Jean Exemple", "Parents du collège Jean Exemple"},
		{Parents, OfSchool, "", "CLG JEAN EXEMPLE PARIS", "Parents du collège JEAN EXEMPLE PARIS"},
		{Personnels, OfSchool, "", "Lycée Henri-IV", "Personnels du lycée Henri-IV"},
		{Personnels, OfSchool, "", "LYCEE PROFESSIONNEL X", "Personnels du lycée PROFESSIONNEL X"},
		{Parents, OfSchool, "", "École élémentaire Voltaire", "Parents de l'école élémentaire Voltaire"},
		{Parents, OfSchool, "", "E.E.PU. Voltaire", "Parents de l'école élémentaire Voltaire"},
		{Parents, OfSchool, "", "Cité scolaire Buffon", "Parents de la cité scolaire Buffon"},
		{Direction, OfSchool, "", "Rectorat de Paris", "Personnels de direction du rectorat de Paris"},
		{Direction, OfSchool, "", "DSDEN du Nord", "Personnels de direction de la DSDEN du Nord"},
		{Parents, OfSchool, "", "Notre-Dame", "Parents de l'établissement Notre-Dame"},
		{Parents, OfSchool, "", "", "Parents de l'établissement 0759001B"},
	} {
		if got := Name(c.kind, c.scope, c.division, c.school, "0759001B"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestPrepositionsBeforeForenames(t *testing.T) {
	t.Parallel()
	for forename, want := range map[string]string{"Léa": "de Léa", "Anne": "d'Anne", "Élodie": "d'Élodie", "Œdipe": "d'Œdipe", "Hugo": "d'Hugo", "Hélène": "d'Hélène",
		"Hamza": "de Hamza", "Yves": "d'Yves", "Yasmine": "de Yasmine", "Y": "de Y", "": "de ", "李": "de 李"} {
		if got := De(forename); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
