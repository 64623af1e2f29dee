package annuaire

import (
	"strings"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// What changed is found by its number, whatever else there is.
func TestCatchingUpDoesNotReadTheHistoryOfEverybody(t *testing.T) {
	t.Parallel()
	db := stores.SQLite(t)
	var plan []string
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		plan = nil
		rows, err := tx.Query(t.Context(), "EXPLAIN QUERY PLAN "+sinceQuery, 5)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				return err
			}
			plan = append(plan, step)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan) != 1 || !strings.HasPrefix(plan[0], "SEARCH history USING") || !strings.Contains(plan[0], "history_version (version>?)") {
		t.Errorf("the plan is %q", plan)
	}
}
