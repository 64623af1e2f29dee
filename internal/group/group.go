package group

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"

	"navette/internal/delivery"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/reach"
	"navette/internal/store"
)

// Config is what a Service needs.
type Config struct {
	DB     *store.DB
	Reach  *reach.Service
	Domain string // of the addresses of groups, normalised
	Random io.Reader
	Log    *slog.Logger
}

// Service answers for the groups. Its methods may be called from many goroutines, and on several nodes.
type Service struct {
	cfg  Config
	last atomic.Pointer[derived] // what Upkeep did here
}

// New gives the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

var (
	_ delivery.Groups = (*Service)(nil)
	_ reach.Groups    = (*Service)(nil)
)

// Group is one group.
type Group struct {
	ID      int64
	Kind    Kind
	Scope   Scope
	UAI     string
	Name    string // « Parents de la 4e3 », « Responsables de Léa D. (4e3) »
	Address string

	division   string // as AAF writes it
	divisionID int64  // of the current year; 0 where that has none of the name, or the group is of no division
	pupil      int64
	taught     bool // the pupil is in a class or group of who asks
}

// currentYear is the school year that runs; NULL before the first import.
const currentYear = `(SELECT max(year) FROM school_year WHERE state = 1)`

// columns reads groups q with what names them. set is the sub-query of the divisions of who asks.
func columns(set string) string {
	return `SELECT q.group_id, q.kind, q.scope, q.uai, q.division, q.pupil_id, q.local, COALESCE(e.name, ''), COALESCE(d.division_id, 0),
			COALESCE(p.forename, ''), COALESCE(p.usage_name, ''), COALESCE((SELECT min(c.name) FROM division_pupil x
				JOIN division c ON c.division_id = x.division_id AND c.kind = 1 AND c.gone = 0 AND c.year = ` + currentYear + `
				WHERE x.pupil_id = q.pupil_id AND q.pupil_id <> 0), ''),
			CASE WHEN q.pupil_id <> 0 AND EXISTS (SELECT 1 FROM division_pupil x WHERE x.pupil_id = q.pupil_id AND x.division_id IN (` + set + `)) THEN 1 ELSE 0 END
		FROM school_group q LEFT JOIN establishment e ON e.uai = q.uai
		LEFT JOIN division d ON d.uai = q.uai AND d.year = ` + currentYear + ` AND d.kind = q.scope AND d.name = q.division AND d.gone = 0
		LEFT JOIN pupil p ON p.pupil_id = q.pupil_id `
}

// read gives the groups of a query that begins with columns.
func (s *Service) read(rows *sql.Rows, err error) (out []Group, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var g Group
		var local, school, forename, name, class string
		if err := rows.Scan(&g.ID, &g.Kind, &g.Scope, &g.UAI, &g.division, &g.pupil, &local, &school, &g.divisionID, &forename, &name, &class, &g.taught); err != nil {
			return nil, err
		}
		g.Address = local + "@" + s.cfg.Domain
		g.Name = Name(g.Kind, g.Scope, g.division, school, g.UAI)
		if g.Scope == OfPupil {
			g.Name = ofPupil(g.Kind, forename, name, class)
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// ofPupil is the name of a pupil's group: « Responsables de Léa D. (4e3) ».
func ofPupil(k Kind, forename, name, class string) string {
	out := k.French() + " " + De(short(forename, name))
	if class != "" {
		out += " (" + ClassName(class) + ")"
	}
	return out
}

// short is a pupil's name as others read it: « Léa D. ».
func short(forename, name string) string {
	for _, initial := range strings.ToUpper(strings.TrimSpace(name)) {
		return forename + " " + string(initial) + "."
	}
	return forename
}

// open tells that somebody may write to a group, and be told what it holds.
func (g Group) open(r reach.Rights) bool {
	if g.Kind.Holds() == guard.Staff {
		return r.Colleague(g.UAI)
	}
	return r.School(g.UAI) || g.divisionID != 0 && r.Division(g.divisionID) || g.taught
}

// standing is what a group is for somebody.
func (g Group) standing(r reach.Rights) guard.Standing {
	return guard.Standing{Class: guard.Group, Holds: g.Kind.Holds(), Entitled: g.open(r), Schools: []string{g.UAI}}
}

// ByAddress gives the group that an address of ours is of, in the form of directory.Normalize.
func (s *Service) ByAddress(ctx context.Context, address string) (group int64, found bool, err error) {
	local, domain, _ := strings.Cut(address, "@")
	if domain != s.cfg.Domain || !directory.IsGroupLocal(local) {
		return 0, false, nil
	}
	err = s.cfg.DB.ReadOne(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT group_id FROM school_group WHERE local = $1`, local).Scan(&group)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("group of an address: %w", err)
	}
	return group, true, nil
}

// Standings implements reach.Groups: one query.
func (s *Service) Standings(ctx context.Context, tx *store.Tx, r reach.Rights, addresses []string) (map[string]guard.Standing, error) {
	locals := make([]string, 0, len(addresses))
	for _, address := range addresses {
		if local, domain, _ := strings.Cut(address, "@"); domain == s.cfg.Domain && directory.IsGroupLocal(local) {
			locals = append(locals, local)
		}
	}
	localSet, localArg := tx.Dialect().TextSet(1, locals)
	divisionSet, divisionArg := tx.Dialect().IntSet(2, r.Divisions)
	groups, err := s.read(tx.Query(ctx, columns(divisionSet)+`WHERE q.local IN (`+localSet+`)`, localArg, divisionArg))
	if err != nil {
		return nil, fmt.Errorf("groups among addresses: %w", err)
	}
	out := make(map[string]guard.Standing, len(groups))
	for _, g := range groups {
		out[g.Address] = g.standing(r)
	}
	return out, nil
}

// find gives a group with what it is for somebody; failure.NotFound where there is none of the id.
func (s *Service) find(ctx context.Context, tx *store.Tx, r reach.Rights, id int64) (Group, error) {
	set, arg := tx.Dialect().IntSet(2, r.Divisions)
	groups, err := s.read(tx.Query(ctx, columns(set)+`WHERE q.group_id = $1`, id, arg))
	if err != nil {
		return Group{}, err
	}
	if len(groups) == 0 {
		return Group{}, errNoGroup()
	}
	return groups[0], nil
}

func errNoGroup() error {
	return failure.New(failure.NotFound, "ce groupe n'existe pas / no such group")
}
