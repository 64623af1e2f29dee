package enrolment_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"navette/internal/aaf"
	"navette/internal/directory"
	"navette/internal/enrolment"
)

// town is what SIECLE knows: the model of a property test. Maps are by join key.
type town struct {
	day       directory.Date
	pupils    map[string]child
	guardians map[string]string // -> address
}

// child is a pupil with who answers for them.
type child struct {
	school, class string
	links         map[string]bool // guardian -> legal
}

// draw changes some of a town: arrivals, departures, moves, new addresses.
func (w *town) draw(t *rapid.T) {
	keys := func(n int) *rapid.Generator[int] { return rapid.IntRange(0, n) }
	for range rapid.IntRange(1, 6).Draw(t, "changes") {
		key, g := fmt.Sprint("p", keys(7).Draw(t, "pupil")), fmt.Sprint("g", keys(5).Draw(t, "guardian"))
		switch rapid.SampledFrom([]string{"come", "leave", "move", "link", "unlink", "mail"}).Draw(t, "what") {
		case "come", "move":
			c := w.pupils[key]
			c.school, c.class = rapid.SampledFrom([]string{clg, lyc}).Draw(t, "school"), rapid.SampledFrom([]string{"A", "B"}).Draw(t, "class")
			if c.links == nil {
				c.links = map[string]bool{}
			}
			w.pupils[key] = c
		case "leave":
			delete(w.pupils, key)
		case "link":
			if c, there := w.pupils[key]; there {
				c.links[g] = rapid.Bool().Draw(t, "legal")
				if _, known := w.guardians[g]; !known {
					w.guardians[g] = ""
				}
			}
		case "unlink":
			if c, there := w.pupils[key]; there {
				delete(c.links, g)
			}
		case "mail":
			w.guardians[g] = rapid.SampledFrom([]string{"", g + "@example.net", "famille@example.org", g + "@nouvelle.example"}).Draw(t, "mail")
		}
	}
}

// export writes the town as a complete export.
func (w *town) export(f *fixture) *aaf.Export {
	x := f.feed(fmt.Sprintf("%04d%02d%02d", w.day.Year, w.day.Month, w.day.Day)).school(clg, clgUAI, "CLG", "A", "B").school(lyc, lycUAI, "LYC", "A", "B")
	for _, g := range slices.Sorted(maps.Keys(w.guardians)) {
		x.guardian(g, g, w.guardians[g])
	}
	for _, key := range slices.Sorted(maps.Keys(w.pupils)) {
		c := w.pupils[key]
		var links []string
		for _, g := range slices.Sorted(maps.Keys(c.links)) {
			link := contact(g)
			if c.links[g] {
				link = legal(g)
			}
			links = append(links, link)
		}
		x.pupil(key, key, c.school, c.class, links...)
	}
	return x.export()
}

// attendance and answering are what the tables must say of the town.
func (w *town) attendance() (rows []string) {
	uai := map[string]string{clg: clgUAI, lyc: lycUAI}
	for key, c := range w.pupils {
		rows = append(rows, uai[c.school]+"|"+c.class+"|"+key)
	}
	slices.Sort(rows)
	return rows
}

func (w *town) answering() (rows []string) {
	for key, c := range w.pupils {
		for g, is := range c.links {
			rows = append(rows, key+"|"+g+"|"+map[bool]string{true: "légal", false: "contact"}[is])
		}
	}
	slices.Sort(rows)
	return rows
}

// reachable are the addresses by school that the town has.
func (w *town) reachable() map[string]bool {
	uai, found := map[string]string{clg: clgUAI, lyc: lycUAI}, map[string]bool{}
	for _, c := range w.pupils {
		for g := range c.links {
			if key := directory.MatchKey(w.guardians[g]); key != "" {
				found[uai[c.school]+" "+key] = true
			}
		}
	}
	return found
}

// Whatever years of exports say, the tables say the same; the years before stay as they were; and every address that was
// a guardian's of a school is one still, or a former one.
func TestYearsOfExportsSayWhatTheSchoolsSayAndForgetNoAddress(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		rapid.Check(f.t.(*testing.T), func(rt *rapid.T) {
			f.empty()
			w := &town{day: directory.Date{Year: 2026, Month: time.September, Day: 1}, pupils: map[string]child{}, guardians: map[string]string{}}
			ever, locked := map[string]bool{}, map[int][]string{}
			year := 2026
			for range rapid.IntRange(2, 8).Draw(rt, "exports") {
				w.draw(rt)
				w.day = w.day.AddDays(1)
				if next := rapid.IntRange(0, 3).Draw(rt, "a new year") == 0 && len(w.pupils) > 0; next {
					locked[year] = f.attendanceOf(year)
					w.day = directory.Date{Year: year + 1, Month: time.September, Day: 1}
				}
				if _, err := f.Import(t.Context(), w.export(f), enrolment.Options{Force: []string{"all"}, By: dsi}); err != nil {
					rt.Fatal(err)
				}
				if enrolment.YearOf(w.day) != year {
					current, err := f.Current(t.Context())
					year = enrolment.YearOf(w.day)
					if err == nil && current.Year != year {
						if _, err := f.Switch(t.Context(), dsi, "DSI", year, nil); err != nil {
							rt.Fatal(err)
						}
					}
				}
				if got, want := f.attendance(year), w.attendance(); !slices.Equal(got, want) {
					rt.Fatalf("attendance of %d: %q, want %q", year, got, want)
				}
				if got, want := f.answering(year), w.answering(); !slices.Equal(got, want) {
					rt.Fatalf("guardians of %d: %q, want %q", year, got, want)
				}
				now := w.reachable()
				maps.Copy(ever, now)
				for was := range ever {
					if uai, key := was[:8], was[9:]; !now[was] && !f.isFormer(key, uai) {
						rt.Fatalf("%s is no guardian's of %s any more, and not a former one", key, uai)
					}
				}
				for old, rows := range locked {
					if got := f.attendanceOf(old); !slices.Equal(got, rows) {
						rt.Fatalf("the locked year %d changed: %q, was %q", old, got, rows)
					}
				}
			}
		})
	})
}

// empty takes everything out of the tables.
func (f *fixture) empty() {
	f.t.Helper()
	for _, table := range []string{"school_year", "aaf_file", "structure", "subject", "division", "pupil", "guardian", "guardianship", "enrolment", "division_pupil",
		"staff", "teaching", "staff_post", "protected_former", "protected_mark"} {
		f.exec(`DELETE FROM ` + table)
	}
}

// attendanceOf gives who attended what in a year, absent or not since.
func (f *fixture) attendanceOf(year int) []string {
	f.t.Helper()
	return f.query(`SELECT e.uai, p.jointure, x.guardian_id, x.legal FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id
		LEFT JOIN guardianship x ON x.year = e.year AND x.pupil_id = e.pupil_id WHERE e.year = $1 ORDER BY 1, 2, 3`, year)
}
