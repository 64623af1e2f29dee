package annuaire

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The model looks at every record for every word, knows neither index nor page, and says what an answer is.

// modelLevel gives how well a record answers words, -1 where it does not.
func modelLevel(r *record, words [][]string) int {
	names := r.terms()
	var labels []string
	r.facets(func(f facet) { labels = append(labels, f.terms()...) })
	any := func(list []string, spellings []string, is func(term, word string) bool) bool {
		return slices.ContainsFunc(list, func(term string) bool {
			return slices.ContainsFunc(spellings, func(word string) bool { return is(term, word) })
		})
	}
	equal := func(term, word string) bool { return term == word }
	begins := strings.HasPrefix
	holds := func(term, word string) bool { return len(word) >= insideLetters && strings.Contains(term, word) }
	for level, fits := range []func(w []string) bool{
		levelName:       func(w []string) bool { return any(names, w, equal) },
		levelNamePrefix: func(w []string) bool { return any(names, w, begins) },
		levelWord:       func(w []string) bool { return any(names, w, equal) || any(labels, w, equal) },
		levelPrefix:     func(w []string) bool { return any(names, w, begins) || any(labels, w, begins) },
		levelInside:     func(w []string) bool { return any(names, w, begins) || any(labels, w, begins) || any(names, w, holds) },
	} {
		if !slices.ContainsFunc(words, func(w []string) bool { return !fits(w) }) {
			return level
		}
	}
	return -1
}

// model gives the whole answer.
func model(records []*record, a *asked, uai string) (hits []hit) {
	works := func(r *record, uais ...string) bool {
		return slices.ContainsFunc(r.posts, func(p post) bool { return slices.Contains(uais, p.school.UAI) })
	}
	for _, r := range records {
		level := modelLevel(r, a.words)
		far := 1
		if works(r, a.schools...) {
			far = 0
		}
		if level >= 0 && (uai == "" || works(r, uai)) && !(far == 1 && a.everyone) {
			hits = append(hits, hit{level, far, r})
		}
	}
	slices.SortFunc(hits, hit.compare)
	return hits
}

var (
	modelForenames = strings.Split("Jean|Jean-Baptiste|Claire|Thị Hồng|Élodie|Jürgen|李|Marc|Martin|A", "|")
	modelSurnames  = strings.Split("MARTIN|MARTINEZ|d'AUBIGNÉ|LE GUÉN|EL-KHOURY|MÜLLER|MUELLER|ŒUVRARD|王|DE LA TOUR|O|SAINMARTIN", "|")
	modelCorps     = strings.Split("Professeur certifié|Conseiller principal d'éducation|AESH||Martin", "|")
	modelWords     = strings.Split("martin|mar|m|jean|jb|claire|daubigne|d'aubigné|guen|le|elk|müller|mueller|prof|professeure|principal|college|paris|0759|"+
		"dir|direction|art|vacant|poste|王|o|oeuv|zzz|tin mar|agent", "|")
	modelUAIs = []string{"", "0759001B", "0759002C", "0759003D"}
)

func modelSchool(uai string) *school {
	s := &school{Establishment: Establishment{UAI: uai, City: "Paris", Department: "075"}, nature: "340"}
	if uai == "0759002C" {
		s.Name = "Collège Martin-Nadaud"
	}
	return s
}

func drawRecord(t *rapid.T, account int64) *record {
	r := &record{kind: Person, account: account, address: fmt.Sprintf("agent%d@ac-paris.example", account)}
	r.setName(rapid.SampledFrom(modelForenames).Draw(t, "forename"), rapid.SampledFrom(modelSurnames).Draw(t, "surname"))
	for range rapid.IntRange(0, 2).Draw(t, "posts") {
		r.posts = append(r.posts, post{school: modelSchool(rapid.SampledFrom(modelUAIs).Draw(t, "uai")), code: rapid.SampledFrom([]string{"ENS", "DIR", "EDU"}).Draw(t, "code"),
			corps: rapid.SampledFrom(modelCorps).Draw(t, "corps")})
	}
	if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
		r.kind = Box
		r.setLabel("Collège de la boîte " + r.name)
	}
	return r
}

