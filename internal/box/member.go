package box

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"navette/internal/audit"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/store"
)

// Source is why somebody has a role.
type Source string

// The sources, as they are stored.
const (
	ByFunction Source = "function" // they direct the establishment, or are the deputy
	ByInterim  Source = "interim"  // until there is a head again, or the term ends
	ByHand     Source = "hand"     // an owner or the DSI said so
)

// Membership is one person who may open a box.
type Membership struct {
	Account int64
	Login   string
	Name    string // « Hélène Martin »
	Role    Role   // the highest that they have
	Source  Source // of that role
	Since   directory.Date
	Until   directory.Date // last day; zero while there is none

	// Elsewhere tells that the role was given by hand to somebody who has no function in the box's establishment, or none
	// any more: an owner looks whether it is still right.
	Elsewhere bool
}

// Members gives who may open a box now: owners first, then by name.
func (s *Service) Members(ctx context.Context, box int64) (list []Membership, err error) {
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		list, err = s.membersOf(ctx, tx, box)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("members of box %d: %w", box, err)
	}
	return list, nil
}

func (s *Service) membersOf(ctx context.Context, tx *store.Tx, box int64) ([]Membership, error) {
	rows, err := tx.Query(ctx, `SELECT a.account_id, a.login, a.display_name, m.role, m.source, m.since, m.until,
			CASE WHEN m.source = 'hand' AND k.uai <> '' AND NOT EXISTS (SELECT 1 FROM function f WHERE f.person_id = a.person_id AND f.uai = k.uai
				AND f.ended_at = 0 AND (f.ends = '' OR f.ends >= $2)) THEN 1 ELSE 0 END
		FROM `+members+` JOIN box k ON k.account_id = m.account_id WHERE m.account_id = $1 AND `+running("$2"), box, s.today().String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	highest := map[int64]Membership{}
	for rows.Next() {
		var m Membership
		var since, until string
		if err := rows.Scan(&m.Account, &m.Login, &m.Name, &m.Role, &m.Source, &since, &until, &m.Elsewhere); err != nil {
			return nil, err
		}
		if m.Since, m.Until, err = days(since, until); err != nil {
			return nil, err
		}
		if other, twice := highest[m.Account]; !twice || m.Role.rank() > other.Role.rank() {
			highest[m.Account] = m
		}
	}
	list := make([]Membership, 0, len(highest))
	for _, m := range highest {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Membership) int {
		if a.Role != b.Role {
			return b.Role.rank() - a.Role.rank()
		}
		return strings.Compare(a.Name+a.Login, b.Name+b.Login)
	})
	return list, rows.Err()
}

// days reads a stored first and last day; "" is the zero date.
func days(since, until string) (first, last directory.Date, err error) {
	if first, err = directory.ParseDate(since); err != nil {
		return first, last, err
	}
	if until != "" {
		last, err = directory.ParseDate(until)
	}
	return first, last, err
}

// Actor is who manages a box: one of its owners, or an operator.
type Actor struct {
	account int64
	by      identity.By
}

// AsOwner is the owner with that account; reason goes into the journal.
func AsOwner(account int64, reason string) Actor {
	return Actor{account, identity.By{Reason: reason}}
}

// AsOperator is somebody of the DSI, by command: they need not be a member.
func AsOperator(by identity.By) Actor { return Actor{by: by} }

// SetMember gives a person a role in a box, in the place of any role that was given by hand. It is refused with
// failure.Policy when the actor does not own the box, when the member is no person, or is somebody whose function
// gives them more than the role: a function is not taken away here. A person who has left gives failure.Policy too.
func (s *Service) SetMember(ctx context.Context, by Actor, box, member int64, role Role) error {
	if role.rank() == 0 {
		return failure.New(failure.Permanent, "rôle inconnu : %q (owner, member, reader)", string(role))
	}
	err := s.change(ctx, by, box, "box.add", func(tx *store.Tx) ([]alteration, error) {
		if err := mayJoin(ctx, tx, member); err != nil {
			return nil, err
		}
		held, err := s.rolesOf(ctx, tx, box, member)
		if err != nil {
			return nil, err
		}
		var had Role
		for _, h := range held {
			switch {
			case h.source == ByHand:
				had = h.role
			case h.role.rank() > role.rank():
				return nil, failure.New(failure.Policy, "cette personne est %s par sa fonction : son rôle suit sa fonction", h.role.French())
			}
		}
		if had == role {
			return nil, nil
		}
		if err := s.lastOwner(ctx, tx, by, box, member, role); err != nil {
			return nil, err
		}
		if err := dropHand(ctx, tx, box, member); err != nil {
			return nil, err
		}
		a := alteration{box: box, member: member, source: ByHand, was: had, is: role, since: s.today()}
		return []alteration{a}, insertRole(ctx, tx, a)
	})
	if err != nil {
		return fmt.Errorf("add member: %w", err)
	}
	return nil
}

