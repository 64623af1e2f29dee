package annuaire

import (
	"slices"

	"navette/internal/directory"
)

// title is what the holder of a function is called, in French. A head's title depends on the establishment's nature.
func title(code, nature string) string {
	switch {
	case slices.Contains(directory.HeadFonctions(), code):
		return headTitle(nature, "")
	case slices.Contains(directory.DeputyFonctions(), code):
		return headTitle(nature, " adjoint")
	}
	for _, f := range directory.Fonctions() {
		if f[0] == code {
			return f[1]
		}
	}
	return code
}

func headTitle(nature, deputy string) string {
	switch nature {
	case directory.NatureCollege, directory.NatureSEGPA:
		return "Principal" + deputy
	case directory.NatureLyceeGT, directory.NatureLyceeT, directory.NatureLyceeG, directory.NatureLyceePolyvalent, directory.NatureLyceePro,
		directory.NatureLyceeAgricole:
		return "Proviseur" + deputy
	case directory.NatureEcoleMaternelle, directory.NatureEcoleElementaire:
		return "Directeur d'école" + deputy
	}
	return "Directeur" + deputy
}

// isHead reports the functions whose holder answers for an establishment.
func isHead(code string) bool { return slices.Contains(directory.HeadFonctions(), code) }

// functionTerms are the words by which the holders of a function are found: its code, what they are called, and what
// the nomenclature calls it.
func functionTerms(code, nature string) []string {
	text := code + " " + title(code, nature)
	for _, f := range directory.Fonctions() {
		if f[0] == code {
			text += " " + f[1]
		}
	}
	if isHead(code) {
		text += " direction chef"
	}
	return distinct(withFeminines(words(text)))
}

func withFeminines(list []string) []string {
	for _, word := range list {
		list = append(list, feminines(word)...)
	}
	return list
}
