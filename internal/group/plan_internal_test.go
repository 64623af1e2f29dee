package group

import (
	"strings"
	"testing"

	"navette/internal/guard"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// Members are read from the group on: a class of 30 costs what 30 pupils cost, in an académie of 180,000.
func TestMembersAreReadFromTheGroupOn(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		for _, holds := range []guard.Holds{guard.Guardians, guard.Pupils, guard.Staff} {
			q := memberships(tx, holds, []int64{1}, "2026-11-24")
			begins := false // at the head of a branch
			q.text = `SELECT person, pupil, mail FROM (` + q.text + `) AS m ORDER BY person, pupil`
			for _, step := range plan(t, tx, q) {
				switch {
				case whole(step):
					t.Errorf("%v: %s", holds, step)
				case step == "LEFT", step == "RIGHT", strings.HasPrefix(step, "LEFT-MOST"), strings.HasPrefix(step, "UNION ALL"):
					begins = true
				case begins && strings.HasPrefix(step, "SEARCH "):
					if !strings.HasPrefix(step, "SEARCH q ") {
						t.Errorf("%v: a branch begins with %s", holds, step)
					}
					begins = false
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Neither searching a pupil nor showing who is in a group reads a table from end to end.
func TestSearchesReadNoWholeTable(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		schools, texts := tx.Dialect().TextSet(1, nil)
		divisions, numbers := tx.Dialect().IntSet(2, nil)
		questions := map[string]query{
			"pupils":    {reachableQuery(schools, divisions), []any{texts, numbers}},
			"addresses": {columns(divisions) + `WHERE q.local IN (` + schools + `)`, []any{texts, numbers}},
			"schools":   {columns(divisions) + `WHERE q.uai IN (` + schools + `)`, []any{texts, numbers}},
		}
		for _, holds := range []guard.Holds{guard.Guardians, guard.Pupils, guard.Staff} {
			q := memberships(tx, holds, []int64{1}, "2026-11-24")
			questions["people of "+string(rune('0'+holds))] = query{namedMembers(holds, q.text, true), q.args}
		}
		for name, q := range questions {
			for _, step := range plan(t, tx, q) {
				if whole(step) {
					t.Errorf("%s: %s", name, step)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// whole tells a step that reads a whole table, or all of a year; m and n are what sub-queries have gathered.
func whole(step string) bool {
	return strings.HasSuffix(step, "(year=?)") || strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "VIRTUAL TABLE") && step != "SCAN m" && step != "SCAN n"
}

func plan(t *testing.T, tx *store.Tx, q query) (steps []string) {
	t.Helper()
	rows, err := tx.Query(t.Context(), `EXPLAIN QUERY PLAN `+q.text, q.args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
