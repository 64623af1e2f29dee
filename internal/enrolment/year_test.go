package enrolment_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/aaf"
	"navette/internal/directory"
	"navette/internal/enrolment"
	"navette/internal/failure"
)

func TestOfWhichSchoolYearAnExportTells(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]int{"2026-09-01": 2026, "2026-12-31": 2026, "2027-01-01": 2026, "2027-07-14": 2026,
		"2027-08-29": 2026, "2027-08-30": 2027, "2027-08-31": 2027, "2027-09-01": 2027} {
		d, err := directory.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if got := enrolment.YearOf(d); got != want {
			t.Errorf("%s is of %d, want %d", day, got, want)
		}
	}
}

// next is the collège a year later: Ali has left with his mother Zoé, Léa and Tom are a class further, Eva is new.
func (f *fixture) next(day string) *feed {
	return f.feed(day).school(clg, clgUAI, "CLG$JEAN EXEMPLE", "3E3", "2A").
		guardian("g1", "Anne", "anne@example.net").guardian("g2", "Paul", "paul@example.org").guardian("g4", "Ida", "ida@example.net").
		pupil("p1", "Léa", clg, "3E3", legal("g1"), legal("g2")).pupil("p2", "Tom", clg, "2A", legal("g1")).pupil("p4", "Eva", clg, "3E3", legal("g4"))
}

func TestANewYearIsPreparedThenApprovedAndTheOldOneLocked(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").put(aaf.PersRelEleve, "addRequest", "g5", attr("ENTPersonJointure", "g5"), attr("sn", "DUPONT"),
			attr("givenName", "Bob"), attr("mail", "bob@example.net")).pupil("p5", "Bea", clg, "4E3", legal("g5")).export())
		report := f.takes(f.next("20270830").export())
		if report.Pupils.Absent+report.Guardians.Absent != 0 || len(report.Falls) != 0 || report.Year.State != enrolment.Preparing {
			t.Errorf("a prepared year takes nobody away: %+v", report)
		}
		f.want("the old year is as it was", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Bea", clgUAI+"|4E3|Léa")
		f.want("the new one is there", f.attendance(2027), clgUAI+"|2A|Tom", clgUAI+"|3E3|Eva", clgUAI+"|3E3|Léa")
		if year, err := f.Current(t.Context()); err != nil || year.Year != 2026 || year.Standing() != "SIECLE au 01/09/2026" {
			t.Errorf("current: %v %v", year, err)
		}
		done, err := f.Switch(t.Context(), dsi, "la DSI et la DEC", 2027, nil)
		if err != nil || done.From != 2026 || done.Pupils != 2 || done.Guardians != 2 {
			t.Fatalf("%+v, %v", done, err)
		}
		f.want("years", f.query(`SELECT year, state, approved_by FROM school_year ORDER BY year`), "2026|2|", "2027|1|la DSI et la DEC")
		f.want("who is absent", f.query(`SELECT forename FROM pupil WHERE absent_at <> 0 UNION ALL SELECT forename FROM guardian WHERE absent_at <> 0 ORDER BY 1`),
			"Ali", "Bea", "Bob", "Zoé")
		for address, former := range map[string]bool{"bob@example.net": true, "anne@example.net": false, "ida@example.net": false} {
			if f.isFormer(address, clgUAI) != former {
				t.Errorf("%s former: %t", address, !former)
			}
		}
		f.want("the journal", f.query(`SELECT actor, action, subject FROM journal WHERE action = 'aaf.switch'`), "dsi|aaf.switch|year:2027")
		if years, err := f.Years(t.Context()); err != nil || len(years) != 2 || years[1].Pupils != 3 || years[1].Schools != 1 || years[1].State != enrolment.Current {
			t.Errorf("years %+v, %v", years, err)
		}
	})
}

