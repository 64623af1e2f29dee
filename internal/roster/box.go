package roster

import (
	"context"
	"fmt"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Box is a mailbox that is no person's: of an establishment (ce.<UAI>) or a service. Nobody
// authenticates as it.
type Box struct {
	Local     string   // of its primary address, any case
	Aliases   []string // local parts that lead to it too
	Display   string   // beside its address
	Reference string   // what it was made on
}

// addresses gives the normalised local parts, the primary one first.
func (b Box) addresses() []string {
	out := []string{strings.ToLower(b.Local)}
	for _, alias := range b.Aliases {
		out = append(out, strings.ToLower(alias))
	}
	return out
}

// AddBoxes makes the boxes that are not there yet and returns how many it made. An address that
// belongs to somebody else already is a failure.Conflict, and nothing of its thousand is made.
func (s *Service) AddBoxes(ctx context.Context, boxes []Box) (added int, err error) {
	for len(boxes) > 0 {
		some := boxes[:min(len(boxes), batchLines)]
		boxes = boxes[len(some):]
		n, err := s.addBoxes(ctx, some)
		if err != nil {
			return added, fmt.Errorf("add boxes: %w", err)
		}
		added += n
	}
	return added, nil
}

func (s *Service) addBoxes(ctx context.Context, boxes []Box) (added int, err error) {
	first, err := s.cfg.DB.NewIDs(ctx, "account", int64(len(boxes)))
	if err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		added = 0
		if _, err := tx.NextMeta(ctx, "directory"); err != nil {
			return err
		}
		missing, err := s.missingBoxes(ctx, tx, boxes)
		if err != nil || len(missing) == 0 {
			return err
		}
		accounts := make([]int64, len(missing))
		for i := range accounts {
			accounts[i] = first + int64(i)
		}
		if err := s.insertBoxes(ctx, tx, missing, accounts); err != nil {
			return err
		}
		added = len(missing)
		if err := mailbox.Provision(ctx, tx, accounts, s.cfg.Quota); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: actor, Action: "roster.boxes", Subject: fmt.Sprintf("account:%d", first),
			Reason: "functional boxes", Detail: fmt.Sprintf("%d boxes", added)})
	})
	return added, err
}

// missingBoxes gives the boxes whose addresses are all free; those that exist whole are left out.
func (s *Service) missingBoxes(ctx context.Context, tx *store.Tx, boxes []Box) ([]Box, error) {
	var all []string
	for _, b := range boxes {
		for _, local := range b.addresses() {
			all = append(all, local+"@"+s.cfg.Domain)
		}
	}
	type holder struct{ login, kind string }
	holders := map[string]holder{} // by address
	set, arg := tx.Dialect().TextSet(1, all)
	rows, err := tx.Query(ctx, `SELECT d.address, a.login, a.kind FROM address d JOIN account a ON a.account_id = d.account_id WHERE d.address IN (`+set+`)`, arg)
	if err != nil {
		return nil, fmt.Errorf("look for boxes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var address string
		var h holder
		if err := rows.Scan(&address, &h.login, &h.kind); err != nil {
			return nil, fmt.Errorf("look for boxes: %w", err)
		}
		holders[address] = h
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for boxes: %w", err)
	}
	var missing []Box
	for _, b := range boxes {
		addresses := b.addresses()
		itself := holder{login: addresses[0], kind: directory.KindFunctional.String()}
		there := false
		for _, local := range addresses {
			switch holders[local+"@"+s.cfg.Domain] {
			case holder{}:
			case itself:
				there = true
			default:
				return nil, failure.New(failure.Conflict, "l'adresse %s@%s a déjà été attribuée", local, s.cfg.Domain)
			}
		}
		if !there {
			missing = append(missing, b)
		}
	}
	return missing, nil
}

func (s *Service) insertBoxes(ctx context.Context, tx *store.Tx, boxes []Box, accounts []int64) error {
	var accountRows, addressRows [][]any
	for i, b := range boxes {
		for k, local := range b.addresses() {
			kind := directory.AddressPrimary
			if k > 0 {
				kind = directory.AddressAlias
			}
			addressRows = append(addressRows, []any{local + "@" + s.cfg.Domain, accounts[i], kind.String(), b.Reference})
		}
		accountRows = append(accountRows, []any{accounts[i], directory.KindFunctional.String(), strings.ToLower(b.Local), directory.StateActive.String(),
			b.Display, int64(1), tx.NowMicros()})
	}
	w := writer{tx: tx}
	columns := []column{intColumn("account_id"), textColumn("kind"), textColumn("login"), textColumn("state"), textColumn("display_name"),
		intColumn("auth_epoch"), intColumn("created_at")}
	if err := w.insert(ctx, "account", columns, accountRows, "updated_at", tx.NowMicros()); err != nil {
		return err
	}
	return w.insert(ctx, "address", addressColumns, addressRows, "issued_at", tx.NowMicros())
}
