package career

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"navette/internal/audit"
	"navette/internal/autoreply"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// Twins are two records that may be one person: same birth date, birth name and first forename. It is a question put
// to a human, who knows whether two people of one name were born on one day.
type Twins struct{ A, B string } // id_rh, the older record first

// FindTwins proposes records to merge; those that were merged are not proposed again.
func (s *Service) FindTwins(ctx context.Context) (list []Twins, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT p.id_rh, p.birth_name, p.forenames, p.birth_date FROM person p
			WHERE p.birth_date <> '' AND NOT EXISTS (SELECT 1 FROM person_alias s WHERE s.id_rh = p.id_rh) ORDER BY p.birth_date, p.person_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		seen, of := map[string]string{}, "" // of one birth date
		for rows.Next() {
			var id, name, forenames, birth string
			if err := rows.Scan(&id, &name, &forenames, &birth); err != nil {
				return err
			}
			if birth != of {
				clear(seen)
				of = birth
			}
			key := directory.Slug(name) + "." + directory.Slug(directory.FirstForename(forenames))
			if first, twice := seen[key]; twice {
				list = append(list, Twins{first, id})
			} else {
				seen[key] = id
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look for records of one person: %w", err)
	}
	return list, nil
}

// record is a person with their account, as a merge sees it.
type record struct {
	person, account int64
	idRH            string
}

func loadRecord(ctx context.Context, tx *store.Tx, idRH string) (r record, err error) {
	r.idRH = idRH
	err = tx.QueryRow(ctx, `SELECT p.person_id, a.account_id FROM person p JOIN account a ON a.person_id = p.person_id
		WHERE p.id_rh = $1 AND NOT EXISTS (SELECT 1 FROM person_alias s WHERE s.id_rh = p.id_rh)`, idRH).Scan(&r.person, &r.account)
	if errors.Is(err, sql.ErrNoRows) {
		return r, failure.New(failure.NotFound, "aucune fiche n'a l'id_rh %q", idRH)
	}
	return r, err
}

// Merge makes the record gone part of the record kept: they are one person, a human says so on a document. The
// functions and the addresses go over, the addresses as aliases, and the feed's lines of either id_rh count for the
// one record; its identity is that of the lines of kept. The other account departs, so that its mail can be read for
// a time. It is not undone but by Split.
func (s *Service) Merge(ctx context.Context, by identity.By, kept, gone, reference string) error {
	if kept == gone || by.Actor == "" || reference == "" {
		return failure.New(failure.Policy, "pour réunir deux fiches il faut deux id_rh, un auteur et la référence d'un document")
	}
	const rows = 100 // more addresses than anybody has
	return s.write(ctx, rows, func(tx *store.Tx, first int64) error {
		a, err := loadRecord(ctx, tx, kept)
		if err != nil {
			return err
		}
		b, err := loadRecord(ctx, tx, gone)
		if err != nil {
			return err
		}
		told, err := moveAddresses(ctx, tx, a, b)
		if err != nil {
			return err
		}
		told = append(told, history.Row{Account: a.account, Kind: history.Merged, Before: gone}, history.Row{Account: b.account, Kind: history.MergedInto, After: kept})
		for i := range told {
			told[i].Actor, told[i].Reference = by.Actor, reference
		}
		if err := moveFunctions(ctx, tx, a, b); err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE person_alias SET person_id = $2 WHERE person_id = (SELECT person_id FROM person WHERE id_rh = $1)`,
			`INSERT INTO person_alias (id_rh, person_id) VALUES ($1, $2)`,
		} {
			if _, err := tx.Exec(ctx, q, gone, a.person); err != nil {
				return fmt.Errorf("merge %s into %s: %w", gone, kept, err)
			}
		}
		if err := history.Append(ctx, tx, first, told); err != nil {
			return err
		}
		if err := s.depart(ctx, tx, first+int64(len(told)), b.account, by); err != nil {
			return err
		}
		if err := autoreply.Clear(ctx, tx, b.account); err != nil { // it has no address that could be written to
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "person.merge", Subject: fmt.Sprintf("account:%d", a.account),
			Reason: by.Reason, Detail: fmt.Sprintf(`{"gone":%d}`, b.account)})
	})
}

// moveAddresses gives the addresses of b to a, who is the same person: the one case in which an address changes hands.
func moveAddresses(ctx context.Context, tx *store.Tx, a, b record) (told []history.Row, err error) {
	rows, err := tx.Query(ctx, `SELECT address FROM address WHERE account_id = $1 ORDER BY address`, b.account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return nil, err
		}
		told = append(told, history.Row{Account: a.account, Kind: history.AddressMoved, Subject: address, Before: b.idRH},
			history.Row{Account: b.account, Kind: history.AddressLeft, Subject: address, After: a.idRH})
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE address SET account_id = $1, kind = CASE kind WHEN 'primary' THEN 'alias' ELSE kind END WHERE account_id = $2`, a.account, b.account)
	return told, err
}

// moveFunctions gives the functions of b to a, numbered after a's own. A post that both hold stays b's, ended: the
// feed's line for it counts for a's.
func moveFunctions(ctx context.Context, tx *store.Tx, a, b record) error {
	if _, err := tx.Exec(ctx, `UPDATE function SET function_id = function_id + (SELECT COALESCE(max(g.function_id), 0) FROM function g WHERE g.person_id = $1), person_id = $1
		WHERE person_id = $2 AND NOT EXISTS (SELECT 1 FROM function g WHERE g.person_id = $1 AND g.uai = function.uai
			AND g.function = function.function AND g.starts = function.starts)`, a.person, b.person); err != nil {
		return fmt.Errorf("move functions: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE function SET ended_at = $2 WHERE person_id = $1 AND ended_at = 0`, b.person, tx.NowMicros()); err != nil {
		return fmt.Errorf("end functions that both held: %w", err)
	}
	return nil
}
