package audience

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Limits of an expression: what a person writes is far below, and nothing above is worth its time.
const (
	MaxLength = 16 << 10 // octets
	MaxDepth  = 32       // parentheses and negations within each other
	MaxValues = 1000     // in all tests together
)

// keyword is what a bare word means by itself.
type keyword uint8

const (
	kwAnd keyword = iota + 1
	kwExcept
	kwOr
	kwNot
	kwIn
	kwAll
)

// keywords are the words of the language, folded.
var keywords = map[string]keyword{
	"et": kwAnd, "and": kwAnd, "sauf": kwExcept, "except": kwExcept, "ou": kwOr, "or": kwOr, "non": kwNot, "not": kwNot,
	"dans": kwIn, "in": kwIn, "tous": kwAll, "toutes": kwAll, "all": kwAll,
}

// fields are the names of the fields, folded.
var fields = map[string]Field{
	"categorie": Category, "category": Category, "corps": Corps, "fonction": Fonction, "function": Fonction,
	"etablissement": Establishment, "establishment": Establishment, "uai": Establishment, "departement": Department, "department": Department,
	"discipline": Discipline,
}

// Parse reads an expression and checks its values. Errors are *Error.
func Parse(text string, v *Vocabulary) (Expr, error) {
	p := &parser{vocabulary: v}
	e, err := p.parse(text)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// parser descends recursively; token is the one that is looked at.
type parser struct {
	lexer
	vocabulary *Vocabulary
	token      token
	depth      int
	values     int
}

func (p *parser) parse(text string) (Expr, *Error) {
	if len(text) > MaxLength {
		return nil, tooLong()
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Column: 1, French: "le texte n'est pas en UTF-8", English: "the text is not UTF-8"}
	}
	p.runes = []rune(text)
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.wanted("« et », « ou », « sauf » ou la fin", "\"et\", \"ou\", \"sauf\" or the end")
	}
	if len(Format(e)) > MaxLength { // what is stored is the canonical form, and it must be read again
		return nil, tooLong()
	}
	return e, nil
}

func tooLong() *Error {
	return &Error{Column: 1, French: fmt.Sprintf("expression trop longue (plus de %d octets)", MaxLength), English: "expression too long"}
}

func (p *parser) advance() (err *Error) {
	p.token, err = p.next()
	return err
}

// keyword tells what a bare word means, 0 for nothing.
func (p *parser) keyword() keyword {
	if p.token.kind != word {
		return 0
	}
	return keywords[fold(p.token.text)]
}

func (p *parser) isSign(s string) bool { return p.token.kind == sign && p.token.text == s }

// wanted says what should stand where the token stands.
func (p *parser) wanted(french, english string) *Error {
	found, foundEnglish := "« "+short(p.token.text)+" »", "\""+short(p.token.text)+"\""
	if p.token.kind == end {
		found, foundEnglish = "la fin", "the end"
	}
	return &Error{Column: p.token.column, French: "il faut ici " + french + ", et non " + found, English: english + " is expected here, not " + foundEnglish}
}

// nest counts parentheses and negations; the function it gives takes one off.
func (p *parser) nest() (func(), *Error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, &Error{Column: p.token.column, French: fmt.Sprintf("plus de %d parenthèses ou négations l'une dans l'autre", MaxDepth),
			English: fmt.Sprintf("more than %d parentheses or negations within each other", MaxDepth)}
	}
	return func() { p.depth-- }, nil
}

func (p *parser) expression() (Expr, *Error) {
	first, err := p.terms()
	if err != nil {
		return nil, err
	}
	terms := []Expr{first}
	for p.keyword() == kwOr {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := p.terms()
		if err != nil {
			return nil, err
		}
		terms = append(terms, next)
	}
	return some(terms), nil
}