// drawView draws records and a view that came to hold them change by change.
func drawView(t *rapid.T) (*view, []*record) {
	people := map[int64]*record{}
	var first []*record
	for i := range rapid.IntRange(0, 40).Draw(t, "first") {
		people[int64(i+1)] = drawRecord(t, int64(i+1))
		first = append(first, people[int64(i+1)])
	}
	vacant := map[string][]*record{}
	for _, uai := range modelUAIs[1:] {
		if rapid.Bool().Draw(t, "vacant") {
			p := &record{kind: Vacancy, name: "Principal — poste vacant", key: "~0Principal\x00" + uai, posts: []post{{school: modelSchool(uai), code: "DIR"}}}
			vacant[uai] = append(vacant[uai], p)
		}
	}
	v := newView(first, vacant)
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		changed := rapid.SliceOfNDistinct(rapid.Int64Range(1, 50), 1, 8, rapid.ID).Draw(t, "changed")
		var records []*record
		for _, account := range changed {
			delete(people, account)
			if rapid.IntRange(0, 3).Draw(t, "gone") > 0 {
				people[account] = drawRecord(t, account)
				records = append(records, people[account])
			}
		}
		v = v.with(changed, records, nil, nil)
		if rapid.Bool().Draw(t, "rebuild") {
			v.rebuild()
		}
	}
	all := flat(vacant)
	for _, r := range people {
		all = append(all, r)
	}
	slices.SortFunc(all, (*record).compare) // the same draws for the same seed
	return v, all
}

func drawAsked(t *rapid.T) (*asked, string) {
	text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(modelWords), 0, 3).Draw(t, "words"), " ")
	uai := rapid.SampledFrom(modelUAIs).Draw(t, "filter")
	a, err := Query{Text: text, UAI: uai, Limit: rapid.IntRange(1, 12).Draw(t, "limit")}.asked()
	if err != nil {
		t.Fatal(err)
	}
	if s := rapid.SampledFrom(modelUAIs).Draw(t, "colleagues"); s != "" {
		a.schools = []string{s}
	}
	return a, uai
}

func TestAnswersAreWhatTheModelSaysPageByPageHoweverTheIndexCameToBe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v, all := drawView(t)
		a, uai := drawAsked(t)
		want := model(all, a, uai)
		var got []hit
		for {
			page := v.search(a, nil)
			last := len(page) < a.limit
			page = page[:min(len(page), max(1, a.limit-1))]
			got = append(got, page...)
			if last || len(got) > len(want) {
				break
			}
			end := page[len(page)-1]
			cursor := position{end.level, end.far, end.record.key, end.record.account}.String()
			a.after = &position{}
			if err := a.after.read(cursor); err != nil {
				t.Fatal(err)
			}
		}
		if show(got) != show(want) {
			t.Fatalf("words %q of %q in %q\ngot:\n%swant:\n%s", a.words, a.schools, uai, show(got), show(want))
		}
	})
}

// Invariant 1: the answer is the one that there would be without those who are hidden.
func TestNoAnswerDependsOnWhoIsHidden(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		_, all := drawView(t)
		var without []*record
		for _, r := range all {
			r.hidden = r.kind == Person && rapid.Bool().Draw(t, "hidden")
			if !r.hidden {
				without = append(without, r)
			}
		}
		a, _ := drawAsked(t)
		if got, want := newView(slices.Clone(all), nil).search(a, nil), newView(without, nil).search(a, nil); show(got) != show(want) {
			t.Fatalf("words %q\ngot:\n%swant:\n%s", a.words, show(got), show(want))
		}
		everything := newView(slices.Clone(all), nil).search(a, func(*record) bool { return true })
		for _, r := range all {
			r.hidden = false
		}
		if want := newView(all, nil).search(a, nil); show(everything) != show(want) {
			t.Fatalf("to who may see all: words %q\ngot:\n%swant:\n%s", a.words, show(everything), show(want))
		}
	})
}

func show(hits []hit) string {
	var b strings.Builder
	for _, h := range hits {
		fmt.Fprintf(&b, "  %d %d %d %s\n", h.level, h.far, h.record.account, h.record.key)
	}
	return b.String()
}

// FuzzSearch types anything.
func FuzzSearch(f *testing.F) {
	f.Add("Jean-Baptiste d’Aubigné", "", "0759001B")
	f.Add("\xff\x00@", "e30", "é")
	f.Add(strings.Repeat("a ", 300), "x", "")
	r := &record{kind: Person, account: 1, address: "a.b@ac-paris.example"}
	r.setName("Jean-Baptiste", "D'AUBIGNÉ")
	v := newView([]*record{r}, nil)
	f.Fuzz(func(t *testing.T, text, cursor, uai string) {
		a, err := Query{Text: text, After: cursor, UAI: uai, Department: uai, Function: uai}.asked()
		if err != nil {
			return
		}
		if len(a.words) > maxWords {
			t.Errorf("%d words", len(a.words))
		}
		v.search(a, nil)
	})
}
