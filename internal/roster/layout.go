package roster

import (
	"fmt"
	"slices"
	"strings"
)

// layout is how the lines of one file are made: the sign between their fields, and which column stands where. The
// canonical form is header, parted by semicolons; exports of other tools come with commas, or with the same columns in
// an order of their own.
type layout struct {
	separator byte
	order     []int // order[i] is the column of the i-th field
	id        int   // the field that holds id_rh
}

// separators that may part fields, the canonical one first.
const separators = ";,"

// has tells whether the file has a column.
func (l layout) has(column int) bool { return slices.Contains(l.order, column) }

// readLayout reads the first line of a file. The names count without regard to case, quotes and spaces around them;
// each of the required columns stands there once, the others once at most, and nothing else does.
func readLayout(line string) (layout, error) {
	names := []string(nil)
	for _, separator := range []byte(separators) {
		fields, err := splitFields(line, separator)
		if err != nil || len(fields) < len(names) {
			continue
		}
		if l, err := layoutOf(fields, separator); err == nil {
			return l, nil
		}
		names = fields
	}
	_, err := layoutOf(names, separators[0])
	return layout{}, err
}

// layoutOf finds the column of each name.
func layoutOf(names []string, separator byte) (layout, error) {
	l := layout{separator: separator}
	var unknown []string
	for i, name := range names {
		column := slices.Index(columns[:], strings.ToLower(strings.TrimSpace(name)))
		switch {
		case column < 0:
			unknown = append(unknown, name)
		case slices.Contains(l.order, column):
			return layout{}, fmt.Errorf("la colonne %s y est deux fois", columns[column])
		case column == colIDRH:
			l.id = i
		}
		l.order = append(l.order, column)
	}
	var missing []string
	for column, name := range columns[:required] {
		if !l.has(column) {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == required:
		return layout{}, fmt.Errorf("aucune des colonnes n'y est nommée")
	case len(missing) > 0:
		return layout{}, fmt.Errorf("il manque %s", strings.Join(missing, ", "))
	case len(unknown) > 0: // not quoted: where columns shifted, it could be anything
		return layout{}, fmt.Errorf("%d colonnes de trop", len(unknown))
	}
	return l, nil
}

// split gives the fields of a line in the order of columns, "" for a column that the file does not have. Where their number is wrong it gives none, but their
// number and the field that should be the id_rh.
func (l layout) split(line string) (fields []string, id string, count int, err error) {
	raw, err := splitFields(line, l.separator)
	if err != nil {
		return nil, "", 0, err
	}
	if l.id < len(raw) {
		id = raw[l.id]
	}
	if len(raw) != len(l.order) {
		return nil, id, len(raw), nil
	}
	fields = make([]string, len(columns))
	for i, column := range l.order {
		fields[column] = raw[i]
	}
	return fields, id, len(raw), nil
}

// rawID looks for the id_rh in a line that could not be parsed, so that the report names the person and nobody ends
// that person's functions for a typing error.
func (l layout) rawID(line string) string {
	for range l.id {
		_, rest, found := strings.Cut(line, string(l.separator))
		if !found {
			return ""
		}
		line = rest
	}
	id, _, _ := strings.Cut(line, string(l.separator))
	id = strings.Trim(id, "\" \t")
	if !isASCII([]byte(id)) {
		return ""
	}
	return readableID(id)
}
