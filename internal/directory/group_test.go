package directory

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAddressesOfGroups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word, slug string
		n          int
		want       string
	}{
		{"parents", "4e3", 0, "parents.4e3.0759001b"},
		{"parents", "4e3", 1, "parents.4e3-2.0759001b"},
		{"direction", "", 0, "direction.0759001b"},
		{"direction", "", 1, "direction.2.0759001b"},
		{"professeurs-principaux", strings.Repeat("a", 60), 2, "professeurs-principaux." + strings.Repeat("a", 30) + "-3.0759001b"},
	} {
		got := GroupLocal(c.word, c.slug, "0759001B", c.n)
		if got != c.want || !IsGroupLocal(got) || len(got) > MaxLocal {
			t.Errorf("GroupLocal(%q, %q, %d) = %q, want %q", c.word, c.slug, c.n, got, c.want)
		}
	}
	for local, want := range map[string]bool{"ce.0759001b": true, "parents.0759001B": true, "jean.martin": false, "0759001b": false, "a.07590011": false,
		"a.075900b": false, "a.x759001b": false, "": false, "a.": false} {
		if IsGroupLocal(local) != want {
			t.Errorf("IsGroupLocal(%q) = %t", local, !want)
		}
	}
}

// Whatever people are called, their addresses and logins are never those of a group.
func TestNobodyIsEverCalledAsAGroup(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`[A-Za-zéÉç' .-]{1,20}`), rapid.StringMatching(`[0-9]{7}[A-Za-z]`),
			rapid.SampledFrom([]string{"Parents", "Élèves", "0759001B", "Professeurs-Principaux", "4E3.0759001B", "075900"}))
		forename, surname, n := name.Draw(t, "forename"), name.Draw(t, "surname"), rapid.IntRange(0, 3).Draw(t, "n")
		if local, err := LocalPart(forename, surname, n); err == nil && IsGroupLocal(local) {
			t.Fatalf("%s %s would be called %s", forename, surname, local)
		} else if err != nil && !errors.Is(err, ErrUnusableName) {
			t.Fatal(err)
		}
		if login, err := Login(forename, surname, n); err == nil && IsGroupLocal(login) {
			t.Fatalf("%s %s would sign in as %s", forename, surname, login)
		}
	})
}
