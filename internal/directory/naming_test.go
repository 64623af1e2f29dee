package directory

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAddressesAndLoginsFollowThePublishedExamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		forenames, surname string
		n                  int
		local, login       string
	}{
		{"Jean", "Martin", 0, "jean.martin", "jmartin"},
		{"Jean", "Martin", 1, "jean.martin1", "jmartin1"},
		{"Marc", "Dupond", 0, "marc.dupond", "mdupond"},
		{"Marc", "Le Dupond", 0, "marc.le-dupond", "mle-dupond"},
		{"Eugene", "Jacob de Cordemoy", 1, "eugene.jacob-de-cordemoy1", "ejacob-de-cordemoy1"},
		{"MARIE-FRANÇOISE Jeanne", "LE GUÉN", 0, "marie-francoise.le-guen", "mle-guen"},
		{"Élodie", "D'Ormesson", 0, "elodie.d-ormesson", "ed-ormesson"},
		{"Œdipe", "Œuvrard", 2, "oedipe.oeuvrard2", "ooeuvrard2"},
		{"A", "O", 0, "a.o", "ao"},
		{"Thị Hồng", "Nguyễn", 12, "thi.nguyen12", "tnguyen12"},
	} {
		local, err := LocalPart(c.forenames, c.surname, c.n)
		if err != nil || local != c.local {
			t.Errorf("LocalPart(%q, %q, %d) = %q, %v, want %q", c.forenames, c.surname, c.n, local, err, c.local)
		}
		login, err := Login(c.forenames, c.surname, c.n)
		if err != nil || login != c.login {
			t.Errorf("Login(%q, %q, %d) = %q, %v, want %q", c.forenames, c.surname, c.n, login, err, c.login)
		}
	}
}

func TestNamesThatLeaveNothingAreLeftToTheCaller(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"", "Sukarno"}, {"李", "王"}, {"Claire", ""}, {"-", "Martin"}, {"Claire", "'"}} {
		if _, err := LocalPart(c[0], c[1], 0); !errors.Is(err, ErrUnusableName) {
			t.Errorf("LocalPart(%q, %q): %v, want ErrUnusableName", c[0], c[1], err)
		}
		if _, err := Login(c[0], c[1], 0); !errors.Is(err, ErrUnusableName) {
			t.Errorf("Login(%q, %q): %v, want ErrUnusableName", c[0], c[1], err)
		}
	}
	// ce.martin would look like the box of an establishment.
	if _, err := LocalPart("Cé", "Martin", 0); !errors.Is(err, ErrUnusableName) {
		t.Errorf("LocalPart(Cé, Martin): %v, want ErrUnusableName", err)
	}
}

func TestLongNamesAreCutAtAHyphenOfTheSurname(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		forenames, surname string
		n                  int
		want               string
	}{
		{"Anne", "Beaurepaire de Louvagny de Saint-André des Eaux Vives du Roi", 0,
			"anne.beaurepaire-de-louvagny-de-saint-andre-des-eaux-vives-du-roi"[:61]},
		{"Marie-Antoinette-Élisabeth", "Rakotoarisoa Randrianarivelo Andriana", 0,
			"marie-antoinette-elisabeth.rakotoarisoa-randrianarivelo-andriana"},
		{"Marie-Antoinette-Élisabeth", "Rakotoarisoa Randrianarivelo Andriana", 3,
			"marie-antoinette-elisabeth.rakotoarisoa-randrianarivelo3"},
		{"Zoé", strings.Repeat("a", 80), 10, "zoe." + strings.Repeat("a", 58) + "10"},
		{strings.Repeat("b", 90), "Petit", 0, strings.Repeat("b", 58) + ".petit"},
	} {
		got, err := LocalPart(c.forenames, c.surname, c.n)
		if err != nil || got != c.want {
			t.Errorf("LocalPart(%q, %q, %d) =\n %q, %v, want\n %q", c.forenames, c.surname, c.n, got, err, c.want)
		}
	}
}

