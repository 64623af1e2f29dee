package enrolment_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"navette/internal/aaf"
	"navette/internal/enrolment"
	"navette/internal/failure"
)

// The collège of most of these tests: its key, its UAI.
const (
	clg    = "4100"
	clgUAI = "0759001B"
	lyc    = "4200"
	lycUAI = "0759002C"
)

// legal is a legal guardian's link, by the new codes; contact is somebody to be called.
func legal(guardian string) string   { return guardian + "$10$0$1$1$0" }
func contact(guardian string) string { return guardian + "$39$0$0$1$0" }

// collège is a feed of one collège with two pupils of one mother, and a third of another.
func (f *fixture) collège(day string) *feed {
	return f.feed(day).school(clg, clgUAI, "CLG$JEAN EXEMPLE", "4E3", "3E1").
		guardian("g1", "Anne", "anne@example.net").guardian("g2", "Paul", "paul@example.org").guardian("g3", "Zoé", "").
		pupil("p1", "Léa", clg, "4E3", legal("g1"), legal("g2")).pupil("p2", "Tom", clg, "3E1", legal("g1"), contact("g2")).
		pupil("p3", "Ali", clg, "4E3", legal("g3"))
}

func TestAnExportOfTheNextDayThatSaysTheSameChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		before := f.everything()
		report := f.takes(f.collège("20260902").export())
		if report.Known || !report.NothingChanged() || report.Pupils.Unchanged != 3 || report.Guardians.Unchanged != 3 {
			t.Errorf("the report says %+v", report)
		}
		f.want("everything", f.everything(), before...)
		f.want("the year is as of the newer export", f.query(`SELECT as_of FROM school_year`), "2026-09-02")
	})
}

func TestADryRunTellsTheSameAndWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		next := f.collège("20260902").pupil("p4", "Eva", clg, "4E3", legal("g1")).export()
		before, writes := f.everything(), f.db.Stats().Writes
		tried, err := f.Import(t.Context(), next, enrolment.Options{DryRun: true})
		if err != nil || f.db.Stats().Writes != writes {
			t.Fatalf("%v, %d writes", err, f.db.Stats().Writes-writes)
		}
		f.want("everything", f.everything(), before...)
		done := f.takes(next)
		if tried.Pupils != done.Pupils || tried.Guardians != done.Guardians || tried.Classes != done.Classes || tried.Pupils.New != 1 {
			t.Errorf("tried %+v, done %+v", tried, done)
		}
	})
}

func TestACompleteExportTakesAwayWhomItDoesNotName(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		gone := f.feed("20260908").school(clg, clgUAI, "CLG$JEAN EXEMPLE", "4E3").
			guardian("g1", "Anne", "anne@example.net").guardian("g2", "Paul", "paul@example.org").
			pupil("p1", "Léa", clg, "4E3", legal("g1"), legal("g2")).pupil("p2", "Tom", clg, "4E3", legal("g1"), contact("g2"))
		report := f.takes(gone.export())
		f.want("Ali has left, Tom has moved to 4E3", f.attendance(2026), clgUAI+"|4E3|Léa", clgUAI+"|4E3|Tom")
		f.want("3E1 is gone", f.query(`SELECT name FROM division WHERE gone = 1`), "3E1")
		f.want("absent guardians", f.query(`SELECT forename FROM guardian WHERE absent_at <> 0`), "Zoé")
		if report.Pupils.Absent != 1 || report.Guardians.Absent != 1 || report.Classes.Absent != 1 {
			t.Errorf("the report says %+v", report)
		}
		f.takes(f.collège("20260909").export())
		f.want("everybody is back", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa")
		f.want("absent", f.query(`SELECT 1 FROM pupil WHERE absent_at <> 0 UNION ALL SELECT 1 FROM guardian WHERE absent_at <> 0 UNION ALL SELECT 1 FROM division WHERE gone = 1`))
	})
}

