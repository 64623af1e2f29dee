package enrolment

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"navette/internal/store"
)

// The brakes. An export that takes many people away at once is more often a broken one than a truth, so it changes
// nothing until somebody says that it is right. Looked at are pupils, guardians and classes, who answers in law for whom and
// at which address, of each establishment and of the whole export: whom it would take away, and how many fewer it has than the complete exports of brakeWindow had, so
// that a fall in small steps is a fall. One that was forced is the new measure.
//
// A year's first export takes nobody away: the switch of the year, which a human approves, is where many leave.
const (
	brakeWindow = 30 * 24 * time.Hour

	wholeShare, wholeLeast   = 0.20, 20 // of all: more than a fifth, and at least 20
	schoolShare, schoolLeast = 0.50, 10 // of an establishment: more than half, and at least 10
	classLeast               = 5        // and at least 5 of its classes
)

// Fall is an establishment, or the whole, that loses far more than it should.
type Fall struct {
	Name   string // UAI, or "all"
	What   string // élèves, responsables, classes, liens de responsable légal, adresses de responsable légal; of a switch établissements too
	Before int
	Lost   int
	Forced bool
}

// String says it in French: « 0759001B : 12 élèves sur 642 disparaissent ».
func (f Fall) String() string {
	name := f.Name
	if name == forceAll {
		name = "ensemble"
	}
	return fmt.Sprintf("%s : %d %s sur %d disparaissent", name, f.Lost, f.What, f.Before)
}

// measure is how many there were, and how many are lost.
type measure struct{ before, lost int }

// exceeds reports a loss of more than a share, and of at least so many.
func (m measure) exceeds(share float64, least int) bool {
	return m.lost >= least && float64(m.lost) > share*float64(m.before)
}

// measures are those of one establishment, by what is counted.
type measures struct{ pupils, guardians, classes, links, addresses measure }

// counted is a measure with what it counts.
type counted struct {
	what string
	*measure
}

func (m *measures) all() []counted {
	return []counted{{"élèves", &m.pupils}, {"responsables", &m.guardians}, {"classes", &m.classes},
		{"liens de responsable légal", &m.links}, {"adresses de responsable légal", &m.addresses}}
}

// add adds those of an establishment to those of the whole.
func (m *measures) add(school *measures) {
	more := school.all()
	for i, x := range m.all() {
		x.before, x.lost = x.before+more[i].before, x.lost+more[i].lost
	}
}

// brake finds the falls, and stops an export for those that nobody forces; a dry run only tells.
func (r *run) brake(ctx context.Context, l *lost) error {
	schools, err := r.measure(ctx, l)
	if err != nil {
		return fmt.Errorf("compare with what is known: %w", err)
	}
	var whole measures
	var falls []Fall
	look := func(name string, m *measures, share float64, least int) {
		for _, x := range m.all() {
			floor := least
			if x.what == "classes" && name != forceAll {
				floor = classLeast
			}
			if x.exceeds(share, floor) {
				falls = append(falls, Fall{Name: name, What: x.what, Before: x.before, Lost: x.lost, Forced: r.opt.forces(name)})
			}
		}
	}
	for uai, m := range schools {
		whole.add(m)
		look(uai, m, schoolShare, schoolLeast)
	}
	look(forceAll, &whole, wholeShare, wholeLeast)
	sortFalls(falls)
	r.report.Falls = falls
	if r.opt.DryRun {
		return nil
	}
	return braked(falls)
}

// sortFalls puts those of the whole first, then the greatest.
func sortFalls(falls []Fall) {
	slices.SortFunc(falls, func(a, b Fall) int {
		return cmp.Or(-cmp.Compare(number(a.Name == forceAll), number(b.Name == forceAll)), cmp.Compare(b.Lost, a.Lost), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.What, b.What))
	})
}

// maxNamed is how many falls one line of an error names; the report of a dry run has them all.
const maxNamed = 10

// braked is the refusal of an export for its falls that nobody forced, or nil.
func braked(falls []Fall) error {
	if told, force := unforced(falls, " que l'essai (--dry-run --report) énumère"); told != "" {
		return refused("disparition anormale, %s ; si elle est voulue : --force %s", told, force)
	}
	return nil
}

// unforced tells the falls that nobody forces, and what would force them; both are "" where there are none. where says who
// names those that one line does not.
func unforced(falls []Fall, where string) (text, force string) {
	var told, names []string
	for _, f := range falls {
		if !f.Forced {
			told, names = append(told, f.String()), append(names, f.Name)
		}
	}
	if len(told) == 0 {
		return "", ""
	}
	more := ""
	if n := len(told) - maxNamed; n > 0 {
		more = fmt.Sprintf(", et %d autres%s", n, where)
		told = told[:maxNamed]
	}
	force = strings.Join(slices.Compact(names[:min(len(names), maxNamed)]), ",")
	if slices.Contains(names, forceAll) {
		force = forceAll
	}
	return strings.Join(told, ", ") + more, force
}

