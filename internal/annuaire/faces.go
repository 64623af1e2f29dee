package annuaire

import (
	"context"
	"slices"

	"navette/internal/directory"
)

// Edition names the directory as it was at an instant. The zero Edition is that of no directory.
type Edition struct {
	Version, Epoch int64
	Day            directory.Date // whose functions are those of today
}

// Face is what a stranger might borrow of an entry.
type Face struct {
	Kind  Kind // Person or Box
	Name  string
	Heads bool // directs an establishment today
}

// Faces calls each with every person and box that everybody may see, so with nobody of the liste rouge, and gives the
// edition that they are of. Where that is the known one it calls nothing. It is for services of this node: nothing is
// counted as shown.
func (s *Service) Faces(ctx context.Context, known Edition, each func(Face)) (Edition, error) {
	v, err := s.now(ctx)
	if err != nil {
		return known, err
	}
	edition := Edition{v.version, v.epoch, v.day}
	if edition == known {
		return known, nil
	}
	for i, r := range v.base.records {
		if !v.replaced.has(uint32(i)) {
			each(r.face())
		}
	}
	for _, r := range v.recent.records {
		each(r.face())
	}
	return edition, nil
}

func (r *record) face() Face {
	heads := slices.ContainsFunc(r.posts, func(p post) bool {
		return p.from.IsZero() && slices.Contains(directory.HeadFonctions(), p.code)
	})
	return Face{Kind: r.kind, Name: r.name, Heads: heads}
}