func TestALockedYearNeverChanges(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		f.takes(f.next("20270830").export())
		if _, err := f.Switch(t.Context(), dsi, "DSI", 2027, nil); err != nil {
			t.Fatal(err)
		}
		locked := func() []string {
			return slices.Concat(f.query(`SELECT uai, pupil_id FROM enrolment WHERE year = 2026 ORDER BY 1, 2`),
				f.query(`SELECT pupil_id, guardian_id, link, legal, contact FROM guardianship WHERE year = 2026 ORDER BY 1, 2`),
				f.query(`SELECT d.name, d.gone, x.pupil_id FROM division d LEFT JOIN division_pupil x ON x.division_id = d.division_id
					WHERE d.year = 2026 ORDER BY 1, 3`))
		}
		before := locked()
		_, err := f.Import(t.Context(), f.collège("20270829").export(), enrolment.Options{})
		if !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), "verrouillée") {
			t.Errorf("an export of the locked year: %v", err)
		}
		if _, err := f.Import(t.Context(), f.next("20270902").export(), enrolment.Options{Year: 2026}); !failure.Is(err, failure.Policy) {
			t.Errorf("an export put into the locked year: %v", err)
		}
		f.takes(f.feed("20270903").school(clg, clgUAI, "CLG", "3E3").guardian("g1", "Anne", "anne@example.net").pupil("p1", "Léa", clg, "3E3", legal("g1")).export())
		f.want("the locked year", locked(), before...)
	})
}

func TestASwitchNeedsAPreparedYearAndSomebodyWhoApproves(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		if _, err := f.Current(t.Context()); !failure.Is(err, failure.NotFound) {
			t.Errorf("before the first import: %v", err)
		}
		f.takes(f.collège("20260901").export())
		nobody := dsi
		nobody.Reason = ""
		f.takes(f.feed("20270901").school(clg, clgUAI, "CLG", "3E3").export())
		for _, c := range []struct {
			why, approved string
			year          int
		}{{"the current one", "DSI", 2026}, {"one that is not there", "DSI", 2028}, {"one without a pupil", "DSI", 2027}, {"nobody approves", "", 2027}} {
			if _, err := f.Switch(t.Context(), dsi, c.approved, c.year, nil); !failure.Is(err, failure.Policy) {
				t.Errorf("%s: %v", c.why, err)
			}
		}
		if _, err := f.Switch(t.Context(), nobody, "DSI", 2027, nil); !failure.Is(err, failure.Policy) {
			t.Errorf("without a reason: %v", err)
		}
		f.want("years", f.query(`SELECT year, state FROM school_year ORDER BY year`), "2026|1", "2027|0")
	})
}

func TestASwitchWaitsForTheExportsOfEachDegree(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		school := f.feed("20260901")
		school.issuer = "ENT1DVA"
		f.takes(f.collège("20260901").export())
		f.takes(school.school("e1", lycUAI, "ECOLE", "CP").put(aaf.Eleve, "addRequest", "p1", attr("ENTPersonJointure", "p1"), attr("ENTPersonNom", "ROUX"),
			attr("ENTPersonPrenom", "Lou"), attr("ENTPersonStructRattach", "e1")).export())
		f.takes(f.next("20270901").export())
		if _, err := f.Switch(t.Context(), dsi, "DSI", 2027, nil); !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), "1er degré") {
			t.Errorf("before the écoles: %v", err)
		}
		f.want("keys are of a degree", f.query(`SELECT degree, forename FROM pupil WHERE jointure = 'p1' ORDER BY degree`), "1|Lou", "2|Léa")
	})
}

