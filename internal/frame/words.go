package frame

import (
	"slices"
	"strings"

	"navette/internal/directory"
)

// words parts a text into folded words.
func words(text string) []string {
	return strings.FieldsFunc(directory.Slug(text), func(r rune) bool { return r == '-' })
}

// begin tells that each wanted word begins one of the others.
func begin(of, wanted []string) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(of, func(one string) bool { return strings.HasPrefix(one, w) }) {
			return false
		}
	}
	return true
}
