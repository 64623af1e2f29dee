package audience_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/audience"
)

// words is a vocabulary with a school, one of a wrong key, and a corps that only HR knows.
func words() *audience.Vocabulary {
	return audience.NewVocabulary(audience.Known{
		Categories: []string{"ENS2D", "Vacataires"}, Corps: []string{"Chaire supérieure", `Maître "ancien"`}, Fonctions: []string{"ET"},
		Establishments: map[string]string{"0750001U": "Collège Mathilde-Vauquelin", "0750009A": ""},
	})
}

func TestExpressionsHaveOneCanonicalForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ written, canonical string }{
		{"tous", "tous"},
		{"ALL", "tous"},
		{"catégorie = enseignant", "catégorie = enseignant"},
		{"CATEGORIE=Enseignants", "catégorie = enseignant"},
		{"category = ens2d", "catégorie = ENS2D"},
		{`catégorie = "Enseignants du second degré public"`, "catégorie = ENS2D"},
		{"corps = « professeur   CERTIFIE »", `corps = "Professeur certifié"`},
		{`corps = « Maître "ancien" »`, `corps = « Maître "ancien" »`},
		{`fonction = "et"`, `fonction = "ET"`}, // a value that is a word of the language
		{"uai = 0750001u", "établissement = 0750001U"},
		{"établissement = 0750009a", "établissement = 0750009A"}, // a wrong key, which the directory bears
		{"département = 075", "département = 75"},
		{"département dans (1, 2a, 971, 75, 75)", "département dans (01, 2A, 971, 75)"},
		{"fonction dans (DIR)", "fonction = DIR"},
		{"fonction <> DIR", "fonction ≠ DIR"},
		{"non fonction = DIR", "fonction ≠ DIR"},
		{"not not fonction != DIR", "fonction ≠ DIR"},
		{"non non fonction dans (DIR, ADJ)", "fonction dans (DIR, ADJ)"},
		{"non fonction dans (DIR, ADJ)", "non fonction dans (DIR, ADJ)"},
		{"(fonction = DIR)", "fonction = DIR"},
		{"fonction = DIR ou fonction = ADJ et département = 75", "fonction = DIR ou fonction = ADJ et département = 75"},
		{"(fonction = DIR ou fonction = ADJ) et département = 75", "(fonction = DIR ou fonction = ADJ) et département = 75"},
		{"fonction = DIR et (département = 75 et tous)", "fonction = DIR et département = 75 et tous"},
		{"non (fonction = DIR et tous)", "non (fonction = DIR et tous)"},
		{"catégorie = enseignant sauf (fonction = DIR ou établissement dans (0750001U, 0750009A))",
			"catégorie = enseignant et non (fonction = DIR ou établissement dans (0750001U, 0750009A))"},
	} {
		e, err := audience.Parse(c.written, words())
		if err != nil {
			t.Errorf("%s: %v", c.written, err)
			continue
		}
		if got := audience.Format(e); got != c.canonical {
			t.Errorf("%s\n is %s\nwant %s", c.written, got, c.canonical)
		}
		again, err := audience.Parse(c.canonical, words())
		if diff := cmp.Diff(e, again); diff != "" || err != nil {
			t.Errorf("%s is read back differently: %v\n%s", c.canonical, err, diff)
		}
	}
}

func TestErrorsSayWhereAndProposeWhatWasMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		column   int
		french   string // in it
		proposal string
	}{
		{"", 1, "il faut ici un champ", ""},
		{"fonctoin = DIR", 1, "champ inconnu « fonctoin »", "fonction"},
		{"tous et etablisement = 0750001U", 9, "champ inconnu", "établissement"},
		{"discipline = anglias", 14, "discipline : valeur inconnue « anglias »", "Anglais"},
		{"catégorie = ensegnant", 13, "valeur inconnue « ensegnant »", "enseignant"},
		{`corps = "Professeur certifer"`, 9, "valeur inconnue", "Professeur certifié"},
		{"corps = xyzzy", 9, "valeur inconnue", ""},
		{"établissement = 0750001A", 17, "clé", "0750001U"},
		{"établissement = Vauquelin", 17, "7 chiffres et une lettre", ""},
		{"département = Paris", 15, "numéro attendu", ""},
		{"département = 20", 15, "numéro attendu", ""},
		{"département = 96", 15, "numéro attendu", ""},
		{"fonction DIR", 10, "« = », « ≠ » ou « dans »", ""},
		{"fonction =", 11, "il faut ici une valeur", ""},
		{"fonction = et", 12, "il faut ici une valeur", ""},
		{"fonction dans DIR", 15, "il faut ici « ( »", ""},
		{"fonction dans (DIR ADJ)", 20, "« , » ou « ) »", ""},
		{"fonction dans ()", 16, "il faut ici une valeur", ""},
		{"(tous", 6, "il faut ici « ) », et non la fin", ""},
		{"tous tous", 6, "la fin, et non « tous »", ""},
		{"tous et", 8, "il faut ici un champ", ""},
		{`corps = "Professeur`, 9, "guillemet sans fin", ""},
		{`corps = ""`, 9, "texte vide", ""},
		{"tous ; tous", 6, "signe inattendu « ; »", ""},
		{strings.Repeat("(", 33) + "tous", 33, "plus de 32", ""},
		{strings.Repeat("tous sauf ", 3) + strings.Repeat("(tous sauf ", 32) + "tous", 0, "plus de 32", ""},
		{"fonction dans (" + strings.Repeat("DIR, ", 1000) + "DIR)", 5016, "plus de 1000 valeurs", ""},
		{strings.Repeat(" ", audience.MaxLength) + "tous", 1, "trop longue", ""},
		{"tous\xff", 1, "UTF-8", ""},
	} {
		_, err := audience.Parse(c.text, words())
		var e *audience.Error
		switch {
		case !errors.As(err, &e):
			t.Errorf("%.60s: %v", c.text, err)
		case c.column > 0 && e.Column != c.column, !strings.Contains(e.French, c.french), e.Proposal != c.proposal:
			t.Errorf("%.60s: column %d, %q, proposes %q; want column %d, %q, %q", c.text, e.Column, e.French, e.Proposal, c.column, c.french, c.proposal)
		}
	}
	_, err := audience.Parse("fonctoin = DIR", words())
	const want = `colonne 1 : champ inconnu « fonctoin » ; vouliez-vous dire « fonction » ? / column 1: unknown field "fonctoin"; did you mean "fonction"?`
	if err == nil || err.Error() != want {
		t.Errorf("an operator reads %v", err)
	}
}

