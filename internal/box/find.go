package box

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Find gives the account of the box that a login, an address or a UAI names; failure.NotFound where none does.
func (s *Service) Find(ctx context.Context, name string) (box int64, err error) {
	name = strings.ToLower(strings.TrimSpace(name))
	address := name
	if normal, err := directory.Normalize(name); err == nil {
		address = normal
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT k.account_id FROM box k JOIN account b ON b.account_id = k.account_id WHERE b.login IN ($1, $2 || $1)
			OR k.account_id = (SELECT account_id FROM address WHERE address = $3)`, name, schoolPrefix, address).Scan(&box)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, failure.New(failure.NotFound, "aucune boîte fonctionnelle ne s'appelle %q", name)
	}
	if err != nil {
		return 0, fmt.Errorf("find box: %w", err)
	}
	return box, nil
}

// FindMember gives the account of the person whom a login, an address or a name (« Hélène Martin ») names. A name that
// several people bear is failure.Conflict, with their logins; nobody is failure.NotFound. It is for operators: it finds
// whoever is on the liste rouge too.
func (s *Service) FindMember(ctx context.Context, name string) (account int64, err error) {
	name = strings.TrimSpace(name)
	var found []person
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		if found, err = byLogin(ctx, tx, name); err != nil || len(found) > 0 {
			return err
		}
		found, err = s.byName(ctx, tx, name)
		return err
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("find member: %w", err)
	case len(found) == 0:
		return 0, failure.New(failure.NotFound, "personne ne porte ce nom de compte, cette adresse ou ce nom : %q", name)
	case len(found) > 1:
		var logins []string
		for _, p := range found {
			logins = append(logins, p.login)
		}
		return 0, failure.New(failure.Conflict, "plusieurs personnes s'appellent %q : donnez le nom de compte (%s)", name, strings.Join(logins, ", "))
	}
	return found[0].account, nil
}

// person is somebody found.
type person struct {
	account int64
	login   string
}

func byLogin(ctx context.Context, tx *store.Tx, name string) ([]person, error) {
	address := strings.ToLower(name)
	if normal, err := directory.Normalize(name); err == nil {
		address = normal
	}
	rows, err := tx.Query(ctx, `SELECT account_id, login FROM account WHERE login = $1
		OR account_id = (SELECT account_id FROM address WHERE address = $2 AND kind IN ('primary', 'alias'))`, strings.ToLower(name), address)
	return scanPeople(rows, err)
}

// byName looks for the primary addresses that the name gives, forename first, wherever the one ends and the other
// begins: they are made of it (DOMAIN §2.3), and indexed. Homonyms have digits after them.
func (s *Service) byName(ctx context.Context, tx *store.Tx, name string) (found []person, err error) {
	words := strings.Fields(name)
	for i := 1; i < len(words); i++ {
		local := directory.Slug(strings.Join(words[:i], " ")) + "." + directory.Slug(strings.Join(words[i:], " "))
		rows, err := tx.Query(ctx, `SELECT a.account_id, a.login, d.address FROM address d JOIN account a ON a.account_id = d.account_id
			WHERE d.address >= $1 AND d.address < $2 AND d.kind = 'primary' AND a.kind = 'person' AND a.state <> 'departed' ORDER BY d.address`,
			local, local+"A") // after the digits and the @, before every letter
		people, err := scanNamesakes(rows, err, local)
		if err != nil {
			return nil, err
		}
		found = append(found, people...)
	}
	slices.SortFunc(found, func(a, b person) int { return strings.Compare(a.login, b.login) })
	return slices.Compact(found), nil
}

func scanPeople(rows *sql.Rows, err error) (found []person, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p person
		if err := rows.Scan(&p.account, &p.login); err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

// scanNamesakes keeps those whose local part is the name, with or without digits.
func scanNamesakes(rows *sql.Rows, err error, local string) (found []person, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p person
		var address string
		if err := rows.Scan(&p.account, &p.login, &address); err != nil {
			return nil, err
		}
		theirs, _, _ := strings.Cut(address, "@")
		if strings.Trim(strings.TrimPrefix(theirs, local), "0123456789") == "" {
			found = append(found, p)
		}
	}
	return found, rows.Err()
}
