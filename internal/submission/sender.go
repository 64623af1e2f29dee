package submission

import (
	"context"
	"fmt"
	"strings"

	"navette/internal/box"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/mail"
	"navette/internal/store"
)

// ownAddresses are the addresses under which a message may be sent: the primary one and the aliases of an account, or
// of the box that it is written as. A former address still receives, but is not shown nor sent from
// (directory.AddressFormer).
type ownAddresses struct {
	primary string
	all     map[string]bool // normalised

	voice    *box.Voice      // the box, nil for the account itself
	personal map[string]bool // of the author who writes as it
}

func (s *Service) ownAddresses(ctx context.Context, account int64) (ownAddresses, error) {
	own := ownAddresses{all: map[string]bool{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT address, kind FROM address WHERE account_id = $1`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var address, kind string
			if err := rows.Scan(&address, &kind); err != nil {
				return err
			}
			switch kind {
			case directory.AddressPrimary.String():
				own.primary = address
				own.all[address] = true
			case directory.AddressAlias.String():
				own.all[address] = true
			}
		}
		return rows.Err()
	})
	if err != nil {
		return ownAddresses{}, fmt.Errorf("addresses of account %d: %w", account, err)
	}
	return own, nil
}

// has tells whether an address is one of them, whatever its case, its plus-tag and its quotes.
func (o ownAddresses) has(address string) bool { return o.all[normal(address)] }

// author tells under whose addresses a message is written: the account's own, or those of the box that From names and
// that the account may write as. Where it may not, they are the account's, and From is refused later.
func (s *Service) author(ctx context.Context, account int64, own ownAddresses, raw []byte) (ownAddresses, error) {
	for f := range mail.HeaderFields(raw) {
		if !strings.EqualFold(f.Name, "From") {
			continue
		}
		for _, a := range mail.ParseAddressList(string(f.Value)) {
			if a.Kind == mail.Mailbox && a.Host != "" && !own.has(a.Addr()) {
				return s.speaking(ctx, account, own, a.Addr())
			}
		}
	}
	return own, nil
}

// speaking gives the addresses of the box that an address is of, if the account may write as it; else own.
func (s *Service) speaking(ctx context.Context, account int64, own ownAddresses, address string) (ownAddresses, error) {
	if s.cfg.Boxes == nil {
		return own, nil
	}
	v, has, err := s.cfg.Boxes.Voice(ctx, account, address)
	if err != nil || !has {
		return own, err
	}
	as := ownAddresses{primary: v.Addresses[0], all: map[string]bool{}, voice: &v, personal: own.all}
	for _, a := range v.Addresses {
		as.all[a] = true
	}
	return as, nil
}

// reversePath is the one to send under: what is written as a box comes back to the box, whichever address of the
// author's the mail program gave.
func (o ownAddresses) reversePath(given string) (string, error) {
	if o.voice != nil && given != "" {
		return o.primary, nil
	}
	return given, o.checkReversePath(given)
}

// names tells that a field names the author of what is written as a box.
func (o ownAddresses) names(f mail.HeaderField) bool {
	list := mail.ParseAddressList(string(f.Value))
	return len(list) == 1 && list[0].Kind == mail.Mailbox && o.personal[normal(list[0].Addr())]
}

func (o ownAddresses) checkReversePath(path string) error {
	if path == "" || o.has(path) {
		return nil
	}
	return o.refuse("l'expéditeur", "the sender")
}

// refuse names the address that would be right: it is the reader's own.
func (o ownAddresses) refuse(french, english string) error {
	return failure.New(failure.Policy, "%s doit être votre propre adresse, %s / %s must be your own address, %s",
		french, o.primary, english, o.primary)
}
