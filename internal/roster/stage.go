package roster

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"navette/internal/store"
)

// column is one column of staged rows.
type column struct {
	name    string
	integer bool // int64; else text
}

func textColumn(name string) column { return column{name: name} }
func intColumn(name string) column  { return column{name: name, integer: true} }

// stage gives a sub-query that yields rows from the n-th parameter, and its argument, so that a
// statement writes a thousand rows at once. Values are int64 or string, as their columns say.
func stage(d store.Dialect, n int, columns []column, rows [][]any) (sql string, arg string, err error) {
	data, err := json.Marshal(rows)
	if err != nil {
		return "", "", fmt.Errorf("stage rows: %w", err)
	}
	fields := make([]string, len(columns))
	for i, c := range columns {
		fields[i] = "value->>" + strconv.Itoa(i)
		if d == store.PostgreSQL && c.integer {
			fields[i] = "(" + fields[i] + ")::bigint"
		}
		fields[i] += " AS " + c.name
	}
	from := "json_each($" + strconv.Itoa(n) + ")"
	if d == store.PostgreSQL {
		from = "json_array_elements($" + strconv.Itoa(n) + "::json) AS staged(value)"
	}
	return "SELECT " + strings.Join(fields, ", ") + " FROM " + from, string(data), nil
}

// names joins the columns' names.
func names(columns []column) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return strings.Join(out, ", ")
}