// What was right when it was written stays right when nobody bears the value any more.
func TestStoredExpressionsOutliveTheirWords(t *testing.T) {
	t.Parallel()
	const text = `corps = "Chaire disparue" et établissement = 0750009B`
	if _, err := audience.Parse(text, words()); err == nil {
		t.Error("an unknown corps was taken")
	}
	e, err := audience.Parse(text, words().Lenient())
	if err != nil || audience.Format(e) != text {
		t.Errorf("%v, %v", e, err)
	}
	if !audience.Matches(e, audience.Function{Corps: "CHAIRE DISPARUE", UAI: "0750009B"}) {
		t.Error("it does not match whoever bears it again")
	}
}

func TestExplanationsAreSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, french, english string }{
		{"tous", "Tous les agents qui exercent une fonction.", "All staff who hold a function now."},
		{"établissement = 0750001U", "Les agents dont une fonction en cours remplit cette condition : l'établissement est 0750001U (Collège Mathilde-Vauquelin).",
			"Staff one of whose current functions satisfies this: the establishment is 0750001U (Collège Mathilde-Vauquelin)."},
		{"catégorie = enseignant et (fonction ≠ DIR ou non département dans (75, 2A)) et non (tous et corps = AESH)",
			"Les agents dont une fonction en cours remplit cette condition : la catégorie est enseignant (ENS1D, ENS1DPR, ENS2D, ENS2DPR)" +
				" et (la fonction n'est pas DIR (Direction) ou le département n'est aucun de ceux-ci : 75, 2A)" +
				" et il n'est pas vrai que (toute fonction convient et le corps est AESH).",
			"Staff one of whose current functions satisfies this: the category is enseignant (ENS1D, ENS1DPR, ENS2D, ENS2DPR)" +
				" and (the function is not DIR (Direction) or the department is none of 75, 2A)" +
				" and it is not true that (any function counts and the corps is AESH)."},
		{"fonction dans (DIR, ADJ)", "Les agents dont une fonction en cours remplit cette condition : la fonction est l'une de celles-ci : DIR (Direction), ADJ (Direction adjointe).",
			"Staff one of whose current functions satisfies this: the function is one of DIR (Direction), ADJ (Direction adjointe)."},
	} {
		e, err := audience.Parse(c.text, words())
		if err != nil {
			t.Fatal(err)
		}
		if got := audience.Explain(e, audience.French); got != c.french {
			t.Errorf("%s\n is %s\nwant %s", c.text, got, c.french)
		}
		if got := audience.Explain(e, audience.English); got != c.english {
			t.Errorf("%s\n is %s\nwant %s", c.text, got, c.english)
		}
	}
}

func TestFunctionsMatchWithoutCaseAndAccentsByCodeOrLabel(t *testing.T) {
	t.Parallel()
	teacher := audience.Function{Category: "ens2d", Corps: "PROFESSEUR CERTIFIE", Fonction: "Enseignement", UAI: "0750001u"}
	for text, want := range map[string]bool{
		"tous": true, "catégorie = enseignant": true, "catégorie = ENS1D": false, `corps = "Professeur certifié"`: true,
		"fonction = ENS": true, "fonction ≠ ENS": false, "établissement = 0750001U": true, "établissement = 0750009A": false,
		"département = 75": true, "département = 77": false, "fonction = DIR ou département = 75": true, "fonction = ENS et département = 77": false,
		"non (fonction = ENS et département = 77)": true, "fonction = ENS sauf département = 75": false, "catégorie dans (AESH, ENS2D)": true,
	} {
		e, err := audience.Parse(text, words())
		if err != nil {
			t.Fatal(err)
		}
		if got := audience.Matches(e, teacher); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	corse, err := audience.Parse("département dans (2A, 2B)", words())
	if err != nil || !audience.Matches(corse, audience.Function{UAI: "6200001G"}) || !audience.Matches(corse, audience.Function{UAI: "7200001N"}) {
		t.Errorf("Corse: %v", err)
	}
}
