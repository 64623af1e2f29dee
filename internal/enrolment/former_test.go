package enrolment_test

import (
	"strings"
	"testing"
	"time"

	"navette/internal/enrolment"
	"navette/internal/failure"
)

func TestAGuardianWhoChangesAddressStaysProtectedAtTheOldOne(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		moved := func(day, mail string) { f.takes(f.delta(day).guardian("g1", "Anne", mail).export()) }
		moved("20260902", "anne@nouvelle.example")
		if !f.isFormer("Anne+ecole@EXAMPLE.net", clgUAI) {
			t.Error("the old address is not protected, however it is written")
		}
		f.want("until", f.query(`SELECT until FROM protected_former`), "2029-09-01")
		moved("20260903", "")
		if !f.isFormer("anne@nouvelle.example", clgUAI) {
			t.Error("an address that disappears is not protected")
		}
		f.want("nothing in the clear", f.query(`SELECT detail FROM journal WHERE detail LIKE '%example%'`))
		f.clock.Set(time.Date(2029, time.August, 31, 12, 0, 0, 0, time.UTC))
		f.upkeep()
		if !f.isFormer("anne@example.net", clgUAI) {
			t.Error("forgotten a day early")
		}
		f.clock.Add(24 * time.Hour)
		f.upkeep()
		if f.isFormer("anne@example.net", clgUAI) {
			t.Error("kept past its time")
		}
	})
}

func (f *fixture) upkeep() {
	f.t.Helper()
	if err := f.Upkeep(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func TestTwoRecordsOfOneMailboxAreTwoGuardians(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		household := f.feed("20260901").school(clg, clgUAI, "CLG", "4E3").guardian("g1", "Anne", "famille@example.net").guardian("g2", "Paul", "Famille@example.net").
			pupil("p1", "Léa", clg, "4E3", legal("g1"), legal("g2"))
		f.takes(household.export())
		f.want("guardians", f.answering(2026), "Léa|Anne|légal", "Léa|Paul|légal")
		f.want("one key", f.query(`SELECT DISTINCT mail_key FROM guardian`), "famille@example.net")
		f.takes(f.delta("20260902").guardian("g1", "Anne", "anne@example.net").export())
		if f.want("Paul keeps it", f.query(`SELECT forename FROM guardian WHERE mail_key = 'famille@example.net'`), "Paul"); !f.isFormer("famille@example.net", clgUAI) {
			t.Error("it was Anne's too")
		}
	})
}

func TestPeopleWhomTheExportsNoLongerNameAreForgottenAfterTheirTime(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").guardian("g4", "Ida", "ida@example.net").pupil("p4", "Eva", clg, "4E3", legal("g4")).export())
		f.takes(f.collège("20260902").export())
		f.clock.Add(retentionDays * 24 * time.Hour)
		f.upkeep()
		f.want("on the last day", f.query(`SELECT forename FROM pupil WHERE absent_at <> 0`), "Eva")
		f.clock.Add(24 * time.Hour)
		f.upkeep()
		f.want("after it", f.query(`SELECT forename FROM pupil WHERE jointure = 'p4' UNION ALL SELECT forename FROM guardian WHERE jointure = 'g4'`))
		f.want("nothing of them is left", f.query(`SELECT 1 FROM guardianship x WHERE NOT EXISTS (SELECT 1 FROM pupil p WHERE p.pupil_id = x.pupil_id)`))
		if !f.isFormer("ida@example.net", clgUAI) {
			t.Error("the address is not protected")
		}
		f.want("the others stay", f.attendance(2026), clgUAI+"|3E1|Tom", clgUAI+"|4E3|Ali", clgUAI+"|4E3|Léa")
	})
}

func TestAnAddressIsProtectedByHandAndTheJournalKnowsItByItsDigest(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		if err := f.Mark(t.Context(), dsi, "Papi+noel@Example.net", clgUAI); err != nil {
			t.Fatal(err)
		}
		f.want("marked", f.query(`SELECT mail_key, uai FROM protected_mark`), "papi@example.net|"+clgUAI)
		for _, c := range []struct {
			why, address, uai string
			kind              failure.Kind
		}{{"no address", "papi", clgUAI, failure.Policy}, {"no school", "papi@example.net", "0750654D", failure.Policy}} {
			if err := f.Mark(t.Context(), dsi, c.address, c.uai); !failure.Is(err, c.kind) || strings.Contains(err.Error(), "papi") {
				t.Errorf("%s: %v", c.why, err)
			}
		}
		if err := f.Unmark(t.Context(), dsi, "papi@example.net", clgUAI); err != nil {
			t.Fatal(err)
		}
		if err := f.Unmark(t.Context(), dsi, "papi@example.net", clgUAI); !failure.Is(err, failure.NotFound) {
			t.Errorf("taken back twice: %v", err)
		}
		f.want("the journal", f.query(`SELECT action, subject FROM journal WHERE action LIKE 'aaf.%protect' ORDER BY seq`),
			"aaf.protect|uai:"+clgUAI, "aaf.unprotect|uai:"+clgUAI)
		f.want("the address is nowhere in it", f.query(`SELECT 1 FROM journal WHERE detail LIKE '%papi%' OR reason LIKE '%papi%'`))
	})
}

func TestUpkeepOfNothingWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.takes(f.collège("20260901").export())
		writes := f.db.Stats().Writes
		f.upkeep()
		if n := f.db.Stats().Writes - writes; n != 0 {
			t.Errorf("%d writes", n)
		}
		if _, err := f.Import(t.Context(), f.collège("20260901").export(), enrolment.Options{}); err != nil {
			t.Error(err)
		}
	})
}
