package career_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/history"
	"navette/internal/roster"
	"navette/internal/testkit/house"
)

// worker is one person as HR knows them; the model knows nothing of how the directory works.
type worker struct {
	idRH, civility, birthName, usageName, forename, birth string
	posts                                                 []string // the ends of their lines
	away                                                  int      // years since they left; 0: they work here
}

// world is an académie's HR department.
type world struct {
	r      *rand.Rand
	year   int
	people []*worker
}

func (w *world) pick(words string) string {
	list := strings.Split(words, " ")
	return list[w.r.IntN(len(list))]
}

// The few names make many homonyms; some leave no letter, some share a slug without being equal.
func (w *world) surname() string {
	return w.pick("MARTIN MÀRTIN DURAND LE-GUÉN D'ORMESSON 王 NGUYỄN BUSE DE-LA-TOUR ŒUVRARD O")
}

func (w *world) forename() string {
	return w.pick("Jean Jéan Claire Anne Marie-Françoise 李 Cé Zoé É")
}

func (w *world) post() string {
	end := ""
	if w.r.IntN(3) == 0 {
		end = fmt.Sprintf("31/08/%d", w.year+1)
	}
	return fmt.Sprintf("AESH;AESH;AES;%s;01/09/%d;%s;REF-%d", w.pick("0759001B 0759002C 0759003D"), w.year, end, w.r.IntN(10_000))
}

// passes lets a year happen: people join, leave, come back, move, marry, are promoted, and HR mends mistakes.
func (w *world) passes() {
	w.year++
	for range 30 {
		w.people = append(w.people, &worker{idRH: fmt.Sprintf("%05d", len(w.people)), civility: w.pick("M. Mme"), birthName: w.surname(), forename: w.forename(),
			birth: fmt.Sprintf("%02d/%02d/19%02d", 1+w.r.IntN(28), 1+w.r.IntN(12), 60+w.r.IntN(35)), posts: []string{w.post()}})
	}
	for _, p := range w.people {
		if p.away > 0 {
			if p.away++; w.r.IntN(10) == 0 { // comes back
				p.away, p.posts = 0, []string{w.post()}
			}
			continue
		}
		switch w.r.IntN(14) {
		case 0, 1: // leaves
			p.away = 1
		case 2: // marries
			p.usageName = w.surname()
		case 3: // divorces
			p.usageName = ""
		case 4: // moves
			p.posts = []string{w.post()}
		case 5: // a second school
			p.posts = append(p.posts, w.post())
		case 6: // another given name
			p.forename = w.forename()
		case 7: // the birth date was wrong
			p.birth = fmt.Sprintf("%02d/01/1970", 1+w.r.IntN(28))
		case 8: // promoted
			p.posts[0] = strings.Replace(p.posts[0], "AESH;AESH;AES", "Assistant d'éducation;AED;AES", 1)
		}
		if slices.ContainsFunc(p.posts, func(post string) bool { return strings.Contains(post, fmt.Sprintf("31/08/%d", w.year)) }) {
			p.posts = []string{w.post()} // the contract was renewed
		}
	}
}

// file gives the lines of the year in no order, with what HR gets wrong: lines that are no lines, lines that say
// different things of one person. It gives also whose lines were spoilt.
func (w *world) file() (lines []string, spoilt map[string]bool) {
	spoilt = map[string]bool{}
	for _, p := range w.people {
		if p.away > 0 {
			continue
		}
		identity := strings.Join([]string{p.idRH, "", p.civility, p.birthName, p.usageName, p.forename, p.birth}, ";") + ";"
		seen := map[string]bool{}
		for _, post := range p.posts {
			fields := strings.Split(post, ";")
			if key := fields[3] + fields[4]; seen[key] {
				continue // the model drew one post twice
			} else {
				seen[key] = true
			}
			lines = append(lines, identity+post)
		}
		switch w.r.IntN(60) {
		case 0:
			lines[len(lines)-1] = strings.Replace(lines[len(lines)-1], ";01/09/", ";32/09/", 1)
			spoilt[p.idRH] = true
		case 1:
			lines = append(lines, strings.Replace(identity, p.civility, "Dr", 1)+w.post())
			spoilt[p.idRH] = true
		}
	}
	slices.Sort(lines)
	w.r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines, spoilt
}

// person is what an observer sees of one person.
type person struct {
	account, login, state, identity, primary, functions string
}

