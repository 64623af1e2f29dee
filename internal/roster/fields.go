package roster

import (
	"errors"
	"strings"
)

// errQuote says that the quotes of a line do not match.
var errQuote = errors.New("guillemets mal placés")

// splitFields parts a line at a separator. A field that starts with a double quote runs to the next
// lone one and may hold separators and, doubled, quotes (RFC 4180 §2). Elsewhere a quote is a letter
// like others.
func splitFields(line string, separator byte) ([]string, error) {
	fields := make([]string, 0, len(columns))
	for {
		if !strings.HasPrefix(line, `"`) {
			end := strings.IndexByte(line, separator)
			if end < 0 {
				return append(fields, line), nil
			}
			fields = append(fields, line[:end])
			line = line[end+1:]
			continue
		}
		field, rest, err := cutQuoted(line[1:])
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
		if rest == "" {
			return fields, nil
		}
		if rest[0] != separator {
			return nil, errQuote
		}
		line = rest[1:]
	}
}

// cutQuoted reads up to the closing quote and gives what follows it.
func cutQuoted(s string) (field, rest string, err error) {
	var b strings.Builder
	for {
		before, after, closed := strings.Cut(s, `"`)
		if !closed {
			return "", "", errQuote
		}
		b.WriteString(before)
		if !strings.HasPrefix(after, `"`) {
			return b.String(), after, nil
		}
		b.WriteByte('"')
		s = after[1:]
	}
}
