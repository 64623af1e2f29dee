package audience

import "strings"

// Language is one in which an expression is explained.
type Language uint8

// The languages.
const (
	French Language = iota
	English
)

// phrases are the words of a language.
type phrases struct {
	everyone, those, and, or, not, open, closed string
	is, isNot, oneOf, noneOf                    string
	article                                     func(Field) string
}

func phrasesOf(l Language) phrases {
	if l == English {
		return phrases{everyone: "All staff who hold a function now.", those: "Staff one of whose current functions satisfies this: ",
			and: " and ", or: " or ", not: "it is not true that ", open: "(", closed: ")",
			is: " is ", isNot: " is not ", oneOf: " is one of ", noneOf: " is none of ",
			article: func(f Field) string { return "the " + f.english() }}
	}
	return phrases{everyone: "Tous les agents qui exercent une fonction.", those: "Les agents dont une fonction en cours remplit cette condition : ",
		and: " et ", or: " ou ", not: "il n'est pas vrai que ", open: "(", closed: ")",
		is: " est ", isNot: " n'est pas ", oneOf: " est l'un de ceux-ci : ", noneOf: " n'est aucun de ceux-ci : ",
		article: frenchArticle}
}

func frenchArticle(f Field) string {
	switch f {
	case Establishment:
		return "l'établissement"
	case Category, Fonction, Discipline:
		return "la " + f.french()
	}
	return "le " + f.french()
}

// Explain says in a sentence whom an expression is for: always the same for the same expression.
func Explain(e Expr, l Language) string {
	p := phrasesOf(l)
	if _, ok := e.(Everyone); ok {
		return p.everyone
	}
	return p.those + p.clause(e) + "."
}

func (p phrases) clause(e Expr) string {
	switch e := e.(type) {
	case Everyone:
		if p.everyone[0] == 'A' {
			return "any function counts"
		}
		return "toute fonction convient"
	case Test:
		return p.test(e, p.is, p.oneOf)
	case Not:
		if t, ok := e.X.(Test); ok {
			return p.test(t, p.isNot, p.noneOf)
		}
		return p.not + p.open + p.clause(e.X) + p.closed
	case And:
		return p.join(e.Terms, p.and)
	case Or:
		return p.join(e.Terms, p.or)
	}
	return ""
}

// join puts parentheses around terms that are joined themselves: what belongs together is never left to guess.
func (p phrases) join(terms []Expr, with string) string {
	said := make([]string, len(terms))
	for i, term := range terms {
		said[i] = p.clause(term)
		switch term.(type) {
		case And, Or:
			said[i] = p.open + said[i] + p.closed
		}
	}
	return strings.Join(said, with)
}

func (p phrases) test(t Test, one, several string) string {
	names := make([]string, len(t.Values))
	for i, v := range t.Values {
		names[i] = v.Name
		if v.Label != "" {
			names[i] += " (" + v.Label + ")"
		}
	}
	if len(names) == 1 {
		return p.article(t.Field) + one + names[0]
	}
	if t.Field == Category || t.Field == Fonction || t.Field == Discipline {
		several = feminine(several)
	}
	return p.article(t.Field) + several + strings.Join(names, ", ")
}

func feminine(s string) string {
	return strings.NewReplacer("l'un de ceux-ci", "l'une de celles-ci", "aucun de ceux-ci", "aucune de celles-ci").Replace(s)
}