// see looks at everybody, by id_rh, and at who holds which address.
func (l *life) see() (people map[string]person, holders map[string]string) {
	l.t.Helper()
	people, holders = map[string]person{}, map[string]string{}
	split := func(text string, each func(fields []string)) {
		for _, row := range strings.Split(text, " | ") {
			if row != "" {
				each(strings.Split(row, "\t"))
			}
		}
	}
	split(l.scan(`SELECT p.id_rh || '	' || a.account_id || '	' || a.login || '	' || a.state || '	' ||
		p.civility || ' ' || p.birth_name || ' ' || p.usage_name || ' ' || p.forenames || ' ' || p.birth_date || '	' ||
		COALESCE((SELECT d.address FROM address d WHERE d.account_id = a.account_id AND d.kind = 'primary'), '')
		FROM person p JOIN account a ON a.person_id = p.person_id ORDER BY p.id_rh`), func(f []string) {
		people[f[0]] = person{account: f[1], login: f[2], state: f[3], identity: f[4], primary: f[5]}
	})
	split(l.scan(`SELECT p.id_rh || '	' || f.function_id || f.uai || f.starts || f.ends || f.corps || f.reference || CASE f.ended_at WHEN 0 THEN '+' ELSE '-' END
		FROM function f JOIN person p ON p.person_id = f.person_id ORDER BY f.person_id, f.function_id`), func(f []string) {
		p := people[f[0]]
		p.functions += f[1] + "|"
		people[f[0]] = p
	})
	split(l.scan(`SELECT d.address || '	' || p.id_rh FROM address d JOIN account a ON a.account_id = d.account_id JOIN person p ON p.person_id = a.person_id`),
		func(f []string) { holders[f[0]] = f[1] })
	return people, holders
}

// kindsSince gives the kinds of history rows after an id, by account.
func (l *life) kindsSince(id string) map[string]map[history.Kind]bool {
	l.t.Helper()
	kinds := map[string]map[history.Kind]bool{}
	for _, row := range strings.Split(l.scan(`SELECT account_id || ' ' || kind FROM history WHERE at > `+id), " | ") {
		if account, kind, ok := strings.Cut(row, " "); ok {
			if kinds[account] == nil {
				kinds[account] = map[history.Kind]bool{}
			}
			kinds[account][history.Kind(kind)] = true
		}
	}
	return kinds
}

func TestTwentyYearsLoseNobodyGiveNoAddressTwiceAndExplainEachChange(t *testing.T) {
	t.Parallel()
	lives(t, "01/09/2000", func(l *life) {
		w := &world{r: rand.New(rand.NewPCG(3, 5)), year: 1999}
		owners, accounts := map[string]string{}, map[string]string{} // address -> id_rh, id_rh -> account and login, ever
		before := map[string]person{}
		for range 20 {
			since := fmt.Sprint(l.now.UnixMicro())
			w.passes()
			l.onQuickly(fmt.Sprintf("10/09/%d", w.year))
			lines, spoilt := w.file()
			l.imports(lines)
			people, holders := l.see()

			for address, idRH := range holders {
				if was := owners[address]; was != "" && was != idRH {
					t.Fatalf("%d: %s went from %s to %s", w.year, address, was, idRH)
				}
				owners[address] = idRH
			}
			if len(holders) != len(owners) {
				t.Fatalf("%d: %d addresses, %d were ever seen", w.year, len(holders), len(owners))
			}
			for idRH := range before {
				if _, there := people[idRH]; !there {
					t.Fatalf("%d: %s is lost", w.year, idRH)
				}
			}
			kinds := l.kindsSince(since)
			for idRH, now := range people {
				if was := accounts[idRH]; was != "" && was != now.account+now.login {
					t.Fatalf("%d: %s has another account or login", w.year, idRH)
				}
				accounts[idRH] = now.account + now.login
				if why := unexplained(before[idRH], now, kinds[now.account]); why != "" {
					t.Errorf("%d: %s: %s is not in the history", w.year, idRH, why)
				}
			}
			l.checkWorld(w, people, spoilt)

			historyRows, journalRows := l.scan(`SELECT count(*) || '' FROM history`), l.scan(`SELECT count(*) || '' FROM journal WHERE action <> 'roster.import'`)
			if report := l.imports(lines); !report.NothingChanged() {
				t.Fatalf("%d, the same file again: %+v", w.year, report)
			}
			again, holdersAgain := l.see()
			if !maps.Equal(again, people) || !maps.Equal(holdersAgain, holders) || l.scan(`SELECT count(*) || '' FROM history`) != historyRows ||
				l.scan(`SELECT count(*) || '' FROM journal WHERE action <> 'roster.import'`) != journalRows {
				t.Fatalf("%d: the same file again changed something", w.year)
			}
			before = people
		}
		l.checkStories(before)
	})
}