func TestASwitchToANearlyEmptyYearIsStoppedUntilItIsForced(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.fill("20260901", 100).export())
		f.takes(f.fill("20270901", 40).export())
		_, err := f.Switch(t.Context(), dsi, "DSI", 2027, nil)
		if !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), "ensemble : 60 élèves sur 100 disparaissent, "+clgUAI+" : 60 élèves sur 100 disparaissent") ||
			!strings.Contains(err.Error(), "--force all") {
			t.Errorf("%v", err)
		}
		if _, err := f.Switch(t.Context(), dsi, "DSI", 2027, []string{clgUAI}); !failure.Is(err, failure.Policy) || strings.Contains(err.Error(), clgUAI) {
			t.Errorf("forced for the school alone, where the whole falls too: %v", err)
		}
		f.want("the years are as they were", f.query(`SELECT year, state FROM school_year ORDER BY year`), "2026|1", "2027|0")
		f.want("no address is a former one", f.query(`SELECT count(*) FROM protected_former`), "0")
		if done, err := f.Switch(t.Context(), dsi, "DSI", 2027, []string{"all"}); err != nil || len(done.Forced) != 2 || done.Pupils != 60 {
			t.Fatalf("forced: %+v, %v", done, err)
		}
		detail := f.query(`SELECT detail FROM journal WHERE action = 'aaf.switch'`)
		if len(detail) != 1 || !strings.Contains(detail[0], `{"Name":"`+clgUAI+`","What":"élèves","Before":100,"Lost":60,"Forced":true}`) {
			t.Errorf("the journal does not name what was forced: %q", detail)
		}
	})
}

func TestASwitchCountsTheSchoolsThatTheNewYearDoesNotHave(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		town := func(day string, schools, pupilsOfTheFirst int) *aaf.Export {
			x := f.feed(day)
			for i := range schools {
				key := fmt.Sprint("e", i)
				x.school(key, fmt.Sprintf("07590%02dA", i), "CLG", "A").pupil(fmt.Sprint("p", i), "Léa", key, "A")
			}
			for i := range pupilsOfTheFirst {
				x.pupil(fmt.Sprint("q", i), "Tom", "e0", "A")
			}
			return x.export()
		}
		f.takes(town("20260901", 40, 0))
		f.takes(town("20270901", 20, 40)) // as many pupils and more
		if _, err := f.Switch(t.Context(), dsi, "DSI", 2027, nil); !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), "20 établissements sur 40") {
			t.Errorf("half the schools are missing: %v", err)
		}
	})
}

// fill is a collège of so many pupils with a mother each, in classes of 25.
func (f *fixture) fill(day string, pupils int) *feed {
	x := f.feed(day)
	var classes []string
	for i := range pupils {
		class := fmt.Sprintf("C%d", i/25)
		if i%25 == 0 {
			classes = append(classes, class)
		}
		x.guardian(fmt.Sprint("g", i), "Anne", fmt.Sprintf("g%d@example.net", i)).pupil(fmt.Sprint("p", i), "Léa", clg, class, legal(fmt.Sprint("g", i)))
	}
	return x.school(clg, clgUAI, "CLG", classes...)
}

func TestAMassDisappearanceIsStoppedUntilItIsForced(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.fill("20260901", 100).export())
		before := f.everything()
		few := f.fill("20260902", 40).export()
		report, err := f.Import(t.Context(), few, enrolment.Options{})
		if !failure.Is(err, failure.Permanent) || !strings.Contains(err.Error(), clgUAI+" : 60 élèves sur 100 disparaissent") || !strings.Contains(err.Error(), "--force all") {
			t.Errorf("%v", err)
		}
		f.want("everything", f.everything(), before...)
		if len(report.Falls) < 3 || report.Falls[0].Name != "all" {
			t.Errorf("falls %v", report.Falls)
		}
		if _, err := f.Import(t.Context(), few, enrolment.Options{Force: []string{clgUAI}, By: dsi}); !failure.Is(err, failure.Permanent) {
			t.Errorf("forced for the school alone, where the whole falls too: %v", err)
		}
		if _, err := f.Import(t.Context(), few, enrolment.Options{Force: []string{"all"}}); !failure.Is(err, failure.Policy) {
			t.Errorf("forced by nobody: %v", err)
		}
		report, err = f.Import(t.Context(), few, enrolment.Options{Force: []string{"all"}, By: dsi})
		if err != nil || report.Pupils.Absent != 60 || report.Guardians.Absent != 60 {
			t.Fatalf("forced: %+v, %v", report.Pupils, err)
		}
		f.want("the journal names what was forced", f.query(`SELECT actor, action, reason FROM journal WHERE action = 'aaf.force'`), "dsi|aaf.force|note du 1er septembre")
		f.takes(f.fill("20260903", 40).export()) // the fall that was forced is the measure now
	})
}

