package annuaire

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"navette/internal/directory"
	"navette/internal/store"
)

// listed is the clause that an account a is a person's or a box (a list tells of itself: internal/list), and has not
// departed; also not beneath a suspension, as that of the dead.
const listed = `a.kind IN ('person', 'functional') AND a.state <> 'departed' AND NOT EXISTS (SELECT 1 FROM suspension x WHERE x.account_id = a.account_id AND x.resumes = 'departed')`

// loader reads records in one snapshot.
type loader struct {
	tx      *store.Tx
	today   directory.Date
	zone    *time.Location
	schools map[string]*school
	words   map[string]string // texts that many records share, kept once
}

// readSchools reads all establishments.
func (l *loader) readSchools(ctx context.Context) error {
	l.schools = map[string]*school{}
	rows, err := l.tx.Query(ctx, `SELECT uai, name, nature, department, city FROM establishment`)
	if err != nil {
		return fmt.Errorf("read establishments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		s := &school{}
		if err := rows.Scan(&s.UAI, &s.Name, &s.nature, &s.Department, &s.City); err != nil {
			return fmt.Errorf("read establishments: %w", err)
		}
		l.schools[s.UAI] = s
	}
	return rows.Err()
}

// school gives the establishment of a UAI, known or not.
func (l *loader) school(uai string) *school {
	s := l.schools[uai]
	if s == nil {
		s = &school{Establishment: Establishment{UAI: uai}}
		l.schools[uai] = s
	}
	return s
}

// once gives the one copy of a text.
func (l *loader) once(text string) string {
	if one, ok := l.words[text]; ok {
		return one
	}
	l.words[text] = text
	return text
}

// records reads the entries of accounts, or of all where accounts is nil.
func (l *loader) records(ctx context.Context, accounts []int64) ([]*record, error) {
	where, args := "", []any{}
	if accounts != nil {
		set, arg := l.tx.Dialect().IntSet(1, accounts)
		where, args = ` AND a.account_id IN (`+set+`)`, []any{arg}
	}
	rows, err := l.tx.Query(ctx, `SELECT a.account_id, a.kind, a.login, a.display_name, COALESCE(p.person_id, 0), COALESCE(p.usage_name, ''), COALESCE(p.birth_name, ''),
			COALESCE(p.forenames, ''), COALESCE(p.reference, ''), COALESCE(p.updated_at, 0), d.address, v.uai, h.account_id
		FROM account a JOIN address d ON d.account_id = a.account_id AND d.kind = 'primary'
		LEFT JOIN person p ON p.person_id = a.person_id LEFT JOIN provisional v ON v.person_id = a.person_id
		LEFT JOIN annuaire_hidden h ON h.account_id = a.account_id
		WHERE `+listed+where+` ORDER BY a.account_id, d.address`, args...)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	defer rows.Close()
	var out []*record
	people := map[int64]*record{}
	for rows.Next() {
		r, person, err := l.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read accounts: %w", err)
		}
		if last := len(out) - 1; last >= 0 && out[last].account == r.account {
			continue // a second primary address: nobody has one
		}
		out = append(out, r)
		if person != 0 {
			people[person] = r
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return out, l.addPosts(ctx, people, accounts != nil)
}

// scan makes a record of a row, without the posts of the feed. A box of an establishment bears the establishment's name.
func (l *loader) scan(rows *sql.Rows) (*record, int64, error) {
	r := &record{}
	var kind, login, display, usage, birth, forenames string
	var person, updated int64
	var sponsored sql.NullString
	var hidden sql.NullInt64
	err := rows.Scan(&r.account, &kind, &login, &display, &person, &usage, &birth, &forenames, &r.document, &updated, &r.address, &sponsored, &hidden)
	if err != nil {
		return nil, 0, err
	}
	r.hidden = hidden.Valid
	if kind != directory.KindPerson.String() {
		r.kind = Box
		if uai, ok := uaiOfBox(login); ok {
			s := l.school(uai)
			r.posts = []post{{school: s}}
			display = cmp.Or(s.Name, display)
		}
		r.setLabel(display)
		return r, 0, nil
	}
	r.kind, r.verified = Person, person != 0 && !sponsored.Valid
	switch surname := cmp.Or(usage, birth); {
	case person == 0: // an account that HR knows nothing of
		r.setLabel(display)
	default:
		r.setName(forenames, surname)
		r.since = directory.DateOf(time.UnixMicro(updated).In(l.zone))
	}
	if sponsored.Valid {
		r.posts = []post{{school: l.school(sponsored.String)}}
	}
	return r, person, nil
}

// uaiOfBox gives the establishment whose box has a login: ce.<UAI>.
func uaiOfBox(login string) (string, bool) {
	if len(login) != len("ce.0750000A") || login[:3] != "ce." {
		return "", false
	}
	uai, err := directory.ParseUAI(login[3:])
	return uai, err == nil
}

// addPosts gives people their functions of today, or failing that those to come. few tells that people are not all.
func (l *loader) addPosts(ctx context.Context, people map[int64]*record, few bool) error {
	where, args := "", []any{l.today.String()}
	if few {
		ids := make([]int64, 0, len(people))
		for person := range people {
			ids = append(ids, person)
		}
		slices.Sort(ids)
		set, arg := l.tx.Dialect().IntSet(2, ids)
		where, args = ` AND f.person_id IN (`+set+`)`, append(args, arg)
	}
	rows, err := l.tx.Query(ctx, `SELECT f.person_id, f.corps, f.discipline, f.function, f.uai, f.starts FROM function f
		WHERE f.ended_at = 0 AND (f.ends = '' OR f.ends >= $1)`+where+` ORDER BY f.person_id, f.starts, f.function_id`, args...)
	if err != nil {
		return fmt.Errorf("read functions: %w", err)
	}
	defer rows.Close()
	today := l.today.String()
	for rows.Next() {
		var person int64
		var corps, taught, code, uai, starts string
		if err := rows.Scan(&person, &corps, &taught, &code, &uai, &starts); err != nil {
			return fmt.Errorf("read functions: %w", err)
		}
		r := people[person]
		if r == nil {
			continue
		}
		p := post{school: l.school(uai), code: l.once(code), corps: l.once(corps), taught: l.once(taught)}
		if starts > today { // by the first day, so after those that have begun
			if len(r.posts) > 0 && r.posts[0].from.IsZero() {
				continue
			}
			if p.from, err = directory.ParseDate(starts); err != nil {
				return fmt.Errorf("function of person %d: %w", person, err)
			}
		}
		r.posts = append(r.posts, p)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read functions: %w", err)
	}
	return nil
}
