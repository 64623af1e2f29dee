package reach

import (
	"database/sql"
	"errors"
	"strings"

	"navette/internal/failure"
)

// kindOf takes the word « classe » or « groupe » off a name: 1, 2, or 0 where there is none.
func kindOf(name string) (kind int, bare string) {
	name = strings.Join(strings.Fields(name), " ")
	word, rest, _ := strings.Cut(name, " ")
	switch strings.ToLower(word) {
	case "classe":
		return 1, rest
	case "groupe":
		return 2, rest
	}
	return 0, name
}

// notFound makes failure.NotFound, with a text, of a row that is not there.
func notFound(err error, text string) error { return instead(err, failure.NotFound, text) }

// denied makes failure.Denied, with a text, of a row that is not there.
func denied(err error, text string) error { return instead(err, failure.Denied, text) }

func instead(err error, kind failure.Kind, text string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return failure.New(kind, "%s", text)
	}
	return err
}
