package group

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"navette/internal/guard"
	"navette/internal/reach"
	"navette/internal/store"
)

// Listed is a group with how many people it holds.
type Listed struct {
	Group
	Count Count
}

// For gives the groups of schools and classes that an account may write to, by school, kind and name; words, where
// there are any, must each begin a word of the group's name, or its UAI. A class that is over holds nobody and is left out. Services
// may write to the staff of every school that they answer for: those are found by their address alone.
func (s *Service) For(ctx context.Context, account int64, words string) ([]Listed, error) {
	r, err := s.cfg.Reach.Rights(ctx, account)
	if err != nil {
		return nil, err
	}
	schools := slices.Concat(r.Schools, r.Whole)
	slices.Sort(schools)
	return s.list(ctx, r, slices.Compact(schools), folded(words), func(g Group) bool { return g.open(r) })
}

// OfSchool gives all groups of a school but those of single pupils: for operators.
func (s *Service) OfSchool(ctx context.Context, uai string) ([]Listed, error) {
	return s.list(ctx, reach.Rights{}, []string{uai}, nil, func(Group) bool { return true })
}

// list gives those groups of schools that are kept, with their counts: four queries.
func (s *Service) list(ctx context.Context, r reach.Rights, schools, words []string, keep func(Group) bool) (out []Listed, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		set, arg := tx.Dialect().TextSet(1, schools)
		divisions, divisionsArg := tx.Dialect().IntSet(2, r.Divisions)
		groups, err := s.read(tx.Query(ctx, columns(divisions)+`WHERE q.uai IN (`+set+`) AND q.scope <> 3`, arg, divisionsArg))
		if err != nil {
			return err
		}
		groups = slices.DeleteFunc(groups, func(g Group) bool {
			over := g.Scope != OfSchool && g.divisionID == 0
			return over || !keep(g) || !begins(words, g.Name+" "+g.UAI)
		})
		out, err = s.counted(ctx, tx, groups)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("groups of %d schools: %w", len(schools), err)
	}
	slices.SortFunc(out, func(a, b Listed) int {
		return cmp.Or(strings.Compare(a.UAI, b.UAI), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Scope, b.Scope), strings.Compare(a.Name+a.Address, b.Name+b.Address))
	})
	return out, nil
}

// counted counts the members of groups, those that hold the same in one query.
func (s *Service) counted(ctx context.Context, tx *store.Tx, groups []Group) ([]Listed, error) {
	counts := map[int64]Count{}
	for _, holds := range []guard.Holds{guard.Staff, guard.Guardians, guard.Pupils} {
		var ids []int64
		for _, g := range groups {
			if g.Kind.Holds() == holds {
				ids = append(ids, g.ID)
			}
		}
		some, err := s.counts(ctx, tx, holds, ids)
		if err != nil {
			return nil, err
		}
		for id, c := range some {
			counts[id] = c
		}
	}
	out := make([]Listed, len(groups))
	for i, g := range groups {
		out[i] = Listed{g, counts[g.ID]}
	}
	return out, nil
}
