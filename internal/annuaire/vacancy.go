package annuaire

import (
	"context"
	"fmt"
	"strings"
	"time"

	"navette/internal/directory"
)

// vacantDays is how long a post that nobody holds is shown as vacant: a year, in which it was filled or is none any more.
const vacantDays = 365

// postHeld is what is known of one post: a function of an establishment.
type postHeld struct {
	uai, code string
	held      bool           // by somebody today
	last      directory.Date // last day of whoever held it
}

// vacancies reads the vacant posts of establishments, or of all where uais is nil, by establishment. Functions of hidden
// people count for nothing (invariant 1).
func (l *loader) vacancies(ctx context.Context, uais []string) (map[string][]*record, error) {
	where, args := "", []any{}
	if uais != nil {
		set, arg := l.tx.Dialect().TextSet(1, uais)
		where, args = ` AND f.uai IN (`+set+`)`, []any{arg}
	}
	rows, err := l.tx.Query(ctx, `SELECT f.uai, f.function, f.starts, f.ends, f.ended_at, CASE WHEN `+listed+` THEN 1 ELSE 0 END
		FROM function f JOIN account a ON a.person_id = f.person_id
		WHERE f.uai <> '' AND NOT EXISTS (SELECT 1 FROM annuaire_hidden h WHERE h.account_id = a.account_id)`+where+` ORDER BY f.uai`, args...)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	defer rows.Close()
	out := map[string][]*record{}
	posts := map[string]*postHeld{} // of one establishment, by code
	before := ""
	finish := func() {
		for _, p := range posts {
			if r := l.vacancy(p); r != nil {
				out[p.uai] = append(out[p.uai], r)
			}
		}
		clear(posts)
	}
	for rows.Next() {
		var uai, code, starts, ends string
		var endedAt int64
		var here bool
		if err := rows.Scan(&uai, &code, &starts, &ends, &endedAt, &here); err != nil {
			return nil, fmt.Errorf("read posts: %w", err)
		}
		if uai != before {
			finish()
			before = uai
		}
		if starts > l.today.String() {
			continue
		}
		p := posts[code]
		if p == nil {
			p = &postHeld{uai: uai, code: code}
			posts[code] = p
		}
		if err := l.hold(p, here, ends, endedAt); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	finish()
	return out, l.addBoxes(ctx, out)
}

// hold adds one function, that has begun, to a post. One that the feed stopped naming ended on the day of that file.
func (l *loader) hold(p *postHeld, here bool, ends string, endedAt int64) error {
	last := l.today
	if endedAt != 0 {
		last = directory.DateOf(time.UnixMicro(endedAt).In(l.zone))
	}
	if ends != "" {
		end, err := directory.ParseDate(ends)
		if err != nil {
			return fmt.Errorf("post %s of %s: %w", p.code, p.uai, err)
		}
		if end.Compare(last) < 0 {
			last = end
		}
	}
	over := endedAt != 0 || ends != "" && ends < l.today.String()
	p.held = p.held || here && !over
	if over && last.Compare(p.last) > 0 {
		p.last = last
	}
	return nil
}

// vacancy makes the record of a post, nil where it is held or long gone.
func (l *loader) vacancy(p *postHeld) *record {
	if p.held || p.last.IsZero() || l.today.DaysAfter(p.last) > vacantDays {
		return nil
	}
	s := l.school(p.uai)
	rank := "1"
	if isHead(p.code) {
		rank = "0"
	}
	called := title(p.code, s.nature)
	return &record{kind: Vacancy, name: called + " — poste vacant", posts: []post{{school: s, code: l.once(p.code)}},
		key: "~" + rank + called + "\x00" + p.uai + "\x00" + p.code}
}

// addBoxes gives vacant posts the address to write to instead.
func (l *loader) addBoxes(ctx context.Context, vacant map[string][]*record) error {
	if len(vacant) == 0 {
		return nil
	}
	logins := make([]string, 0, len(vacant))
	for uai := range vacant {
		logins = append(logins, "ce."+strings.ToLower(uai))
	}
	set, arg := l.tx.Dialect().TextSet(1, logins)
	rows, err := l.tx.Query(ctx, `SELECT a.login, d.address FROM account a JOIN address d ON d.account_id = a.account_id AND d.kind = 'primary'
		WHERE a.login IN (`+set+`) AND a.kind = 'functional' AND a.state <> 'departed'
		AND NOT EXISTS (SELECT 1 FROM annuaire_hidden h WHERE h.account_id = a.account_id)`, arg)
	if err != nil {
		return fmt.Errorf("read boxes of establishments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var login, address string
		if err := rows.Scan(&login, &address); err != nil {
			return fmt.Errorf("read boxes of establishments: %w", err)
		}
		if uai, ok := uaiOfBox(login); ok {
			for _, r := range vacant[uai] {
				r.address = address
			}
		}
	}
	return rows.Err()
}
