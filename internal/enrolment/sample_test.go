package enrolment_test

import (
	"strings"
	"testing"

	"navette/internal/aaf"
	"navette/internal/enrolment"
	"navette/internal/failure"
)

// The sample, as the secretary of the collège would say it.
func TestTheSampleIsImportedAsASecretaryWouldSayIt(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.hires("1001;Mme;CLAVIER;LE GUÉN;Marie-Françoise;06/05/1982;0759001B", "1002;M.;MARTIN;;Jean;11/03/1968;0750654D", "1003;M.;MARTIN;;Jean;12/11/1971;0759001B")
		complete, _ := f.sample()
		report := f.takes(complete)
		f.want("Michèle is in the class 4E3 and learns German in the group 4ALL2", f.attendance(2026), "0759001B|4ALL2|Michèle", "0759001B|4E3|Michèle")
		f.want("her parents answer for her; her grandmother has no record", f.answering(2026), "Michèle|Anne|légal", "Michèle|Paul|légal")
		f.want("mails", f.query(`SELECT mail, mail_key FROM guardian ORDER BY jointure`), "anne.rodriguez@example.net|anne.rodriguez@example.net",
			"p.rodriguez@example.org|p.rodriguez@example.org")
		f.want("classes and groups", f.query(`SELECT kind, name, label, gone FROM division WHERE year = 2026 AND uai = '0759001B' ORDER BY kind, name`),
			"1|3E1|TROISIEME 1|0", "1|4E3|QUATRIEME 3|0", "2|4ALL2|ALLEMAND LV2 4EME|0")
		f.want("Mme Le Guén teaches biology in 4E3, of which she is professeur principal", f.teachers(2026),
			"4E3|MARIE-FRANÇOISE|SCIENCES DE LA VIE ET DE LA TERRE|principal")
		f.want("what people do", f.query(`SELECT s.forename, p.uai, p.function, p.post FROM staff_post p JOIN staff s ON s.staff_id = p.staff_id ORDER BY s.jointure`),
			"MARIE-FRANÇOISE|0759001B|ENS|L1600", "JEAN|0759001B|DIR|D0010")
		f.want("both are agents, and the head is the second Jean Martin", f.staffing(), "MARIE-FRANÇOISE|mle-guen|règle", "JEAN|jmartin1|règle")
		f.want("the collège", f.query(`SELECT uai, name, nature, department, city FROM establishment WHERE uai = '0759001B'`),
			"0759001B|CLG JEAN EXEMPLE PARIS|340|075|PARIS 19")
		f.want("the year is the current one: it is the first", f.query(`SELECT year, state, as_of, approved_by FROM school_year`), "2026|1|2026-09-01|")
		if report.Pupils.New != 1 || report.Guardians.New != 2 || report.Legal != 2 || report.Contacts != 0 || report.Matched != 2 || report.Rejected != 0 {
			t.Errorf("the report says %+v", report)
		}
		if year, err := f.Current(t.Context()); err != nil || year.Year != 2026 || year.State != enrolment.Current || year.Standing() != "SIECLE au 01/09/2026" {
			t.Errorf("the current year is %v, %q, %v", year, year.Standing(), err)
		}
	})
}

// The sample's delta: Mme Le Guén takes her birth name again and is professeur principal no more, the head goes, and Anne
// has another address.
func TestADeltaChangesOnlyWhatItSays(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		complete, delta := f.sample()
		f.takes(complete)
		report := f.takes(delta)
		f.want("classes stay", f.attendance(2026), "0759001B|4ALL2|Michèle", "0759001B|4E3|Michèle")
		f.want("guardians stay", f.answering(2026), "Michèle|Anne|légal", "Michèle|Paul|légal")
		f.want("the address", f.query(`SELECT mail FROM guardian WHERE forename = 'Anne'`), "anne.r@example.net")
		f.want("the name", f.query(`SELECT usage_name FROM staff WHERE jointure = '2397000'`), "CLAVIER")
		f.want("she teaches on, and is principal of nothing", f.teachers(2026), "4E3|MARIE-FRANÇOISE|SCIENCES DE LA VIE ET DE LA TERRE|")
		f.want("the head is absent, until the next complete export says so too", f.query(`SELECT jointure FROM staff WHERE absent_at <> 0`), "2397001")
		if !f.isFormer("anne.rodriguez@example.net", "0759001B") || f.isFormer("anne.r@example.net", "0759001B") {
			t.Error("the old address is not the one that is protected as a former one")
		}
		if report.Former != 1 || report.Guardians.Changed != 1 || report.Staff.Absent != 1 {
			t.Errorf("the report says %+v", report)
		}
	})
}

func TestTheSameExportAgainWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		complete, _ := f.sample()
		f.takes(complete)
		before, commits := f.everything(), f.db.Stats().Writes
		if report := f.takes(complete); !report.Known || !report.NothingChanged() {
			t.Errorf("the same files gave %+v", report)
		}
		if n := f.db.Stats().Writes - commits; n != 0 {
			t.Errorf("the same files caused %d writes", n)
		}
		f.want("after the same files", f.everything(), before...)
	})
}

func TestAGoodExportIsImportedAgainAfterABadOne(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		all := []string{clgUAI + "|3E1|Tom", clgUAI + "|4E3|Ali", clgUAI + "|4E3|Léa"}
		bad := func(day string) *aaf.Export {
			return f.feed(day).school(clg, clgUAI, "CLG", "4E3").pupil("p1", "Léa", clg, "4E3").export()
		}
		good := f.collège("20260901").export()
		f.takes(good)
		f.takes(bad("20260901"))
		f.want("after the bad one", f.attendance(2026), clgUAI+"|4E3|Léa")
		if report := f.takes(good); report.Known {
			t.Error("the good export is taken for known")
		}
		f.want("after the good one again", f.attendance(2026), all...)

		f.takes(bad("20260902"))
		if _, err := f.Import(t.Context(), good, enrolment.Options{}); !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), "--force all") {
			t.Errorf("the good one is of an older day: %v", err)
		}
		forced := enrolment.Options{Force: []string{"all"}, By: dsi}
		for _, when := range []string{"after the good one by force", "by force once more"} {
			if report, err := f.Import(t.Context(), good, forced); err != nil || report.Known {
				t.Errorf("%s: %+v, %v", when, report, err)
			}
			f.want(when, f.attendance(2026), all...)
		}
	})
}