func TestADeltaMarksWhomItDeletesAndTheNextCompleteExportConfirmsOrNot(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		f.takes(f.delta("20260902").put(aaf.Eleve, "deleteRequest", "p1").put(aaf.Eleve, "deleteRequest", "p3").export())
		f.want("only Tom is named", f.attendance(2026), clgUAI+"|3E1|Tom")
		f.want("the others are marked, and their rows wait", f.query(`SELECT p.forename FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id
			WHERE p.absent_at <> 0 ORDER BY p.forename`), "Ali", "Léa")
		next := f.feed("20260907").school(clg, clgUAI, "CLG$JEAN EXEMPLE", "4E3", "3E1").guardian("g1", "Anne", "anne@example.net").
			guardian("g2", "Paul", "paul@example.org").pupil("p1", "Léa", clg, "4E3", legal("g1"), legal("g2")).
			pupil("p2", "Tom", clg, "3E1", legal("g1"), contact("g2"))
		f.takes(next.export())
		f.want("Léa was a mistake", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Léa")
		f.want("Ali is gone for good", f.query(`SELECT count(*) FROM enrolment`), "2")
	})
}

func TestAModificationReplacesOnlyTheFieldsThatItNames(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").teacher("s1", "Claire", "MARTIN", "06/05/1982", "", clg, clg+"$4E3$062900", clg+"$3E1$062900").export())
		delta := f.delta("20260902").put(aaf.Eleve, "modifyRequest", "p1", attr("ENTEleveClasses", clg+"$3E1")).
			put(aaf.Eleve, "modifyRequest", "p2", attr("ENTElevePersRelEleve", contact("g1"))).
			put(aaf.PersEducNat, "modifyRequest", "s1", attr("ENTAuxEnsClassesPrincipal", clg+"$3E1")).
			put(aaf.PersRelEleve, "modifyRequest", "g3", attr("mail", "zoe@example.com"))
		report := f.takes(delta.export())
		f.want("Léa has another class", f.attendance(2026), clgUAI+"|3E1|Léa", clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali")
		f.want("Tom another guardian", f.answering(2026), "Ali|Zoé|légal", "Léa|Anne|légal", "Léa|Paul|légal", "Tom|Anne|contact")
		f.want("Claire is professeur principal of 3E1", f.teachers(2026), "3E1|Claire|062900|principal", "4E3|Claire|062900|")
		f.want("Zoé has an address", f.query(`SELECT mail FROM guardian WHERE forename = 'Zoé'`), "zoe@example.com")
		f.want("names stay", f.query(`SELECT usage_name, birth_date FROM pupil WHERE forename = 'Léa'`), "DUPONT|2012-06-06")
		if report.Pupils.Changed != 2 || report.Staff.Changed != 1 || report.Guardians.Changed != 1 || report.Rejected != 0 {
			t.Errorf("the report says %+v", report)
		}
	})
}

// Each quirk of real exports, and what becomes of it.
func TestQuirksOfRealExports(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		x := f.collège("20260901").guardian("g4", "Noé", "ceci n'est pas une adresse").guardian("g5", "Mia", "Mia.Dupont@gmail.com").
			pupil("p4", "Eva", clg, "T S1", "g5$1$0$2$0$0", "g4$1$0$0$1$0").                                           // old codes: légal 2 is legal; a class with a space that nobody declared
			pupil("p5", "Max", clg, "4E3", "g5$10$0$2$0$0", "g99$10$0$1$0$0", legal("g1")).                            // new codes: légal 2 is not; a guardian without a record
			pupil("p6", "Ida", "9999", "4E3", legal("g1")).                                                            // a school without a record
			pupil("p1", "Léa bis", clg, "3E1", legal("g3")).                                                           // the same key again
			put(aaf.PersRelEleve, "addRequest", "g6", attr("ENTPersonJointure", "g6"), attr("mail", "x@example.net")). // no name
			pupil("p7", "Lou", clg, "4E3", legal("g1"), legal("g1"), contact("g1"))                                    // one guardian three times
		report := f.takes(x.export())
		f.want("classes", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Lou", clgUAI+"|4E3|Léa", clgUAI+"|4E3|Max", clgUAI+"|T S1|Eva")
		f.want("who answers", f.answering(2026), "Ali|Zoé|légal", "Eva|Mia|légal", "Eva|Noé|contact", "Lou|Anne|légal", "Léa|Anne|légal", "Léa|Paul|légal",
			"Max|Anne|légal", "Max|Mia|contact", "Tom|Anne|légal", "Tom|Paul|contact")
		f.want("addresses", f.query(`SELECT forename, mail, mail_key FROM guardian WHERE jointure IN ('g4', 'g5') ORDER BY jointure`), "Noé||",
			"Mia|Mia.Dupont@gmail.com|miadupont@gmail.com")
		var rejected []string
		for _, r := range report.Rejections {
			rejected = append(rejected, r.Category+" "+r.Key)
		}
		slices.Sort(rejected)
		f.want("rejected", rejected, "Eleve p1", "Eleve p6", "PersRelEleve g6")
		for _, text := range []string{"responsable cité sans fiche"} {
			if !slices.ContainsFunc(report.Warnings, func(w enrolment.Warning) bool { return strings.Contains(w.Text, text) && w.Key == "p5" }) {
				t.Errorf("no warning %q in %+v", text, report.Warnings)
			}
		}
		mentionsNobody(t, report)
	})
}

