package store

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Dialect is one of the two engines.
type Dialect int

// The engines.
const (
	SQLite Dialect = iota + 1
	PostgreSQL
)

func (d Dialect) String() string {
	if d == PostgreSQL {
		return "postgres"
	}
	return "sqlite"
}

var schemaWord = regexp.MustCompile(`\b(INTEGER|TEXT|BLOB|KEYED)\b`)

// render turns the schema's common words into the engine's own: 64-bit integers, text compared by bytes, byte strings,
// and tables stored by their primary key where the engine has them.
func (d Dialect) render(schema string) string {
	var b strings.Builder
	for line := range strings.Lines(schema) {
		code, comment, has := strings.Cut(line, "--")
		b.WriteString(schemaWord.ReplaceAllStringFunc(code, func(w string) string {
			switch {
			case d == PostgreSQL && w == "INTEGER":
				return "BIGINT"
			case d == PostgreSQL && w == "TEXT":
				return `TEXT COLLATE "C"`
			case d == PostgreSQL && w == "BLOB":
				return "BYTEA"
			case d == PostgreSQL && w == "KEYED":
				return ""
			case w == "KEYED":
				return "WITHOUT ROWID"
			}
			return w
		}))
		if has {
			b.WriteString("--" + comment)
		}
	}
	return b.String()
}

// IntSet returns a sub-query over the values of parameter number n, and the argument to pass for it:
//
//	set, arg := tx.Dialect().IntSet(1, ids)
//	tx.Query(ctx, `SELECT … WHERE email_id IN (`+set+`)`, arg)
//
// The text depends on n alone, so statements stay few and prepared.
func (d Dialect) IntSet(n int, ids []int64) (sql string, arg any) {
	p := "$" + strconv.Itoa(n)
	if d == PostgreSQL {
		return "SELECT unnest(" + p + "::bigint[]) AS value", ids
	}
	b := make([]byte, 0, 8*len(ids)+2)
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return "SELECT value FROM json_each(" + p + ")", string(append(b, ']'))
}

// TextSet is IntSet for strings.
func (d Dialect) TextSet(n int, values []string) (sql string, arg any) {
	p := "$" + strconv.Itoa(n)
	if d == PostgreSQL {
		return "SELECT unnest(" + p + "::text[]) AS value", values
	}
	if len(values) == 0 {
		return "SELECT value FROM json_each(" + p + ")", "[]" // nil would be null, which is one value
	}
	b, _ := json.Marshal(values)
	return "SELECT value FROM json_each(" + p + ")", string(b)
}

// Rows returns a sub-query that yields rows of the named integer columns from parameter number n, and its argument:
// a staging table that needs no table. Every row must have as many values as there are columns.
func (d Dialect) Rows(n int, columns []string, rows [][]int64) (sql string, arg any) {
	b := make([]byte, 0, 16*len(rows)+2)
	b = append(b, '[')
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, v := range r {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, v, 10)
		}
		b = append(b, ']')
	}
	b = append(b, ']')
	var sel strings.Builder
	p := "$" + strconv.Itoa(n)
	for j, c := range columns {
		if j > 0 {
			sel.WriteString(", ")
		}
		if d == PostgreSQL {
			sel.WriteString("(value->>" + strconv.Itoa(j) + ")::bigint AS " + c)
		} else {
			sel.WriteString("value->>" + strconv.Itoa(j) + " AS " + c)
		}
	}
	if d == PostgreSQL {
		return "SELECT " + sel.String() + " FROM json_array_elements(" + p + "::json) AS staged(value)", string(b)
	}
	return "SELECT " + sel.String() + " FROM json_each(" + p + ")", string(b)
}

// Record is a row of Records: its integers, then its texts.
type Record struct {
	Ints  []int64
	Texts []string
}

// Records is Rows with columns of text after those of integers. Texts are UTF-8 without NUL.
func (d Dialect) Records(n int, ints, texts []string, records []Record) (sql string, arg any) {
	b := make([]byte, 0, 64*len(records)+2)
	b = append(b, '[')
	for i, r := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for _, v := range r.Ints {
			b = append(strconv.AppendInt(b, v, 10), ',')
		}
		for _, v := range r.Texts {
			quoted, _ := json.Marshal(v)
			b = append(append(b, quoted...), ',')
		}
		b[len(b)-1] = ']'
	}
	b = append(b, ']')
	var sel strings.Builder
	p := "$" + strconv.Itoa(n)
	for j, c := range slices.Concat(ints, texts) {
		if j > 0 {
			sel.WriteString(", ")
		}
		column := "value->>" + strconv.Itoa(j)
		if d == PostgreSQL && j < len(ints) {
			column = "(" + column + ")::bigint"
		}
		sel.WriteString(column + " AS " + c)
	}
	if d == PostgreSQL {
		return "SELECT " + sel.String() + " FROM json_array_elements(" + p + "::json) AS staged(value)", string(b)
	}
	return "SELECT " + sel.String() + " FROM json_each(" + p + ")", string(b)
}

// Octets joins byte strings around a text: head and tail are parameters, text an expression, in UTF-8.
func (d Dialect) Octets(head, text, tail string) string {
	if d == PostgreSQL {
		return "(" + head + "::bytea || convert_to(" + text + ", 'UTF8') || " + tail + "::bytea)"
	}
	return "CAST(" + head + " || " + text + " || " + tail + " AS BLOB)"
}

// ForUpdate is the clause that locks the rows of a SELECT; SQLite has one writer and needs none.
func (d Dialect) ForUpdate() string {
	if d == PostgreSQL {
		return " FOR UPDATE"
	}
	return ""
}