// measure compares each establishment with what is known of the year, and with the last exports.
func (r *run) measure(ctx context.Context, l *lost) (map[string]*measures, error) {
	schools := map[string]*measures{}
	at := func(uai string) *measures {
		if schools[uai] == nil {
			schools[uai] = &measures{}
		}
		return schools[uai]
	}
	err := r.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		clear(schools)
		if err := r.measureKnown(ctx, tx, l, at); err != nil {
			return err
		}
		for uai, one := range l.bySchool {
			m := at(uai)
			m.pupils.lost, m.guardians.lost, m.classes.lost, m.addresses.lost = one.pupils, one.guardians, one.classes, one.addresses
		}
		if !r.export.Complete {
			return nil
		}
		for uai, m := range schools {
			m.links.lost = max(0, m.links.before-r.saysOf(uai).Links)
		}
		return r.measureExports(ctx, tx, at)
	})
	return schools, err
}

// saysOf gives what the export says of an establishment.
func (r *run) saysOf(uai string) SchoolCount {
	if t := r.counts[uai]; t != nil {
		return t.SchoolCount
	}
	return SchoolCount{}
}

// measureKnown counts who is there, in the establishments of the export: what may be lost. Who answers for whom is counted
// for a complete export only, against what that says.
func (r *run) measureKnown(ctx context.Context, tx *store.Tx, l *lost, at func(uai string) *measures) error {
	for _, one := range []struct {
		needed bool
		query  string
		into   func(m *measures) *int
	}{
		{true, `SELECT uai, count(*) FROM enrolment WHERE year = $1 GROUP BY uai`, func(m *measures) *int { return &m.pupils.before }},
		{len(l.guardians) > 0, `SELECT e.uai, count(DISTINCT s.guardian_id) FROM enrolment e JOIN guardianship s ON s.year = e.year AND s.pupil_id = e.pupil_id
			WHERE e.year = $1 GROUP BY e.uai`, func(m *measures) *int { return &m.guardians.before }},
		{r.export.Complete && len(r.changed.pupils)+len(l.leaving) > 0, `SELECT e.uai, count(*) FROM enrolment e JOIN guardianship s ON s.year = e.year AND s.pupil_id = e.pupil_id
			WHERE e.year = $1 AND s.legal = 1 GROUP BY e.uai`, func(m *measures) *int { return &m.links.before }},
		{l.addresses, `SELECT e.uai, count(DISTINCT s.guardian_id) ` + reachable + ` GROUP BY e.uai`,
			func(m *measures) *int { return &m.addresses.before }},
	} {
		if !one.needed {
			continue
		}
		if err := each(ctx, tx, func(row scanner) error {
			var uai string
			var n int
			err := row.Scan(&uai, &n)
			if r.inScope(uai) {
				*one.into(at(uai)) = n
			}
			return err
		}, one.query, r.year.Year); err != nil {
			return err
		}
	}
	for _, d := range r.divisions.list {
		if d.id != 0 && d.kind == class && !d.gone && r.inScope(d.uai) {
			at(d.uai).classes.before++
		}
	}
	return nil
}

// measureExports looks for a fall in small steps: the most that the last complete exports had, against this one.
func (r *run) measureExports(ctx context.Context, tx *store.Tx, at func(uai string) *measures) error {
	settled := map[string]bool{} // forced: older exports no longer count
	most := map[string]SchoolCount{}
	if err := each(ctx, tx, func(row scanner) error {
		var text string
		if err := row.Scan(&text); err != nil {
			return err
		}
		var past Report
		if err := json.Unmarshal([]byte(text), &past); err != nil {
			return fmt.Errorf("read a report: %w", err)
		}
		for _, c := range past.Schools {
			if m := most[c.UAI]; !settled[c.UAI] && !settled[forceAll] {
				most[c.UAI] = SchoolCount{Pupils: max(m.Pupils, c.Pupils), Classes: max(m.Classes, c.Classes),
					Links: max(m.Links, c.Links), Addresses: max(m.Addresses, c.Addresses)}
			}
		}
		for _, f := range past.Falls {
			settled[f.Name] = true
		}
		return nil
	}, `SELECT report FROM aaf_file WHERE year = $1 AND degree = $2 AND complete = 1 AND imported_at >= $3 ORDER BY imported_at DESC, file_id DESC`,
		r.year.Year, r.degree, tx.Now().Add(-brakeWindow).UnixMicro()); err != nil {
		return err
	}
	for uai, c := range most {
		if !r.scope[uai] {
			continue
		}
		m, now := at(uai), r.saysOf(uai)
		for _, x := range []struct {
			measure   *measure
			then, now int
		}{{&m.pupils, c.Pupils, now.Pupils}, {&m.classes, c.Classes, now.Classes}, {&m.links, c.Links, now.Links}, {&m.addresses, c.Addresses, now.Addresses}} {
			x.measure.before, x.measure.lost = max(x.measure.before, x.then), max(x.measure.lost, x.then-x.now)
		}
	}
	return nil
}