// imports imports a file in which some lines are wrong.
func (l *life) imports(lines []string) roster.Report {
	l.t.Helper()
	text := roster.Header() + "\n" + strings.Join(append(slices.Clone(lines), fmt.Sprintf("#FIN;%d", len(lines))), "\n") + "\n"
	report, err := l.roster.Import(l.t.Context(), strings.NewReader(text), roster.Options{Force: []string{"AESH", "AED", "0759001B", "0759002C", "0759003D"}})
	if err != nil {
		l.t.Fatal(err)
	}
	return report
}

// unexplained names a difference that no row of the history tells of.
func unexplained(was, now person, kinds map[history.Kind]bool) string {
	has := func(any ...history.Kind) bool {
		return slices.ContainsFunc(any, func(k history.Kind) bool { return kinds[k] })
	}
	switch {
	case was == (person{}):
		if !has(history.Appointed) {
			return "the appointment"
		}
	case was.identity != now.identity && !has(history.Identity):
		return "the identity"
	case was.primary != now.primary && !has(history.AddressNew, history.AddressBack, history.Closed, history.Returned):
		return "the address"
	case was.functions != now.functions && !has(history.FunctionStart, history.FunctionChange, history.FunctionEnd, history.FunctionAgain):
		return "a function"
	case was.state != now.state && !has(history.Departed, history.Returned):
		return "the state " + was.state + " -> " + now.state
	}
	return ""
}

// checkWorld compares everybody with the model.
func (l *life) checkWorld(w *world, people map[string]person, spoilt map[string]bool) {
	l.t.Helper()
	for _, p := range w.people {
		got, there := people[p.idRH]
		switch {
		case !there:
			if !spoilt[p.idRH] && p.away == 0 {
				l.t.Errorf("%d: %s was never appointed", w.year, p.idRH)
			}
		case spoilt[p.idRH]:
		case p.away == 0 && (got.state == "departed" || got.primary == ""):
			l.t.Errorf("%d: %s works, and is %+v", w.year, p.idRH, got)
		case p.away > 2 && (got.state != "departed" || got.primary != ""): // a year of grace, reading and a spoilt line at most
			l.t.Errorf("%d: %s left %d years ago, and is %+v", w.year, p.idRH, p.away, got)
		case p.away == 0:
			surname := p.usageName
			if surname == "" {
				surname = p.birthName
			}
			if slug := directory.Slug(surname); slug != "" && !strings.HasPrefix(got.primary[strings.IndexByte(got.primary, '.')+1:], slug) {
				l.t.Errorf("%d: %s does not bear the name %s", w.year, got.primary, surname)
			}
		}
	}
}

// checkStories holds each person's history to what is: the last address that it gives is the one they have.
func (l *life) checkStories(people map[string]person) {
	l.t.Helper()
	for _, idRH := range slices.Sorted(maps.Keys(people)) {
		events, err := history.Of(l.t.Context(), l.DB, idRH)
		if err != nil {
			l.t.Fatal(err)
		}
		given, open := "", true
		for i, e := range events {
			if (e.Kind == history.Appointed) != (i == 0) {
				l.t.Errorf("%s: event %d is %s", idRH, i, e.Kind)
			}
			switch e.Kind {
			case history.Appointed:
				given, _, _ = strings.Cut(e.Subject, ", ")
			case history.AddressNew, history.AddressBack:
				given = e.Subject
			case history.Closed:
				open = false
			case history.Returned:
				open = true
			}
			if strings.HasPrefix(string(e.Kind), "function.") && e.Source == "" {
				l.t.Errorf("%s: %s has no source", idRH, e.Kind)
			}
		}
		if open && given != people[idRH].primary || !strings.HasSuffix(given, "@"+house.Domain) {
			l.t.Errorf("%s has %s, the history says %s", idRH, people[idRH].primary, given)
		}
	}
}
