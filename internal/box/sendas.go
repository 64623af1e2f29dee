package box

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"mime"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/forgery"
	"navette/internal/mail"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Voice is a box that a member writes as.
type Voice struct {
	Box       int64
	Addresses []string // normalised, the primary one first: From may name any

	author  int64
	name    string // of the author, for the members
	login   string
	service *Service
}

// Voice gives the box whose address that is, for an account that may write as it: an owner or a member. has is false
// where the address is no box's, or the account has no role in it, which is told in the same way: who may open a box is
// its members' business. A reader gives failure.Policy.
func (s *Service) Voice(ctx context.Context, account int64, address string) (v Voice, has bool, err error) {
	normal, err := directory.Normalize(address)
	if err != nil {
		return Voice{}, false, nil
	}
	v = Voice{author: account, service: s}
	var role Role
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT k.account_id FROM address d JOIN box k ON k.account_id = d.account_id
			WHERE d.address = $1 AND d.kind IN ('primary', 'alias')`, normal).Scan(&v.Box)
		if errors.Is(err, sql.ErrNoRows) {
			role = ""
			return nil
		}
		if err == nil {
			role, err = s.roleIn(ctx, tx, account, v.Box)
		}
		if err != nil || !role.Allows(Member) {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT display_name, login FROM account WHERE account_id = $1`, account).Scan(&v.name, &v.login); err != nil {
			return err
		}
		v.Addresses, err = addressesOf(ctx, tx, v.Box)
		return err
	})
	switch {
	case err != nil:
		return Voice{}, false, fmt.Errorf("box of an address: %w", err)
	case role == Reader:
		return Voice{}, false, failure.New(failure.Policy,
			"vous lisez cette boîte sans pouvoir écrire en son nom : demandez à son propriétaire / you read this mailbox and may not write as it")
	}
	return v, role != "", nil
}

// addressesOf gives the addresses under which a box is written to and writes, the primary one first.
func addressesOf(ctx context.Context, tx *store.Tx, box int64) (list []string, err error) {
	rows, err := tx.Query(ctx, `SELECT address FROM address WHERE account_id = $1 AND kind IN ('primary', 'alias')
		ORDER BY CASE kind WHEN 'primary' THEN 0 ELSE 1 END, address`, box)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return nil, err
		}
		list = append(list, address)
	}
	return list, rows.Err()
}

// Keep is the copy that the box keeps of what is sent as it, with the author in its prefix: only who opens the box sees
// it (invariant 4). Mail programs that file their own copy as well make a second one, without the author.
func (v *Voice) Keep() *delivery.Keep {
	return &delivery.Keep{Account: v.Box, Role: "sent", Prefix: v.authorField(), Flags: mailbox.Seen}
}

// authorField names the author: « X-Navette-Auteur: Hélène Martin (hmartin) ».
func (v *Voice) authorField() []byte {
	return fmt.Appendf(nil, "%s: %s (%s)\r\n", forgery.Author, mime.QEncoding.Encode("utf-8", v.name), v.login)
}

// Sending gives what runs in the transaction that accepts a message with these facts: the author must still be a
// member, and the email that the message answers becomes answered, with its author.
func (v *Voice) Sending(ctx context.Context, facts *mail.Facts) (within func(ctx context.Context, tx *store.Tx) error, err error) {
	answered, err := v.service.answeredBy(ctx, v.Box, facts)
	if err != nil {
		return nil, fmt.Errorf("what the message answers: %w", err)
	}
	return func(ctx context.Context, tx *store.Tx) error {
		role, err := v.service.roleIn(ctx, tx, v.author, v.Box)
		if err != nil {
			return err
		}
		if !role.Allows(Member) {
			return failure.New(failure.Policy, "vous n'êtes plus membre de cette boîte / you are no longer a member of this mailbox")
		}
		return noteAnswer(ctx, tx, v.Box, v.author, answered)
	}, nil
}