// mentionsNobody fails where a report holds a name or an address of a pupil or a guardian.
func mentionsNobody(t *testing.T, report enrolment.Report) {
	t.Helper()
	var out strings.Builder
	if err := errors.Join(enrolment.Reports{report}.WriteHTML(&out, ""), enrolment.Reports{report}.WriteCSV(&out, "")); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"example.net", "example.org", "gmail", "DUPONT", "Léa", "Anne", "Mia"} {
		if strings.Contains(out.String(), secret) || strings.Contains(fmt.Sprintf("%+v", report), secret) {
			t.Errorf("the report mentions %q", secret)
		}
	}
}

func TestARejectedRecordTakesNobodyAway(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		x := f.feed("20260902").school(clg, clgUAI, "CLG$JEAN EXEMPLE", "4E3", "3E1").guardian("g1", "Anne", "anne@example.net").
			guardian("g2", "Paul", "paul@example.org").guardian("g3", "Zoé", "").pupil("p1", "Léa", clg, "4E3", legal("g1"), legal("g2")).
			pupil("p2", "Tom", "9999", "3E1").pupil("p3", "Ali", clg, "4E3", legal("g3"))
		if report := f.takes(x.export()); report.Rejected != 1 || report.Pupils.Absent != 0 {
			t.Errorf("the report says %+v", report)
		}
		f.want("Tom stays", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa")
	})
}

func TestACompleteExportOfOneSchoolLeavesTheOthersAsTheyAre(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").school(lyc, lycUAI, "LYC", "2A").guardian("g9", "Ada", "ada@example.net").
			pupil("p9", "Yan", lyc, "2A", legal("g9")).teacher("s9", "Luc", "PETIT", "06/05/1982", "", lyc, lyc+"$2A$1").export())
		report := f.takes(f.collège("20260902").export())
		f.want("the lycée is as it was", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa", lycUAI+"|2A|Yan")
		f.want("nobody is absent", f.query(`SELECT 1 FROM guardian WHERE absent_at <> 0 UNION ALL SELECT 1 FROM staff WHERE absent_at <> 0 UNION ALL SELECT 1 FROM division WHERE gone = 1`))
		f.want("the report says so", report.Untouched, lycUAI)
	})
}

func TestAPupilWhoChangesSchoolsIsInOneAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		both := func(day string) *feed {
			return f.feed(day).school(clg, clgUAI, "CLG", "4E3").school(lyc, lycUAI, "LYC", "2A").guardian("g1", "Anne", "anne@example.net")
		}
		f.takes(both("20260901").pupil("p1", "Léa", clg, "4E3", legal("g1")).export())
		f.takes(both("20260902").pupil("p1", "Léa", lyc, "2A", legal("g1")).export())
		f.want("Léa is at the lycée", f.attendance(2026), lycUAI+"|2A|Léa")
		if !f.isFormer("anne@example.net", clgUAI) || f.isFormer("anne@example.net", lycUAI) {
			t.Error("her mother's address is to stay protected at the collège, as a former one")
		}
	})
}

