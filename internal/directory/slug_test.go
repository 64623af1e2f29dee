package directory

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestSlugSpellsNamesAsTheAcademiesDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"Dupond", "dupond"},
		{"Le Dupond", "le-dupond"},
		{"JACOB DE CORDEMOY", "jacob-de-cordemoy"},
		{"de La Tour d'Auvergne", "de-la-tour-d-auvergne"},
		{"D’ARTAGNAN", "d-artagnan"},
		{"N'GUESSAN", "n-guessan"},
		{"L`HERMITE", "l-hermite"},
		{"LE GUÉN", "le-guen"},
		{"Œuvrard", "oeuvrard"},
		{"ŒUVRARD", "oeuvrard"},
		{"LÆTITIA", "laetitia"},
		{"Weiß", "weiss"},
		{"STRAẞER", "strasser"},
		{"Sørensen", "sorensen"},
		{"Łukasz", "lukasz"},
		{"Đặng", "dang"},
		{"Nguyễn Thị Hồng", "nguyen-thi-hong"},
		{"Yıldız", "yildiz"},
		{"İbrahim", "ibrahim"},
		{"Gülçin", "gulcin"},
		{"Núñez", "nunez"},
		{"Dvořák", "dvorak"},
		{"Ștefănescu", "stefanescu"},
		{"Ben-M'Barek", "ben-m-barek"},
		{"ABDEL_KADER", "abdel-kader"},
		{"El-Ḥājj", "el-hajj"},
		{"St. Clair", "st-clair"},
		{"  Martin   --  Petit ", "martin-petit"},
		{"-Martin-", "martin"},
		{"Jean\u2011Pierre", "jean-pierre"},
		{"Le\u00a0Goff", "le-goff"},
		{"O'", "o"},
		{"Ô", "o"},
		{"Martin (épouse Petit)", "martin-epouse-petit"},
		{"Durand 2", "durand-2"},
		{"李", ""},
		{"-", ""},
		{"'", ""},
		{"", ""},
	} {
		if got := Slug(c.name); got != c.want {
			t.Errorf("Slug(%q) = %q, want %q", c.name, got, c.want)
		}
		if got := Slug(norm.NFD.String(c.name)); got != c.want {
			t.Errorf("Slug(%q decomposed) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSlugOfAnyTextIsASlugAndStaysOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), realWorldName()).Draw(t, "text")
		slug := Slug(text)
		if slug != "" && !isSlug(slug) {
			t.Fatalf("Slug(%q) = %q is not made of letters, digits and single inner hyphens", text, slug)
		}
		if again := Slug(slug); again != slug {
			t.Fatalf("Slug(%q) = %q, but Slug of that is %q", text, slug, again)
		}
		if upper := Slug(strings.ToUpper(text)); hasOnlyLatin(text) && upper != slug {
			t.Fatalf("Slug(%q) = %q, but of its capitals %q", text, slug, upper)
		}
	})
}

// hasOnlyLatin leaves out scripts and signs whose case does not map one to one.
func hasOnlyLatin(s string) bool {
	for _, r := range s {
		if r == 'ı' || r == 'İ' || r == 'ŉ' || r == 'ǰ' || r > 0x1eff || r > 0x24f && r < 0x1e00 {
			return false
		}
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

func TestFirstForenameKeepsCompounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ forenames, want string }{
		{"Claire", "Claire"},
		{"Claire Anne Sophie", "Claire"},
		{"Claire, Anne, Sophie", "Claire"},
		{"Abd El Kader, Mohamed", "Abd El Kader"},
		{"Marie-Françoise Jeanne", "Marie-Françoise"},
		{"Jean - Pierre Paul", "Jean-Pierre"},
		{"Jean -Pierre", "Jean-Pierre"},
		{"  Léa  ", "Léa"},
		{"N'Golo", "N'Golo"},
		{"A", "A"},
		{"", ""},
		{" , Paul", ""},
	} {
		if got := FirstForename(c.forenames); got != c.want {
			t.Errorf("FirstForename(%q) = %q, want %q", c.forenames, got, c.want)
		}
	}
}
