package audience_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"navette/internal/audience"
	"navette/internal/audience/audiencetest"
)

// Parse undoes Format, for every expression.
func TestParseReadsBackWhatFormatWrites(t *testing.T) {
	t.Parallel()
	v := words()
	rapid.Check(t, func(rt *rapid.T) {
		text := audiencetest.Expression(rt)
		e, err := audience.Parse(text, v)
		if err != nil {
			rt.Fatalf("%s: %v", text, err)
		}
		canonical := audience.Format(e)
		again, err := audience.Parse(canonical, v)
		if err != nil {
			rt.Fatalf("%s, canonical form of %s: %v", canonical, text, err)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			rt.Fatalf("%s is read back differently\n%s", canonical, diff)
		}
		if twice := audience.Format(again); twice != canonical {
			rt.Fatalf("%s has the canonical form %s", canonical, twice)
		}
	})
}

// Negation is the opposite, and joining is what the words say, whatever is joined.
func TestTheWordsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	v := words()
	rapid.Check(t, func(rt *rapid.T) {
		a, b := audiencetest.Expression(rt), audiencetest.Expression(rt)
		f := audiencetest.Function(rt)
		holds := func(text string) bool {
			e, err := audience.Parse(text, v)
			if err != nil {
				rt.Fatalf("%s: %v", text, err)
			}
			return audience.Matches(e, f)
		}
		x, y := holds(a), holds(b)
		for text, want := range map[string]bool{
			"non (" + a + ")": !x, "(" + a + ") et (" + b + ")": x && y, "(" + a + ") ou (" + b + ")": x || y, "(" + a + ") sauf (" + b + ")": x && !y,
		} {
			if holds(text) != want {
				rt.Fatalf("%s: want %v for %+v", text, want, f)
			}
		}
	})
}

// Whatever is typed: an expression with a canonical form that is read back, or an error at a place within the text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"tous", `catégorie = enseignant et non (fonction = DIR ou établissement dans (0750001U, 0750009A))`, `corps = « Chaire supérieure »`,
		"fonctoin = DIR", "((((", "non non non tous", "département dans (2A,\t75)", `corps ≠ "et" sauf tous`} {
		f.Add(seed)
	}
	strict := words()
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range []*audience.Vocabulary{strict, strict.Lenient()} {
			e, err := audience.Parse(text, v)
			if err != nil {
				var wrong *audience.Error
				if !errors.As(err, &wrong) || wrong.Column < 1 || wrong.Column > len([]rune(text))+1 {
					t.Errorf("%q: %v", text, err)
				}
				continue
			}
			canonical := audience.Format(e)
			again, err := audience.Parse(canonical, v)
			if diff := cmp.Diff(e, again); diff != "" || err != nil {
				t.Errorf("%q: %q is read back differently: %v\n%s", text, canonical, err, diff)
			}
			if audience.Explain(e, audience.French) != audience.Explain(again, audience.French) {
				t.Errorf("%q is explained in two ways", text)
			}
		}
	})
}
