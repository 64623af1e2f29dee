package mailing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"navette/internal/store"
)

// pupilNames gives pupils as a report names them: « Léa D. (4E3) », with their class of this year where they have one.
func pupilNames(ctx context.Context, tx *store.Tx, ids []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	set, arg := tx.Dialect().IntSet(1, ids)
	rows, err := tx.Query(ctx, `SELECT p.pupil_id, p.forename, CASE WHEN p.usage_name = '' THEN p.birth_name ELSE p.usage_name END, COALESCE((
			SELECT min(d.name) FROM division_pupil dp JOIN division d ON d.division_id = dp.division_id JOIN school_year y ON y.year = d.year
			WHERE dp.pupil_id = p.pupil_id AND d.kind = 1 AND d.gone = 0 AND y.state = 1), '')
		FROM pupil p WHERE p.pupil_id IN (`+set+`)`, arg)
	if err != nil {
		return nil, fmt.Errorf("names of pupils: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var forename, name, class string
		if err := rows.Scan(&id, &forename, &name, &class); err != nil {
			return nil, err
		}
		names[id] = shortName(forename, name, class)
	}
	return names, rows.Err()
}

func shortName(forename, name, class string) string {
	s := forename
	if _, size := utf8.DecodeRuneInString(name); size > 0 {
		s += " " + strings.ToUpper(name[:size]) + "."
	}
	if class != "" {
		s += " (" + class + ")"
	}
	return s
}

// Person is somebody of a mailing, or of a group, as its sender may see them.
type Person struct {
	Name    string `json:"name"`    // by pupil, « Responsable de Léa D. (4E3) »; of a typed address, the address
	State   string `json:"state"`   // reached, waiting, failed, missing, recalled
	Status  string `json:"status"`  // of a failure, its code (RFC 3463), or ""
	Bounced bool   `json:"bounced"` // before sending: the last message to them came back
}

// label names a copy, for a reader in French.
func label(k kind, address string, pupils []string) string {
	who := strings.Join(pupils, ", ")
	if who == "" {
		who = "un élève parti depuis"
	}
	switch k {
	case guardian:
		return "Responsable de " + who
	case pupil:
		return who
	case staff:
		return "Personnel du groupe"
	}
	if address == "" {
		return "Adresse oubliée depuis"
	}
	return address
}

// enhanced is the enhanced code of a status: our own queue has the reply's code before it, « 550 5.1.1 ».
func enhanced(status string) string {
	words := strings.Fields(status)
	if len(words) == 0 {
		return ""
	}
	return statusCode(words[len(words)-1])
}

// stateNames are the states of a copy in JSON.
var stateNames = map[int]string{waiting: "waiting", queued: "waiting", sent: "reached", failed: "failed", noAddress: "missing", recalled: "recalled"}

// people gives the copies of a mailing by name, those with one of the states, in the order of their names; limit at most.
func people(ctx context.Context, tx *store.Tx, mailing int64, states []int64, limit int) (list []Person, err error) {
	type copyRow struct {
		kind    kind
		address string
		pupils  []int64
		state   int
		status  string
	}
	set, arg := tx.Dialect().IntSet(2, states)
	rows, err := tx.Query(ctx, `SELECT kind, address, pupils, state, status FROM mailing_copy
		WHERE mailing_id = $1 AND kind <> 5 AND state IN (`+set+`) ORDER BY seq LIMIT $3`, mailing, arg, limit)
	if err != nil {
		return nil, fmt.Errorf("copies of mailing %d: %w", mailing, err)
	}
	defer rows.Close()
	var copies []copyRow
	var ids []int64
	for rows.Next() {
		var c copyRow
		var pupils string
		if err := rows.Scan(&c.kind, &c.address, &pupils, &c.state, &c.status); err != nil {
			return nil, err
		}
		c.pupils = splitIDs(pupils)
		ids = append(ids, c.pupils...)
		copies = append(copies, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	names, err := pupilNames(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, c := range copies {
		address := c.address
		if c.kind != typed {
			address = "" // invariant 2, also while it waits to be queued
		}
		list = append(list, Person{Name: label(c.kind, address, namesOf(names, c.pupils)), State: stateNames[c.state], Status: enhanced(c.status)})
	}
	sortByName(list)
	return list, nil
}

func namesOf(names map[int64]string, ids []int64) (out []string) {
	for _, id := range ids {
		if name := names[id]; name != "" {
			out = append(out, name)
		}
	}
	return out
}

func sortByName(list []Person) {
	slices.SortStableFunc(list, func(a, b Person) int { return strings.Compare(a.Name, b.Name) })
}