func TestAFallInSmallStepsIsAFall(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.fill("20260901", 100).export())
		f.takes(f.fill("20260902", 85).export())
		if _, err := f.Import(t.Context(), f.fill("20260903", 72).export(), enrolment.Options{}); !failure.Is(err, failure.Permanent) {
			t.Errorf("the second step of a fall from 100 to 72: %v", err)
		}
		f.clock.Add(40 * 24 * time.Hour)
		f.takes(f.fill("20261013", 72).export()) // long after, only the last step counts
	})
}

func TestAnExportThatTakesTheLinksOrTheAddressesOfGuardiansIsStoppedUntilItIsForced(t *testing.T) {
	t.Parallel()
	bare := regexp.MustCompile(`(?s)<attr name="(ENTElevePersRelEleve|mail)">.*?</attr>`)
	each(t, func(f *fixture) {
		without := func(x *feed, c aaf.Category) *feed {
			for i, record := range x.records[c] {
				x.records[c][i] = bare.ReplaceAllString(record, `<attr name="$1"><value/></attr>`)
			}
			return x
		}
		f.takes(f.fill("20260901", 100).export())
		before := f.everything()
		for _, x := range []struct {
			why, text string
			feed      *feed
		}{
			{"no pupil has a guardian", "100 liens de responsable légal sur 100", without(f.fill("20260902", 100), aaf.Eleve)},
			{"no guardian has an address", "100 adresses de responsable légal sur 100", without(f.fill("20260902", 100), aaf.PersRelEleve)},
			{"no guardian has an address in the year that is prepared", "100 adresses de responsable légal sur 100", without(f.fill("20270901", 100), aaf.PersRelEleve)},
		} {
			_, err := f.Import(t.Context(), x.feed.export(), enrolment.Options{})
			if !failure.Is(err, failure.Permanent) || !strings.Contains(err.Error(), "ensemble : "+x.text) || !strings.Contains(err.Error(), clgUAI+" : "+x.text) {
				t.Errorf("%s: %v", x.why, err)
			}
			f.want(x.why, f.everything(), before...)
		}
		if _, err := f.Import(t.Context(), without(f.fill("20260902", 100), aaf.Eleve).export(), enrolment.Options{Force: []string{"all"}, By: dsi}); err != nil {
			t.Errorf("forced: %v", err)
		}
		f.want("by force nobody answers", f.answering(2026))
	})
}

func TestAddressesThatGoInSmallStepsAreAFall(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		silent := func(day string, n int) *aaf.Export {
			x := f.fill(day, 100)
			for i := range n {
				x.records[aaf.PersRelEleve][i] = strings.Replace(x.records[aaf.PersRelEleve][i], fmt.Sprintf("g%d@example.net", i), "", 1)
			}
			return x.export()
		}
		f.takes(silent("20260901", 0))
		f.takes(silent("20260902", 15))
		if _, err := f.Import(t.Context(), silent("20260903", 28), enrolment.Options{}); !failure.Is(err, failure.Permanent) ||
			!strings.Contains(err.Error(), "28 adresses de responsable légal sur 100") {
			t.Errorf("the second step of a fall from 100 to 72: %v", err)
		}
	})
}

func TestADeltaThatDeletesManyIsStoppedToo(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.fill("20260901", 100).export())
		x := f.delta("20260902")
		for i := range 60 {
			x.put(aaf.Eleve, "deleteRequest", fmt.Sprint("p", i))
		}
		if _, err := f.Import(t.Context(), x.export(), enrolment.Options{}); !failure.Is(err, failure.Permanent) {
			t.Errorf("%v", err)
		}
		f.want("nobody is marked", f.query(`SELECT count(*) FROM pupil WHERE absent_at <> 0`), "0")
	})
}