// RemoveMember takes away the role that a person was given by hand. failure.NotFound when they have none,
// failure.Policy when they have it by their function, or when the actor does not own the box.
func (s *Service) RemoveMember(ctx context.Context, by Actor, box, member int64) error {
	err := s.change(ctx, by, box, "box.remove", func(tx *store.Tx) ([]alteration, error) {
		held, err := s.rolesOf(ctx, tx, box, member)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(held, func(h heldRole) bool { return h.source == ByHand })
		switch {
		case at < 0 && len(held) == 0:
			return nil, failure.New(failure.NotFound, "cette personne n'est pas membre de la boîte")
		case at < 0:
			return nil, failure.New(failure.Policy, "cette personne est %s par sa fonction : son accès finit avec elle", held[0].role.French())
		}
		if err := s.lastOwner(ctx, tx, by, box, member, ""); err != nil {
			return nil, err
		}
		return []alteration{{box: box, member: member, source: ByHand, was: held[at].role}}, dropHand(ctx, tx, box, member)
	})
	if err != nil {
		return fmt.Errorf("remove member: %w", err)
	}
	return nil
}

// change runs an act on the members of a box in a transaction: it has made sure that the actor may, and notes what was
// altered in the history of the box and in the journal. What follows from owners (an interim, an alarm) comes with it.
func (s *Service) change(ctx context.Context, by Actor, box int64, action string, act func(tx *store.Tx) ([]alteration, error)) error {
	first, err := s.cfg.DB.NewIDs(ctx, history.IDs, changesAtOnce)
	if err != nil {
		return err
	}
	return s.cfg.DB.Write(ctx, store.Interactive, func(tx *store.Tx) error {
		who, err := s.mayManage(ctx, tx, by, box)
		if err != nil {
			return err
		}
		done, err := act(tx)
		if err != nil || len(done) == 0 {
			return err
		}
		followed, err := s.settle(ctx, tx, []int64{box}, changesAtOnce-len(done))
		if err != nil {
			return err
		}
		if err := markOrphans(ctx, tx, s.today().String(), box); err != nil {
			return err
		}
		done = append(done, followed...)
		return s.note(ctx, tx, first, who, action, done)
	})
}

// mayManage locks the box and gives who acts, as the journal names them.
func (s *Service) mayManage(ctx context.Context, tx *store.Tx, by Actor, box int64) (identity.By, error) {
	if _, err := tx.LockAccounts(ctx, box); err != nil {
		return by.by, err
	}
	var uai string
	err := tx.QueryRow(ctx, `SELECT uai FROM box WHERE account_id = $1`, box).Scan(&uai)
	if errors.Is(err, sql.ErrNoRows) {
		return by.by, failure.New(failure.NotFound, "ce n'est pas une boîte fonctionnelle")
	}
	if err != nil || by.account == 0 {
		if err == nil && by.by.Actor == "" {
			err = audit.ErrIncomplete
		}
		return by.by, err
	}
	role, err := s.roleIn(ctx, tx, by.account, box)
	if err != nil {
		return by.by, err
	}
	if role != Owner {
		return by.by, failure.New(failure.Policy, "seul un propriétaire de la boîte peut en changer les membres")
	}
	err = tx.QueryRow(ctx, `SELECT login FROM account WHERE account_id = $1`, by.account).Scan(&by.by.Actor)
	return by.by, err
}

// mayJoin refuses whoever is no person with an open account: a box is opened by name.
func mayJoin(ctx context.Context, tx *store.Tx, member int64) error {
	var kind, state string
	err := tx.QueryRow(ctx, `SELECT kind, state FROM account WHERE account_id = $1`, member).Scan(&kind, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return failure.New(failure.NotFound, "ce compte n'existe pas")
	case err != nil:
		return err
	case kind != directory.KindPerson.String():
		return failure.New(failure.Policy, "une boîte n'est ouverte qu'à des personnes, chacune par son compte nominatif")
	case state == directory.StateDeparted.String():
		return failure.New(failure.Policy, "cette personne a quitté l'académie")
	}
	return nil
}

// lastOwner refuses an owner who would leave the box to nobody; an operator may.
func (s *Service) lastOwner(ctx context.Context, tx *store.Tx, by Actor, box, member int64, becomes Role) error {
	if by.account == 0 || becomes == Owner {
		return nil
	}
	list, err := s.membersOf(ctx, tx, box)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(m Membership) bool { return m.Role == Owner && (m.Account != member || m.Source != ByHand) }) {
		return nil
	}
	return failure.New(failure.Policy, "la boîte n'aurait plus de propriétaire : nommez-en d'abord un autre")
}

// heldRole is a row of box_member that counts today or later.
type heldRole struct {
	source Source
	role   Role
}

// rolesOf gives what somebody has in a box, by any source, today or later.
func (s *Service) rolesOf(ctx context.Context, tx *store.Tx, box, member int64) ([]heldRole, error) {
	rows, err := tx.Query(ctx, `SELECT source, role FROM box_member WHERE account_id = $1 AND member_id = $2 AND (until = '' OR until >= $3)`,
		box, member, s.today().String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var held []heldRole
	for rows.Next() {
		var h heldRole
		if err := rows.Scan(&h.source, &h.role); err != nil {
			return nil, err
		}
		held = append(held, h)
	}
	return held, rows.Err()
}

func dropHand(ctx context.Context, tx *store.Tx, box, member int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM box_member WHERE account_id = $1 AND member_id = $2 AND source = 'hand'`, box, member)
	return err
}
