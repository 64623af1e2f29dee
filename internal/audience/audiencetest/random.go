// Package audiencetest draws expressions and functions for property tests.
package audiencetest

import (
	"strings"

	"pgregory.net/rapid"

	"navette/internal/audience"
)

// What functions hold: as the nomenclature writes it, as HR files do, and what nobody knows.
var (
	categories  = []string{"ENS2D", "ens2d", "Enseignants du second degré public", "ENS1D", "DIEO", "AESH", "atss", ""}
	corps       = []string{"Professeur certifié", "PROFESSEUR CERTIFIE", "Professeur agrégé", "Personnel de direction", "AESH", ""}
	fonctions   = []string{"ENS", "Enseignement", "DIR", "dir", "ADJ", "Éducation", "EDU", ""}
	disciplines = []string{"Anglais", "ANGLAIS", "Lettres modernes", "Éducation musicale", ""}
	schools     = []string{"0750001U", "0750002V", "0770003K", "6200001G", "9710004C", "0750001u", "075", ""}
)

// Function draws a function.
func Function(t *rapid.T) audience.Function {
	return audience.Function{
		Category: rapid.SampledFrom(categories).Draw(t, "category"), Corps: rapid.SampledFrom(corps).Draw(t, "corps"),
		Discipline: rapid.SampledFrom(disciplines).Draw(t, "discipline"), Fonction: rapid.SampledFrom(fonctions).Draw(t, "fonction"), UAI: rapid.SampledFrom(schools).Draw(t, "uai"),
	}
}

// Expression draws the text of an expression that every vocabulary takes.
func Expression(t *rapid.T) string { return expression(t, 4) }

func expression(t *rapid.T, depth int) string {
	if depth == 0 {
		return test(t)
	}
	switch rapid.IntRange(0, 6).Draw(t, "shape") {
	case 0:
		return "non (" + expression(t, depth-1) + ")"
	case 1:
		return "(" + expression(t, depth-1) + ") et " + test(t)
	case 2:
		return expression(t, depth-1) + " ou " + expression(t, depth-1)
	case 3:
		return test(t) + " sauf (" + expression(t, depth-1) + ")"
	case 4:
		return "non " + test(t) + " et (" + expression(t, depth-1) + ")"
	}
	return test(t)
}

func test(t *rapid.T) string {
	values := map[string][]string{
		"catégorie":     {"enseignant", "ENS2D", "ENS1D", "DIEO", `"Assistants d'éducation"`, "atss"},
		"corps":         {`"Professeur certifié"`, "« professeur agrégé »", "AESH", `"Personnel de direction"`},
		"fonction":      {"ENS", "DIR", "Direction", "EDU", "ADJ"},
		"établissement": {"0750001U", "0750002V", "0770003K", "6200001G"},
		"discipline":    {"anglais", `"Lettres modernes"`, "« éducation musicale »"},
		"département":   {"75", "077", "2A", "2b", "971"},
	}
	field := rapid.SampledFrom([]string{"catégorie", "corps", "fonction", "établissement", "département", "discipline", "tous"}).Draw(t, "field")
	if field == "tous" {
		return field
	}
	of := rapid.SliceOfN(rapid.SampledFrom(values[field]), 1, 4).Draw(t, "values")
	switch rapid.IntRange(0, 2).Draw(t, "operator") {
	case 0:
		return field + " = " + of[0]
	case 1:
		return field + " ≠ " + of[0]
	}
	return field + " dans (" + strings.Join(of, ", ") + ")"
}
