package reach

import (
	"slices"
	"strings"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// What is asked at each submission reads no table from end to end, however large the académie.
func TestNoQuestionReadsAWholeTable(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		d := tx.Dialect()
		keys, texts := d.TextSet(1, nil)
		schools, _ := d.TextSet(2, nil)
		divisions, numbers := d.IntSet(3, nil)
		accounts, _ := d.IntSet(1, nil)
		for name, q := range map[string]struct {
			text string
			args []any
		}{
			"rights":              {rightsQuery, []any{1, "2026-11-24"}},
			"schools of agents":   {schoolsQuery(accounts), []any{numbers, "2026-11-24"}},
			"protected addresses": {enrolledQuery(keys, schools, divisions), []any{texts, texts, numbers}},
		} {
			for _, step := range plan(t, tx, q.text, q.args...) {
				if strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "VIRTUAL TABLE") {
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

// plan gives the steps of SQLite's plan, those of a few rows (school years) left out.
func plan(t *testing.T, tx *store.Tx, query string, args ...any) (steps []string) {
	t.Helper()
	rows, err := tx.Query(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
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
	return slices.DeleteFunc(steps, func(s string) bool { return s == "SCAN y" })
}
