package list

import (
	"context"
	"errors"
	"fmt"

	"navette/internal/audience"
	"navette/internal/failure"
	"navette/internal/store"
)

// Explanation says whom an expression is for before anybody writes to them.
type Explanation struct {
	Expression string // canonical
	French     string // a sentence
	English    string
	People     int
	Categories []Count // of the functions by which they are in it, the largest first
	Schools    []Count
}

// Count is how many people a category or an establishment has in an audience. Who holds two functions counts in both.
type Count struct {
	Name   string // as HR writes it
	Label  string // name of the establishment, or ""
	People int
}

// Explain reads, checks, explains and counts an expression. What is wrong with it is failure.Policy with the text of an
// audience.Error.
func (s *Service) Explain(ctx context.Context, expression string) (x Explanation, err error) {
	today := s.today()
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		e, err := parse(ctx, tx, expression)
		if err != nil {
			return err
		}
		x = Explanation{Expression: audience.Format(e), French: audience.Explain(e, audience.French), English: audience.Explain(e, audience.English)}
		return x.count(ctx, tx, e, today)
	})
	if err != nil {
		return Explanation{}, fmt.Errorf("explain an audience: %w", err)
	}
	return x, nil
}

// parse reads an expression that somebody writes now.
func parse(ctx context.Context, tx *store.Tx, expression string) (audience.Expr, error) {
	v, err := vocabulary(ctx, tx)
	if err != nil {
		return nil, err
	}
	e, err := audience.Parse(expression, v)
	if wrong := (*audience.Error)(nil); errors.As(err, &wrong) {
		return nil, failure.Wrap(failure.Policy, err, wrong.Error())
	}
	return e, err
}

func (x *Explanation) count(ctx context.Context, tx *store.Tx, e audience.Expr, today string) (err error) {
	c, err := compile(ctx, tx, e, 2)
	if err != nil {
		return err
	}
	args := append([]any{today}, c.args...)
	from := holders + ` LEFT JOIN establishment e ON e.uai = f.uai WHERE ` + current + ` AND (` + c.where + `)`
	if err := tx.QueryRow(ctx, `SELECT count(DISTINCT c.account_id) FROM `+from, args...).Scan(&x.People); err != nil {
		return fmt.Errorf("count an audience: %w", err)
	}
	if x.Categories, err = counts(ctx, tx, `SELECT f.category, '', count(DISTINCT c.account_id) FROM `+from+` GROUP BY f.category`, args); err != nil {
		return err
	}
	x.Schools, err = counts(ctx, tx, `SELECT f.uai, COALESCE(e.name, ''), count(DISTINCT c.account_id) FROM `+from+` GROUP BY f.uai, e.name`, args)
	return err
}

func counts(ctx context.Context, tx *store.Tx, query string, args []any) (out []Count, err error) {
	rows, err := tx.Query(ctx, query+` ORDER BY 3 DESC, 1`, args...)
	if err != nil {
		return nil, fmt.Errorf("count an audience: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Name, &c.Label, &c.People); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Audience gives the accounts that an expression is for now, ascending: for letters.
func (s *Service) Audience(ctx context.Context, expression string) (accounts []int64, err error) {
	today := s.today()
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		e, err := parse(ctx, tx, expression)
		if err != nil {
			return err
		}
		accounts, err = accountsOf(ctx, tx, e, today, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read an audience: %w", err)
	}
	return accounts, nil
}
