package audience

import "strings"

// french is the name of the field, as Format writes it.
func (f Field) french() string {
	return [...]string{"", "catégorie", "corps", "fonction", "établissement", "département", "discipline"}[f]
}

// english is the same for explanations.
func (f Field) english() string {
	return [...]string{"", "category", "corps", "function", "establishment", "department", "discipline"}[f]
}

// Format writes the canonical form.
func Format(e Expr) string {
	var b strings.Builder
	format(&b, e)
	return b.String()
}

func format(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case Everyone:
		b.WriteString("tous")
	case Test:
		formatTest(b, e, "=")
	case Not:
		formatNot(b, e)
	case And:
		for i, term := range e.Terms {
			if i > 0 {
				b.WriteString(" et ")
			}
			_, or := term.(Or)
			enclosed(b, term, or)
		}
	case Or:
		for i, term := range e.Terms {
			if i > 0 {
				b.WriteString(" ou ")
			}
			format(b, term)
		}
	}
}

func formatNot(b *strings.Builder, e Not) {
	if t, ok := e.X.(Test); ok && len(t.Values) == 1 {
		formatTest(b, t, "≠")
		return
	}
	b.WriteString("non ")
	switch e.X.(type) {
	case And, Or:
		enclosed(b, e.X, true)
	default:
		format(b, e.X)
	}
}

func enclosed(b *strings.Builder, e Expr, parentheses bool) {
	if parentheses {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	format(b, e)
}

func formatTest(b *strings.Builder, t Test, operator string) {
	b.WriteString(t.Field.french())
	if len(t.Values) == 1 {
		b.WriteString(" " + operator + " " + formatValue(t.Values[0].Name))
		return
	}
	b.WriteString(" dans (")
	for i, v := range t.Values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(formatValue(v.Name))
	}
	b.WriteByte(')')
}

// formatValue puts a value into quotes where it is no word, and into those that it does not hold.
func formatValue(name string) string {
	_, isKeyword := keywords[fold(name)]
	switch {
	case !isKeyword && strings.IndexFunc(name, func(r rune) bool { return !inWord(r) }) < 0:
		return name
	case !strings.Contains(name, `"`):
		return `"` + name + `"`
	case !strings.Contains(name, "»"):
		return "« " + name + " »"
	}
	return "“" + name + "”"
}
