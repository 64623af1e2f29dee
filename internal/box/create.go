package box

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/mailbox"
	"navette/internal/store"
)

// Box is a box to make.
type Box struct {
	Local     string   // of its primary address, and its login; any case
	Aliases   []string // local parts that lead to it too
	Display   string   // beside its address
	UAI       string   // of the establishment whose head owns it, or ""
	Reference string   // what it is made on
}

// locals gives the normalised local parts, the primary one first.
func (n Box) locals() []string {
	out := []string{strings.ToLower(n.Local)}
	for _, alias := range n.Aliases {
		out = append(out, strings.ToLower(alias))
	}
	return out
}

// localPart is what the address of a box may look like.
var localPart = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$`)

// check refuses what cannot be the name of a box: failure.Policy. A UAI is written by hand here, so its key must be right.
func (n Box) check() error {
	for _, local := range n.locals() {
		if !localPart.MatchString(local) || strings.Contains(local, "..") {
			return failure.New(failure.Policy, "%q n'est pas une partie locale d'adresse : lettres sans accent, chiffres, point, tiret, 64 caractères au plus", local)
		}
		if uai, school := strings.CutPrefix(local, schoolPrefix); school {
			if _, err := directory.ParseUAI(uai); err != nil {
				return failure.Wrap(failure.Policy, err, err.Error())
			}
		} else if directory.IsGroupLocal(local) {
			return failure.New(failure.Policy, "le nom %q est réservé aux groupes des établissements", local)
		}
	}
	if n.UAI != "" {
		if _, err := directory.ParseUAI(n.UAI); err != nil {
			return failure.Wrap(failure.Policy, err, err.Error())
		}
	}
	return nil
}

// schoolPrefix begins the login of the box of an establishment, before its UAI in lower case.
const schoolPrefix = "ce."

// atOnce is how many boxes one transaction takes.
const atOnce = 500

// Create makes the boxes that are not there yet, and gives how many it made. One whose address was ever given to
// anybody else gives failure.Conflict, and nothing of its transaction is made.
func (s *Service) Create(ctx context.Context, by identity.By, boxes []Box) (made int, err error) {
	for _, n := range boxes {
		if err := n.check(); err != nil {
			return 0, fmt.Errorf("create boxes: %w", err)
		}
	}
	for some := range slices.Chunk(boxes, atOnce) {
		n, err := s.create(ctx, by, some)
		if err != nil {
			return made, fmt.Errorf("create boxes: %w", err)
		}
		made += n
	}
	return made, nil
}

func (s *Service) create(ctx context.Context, by identity.By, boxes []Box) (made int, err error) {
	first, err := s.cfg.DB.NewIDs(ctx, "account", int64(len(boxes)))
	if err != nil {
		return 0, err
	}
	told, err := s.cfg.DB.NewIDs(ctx, history.IDs, int64(len(boxes)))
	if err != nil {
		return 0, err
	}
	err = s.cfg.DB.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		made = 0
		// Addresses are issued: imports that planned before plan again.
		if _, err := tx.NextMeta(ctx, "directory"); err != nil {
			return err
		}
		missing, err := s.missing(ctx, tx, boxes)
		if err != nil || len(missing) == 0 {
			return err
		}
		made = len(missing)
		return s.insert(ctx, tx, by, missing, first, told)
	})
	return made, err
}

// insert makes boxes with consecutive ids.
func (s *Service) insert(ctx context.Context, tx *store.Tx, by identity.By, boxes []Box, first, told int64) error {
	accounts, logins, rows := make([]int64, len(boxes)), make([]string, len(boxes)), make([]history.Row, len(boxes))
	for i, n := range boxes {
		accounts[i], logins[i] = first+int64(i), n.locals()[0]
		addresses, err := s.insertOne(ctx, tx, n, accounts[i])
		if err != nil {
			return fmt.Errorf("box %s: %w", logins[i], err)
		}
		rows[i] = history.Row{Account: accounts[i], Kind: history.BoxMade, Subject: strings.Join(addresses, ", "), After: n.Display,
			Reference: n.Reference, Actor: by.Actor}
	}
	if err := mailbox.Provision(ctx, tx, accounts, s.cfg.Quota); err != nil {
		return err
	}
	if err := history.Append(ctx, tx, told, rows); err != nil {
		return err
	}
	detail, err := json.Marshal(logins)
	if err != nil {
		return fmt.Errorf("encode logins: %w", err)
	}
	return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "box.create", Subject: fmt.Sprintf("account:%d", first),
		Reason: by.Reason, Detail: string(detail)})
}

func (s *Service) insertOne(ctx context.Context, tx *store.Tx, n Box, account int64) (addresses []string, err error) {
	now := tx.NowMicros()
	locals := n.locals()
	if _, err := tx.Exec(ctx, `INSERT INTO account (account_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $6)`, account, directory.KindFunctional.String(), locals[0], directory.StateActive.String(), n.Display, now); err != nil {
		return nil, err
	}
	kind := directory.AddressPrimary
	for _, local := range locals {
		address := local + "@" + s.cfg.Domain
		if _, err := tx.Exec(ctx, `INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ($1, $2, $3, $4, $5)`,
			address, account, kind.String(), now, n.Reference); err != nil {
			return nil, err
		}
		addresses, kind = append(addresses, address), directory.AddressAlias
	}
	_, err = tx.Exec(ctx, `INSERT INTO box (account_id, uai, orphan_since, told, seen_email) VALUES ($1, $2, '', 0, 0)`, account, strings.ToUpper(n.UAI))
	return addresses, err
}

// missing gives the boxes whose addresses are all free; those that exist are left out.
func (s *Service) missing(ctx context.Context, tx *store.Tx, boxes []Box) ([]Box, error) {
	holders, err := s.holders(ctx, tx, boxes)
	if err != nil {
		return nil, fmt.Errorf("look for boxes: %w", err)
	}
	var missing []Box
	for _, n := range boxes {
		locals := n.locals()
		there := false
		for _, local := range locals {
			switch holders[local+"@"+s.cfg.Domain] {
			case "":
			case locals[0]:
				there = true
			default:
				return nil, failure.New(failure.Conflict, "l'adresse %s@%s a déjà été attribuée", local, s.cfg.Domain)
			}
		}
		if !there {
			missing = append(missing, n)
		}
	}
	return missing, nil
}

// holders gives, by address of some boxes to be, the login of the box that has it, and "?" for anybody else's.
func (s *Service) holders(ctx context.Context, tx *store.Tx, boxes []Box) (map[string]string, error) {
	var all []string
	for _, n := range boxes {
		for _, local := range n.locals() {
			all = append(all, local+"@"+s.cfg.Domain)
		}
	}
	set, arg := tx.Dialect().TextSet(1, all)
	rows, err := tx.Query(ctx, `SELECT d.address, CASE a.kind WHEN 'functional' THEN a.login ELSE '?' END
		FROM address d JOIN account a ON a.account_id = d.account_id WHERE d.address IN (`+set+`)`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	holders := map[string]string{}
	for rows.Next() {
		var address, login string
		if err := rows.Scan(&address, &login); err != nil {
			return nil, err
		}
		holders[address] = login
	}
	return holders, rows.Err()
}
