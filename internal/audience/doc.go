// Package audience is the small language in which the académie says whom a list or a letter is for:
//
//	catégorie = enseignant et département = 75 sauf (fonction = DIR ou établissement dans (0750001U, 0750002V))
//
// An expression is about one function that somebody holds: a person is in the audience while one of their current
// functions satisfies the whole of it. A teacher in two schools is in the audience of both; « non (fonction = DIR) »
// takes in a head who also teaches elsewhere, by the other function.
//
// # Grammar
//
//	expression = terms { "ou" terms }
//	terms      = factor { ( "et" | "sauf" ) factor }      "a sauf b" is "a et non b"
//	factor     = "non" factor | "(" expression ")" | "tous" | test
//	test       = field ( "=" | "≠" ) value | field "dans" "(" value { "," value } ")"
//	field      = "catégorie" | "corps" | "fonction" | "établissement" | "département" | "discipline"
//	value      = a word, or any text in "…" or « … »
//
// Case, accents, plurals of the group names and English words (and, or, not, in, all, category…) count for nothing;
// "<>" and "!=" are "≠". Format writes the one canonical form of an expression, which Parse reads back as the same.
//
// # Types
//
// Categories, corps, functions and disciplines are open text as HR writes them, compared without case and accents
// (directory.Slug), by code or label; « enseignant » names the categories of teachers. An establishment is a UAI, a
// département its number (75, 2A, 971), which is the one that the UAI begins with. A value that neither the
// nomenclature nor the directory knows is an error that proposes the nearest.
//
// The package is pure: what the directory knows comes in as a Vocabulary, functions as a Function.
package audience
