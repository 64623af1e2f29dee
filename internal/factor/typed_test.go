package factor_test

import (
	"strings"
	"testing"

	"navette/internal/factor"
)

// Whatever was typed, what is compared is of the letters that codes are drawn from, where it can be, and stays the same
// when it is read again.
func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"", "abcde-fghjk", " ABCD EFGH\u00a0JKMN PQRS", "oOiIlL-01", "é\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := factor.Typed(text)
		if again := factor.Typed(once); again != once {
			t.Errorf("%q gives %q, then %q", text, once, again)
		}
		if strings.ContainsAny(once, "- oilOIL") {
			t.Errorf("%q gives %q", text, once)
		}
	})
}
