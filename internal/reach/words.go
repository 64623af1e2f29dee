package reach

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
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

// FindPerson gives the account of the person whom a login or an address names; failure.NotFound where none does.
func (s *Service) FindPerson(ctx context.Context, name string) (account int64, err error) {
	key := strings.ToLower(strings.TrimSpace(name))
	if normal, err := directory.Normalize(key); err == nil {
		key = normal
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT a.account_id FROM account a WHERE a.kind = 'person' AND (a.login = $1
			OR a.account_id = (SELECT d.account_id FROM address d WHERE d.address = $1 AND d.kind IN ('primary', 'alias')))`, key).Scan(&account)
	})
	if err != nil {
		return 0, fmt.Errorf("find a person: %w", notFound(err, "personne ne porte ce nom de compte ou cette adresse / nobody has this login or address"))
	}
	return account, nil
}