func TestAPupilWhoHasLeftIsNoLongerEnrolled(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		add := func(x *feed, left string) *aaf.Export {
			return x.put(aaf.Eleve, "addRequest", "p4", attr("ENTPersonJointure", "p4"), attr("sn", "DUPONT"), attr("givenName", "Eva"),
				attr("ENTPersonStructRattach", clg), attr("ENTEleveClasses", clg+"$4E3"), attr("ENTEleveDateSortieStructRattach", left)).export()
		}
		f.takes(add(f.collège("20260901"), "10/09/2026"))
		f.want("before the day", f.query(`SELECT count(*) FROM enrolment`), "4")
		f.takes(add(f.collège("20260911"), "10/09/2026"))
		f.want("after it", f.query(`SELECT count(*) FROM enrolment`), "3")
	})
}

func TestAnInterruptedImportIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		next := func() *aaf.Export {
			return f.collège("20260908").school(lyc, lycUAI, "LYC", "2A").guardian("g9", "Ada", "ada@example.net").pupil("p9", "Yan", lyc, "2A", legal("g9")).
				put(aaf.PersRelEleve, "addRequest", "g10", attr("ENTPersonJointure", "g10"), attr("sn", "X"), attr("givenName", "Y")).export()
		}
		for stop := 1; ; stop++ {
			ctx, cancel := context.WithCancel(t.Context())
			steps := 0
			_, err := f.Import(ctx, next(), enrolment.Options{Progress: func(int, int) {
				if steps++; steps == stop {
					cancel()
				}
			}})
			cancel()
			if err == nil {
				if stop < 5 {
					t.Fatalf("only %d steps were interrupted", stop-1)
				}
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("step %d: %v", stop, err)
			}
			f.want(fmt.Sprintf("after %d steps nobody of the collège is missing", stop), f.attendance(2026)[:3], clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa")
		}
		f.want("everybody is there", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa", lycUAI+"|2A|Yan")
		f.want("exports", f.query(`SELECT count(*) FROM aaf_file`), "2")
	})
}

func TestNobodySeesHalfAClass(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		fill := func(day, class string) *aaf.Export {
			x := f.feed(day).school(clg, clgUAI, "CLG", class)
			for i := range 1500 { // more than a transaction takes of different schools
				x.pupil(fmt.Sprint("p", i), "Léa", clg, class)
			}
			return x.export()
		}
		f.takes(fill("20260901", "4E3"))
		seen := map[string]bool{}
		_, err := f.Import(t.Context(), fill("20260902", "4EME 3"), enrolment.Options{Force: []string{"all"}, By: dsi, Progress: func(int, int) {
			for _, row := range f.query(`SELECT d.name, count(*) FROM division d JOIN division_pupil x ON x.division_id = d.division_id GROUP BY d.name`) {
				seen[row] = true
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for row := range seen {
			rows = append(rows, row)
		}
		slices.Sort(rows)
		f.want("what was seen on the way", rows, "4E3|1500", "4EME 3|1500")
	})
}

// What is refused changes nothing, and says why.
func TestWhatIsRefusedAndWhy(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		before := f.everything()
		cut := f.collège("20260902").files()
		part := cut["ENT2DVA_Complet_20260902_PersRelEleve_0000.xml"]
		part.Data = part.Data[:len(part.Data)/2]
		hole := f.collège("20260902").files()
		delete(hole, "ENT2DVA_Complet_20260902_PersRelEleve_0000.xml")
		for _, x := range []struct {
			why    string
			export *aaf.Export
			kind   failure.Kind
			text   string
		}{
			{"an older export", f.collège("20260831").export(), failure.Policy, "déjà importé"},
			{"an export of long ago", f.collège("20240901").export(), failure.Policy, "2026-2027"},
			{"an export of years to come", f.collège("20290901").export(), failure.Policy, "bien après"},
			{"a file that is cut", f.exports(aaf.Folder("cut", cut, aaf.Limits{}))[0], failure.Permanent, "PersRelEleve_0000.xml, ligne"},
			{"a file that is missing", f.exports(aaf.Folder("hole", hole, aaf.Limits{}))[0], failure.Permanent, "aucun fichier PersRelEleve"},
		} {
			_, err := f.Import(t.Context(), x.export, enrolment.Options{})
			if !failure.Is(err, x.kind) || !strings.Contains(err.Error(), x.text) {
				t.Errorf("%s: %v", x.why, err)
			}
			f.want(x.why, f.everything(), before...)
		}
	})
}

