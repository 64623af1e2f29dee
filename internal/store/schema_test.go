package store_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// Tables of mailboxes lead every key with account_id, so that nothing on the hot path walks other accounts (DESIGN
// §2). The exceptions serve work in the background, and are named here.
func TestTablesOfMailboxesLeadWithTheirAccount(t *testing.T) {
	t.Parallel()
	exceptions := map[string]string{
		"held_due":      "what is due, of all accounts",
		"held_message":  "the collector asks who refers to a message",
		"email_message": "the collector asks who refers to a message",
	}
	db := stores.SQLite(t)
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		for _, table := range []string{"account_state", "mailbox", "mailbox_state", "email", "placement", "thread_ref", "held", "change", "unsubscribed"} {
			key := column[string](t, tx, `SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`, table)
			if len(key) == 0 || key[0] != "account_id" {
				t.Errorf("the key of %s is %v", table, key)
			}
			for _, index := range column[string](t, tx, `SELECT name FROM pragma_index_list($1) WHERE origin = 'c'`, table) {
				columns := column[string](t, tx, `SELECT name FROM pragma_index_info($1) ORDER BY seqno`, index)
				why, excepted := exceptions[index]
				if leads := columns[0] == "account_id"; leads == excepted {
					t.Errorf("index %s of %s has %v; excepted: %q", index, table, columns, why)
				}
				delete(exceptions, index)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(exceptions) > 0 {
		t.Errorf("exceptions that are none: %v", exceptions)
	}
}

// Both engines have the same tables with the same columns, so that one SQL text serves both.
func TestBothEnginesHaveTheSameColumns(t *testing.T) {
	t.Parallel()
	seen := map[store.Dialect]string{}
	t.Run("engines", func(t *testing.T) {
		var mu sync.Mutex
		stores.Each(t, func(t *testing.T, db *store.DB) {
			query := `SELECT m.name || '.' || c.name || CASE WHEN c."notnull" = 1 THEN ' required' ELSE '' END
				FROM sqlite_master m JOIN pragma_table_info(m.name) c
				WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose%' AND c.pk = 0`
			if db.Dialect() == store.PostgreSQL {
				query = `SELECT table_name || '.' || column_name || CASE WHEN is_nullable = 'NO' THEN ' required' ELSE '' END
					FROM information_schema.columns c WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%'
					AND NOT EXISTS (SELECT 1 FROM information_schema.key_column_usage k JOIN information_schema.table_constraints t
						ON t.constraint_name = k.constraint_name AND t.constraint_type = 'PRIMARY KEY'
						WHERE k.table_name = c.table_name AND k.column_name = c.column_name)`
			}
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				columns := column[string](t, tx, query)
				slices.Sort(columns)
				mu.Lock()
				defer mu.Unlock()
				seen[db.Dialect()] = strings.Join(columns, "\n")
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	})
	if s, p := seen[store.SQLite], seen[store.PostgreSQL]; p != "" && s != p {
		t.Errorf("SQLite has\n%s\nand PostgreSQL\n%s", s, p)
	}
}