func (p *parser) terms() (Expr, *Error) {
	first, err := p.factor()
	if err != nil {
		return nil, err
	}
	terms := []Expr{first}
	for p.keyword() == kwAnd || p.keyword() == kwExcept {
		read := p.factor
		if p.keyword() == kwExcept {
			read = p.negation
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := read()
		if err != nil {
			return nil, err
		}
		terms = append(terms, next)
	}
	return all(terms), nil
}

// negation reads what is negated; the word that says so is read.
func (p *parser) negation() (Expr, *Error) {
	unnest, err := p.nest()
	if err != nil {
		return nil, err
	}
	defer unnest()
	x, err := p.factor()
	if err != nil {
		return nil, err
	}
	return negate(x), nil
}

func (p *parser) factor() (Expr, *Error) {
	switch {
	case p.keyword() == kwNot:
		if err := p.advance(); err != nil {
			return nil, err
		}
		return p.negation()
	case p.isSign("("):
		return p.parenthesis()
	case p.keyword() == kwAll:
		return Everyone{}, p.advance()
	case p.token.kind == word && p.keyword() == 0:
		return p.test()
	}
	return nil, p.wanted("un champ (catégorie, corps, fonction, établissement, département, discipline), « non », « tous » ou « ( »", "a field, \"non\", \"tous\" or \"(\"")
}

func (p *parser) parenthesis() (Expr, *Error) {
	unnest, err := p.nest()
	if err != nil {
		return nil, err
	}
	defer unnest()
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if !p.isSign(")") {
		return nil, p.wanted("« ) »", "\")\"")
	}
	return e, p.advance()
}

// field reads the name of a field.
func (p *parser) field() (Field, *Error) {
	name := fold(p.token.text)
	if field, ok := fields[name]; ok {
		return field, p.advance()
	}
	var names []string
	for f := Category; f <= Discipline; f++ {
		names = append(names, f.french())
	}
	return 0, &Error{Column: p.token.column, French: "champ inconnu « " + short(p.token.text) + " »", English: "unknown field \"" + short(p.token.text) + "\"",
		Proposal: nearest(name, names)}
}

func (p *parser) test() (Expr, *Error) {
	field, err := p.field()
	if err != nil {
		return nil, err
	}
	switch {
	case p.isSign("="), p.isSign("≠"):
		not := p.isSign("≠")
		if err := p.advance(); err != nil {
			return nil, err
		}
		value, err := p.value(field)
		if err != nil {
			return nil, err
		}
		if not {
			return Not{Test{field, []Value{value}}}, nil
		}
		return Test{field, []Value{value}}, nil
	case p.keyword() == kwIn:
		if err := p.advance(); err != nil {
			return nil, err
		}
		values, err := p.list(field)
		return Test{field, values}, err
	}
	return nil, p.wanted("« = », « ≠ » ou « dans »", "\"=\", \"≠\" or \"dans\"")
}

// list reads values in parentheses.
func (p *parser) list(f Field) ([]Value, *Error) {
	if !p.isSign("(") {
		return nil, p.wanted("« ( »", "\"(\"")
	}
	var values []Value
	for {
		if err := p.advance(); err != nil {
			return nil, err
		}
		v, err := p.value(f)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(values, func(o Value) bool { return o.Name == v.Name }) {
			values = append(values, v)
		}
		switch {
		case p.isSign(","):
		case p.isSign(")"):
			return values, p.advance()
		default:
			return nil, p.wanted("« , » ou « ) »", "\",\" or \")\"")
		}
	}
}

func (p *parser) value(f Field) (Value, *Error) {
	if p.token.kind != quoted && (p.token.kind != word || p.keyword() != 0) {
		return Value{}, p.wanted("une valeur (un mot, ou un texte entre guillemets)", "a value (a word, or a text in quotes)")
	}
	if p.values++; p.values > MaxValues {
		return Value{}, &Error{Column: p.token.column, French: fmt.Sprintf("plus de %d valeurs", MaxValues), English: fmt.Sprintf("more than %d values", MaxValues)}
	}
	v, err := p.vocabulary.find(f, p.token.text)
	if err != nil {
		err.Column = p.token.column
		return Value{}, err
	}
	return v, p.advance()
}
