package list

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audience"
	"navette/internal/store"
)

// columns are the ones of table function, f, that the fields of an audience look at.
var columns = map[audience.Field]string{
	audience.Category: "category", audience.Corps: "corps", audience.Fonction: "function", audience.Establishment: "uai", audience.Department: "uai",
	audience.Discipline: "discipline",
}

// current is the clause that a function f runs on the day of parameter 1, and its holder's account c is open.
const current = `f.ended_at = 0 AND f.starts <= $1 AND (f.ends = '' OR f.ends >= $1) AND c.kind = 'person' AND c.state <> 'departed'`

// holders joins functions with the accounts of whoever holds them.
const holders = `function f JOIN account c ON c.person_id = f.person_id`

// condition is an expression as SQL on a function f. Its parameters stand after first.
type condition struct {
	where string
	args  []any
}

// compile makes SQL of an expression. Open text is folded in Go alone: which of the texts that the directory holds a
// test accepts is found out here, in the same snapshot, and the statement compares texts as they stand. So there is one
// statement for both engines, with parameters only, and it agrees with audience.Matches by construction.
func compile(ctx context.Context, tx *store.Tx, e audience.Expr, first int) (condition, error) {
	c := &compiler{tx: tx, next: first, texts: map[string][]string{}}
	where, err := c.expression(ctx, e)
	return condition{where, c.args}, err
}

type compiler struct {
	tx    *store.Tx
	next  int // number of the next parameter
	args  []any
	texts map[string][]string // by column: what the directory holds
}

func (c *compiler) expression(ctx context.Context, e audience.Expr) (string, error) {
	switch e := e.(type) {
	case audience.Everyone:
		return "1 = 1", nil
	case audience.Test:
		return c.test(ctx, e)
	case audience.Not:
		x, err := c.expression(ctx, e.X)
		return "NOT (" + x + ")", err
	case audience.And:
		return c.joined(ctx, e.Terms, " AND ")
	case audience.Or:
		return c.joined(ctx, e.Terms, " OR ")
	}
	return "", fmt.Errorf("an expression of another kind: %T", e)
}

func (c *compiler) joined(ctx context.Context, terms []audience.Expr, with string) (string, error) {
	parts := make([]string, len(terms))
	for i, term := range terms {
		x, err := c.expression(ctx, term)
		if err != nil {
			return "", err
		}
		parts[i] = "(" + x + ")"
	}
	return strings.Join(parts, with), nil
}

func (c *compiler) test(ctx context.Context, t audience.Test) (string, error) {
	column := columns[t.Field]
	if _, read := c.texts[column]; !read {
		texts, err := distinct(ctx, c.tx, column)
		if err != nil {
			return "", err
		}
		c.texts[column] = texts
	}
	var accepted []string
	for _, text := range c.texts[column] {
		if t.Accepts(audience.Key(t.Field, audience.Function{Category: text, Corps: text, Fonction: text, UAI: text, Discipline: text})) {
			accepted = append(accepted, text)
		}
	}
	set, arg := c.tx.Dialect().TextSet(c.next, accepted)
	c.args = append(c.args, arg)
	c.next++
	return "f." + column + " IN (" + set + ")", nil
}

// distinct gives the texts that a column of table function holds.
func distinct(ctx context.Context, tx *store.Tx, column string) (texts []string, err error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT `+column+` FROM function`)
	if err != nil {
		return nil, fmt.Errorf("read what functions hold: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts, rows.Err()
}

// vocabulary gives what the directory knows.
func vocabulary(ctx context.Context, tx *store.Tx) (*audience.Vocabulary, error) {
	known := audience.Known{Establishments: map[string]string{}}
	for column, into := range map[string]*[]string{"category": &known.Categories, "corps": &known.Corps, "function": &known.Fonctions,
		"discipline": &known.Disciplines} {
		texts, err := distinct(ctx, tx, column)
		if err != nil {
			return nil, err
		}
		*into = texts
	}
	uais, err := distinct(ctx, tx, "uai")
	if err != nil {
		return nil, err
	}
	for _, uai := range uais {
		known.Establishments[strings.ToUpper(uai)] = ""
	}
	rows, err := tx.Query(ctx, `SELECT uai, name FROM establishment`)
	if err != nil {
		return nil, fmt.Errorf("read establishments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var uai, name string
		if err := rows.Scan(&uai, &name); err != nil {
			return nil, err
		}
		known.Establishments[strings.ToUpper(uai)] = name
	}
	return audience.NewVocabulary(known), rows.Err()
}

// stored reads an expression that was checked when it was written: it needs no vocabulary of the directory's.
func stored(expression string) (audience.Expr, error) {
	e, err := audience.Parse(expression, audience.NewVocabulary(audience.Known{}).Lenient())
	if err != nil {
		return nil, fmt.Errorf("read the expression of a list: %w", err)
	}
	return e, nil
}

// accountsOf gives the accounts of an audience, ascending; of one account alone where only is not 0.
func accountsOf(ctx context.Context, tx *store.Tx, e audience.Expr, today string, only int64) (accounts []int64, err error) {
	c, err := compile(ctx, tx, e, 3)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT c.account_id FROM `+holders+` WHERE `+current+` AND ($2 = 0 OR c.account_id = $2) AND (`+c.where+`)
		ORDER BY c.account_id`, append([]any{today, only}, c.args...)...)
	if err != nil {
		return nil, fmt.Errorf("read an audience: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var account int64
		if err := rows.Scan(&account); err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	return accounts, rows.Err()
}