func TestEveryNameGetsAValidAddressAndHomonymsStayApart(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*[0-9]*$`)
	rapid.Check(t, func(t *rapid.T) {
		forenames := rapid.OneOf(rapid.SampledFrom(forenameShapes), realWorldName()).Draw(t, "forenames")
		surname := rapid.OneOf(rapid.SampledFrom(surnameShapes), realWorldName()).Draw(t, "surname")
		seen := map[string]bool{}
		for _, n := range []int{0, 1, 2, 9, 10, 11, 99, 1234, 99999} {
			local, err := LocalPart(forenames, surname, n)
			if err != nil {
				t.Fatalf("LocalPart(%q, %q, %d): %v", forenames, surname, n, err)
			}
			if !form.MatchString(local) || len(local) > 64 {
				t.Fatalf("LocalPart(%q, %q, %d) = %q: wrong form or %d octets", forenames, surname, n, local, len(local))
			}
			if !ValidLocalPart(local) {
				t.Fatalf("ValidLocalPart(%q) = false", local)
			}
			if seen[local] {
				t.Fatalf("LocalPart(%q, %q, %d) = %q came before", forenames, surname, n, local)
			}
			seen[local] = true
			login, err := Login(forenames, surname, n)
			if err != nil || len(login) > 64 || !isSlug(login) {
				t.Fatalf("Login(%q, %q, %d) = %q, %v", forenames, surname, n, login, err)
			}
			if n > 0 && !strings.HasSuffix(local, fmt.Sprint(n)) {
				t.Fatalf("LocalPart(%q, %q, %d) = %q: the digit is not glued to the name", forenames, surname, n, local)
			}
		}
	})
}

func TestValidLocalPartIsTheDocumentedExpression(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*[0-9]*$`)
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab1-.-é A")), 0, 70, -1)
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		if want := form.MatchString(s) && len(s) <= 64; ValidLocalPart(s) != want {
			t.Fatalf("ValidLocalPart(%q) = %v, want %v", s, !want, want)
		}
	})
}

func TestFirstFreeSkipsWhatWasEverTaken(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{"jean.martin": true, "jean.martin1": true, "jean.martin3": true}
	make := func(n int) (string, error) { return LocalPart("Jean", "Martin", n) }
	name, n, err := FirstFree(0, make, func(s string) bool { return taken[s] })
	if name != "jean.martin2" || n != 2 || err != nil {
		t.Fatalf("got %q, %d, %v", name, n, err)
	}
	taken[name] = true
	name, n, err = FirstFree(n+1, make, func(s string) bool { return taken[s] })
	if name != "jean.martin4" || n != 4 || err != nil {
		t.Fatalf("got %q, %d, %v", name, n, err)
	}
}

func TestReservedLoginsGetADigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ forenames, surname, want string }{
		{"Anne", "Buse", "abuse1"},
		{"David", "Si", "dsi1"},
		{"Albert", "Dmin", "admin1"},
		{"Anne", "Busé", "abuse1"},
		{"Paul", "Ostmaster", "postmaster1"},
	} {
		got, _, err := FirstFree(0, func(n int) (string, error) { return Login(c.forenames, c.surname, n) },
			func(string) bool { return false })
		if err != nil || got != c.want {
			t.Errorf("login of %s %s = %q, %v, want %q", c.forenames, c.surname, got, err, c.want)
		}
	}
}

func TestReservedNames(t *testing.T) {
	t.Parallel()
	for _, local := range []string{"ce.0759001b", "ce.", "postmaster", "abuse", "dsi", "hostmaster", "webmaster", "noreply", ReturnLocal} {
		if !Reserved(local) {
			t.Errorf("%s is not reserved", local)
		}
	}
	for _, local := range []string{"cecile.martin", "jean.dsi", "celine.abuse", "cedric"} {
		if Reserved(local) {
			t.Errorf("%s is reserved", local)
		}
	}
}
