package store

import (
	"encoding/hex"
	"strconv"
)

// BlobSet is IntSet for byte strings.
func (d Dialect) BlobSet(n int, values [][]byte) (sql string, arg any) {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = hex.EncodeToString(v)
	}
	set, arg := d.TextSet(n, texts)
	if d == PostgreSQL {
		return "SELECT decode(unnest($" + strconv.Itoa(n) + "::text[]), 'hex') AS value", arg
	}
	return "SELECT unhex(value) FROM (" + set + ")", arg
}
