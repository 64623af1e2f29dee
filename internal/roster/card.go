package roster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/store"
)

// Card is what the directory says of the holder of an account, and who guarantees it: what they are shown of themselves.
type Card struct {
	Login, Display string
	Address        string   // the primary one
	Aliases        []string // others that may be shown; those of a former name are not among them
	// Reference is the HR document that guarantees the identity, "" where HR named none.
	Reference string
	// Provisional is true for somebody whom HR does not know yet: a head vouches for them until the day Until (ISO 8601).
	Provisional bool
	Until       string
	Functions   []CardFunction // held now, the oldest first
}

// CardFunction is one function of a Card. Dates are ISO 8601, Ends "" where HR named none.
type CardFunction struct {
	Function, Corps, UAI string
	School, City         string // "" where the UAI is not known
	Starts, Ends         string
	Reference            string
}

// Card reads the card of an account; failure.NotFound where it is no person's.
func (s *Service) Card(ctx context.Context, account int64) (card Card, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		card = Card{}
		person, err := card.readPerson(ctx, tx, account)
		if errors.Is(err, sql.ErrNoRows) {
			return failure.New(failure.NotFound, "Ce compte n’est pas celui d’une personne. / This account is not a person’s.")
		}
		if err != nil {
			return err
		}
		if err := card.readAddresses(ctx, tx, account); err != nil {
			return err
		}
		return card.readFunctions(ctx, tx, person)
	})
	if err != nil {
		return Card{}, fmt.Errorf("read the card of account %d: %w", account, err)
	}
	return card, nil
}

func (c *Card) readPerson(ctx context.Context, tx *store.Tx, account int64) (person int64, err error) {
	var until *string
	err = tx.QueryRow(ctx, `SELECT a.login, a.display_name, p.person_id, p.reference, v.until
		FROM account a JOIN person p ON p.person_id = a.person_id LEFT JOIN provisional v ON v.person_id = p.person_id
		WHERE a.account_id = $1`, account).Scan(&c.Login, &c.Display, &person, &c.Reference, &until)
	if until != nil {
		c.Provisional, c.Until = true, *until
	}
	return person, err
}

func (c *Card) readAddresses(ctx context.Context, tx *store.Tx, account int64) error {
	rows, err := tx.Query(ctx, `SELECT address, kind FROM address WHERE account_id = $1 AND kind IN ($2, $3) ORDER BY address`,
		account, directory.AddressPrimary.String(), directory.AddressAlias.String())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var address, kind string
		if err := rows.Scan(&address, &kind); err != nil {
			return err
		}
		if kind == directory.AddressPrimary.String() {
			c.Address = address
		} else {
			c.Aliases = append(c.Aliases, address)
		}
	}
	return rows.Err()
}

func (c *Card) readFunctions(ctx context.Context, tx *store.Tx, person int64) error {
	rows, err := tx.Query(ctx, `SELECT f.function, f.corps, f.uai, COALESCE(e.name, ''), COALESCE(e.city, ''), f.starts, f.ends, f.reference
		FROM function f LEFT JOIN establishment e ON e.uai = f.uai WHERE f.person_id = $1 AND f.ended_at = 0 ORDER BY f.starts, f.function_id`, person)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f CardFunction
		if err := rows.Scan(&f.Function, &f.Corps, &f.UAI, &f.School, &f.City, &f.Starts, &f.Ends, &f.Reference); err != nil {
			return err
		}
		c.Functions = append(c.Functions, f)
	}
	return rows.Err()
}
