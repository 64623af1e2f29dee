package reach

import (
	"context"
	"fmt"
	"slices"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/store"
)

// asked is one address that somebody asked about.
type asked struct {
	address string // directory.Normalize form, or ""
	key     string // directory.MatchKey, or ""
	hash    string // octets of its hash as a former address, or ""
}

// Standings tells what addresses are for a sender today, in their order. The sender is an account: who writes as a box is
// the box. Sender 0 is nobody (Reception, LMTP, System): no address is protected for them, and no group lets them in
// but a distribution list, whose own rule says so. What is no address is External.
func (s *Service) Standings(ctx context.Context, sender int64, addresses []string) (out []guard.Standing, err error) {
	about := s.asked(addresses)
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		r, err := s.RightsIn(ctx, tx, sender)
		if err != nil {
			return err
		}
		out, err = s.standings(ctx, tx, r, about)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("standings for account %d: %w", sender, err)
	}
	return out, nil
}

// StandingsFor is Standings for rights that are no account's: those of an ENT (Relay).
func (s *Service) StandingsFor(ctx context.Context, r Rights, addresses []string) (out []guard.Standing, err error) {
	about := s.asked(addresses)
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		out, err = s.standings(ctx, tx, r, about)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("standings for %d schools: %w", len(r.Schools), err)
	}
	return out, nil
}

// StandingsEverywhere is Standings for a program of ours: it is nobody's and entitled to nobody, and what it writes must
// expose nobody who is protected in any school.
func (s *Service) StandingsEverywhere(ctx context.Context, addresses []string) (out []guard.Standing, err error) {
	about := s.asked(addresses)
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		r := Rights{Day: s.Today()}
		if r.Schools, err = establishments(ctx, tx); err != nil {
			return err
		}
		out, err = s.standings(ctx, tx, r, about)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("standings everywhere: %w", err)
	}
	return out, nil
}

// establishments gives the UAI of all, sorted.
func establishments(ctx context.Context, tx *store.Tx) (out []string, err error) {
	rows, err := tx.Query(ctx, `SELECT uai FROM establishment`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var uai string
		if err := rows.Scan(&uai); err != nil {
			return nil, err
		}
		out = append(out, uai)
	}
	slices.Sort(out)
	return out, rows.Err()
}

func (s *Service) asked(addresses []string) []asked {
	out := make([]asked, len(addresses))
	for i, address := range addresses {
		out[i].address, _ = directory.Normalize(address)
		if out[i].key = directory.MatchKey(address); out[i].key != "" {
			out[i].hash = string(s.cfg.Former.FormerDigest(out[i].key))
		}
	}
	return out
}

// standings asks the same questions whatever the addresses (invariant 1).
func (s *Service) standings(ctx context.Context, tx *store.Tx, r Rights, about []asked) ([]guard.Standing, error) {
	inDirectory, err := known(ctx, tx, r, texts(about, func(a asked) string { return a.address }))
	if err != nil {
		return nil, err
	}
	groups, err := s.groupsAmong(ctx, tx, r, about)
	if err != nil {
		return nil, err
	}
	protected, err := protectedFor(ctx, tx, r, about)
	if err != nil {
		return nil, err
	}
	frames, err := s.framesOf(ctx, tx, r, about)
	if err != nil {
		return nil, err
	}
	out := make([]guard.Standing, len(about))
	for i, a := range about {
		standing, found := inDirectory[a.address]
		if !found {
			standing, found = groups[a.address]
		}
		if !found {
			standing = protected.of(a)
		}
		standing.Frames = frames[a.key]
		out[i] = standing
	}
	return out, nil
}

func (s *Service) groupsAmong(ctx context.Context, tx *store.Tx, r Rights, about []asked) (map[string]guard.Standing, error) {
	if s.groups == nil {
		return nil, nil
	}
	return s.groups.Standings(ctx, tx, r, texts(about, func(a asked) string { return a.address }))
}

func (s *Service) framesOf(ctx context.Context, tx *store.Tx, r Rights, about []asked) (map[string][]int64, error) {
	if s.frames == nil {
		return nil, nil
	}
	return s.frames.InForce(ctx, tx, r, texts(about, func(a asked) string { return a.key }))
}

// texts gives one text of each, without the empty ones, sorted, each once.
func texts(about []asked, of func(asked) string) []string {
	out := make([]string, 0, len(about))
	for _, a := range about {
		if text := of(a); text != "" {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
