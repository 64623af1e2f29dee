package audience

import (
	"slices"
)

// Field is what a test looks at.
type Field uint8

// The fields.
const (
	Category Field = iota + 1
	Corps
	Fonction
	Establishment
	Department
	Discipline
)

// Expr is an expression: Everyone, Test, Not, And or Or, in the shapes that Parse makes and no other.
type Expr interface{ isExpr() }

type (
	// Everyone is « tous ».
	Everyone struct{}

	// Test holds where the field is one of the values, of which there is one at least, none twice.
	Test struct {
		Field  Field
		Values []Value
	}

	// Not holds where X, which is no Not, does not.
	Not struct{ X Expr }

	// And holds where all of its two or more terms do; none of them is an And.
	And struct{ Terms []Expr }

	// Or holds where one of its two or more terms does; none of them is an Or.
	Or struct{ Terms []Expr }
)

func (Everyone) isExpr() {}
func (Test) isExpr()     {}
func (Not) isExpr()      {}
func (And) isExpr()      {}
func (Or) isExpr()       {}

// Value is one value of a test.
type Value struct {
	Name  string   // canonical: « ENS2D », « Professeur certifié », « 0750001U », « 75 »
	Label string   // what it stands for, for people; or ""
	Keys  []string // what a function's field must be, in the form of Key, sorted
}

// Function is what an expression looks at: one function of somebody, as HR writes it.
type Function struct{ Category, Corps, Fonction, UAI, Discipline string }

// Key gives a field of a function in the form in which it is compared.
func Key(f Field, of Function) string {
	switch f {
	case Category:
		return fold(of.Category)
	case Corps:
		return fold(of.Corps)
	case Fonction:
		return fold(of.Fonction)
	case Establishment:
		return upper(of.UAI)
	case Department:
		return prefix(of.UAI)
	case Discipline:
		return fold(of.Discipline)
	}
	return ""
}

// Matches evaluates an expression. It is what every other way of evaluating it must agree with.
func Matches(e Expr, of Function) bool {
	switch e := e.(type) {
	case Everyone:
		return true
	case Test:
		return e.Accepts(Key(e.Field, of))
	case Not:
		return !Matches(e.X, of)
	case And:
		return !slices.ContainsFunc(e.Terms, func(x Expr) bool { return !Matches(x, of) })
	case Or:
		return slices.ContainsFunc(e.Terms, func(x Expr) bool { return Matches(x, of) })
	}
	return false
}

// Accepts tells whether a key (see Key) is one of the test's.
func (t Test) Accepts(key string) bool {
	return slices.ContainsFunc(t.Values, func(v Value) bool { return slices.Contains(v.Keys, key) })
}

// Keys gives all keys of the test, sorted, none twice.
func (t Test) Keys() []string {
	var all []string
	for _, v := range t.Values {
		all = append(all, v.Keys...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// negate is Not without a Not in a Not.
func negate(e Expr) Expr {
	if n, ok := e.(Not); ok {
		return n.X
	}
	return Not{e}
}

// all is And of the terms, flat.
func all(terms []Expr) Expr {
	var flat []Expr
	for _, t := range terms {
		if a, ok := t.(And); ok {
			flat = append(flat, a.Terms...)
		} else {
			flat = append(flat, t)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return And{flat}
}

// some is Or of the terms, flat.
func some(terms []Expr) Expr {
	var flat []Expr
	for _, t := range terms {
		if o, ok := t.(Or); ok {
			flat = append(flat, o.Terms...)
		} else {
			flat = append(flat, t)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return Or{flat}
}
