package group

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/reach"
	"navette/internal/store"
)

// Line is a member of a group as somebody may see them.
type Line struct {
	ID        int64  // account, guardian_id or pupil_id
	Name      string // « Claire MARTIN », « Mme Anne DUPONT »
	Addressed bool   // an address is known
	Address   string // of staff, and of guardians and pupils for who maintains these; else ""
	Pupils    []string
}

// Viewer is who looks at a group: an account, or an operator of the DSI.
type Viewer struct {
	account  int64
	operator bool
}

// As is somebody who has signed in.
func As(account int64) Viewer { return Viewer{account: account} }

// AsOperator is somebody of the DSI, by command. They see who is in a group, and no address of a guardian or pupil.
func AsOperator() Viewer { return Viewer{operator: true} }

// Right tells whether an account may write to a group today, and look at it: failure.Denied where not, failure.NotFound
// where there is none.
func (s *Service) Right(ctx context.Context, account, id int64) error {
	_, _, err := s.Show(ctx, As(account), id)
	return err
}

// Show gives a group that somebody may write to, with how many it holds; failure.Denied where they may not, the same for
// a pupil's group as failure.NotFound for one that does not exist.
func (s *Service) Show(ctx context.Context, v Viewer, id int64) (g Group, c Count, err error) {
	err = s.look(ctx, v, id, func(tx *store.Tx, _ reach.Rights, found Group) error {
		counts, err := s.counts(ctx, tx, found.Kind.Holds(), []int64{id})
		g, c = found, counts[id]
		return err
	})
	if err != nil {
		return Group{}, Count{}, fmt.Errorf("show group %d: %w", id, err)
	}
	return g, c, nil
}

// look runs what reads a group for who may.
func (s *Service) look(ctx context.Context, v Viewer, id int64, fn func(*store.Tx, reach.Rights, Group) error) error {
	return s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		r, err := s.cfg.Reach.RightsIn(ctx, tx, v.account)
		if err != nil {
			return err
		}
		g, err := s.find(ctx, tx, r, id)
		switch {
		case err != nil:
			return err
		case v.operator || g.open(r):
			return fn(tx, r, g)
		case g.Scope == OfPupil:
			return errNoGroup()
		}
		return failure.New(failure.Denied, "ce groupe n'est pas de ceux auxquels vous écrivez / this group is not one of those that you write to")
	})
}

// People gives who is in a group, by name, for who may write to it. Agents on the liste rouge are shown to operators alone.
func (s *Service) People(ctx context.Context, v Viewer, id int64) (out []Line, err error) {
	err = s.look(ctx, v, id, func(tx *store.Tx, r reach.Rights, g Group) error {
		out, err = s.people(ctx, tx, g, !v.operator, r.Sees(g.UAI))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("people of group %d: %w", id, err)
	}
	return out, nil
}

// people reads the lines of a group.
func (s *Service) people(ctx context.Context, tx *store.Tx, g Group, hides, sees bool) (out []Line, err error) {
	holds := g.Kind.Holds()
	q := memberships(tx, holds, []int64{g.ID}, s.cfg.Reach.Today())
	rows, err := tx.Query(ctx, namedMembers(holds, q.text, hides), q.args...)
	if err != nil {
		return nil, err
	}
	if out, err = lines(rows, holds); err != nil {
		return nil, err
	}
	if holds != guard.Staff && !sees {
		for i := range out {
			out[i].Address = ""
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// namedMembers gives the members of a text with their names, and for guardians those of the pupils.
func namedMembers(holds guard.Holds, members string, hides bool) string {
	switch holds {
	case guard.Guardians:
		return `SELECT m.person, g.civility, g.forename, g.usage_name, m.mail, p.forename, p.usage_name FROM (` + members + `) AS m
			CROSS JOIN guardian g CROSS JOIN pupil p WHERE g.guardian_id = m.person AND p.pupil_id = m.pupil ORDER BY m.person, p.pupil_id`
	case guard.Pupils:
		return `SELECT m.person, '', p.forename, p.usage_name, m.mail, '', '' FROM (` + members + `) AS m CROSS JOIN pupil p WHERE p.pupil_id = m.person ORDER BY m.person`
	}
	text := `SELECT DISTINCT m.person, '', a.display_name, '', COALESCE(d.address, ''), '', '' FROM (` + members + `) AS m
		CROSS JOIN account a LEFT JOIN address d ON d.account_id = m.person AND d.kind = 'primary' WHERE a.account_id = m.person`
	if hides {
		text += ` AND NOT EXISTS (SELECT 1 FROM annuaire_hidden h WHERE h.account_id = m.person)`
	}
	return text + ` ORDER BY m.person`
}

func lines(rows *sql.Rows, holds guard.Holds) (out []Line, err error) {
	defer rows.Close()
	for rows.Next() {
		var l Line
		var civility, forename, name, pupilForename, pupilName string
		if err := rows.Scan(&l.ID, &civility, &forename, &name, &l.Address, &pupilForename, &pupilName); err != nil {
			return nil, err
		}
		if n := len(out); n == 0 || out[n-1].ID != l.ID {
			l.Addressed, l.Name = l.Address != "", forename
			if holds != guard.Staff {
				l.Name = strings.TrimSpace(civility + " " + directory.DisplayName(forename, name))
			}
			out = append(out, l)
		}
		if pupilForename != "" {
			last := &out[len(out)-1]
			last.Pupils = append(last.Pupils, directory.DisplayName(pupilForename, pupilName))
		}
	}
	return out, rows.Err()
}
