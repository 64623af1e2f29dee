package annuaire_test

import (
	"slices"
	"testing"

	"navette/internal/annuaire"
)

// What a stranger might borrow is what everybody may see: a mark that knew the liste rouge would tell of it.
func TestFacesAreThoseThatEverybodyMaySee(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		threatened(f)
		read := func(known annuaire.Edition) (annuaire.Edition, []string) {
			var got []string
			edition, err := f.Faces(f.t.Context(), known, func(face annuaire.Face) {
				name := face.Name
				if face.Heads {
					name += ", directs"
				}
				if face.Kind == annuaire.Box {
					name += ", box"
				}
				got = append(got, name)
			})
			f.check(err)
			slices.Sort(got)
			return edition, got
		}
		first, got := read(annuaire.Edition{})
		want := []string{"Anne MARTIN", "Collège Jacques-Prévert, box", "Luc ARNAUD, directs", "Lycée Louise-Michel, box", "Ève BLANC, directs",
			"École de la Pomme, box"}
		if !slices.Equal(got, want) {
			f.t.Errorf("faces %q, want %q", got, want)
		}
		if again, got := read(first); again != first || got != nil {
			f.t.Errorf("nothing has changed: edition %+v after %+v, faces %q", again, first, got)
		}
		f.check(f.Show(f.t.Context(), by(), f.account("zmartin")))
		f.check(f.CatchUp(f.t.Context()))
		if second, got := read(first); second == first || !slices.Contains(got, "Zoé MARTIN") {
			f.t.Errorf("after the liste rouge: edition %+v after %+v, faces %q", second, first, got)
		}
	})
}
