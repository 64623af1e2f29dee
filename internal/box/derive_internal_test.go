package box

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"navette/internal/directory"
)

func day(t *testing.T, s string) directory.Date {
	t.Helper()
	if s == "" {
		return directory.Date{}
	}
	d, err := directory.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The people of the table, by account.
var people = map[int64]string{1: "Mme Petit", 2: "M. Leroy", 3: "Mme Roux", 4: "M. Adam"}

// post reads « Mme Petit DIR 01/09/2020 31/08/2026 », the last day or « left » after it, or both, being optional.
func post(t *testing.T, text string) holding {
	t.Helper()
	words := strings.Fields(text)
	h := holding{open: true}
	for account, name := range people {
		if strings.HasPrefix(text, name) {
			h.account = account
		}
	}
	h.head, h.first = words[2] == "DIR", day(t, words[3])
	for _, w := range words[4:] {
		if w == "left" {
			h.open = false
		} else {
			h.last = day(t, w)
		}
	}
	return h
}

// told gives roles that hold on a day as a sentence each, sorted.
func says(grants []grant, today directory.Date) []string {
	var out []string
	for _, g := range next(grants) {
		if g.since.Compare(today) > 0 || !g.until.IsZero() && g.until.Compare(today) < 0 {
			continue
		}
		m := Membership{Role: g.role, Source: g.source}
		if g.source == ByInterim {
			m.Until = g.until
		}
		out = append(out, people[g.member]+" "+m.French())
	}
	slices.Sort(out)
	return out
}

func TestWhoAnswersForASchoolAsHRWouldSayIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		posts []string
		on    string
		hand  bool // somebody owns it by hand
		want  string
	}{
		{"a head owns the box", []string{"Mme Petit DIR 01/09/2020"}, "24/11/2026", false, "Mme Petit propriétaire par sa fonction"},
		{"from the first day on", []string{"Mme Petit DIR 01/09/2026"}, "31/08/2026", false, ""},
		{"the first day counts", []string{"Mme Petit DIR 01/09/2026"}, "01/09/2026", false, "Mme Petit propriétaire par sa fonction"},
		{"the last day counts", []string{"Mme Petit DIR 01/09/2020 15/03/2026"}, "15/03/2026", false, "Mme Petit propriétaire par sa fonction"},
		{"and no other", []string{"Mme Petit DIR 01/09/2020 15/03/2026"}, "16/03/2026", false, ""},
		{"two heads at the rentrée own it both", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "M. Leroy DIR 25/08/2026"}, "28/08/2026", false,
			"M. Leroy propriétaire par sa fonction, Mme Petit propriétaire par sa fonction"},
		{"then the successor alone", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "M. Leroy DIR 25/08/2026"}, "01/09/2026", false,
			"M. Leroy propriétaire par sa fonction"},
		{"a deputy is a member", []string{"Mme Petit DIR 01/09/2020", "Mme Roux ADJ 01/09/2022"}, "24/11/2026", false,
			"Mme Petit propriétaire par sa fonction, Mme Roux membre par sa fonction"},
		{"no successor at the rentrée: the deputy's interim", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "Mme Roux ADJ 01/09/2022"}, "01/09/2026", false,
			"Mme Roux membre par sa fonction, Mme Roux propriétaire par intérim jusqu'au 31/10/2026"},
		{"to 31 October", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "Mme Roux ADJ 01/09/2022"}, "31/10/2026", false,
			"Mme Roux membre par sa fonction, Mme Roux propriétaire par intérim jusqu'au 31/10/2026"},
		{"and not a day longer", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "Mme Roux ADJ 01/09/2022"}, "01/11/2026", false,
			"Mme Roux membre par sa fonction"},
		{"a deputy who comes for the rentrée", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "Mme Roux ADJ 05/09/2026"}, "05/09/2026", false,
			"Mme Roux membre par sa fonction, Mme Roux propriétaire par intérim jusqu'au 31/10/2026"},
		{"no deputy: the head who left", []string{"Mme Petit DIR 01/09/2020 31/08/2026"}, "01/09/2026", false,
			"Mme Petit propriétaire par intérim jusqu'au 31/10/2026"},
		{"a retirement on 30 June", []string{"Mme Petit DIR 01/09/2020 30/06/2026"}, "01/07/2026", false,
			"Mme Petit propriétaire par intérim jusqu'au 31/10/2026"},
		{"the successor ends the interim", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "M. Leroy DIR 14/09/2026"}, "14/09/2026", false,
			"M. Leroy propriétaire par sa fonction"},
		{"a head who leaves in winter leaves none", []string{"Mme Petit DIR 01/09/2020 31/01/2027", "Mme Roux ADJ 01/09/2022"}, "01/02/2027", false,
			"Mme Roux membre par sa fonction"},
		{"nor does one of years ago", []string{"Mme Petit DIR 01/09/2010 31/08/2015"}, "01/09/2026", false, ""},
		{"who has left the académie has no interim", []string{"Mme Petit DIR 01/09/2020 31/08/2026 left"}, "01/09/2026", false, ""},
		{"a head who died in summer: the deputy's interim", []string{"M. Leroy DIR 01/09/2015 31/08/2020", "Mme Petit DIR 01/09/2020 12/08/2026 left",
			"Mme Roux ADJ 01/09/2022"}, "13/08/2026", false, "Mme Roux membre par sa fonction, Mme Roux propriétaire par intérim jusqu'au 31/10/2026"},
		{"two heads who left together", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "M. Leroy DIR 01/09/2021 31/08/2026"}, "02/09/2026", false,
			"M. Leroy propriétaire par intérim jusqu'au 31/10/2026, Mme Petit propriétaire par intérim jusqu'au 31/10/2026"},
		{"an owner by hand: no interim", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "Mme Roux ADJ 01/09/2022"}, "01/09/2026", true,
			"Mme Roux membre par sa fonction"},
		{"a deputy becomes head", []string{"Mme Roux ADJ 01/09/2022 31/08/2026", "Mme Roux DIR 01/09/2026"}, "01/09/2026", false,
			"Mme Roux propriétaire par sa fonction"},
		{"a post prolonged on a new line is one", []string{"Mme Petit DIR 01/09/2020 31/08/2026", "Mme Petit DIR 01/09/2026 31/08/2027"}, "01/09/2026", false,
			"Mme Petit propriétaire par sa fonction"},
		{"a line that was withdrawn before its day", []string{"Mme Petit DIR 01/09/2026 20/08/2026"}, "01/09/2026", false, ""},
		{"nobody was ever head", []string{"Mme Roux ADJ 01/09/2022"}, "01/09/2026", false, "Mme Roux membre par sa fonction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var held []holding
			for _, p := range c.posts {
				held = append(held, post(t, p))
			}
			today := day(t, c.on)
			if got := strings.Join(says(derive(today, held, c.hand, DefaultRules()), today), ", "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			// The order in which the lines stand in the file says nothing.
			slices.Reverse(held)
			if got := strings.Join(says(derive(today, held, c.hand, DefaultRules()), today), ", "); got != c.want {
				t.Errorf("in the other order %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnInterimIsAMatterOfTheRentree(t *testing.T) {
	t.Parallel()
	for vacant, want := range map[string]string{
		"31/05/2026": "", "01/06/2026": "31/10/2026", "31/08/2026": "31/10/2026", "01/09/2026": "31/10/2026", "31/10/2026": "31/10/2026",
		"01/11/2026": "", "31/12/2026": "", "01/01/2027": "",
	} {
		if got := DefaultRules().interimUntil(day(t, vacant)); got.French() != want {
			t.Errorf("vacant since %s: until %q, want %q", vacant, got.French(), want)
		}
	}
}

func TestOneRoleAllowsWhatTheLowerOnesDo(t *testing.T) {
	t.Parallel()
	roles := []Role{Reader, Member, Owner}
	for i, r := range roles {
		for j, other := range roles {
			if got := r.Allows(other); got != (i >= j) {
				t.Errorf("%s allows what %s does: %t", r, other, got)
			}
		}
		if r.Allows("") || Role("").Allows(r) || Role("admin").Allows(r) {
			t.Error(fmt.Sprint(r, " and no role are mixed up"))
		}
	}
}
