package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
)

// ENT is a digital workspace of schools whose servers may post to their groups without signing in.
type ENT struct {
	Name     string
	Sender   string         // domain of its reverse-paths, normalised
	Networks []netip.Prefix // its servers
	Schools  []string       // UAI, sorted
}

// name is what an ENT may be called.
var entName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// maskBits is the shortest network that is taken: an ENT has servers, not a continent.
const maskBits = 16

// AddENT registers an ENT, in the place of the one that has its name. failure.Policy for what is no name, network, domain
// or UAI; a network that is too large is none. An ENT may not speak for a domain of the académie.
func (s *Service) AddENT(ctx context.Context, by identity.By, e ENT, ours ...string) (err error) {
	if e, err = e.checked(ours); err != nil {
		return fmt.Errorf("register an ENT: %w", err)
	}
	err = s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		if err := forget(ctx, tx, e.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO ent (name, sender, added_at) VALUES ($1, $2, $3)`, e.Name, e.Sender, tx.NowMicros()); err != nil {
			return err
		}
		for _, n := range e.Networks {
			if _, err := tx.Exec(ctx, `INSERT INTO ent_network (name, network) VALUES ($1, $2)`, e.Name, n.String()); err != nil {
				return err
			}
		}
		for _, uai := range e.Schools {
			if _, err := tx.Exec(ctx, `INSERT INTO ent_school (name, uai) VALUES ($1, $2)`, e.Name, uai); err != nil {
				return err
			}
		}
		detail, err := json.Marshal(e)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "ent.add", Subject: "ent:" + e.Name, Reason: by.Reason, Detail: string(detail)})
	})
	if err != nil {
		return fmt.Errorf("register ENT %s: %w", e.Name, err)
	}
	return nil
}

// checked gives the form that is stored.
func (e ENT) checked(ours []string) (ENT, error) {
	sender, err := directory.NormalDomain(strings.TrimPrefix(e.Sender, "@"))
	switch {
	case !entName.MatchString(e.Name):
		return e, failure.New(failure.Policy, "%q n'est pas un nom : minuscules, chiffres, tirets", e.Name)
	case err != nil || !strings.Contains(sender, "."):
		return e, failure.New(failure.Policy, "%q n'est pas un domaine", e.Sender)
	case slices.Contains(ours, sender):
		return e, failure.New(failure.Policy, "un ENT n'écrit pas au nom du domaine %s", sender)
	case len(e.Networks) == 0 || len(e.Schools) == 0:
		return e, failure.New(failure.Policy, "un ENT a au moins un réseau et un établissement")
	}
	e.Sender, e.Networks, e.Schools = sender, slices.Clone(e.Networks), slices.Clone(e.Schools)
	for i, n := range e.Networks {
		if !n.IsValid() || n.Bits() < maskBits {
			return e, failure.New(failure.Policy, "réseau trop large : %s", n)
		}
		e.Networks[i] = n.Masked()
	}
	for i, uai := range e.Schools {
		if e.Schools[i], err = directory.ParseUAI(uai); err != nil {
			return e, failure.Wrap(failure.Policy, err, err.Error())
		}
	}
	slices.Sort(e.Schools)
	e.Schools = slices.Compact(e.Schools)
	slices.SortFunc(e.Networks, func(a, b netip.Prefix) int { return strings.Compare(a.String(), b.String()) })
	e.Networks = slices.Compact(e.Networks)
	return e, nil
}

// RemoveENT takes an ENT off; failure.NotFound where there is none of the name.
func (s *Service) RemoveENT(ctx context.Context, by identity.By, name string) error {
	err := s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		var there string
		if err := tx.QueryRow(ctx, `SELECT name FROM ent WHERE name = $1`, name).Scan(&there); err != nil {
			return notFound(err, "aucun ENT ne porte ce nom / no such ENT")
		}
		if err := forget(ctx, tx, name); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Entry{Actor: by.Actor, Action: "ent.remove", Subject: "ent:" + name, Reason: by.Reason})
	})
	if err != nil {
		return fmt.Errorf("remove ENT: %w", err)
	}
	return nil
}

func forget(ctx context.Context, tx *store.Tx, name string) error {
	for _, table := range []string{"ent", "ent_network", "ent_school"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE name = $1`, name); err != nil {
			return err
		}
	}
	return nil
}

// ENTs gives all that are registered, by name.
func (s *Service) ENTs(ctx context.Context) (out []ENT, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		out, err = ents(ctx, tx, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("registered ENTs: %w", err)
	}
	return out, nil
}

// ents reads those whose reverse-paths are of a domain, or all for "".
func ents(ctx context.Context, tx *store.Tx, sender string) (out []ENT, err error) {
	rows, err := tx.Query(ctx, `SELECT e.name, e.sender, n.network, '' FROM ent e JOIN ent_network n ON n.name = e.name WHERE $1 IN ('', e.sender)
		UNION ALL SELECT e.name, e.sender, '', s.uai FROM ent e JOIN ent_school s ON s.name = e.name WHERE $1 IN ('', e.sender) ORDER BY 1, 3, 4`, sender)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e ENT
		var network, uai string
		if err := rows.Scan(&e.Name, &e.Sender, &network, &uai); err != nil {
			return nil, err
		}
		if n := len(out); n == 0 || out[n-1].Name != e.Name {
			out = append(out, e)
		}
		last := &out[len(out)-1]
		if uai != "" {
			last.Schools = append(last.Schools, uai)
			continue
		}
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return nil, err
		}
		last.Networks = append(last.Networks, prefix)
	}
	return out, rows.Err()
}

// Relay gives the rights with which a server outside posts, and whether it is one of a registered ENT's: it speaks from
// one of its networks, under its domain. They let it write to the groups of its schools, and are of no account.
func (s *Service) Relay(ctx context.Context, peer netip.Addr, reversePath string) (r Rights, is bool, err error) {
	l, err := directory.ParseLookup(reversePath)
	if err != nil {
		return Rights{}, false, nil
	}
	var list []ENT
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list, err = ents(ctx, tx, l.Domain)
		return err
	})
	if err != nil {
		return Rights{}, false, fmt.Errorf("look for the ENT of a server: %w", err)
	}
	r = Rights{Day: s.Today()}
	for _, e := range list {
		if slices.ContainsFunc(e.Networks, func(n netip.Prefix) bool { return n.Contains(peer.Unmap()) }) {
			is = true
			r.Schools = append(r.Schools, e.Schools...)
		}
	}
	slices.Sort(r.Schools)
	r.Schools = slices.Compact(r.Schools)
	r.Whole = slices.Clone(r.Schools)
	return r, is, nil
}