func TestAnEstablishmentFollowsTheExportsUntilSomebodyDescribesIt(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		is := func(what string, want string) {
			t.Helper()
			f.want(what, f.query(`SELECT name, nature, city FROM establishment WHERE uai = $1`, clgUAI), want)
		}
		named := func(day, name string) *aaf.Export { return f.feed(day).school(clg, clgUAI, name, "4E3").export() }
		f.takes(named("20260901", "CLG$UN"))
		is("new", "CLG UN|340|PARIS 19")
		f.takes(named("20260902", "CLG$DEUX"))
		is("renamed by AAF", "CLG DEUX|340|PARIS 19")
		f.exec(`UPDATE establishment SET name = 'Collège Deux'`)
		f.takes(named("20260903", "CLG$TROIS"))
		is("renamed by hand", "Collège Deux|340|PARIS 19")
	})
}

func TestTwoImportsAtOnceDoNotMix(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		other := newFixture(t, f.db, f.clock) // another node's
		raced := false
		_, err := f.Import(t.Context(), f.collège("20260901").export(), enrolment.Options{Progress: func(done, total int) {
			if !raced && total == 6 && done > 0 { // records are being written
				raced = true
				other.takes(f.collège("20260902").export())
			}
		}})
		if !raced || !failure.Is(err, failure.Conflict) {
			t.Fatalf("raced %t: %v", raced, err)
		}
		f.want("the other's is whole", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa")
	})
}

func TestAnImportStopsWhenAnotherNodeDecidesSomethingMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").teacher("s1", "Claire", "MARTIN", "06/05/1982", "", clg).export())
		other, decided := newFixture(t, f.db, f.clock), false
		next := f.collège("20260902").guardian("g4", "Ida", "").pupil("p4", "Eva", clg, "4E3", legal("g4")).teacher("s1", "Claire", "MARTIN", "06/05/1982", "", clg)
		_, err := f.Import(t.Context(), next.export(), enrolment.Options{Progress: func(done, total int) {
			if !decided && total == 2 && done > 0 { // records are being written
				decided = true
				if err := other.Decide(t.Context(), dsi, 2, "s1", ""); err != nil {
					t.Error(err)
				}
			}
		}})
		if !decided || !failure.Is(err, failure.Conflict) {
			t.Fatalf("decided %t: %v", decided, err)
		}
		f.takes(next.export())
		f.want("again, it is finished", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Eva", clgUAI+"|4E3|Léa")
	})
}

func TestAGuardianWhomTheExportCitesButNoLongerDescribesAnswersForNobody(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		x := f.collège("20260902")
		x.records[aaf.PersRelEleve] = x.records[aaf.PersRelEleve][1:] // Anne's
		f.takes(x.export())
		f.want("links", f.query(`SELECT DISTINCT g.forename FROM guardianship x JOIN guardian g ON g.guardian_id = x.guardian_id ORDER BY 1`), "Paul", "Zoé")
		if !f.isFormer("anne@example.net", clgUAI) {
			t.Error("her address is not protected")
		}
	})
}

func TestAPupilOfTwoSchoolsLeavesOnlyTheOneWhoseExportNoLongerNamesThem(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		two := func(x *feed) *feed {
			return x.put(aaf.Eleve, "addRequest", "p4", attr("ENTPersonJointure", "p4"), attr("sn", "DUPONT"), attr("givenName", "Eva"),
				attr("ENTPersonStructRattach", lyc), attr("ENTEleveClasses", lyc+"$2A", clg+"$4E3"))
		}
		f.takes(two(f.collège("20260901").school(lyc, lycUAI, "LYC", "2A")).export())
		f.takes(f.collège("20260902").export())
		f.want("she stays at the lycée", f.query(`SELECT e.uai, p.absent_at FROM enrolment e JOIN pupil p ON p.pupil_id = e.pupil_id WHERE p.forename = 'Eva'`), lycUAI+"|0")
		f.want("in her class there alone", f.query(`SELECT d.name FROM division_pupil x JOIN division d ON d.division_id = x.division_id
			JOIN pupil p ON p.pupil_id = x.pupil_id WHERE p.forename = 'Eva'`), "2A")
	})
}
