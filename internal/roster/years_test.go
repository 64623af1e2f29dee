package roster_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// world is what HR believes, by a model that knows nothing of the roster's way.
type world struct {
	r      *rand.Rand
	people []*worker
	serial int
}

type worker struct {
	idRH, civility, birthName, usageName, forename string
	posts                                          map[string]string // UAI and start -> the rest of the line
	gone                                           bool
}

func (w *world) pick(words string) string {
	list := strings.Split(words, " ")
	return list[w.r.IntN(len(list))]
}

// The few names make many homonyms; some leave no letter, some share a slug without being equal.
func (w *world) surname() string {
	return w.pick("MARTIN MÀRTIN DURAND LE-GUÉN D'ORMESSON 王 NGUYỄN BUSE DE-LA-TOUR ŒUVRARD")
}
func (w *world) forename() string {
	return w.pick("Jean Jéan Claire Anne Marie-Françoise 李 Cé Zoé")
}

func (w *world) hire() {
	w.serial++
	p := &worker{idRH: fmt.Sprintf("%04d", w.serial), civility: w.pick("M. Mme"), birthName: w.surname(), forename: w.forename(), posts: map[string]string{}}
	w.people = append(w.people, p)
	w.appoint(p)
}

func (w *world) appoint(p *worker) {
	uai := w.pick("0759001B 0759002C")
	start := fmt.Sprintf("01/09/%d", 2000+w.r.IntN(20))
	p.posts[uai+start] = fmt.Sprintf("AESH;AESH;AES;%s;%s;;REF-%d", uai, start, w.r.IntN(1000))
}

// year lets things happen to people.
func (w *world) year() {
	for range 25 {
		w.hire()
	}
	for _, p := range w.people {
		switch w.r.IntN(12) {
		case 0:
			p.usageName = w.surname()
		case 1:
			p.usageName = ""
		case 2:
			p.gone = true
		case 3, 4:
			p.gone = false
		case 5:
			w.appoint(p)
		case 6:
			for _, key := range slices.Sorted(maps.Keys(p.posts))[1:] {
				delete(p.posts, key)
			}
		case 7:
			p.forename = w.forename()
		}
	}
}

// lines is the file of the year, in no order.
func (w *world) lines() []string {
	var lines []string
	for _, p := range w.people {
		if p.gone {
			continue
		}
		for _, post := range p.posts {
			lines = append(lines, strings.Join([]string{p.idRH, "", p.civility, p.birthName, p.usageName, p.forename, "06/05/1970", post}, ";"))
		}
	}
	slices.Sort(lines)
	w.r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines
}

func TestYearsOfFilesLoseNobodyAndGiveNoAddressTwice(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		w := &world{r: rand.New(rand.NewPCG(1, 2))}
		owners := map[string]string{} // every address ever seen -> id_rh
		logins := map[string]string{} // id_rh -> login
		for year := range 12 {
			w.year()
			lines := w.lines()
			f.imports(lines...)
			f.checkWorld(year, w, lines)
			for _, row := range f.query(`SELECT d.address, p.id_rh, a.login FROM address d JOIN account a ON a.account_id = d.account_id JOIN person p ON p.person_id = a.person_id`) {
				address, idRH, login := fields3(row)
				if before := owners[address]; before != "" && before != idRH {
					t.Fatalf("year %d: %s went from %s to %s", year, address, before, idRH)
				}
				if before := logins[idRH]; before != "" && before != login {
					t.Fatalf("year %d: the login of %s changed from %s to %s", year, idRH, before, login)
				}
				owners[address], logins[idRH] = idRH, login
			}
			if rows := f.query(`SELECT count(*) FROM address`); rows[0] != fmt.Sprint(len(owners)) {
				t.Fatalf("year %d: %s addresses, %d were seen: some are lost", year, rows[0], len(owners))
			}
			before := f.everything()
			if again := f.imports(lines...); !again.NothingChanged() {
				t.Fatalf("year %d, the same file again: %+v", year, again)
			}
			if !slices.Equal(before, f.everything()) {
				t.Fatalf("year %d: the same file again changed the directory", year)
			}
		}
	})
}

// checkWorld compares the directory with the model.
func (f *fixture) checkWorld(year int, w *world, lines []string) {
	f.t.Helper()
	open := f.query(`SELECT count(*) FROM function WHERE ended_at = 0`)
	if open[0] != fmt.Sprint(len(lines)) {
		f.t.Errorf("year %d: %s functions are open, the file has %d", year, open[0], len(lines))
	}
	for _, p := range w.people {
		if p.gone {
			continue
		}
		surname := p.usageName
		if surname == "" {
			surname = p.birthName
		}
		want := directory.DisplayName(p.forename, surname)
		rows := f.query(`SELECT a.display_name, d.address FROM person p JOIN account a ON a.person_id = p.person_id
			JOIN address d ON d.account_id = a.account_id WHERE p.id_rh = $1 AND d.kind = 'primary'`, p.idRH)
		if len(rows) != 1 || !strings.HasPrefix(rows[0], want+" ") {
			f.t.Errorf("year %d: %s is %q, want one row of %q", year, p.idRH, rows, want)
			continue
		}
		address := strings.TrimPrefix(rows[0], want+" ")
		local := strings.TrimSuffix(address, "@"+domain)
		if !directory.ValidLocalPart(local) {
			f.t.Errorf("year %d: %s", year, address)
		}
		if slug := directory.Slug(surname); slug != "" && !strings.HasPrefix(local[strings.IndexByte(local, '.')+1:], slug) {
			f.t.Errorf("year %d: %s does not bear the name %s", year, address, surname)
		}
	}
}

func fields3(row string) (a, b, c string) {
	parts := strings.Split(row, " ")
	return parts[0], parts[1], parts[2]
}
