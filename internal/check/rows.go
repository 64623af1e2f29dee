package check

import (
	"database/sql"
	"errors"
)

// eachRow reads and closes rows of whole numbers.
func eachRow(rows *sql.Rows, fn func(row []int64)) error {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	row := make([]int64, len(columns))
	into := make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fn(row)
	}
	return errors.Join(rows.Err(), rows.Close())
}
