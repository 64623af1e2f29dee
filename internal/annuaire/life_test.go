package annuaire_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/annuaire"
	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/store"
)

func TestAnEntryShowsWhatAColleagueNeedsAndNothingElse(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "77001", surname: "PETIT", usage: "MARTIN", forenames: "Claire Anne", corps: "Personnel de direction", function: "DIR"})
		e := f.entry(stranger(), "claire")
		want := annuaire.Function{Title: "Principal", Code: "DIR", Corps: "Personnel de direction",
			Establishment: annuaire.Establishment{UAI: college, Name: "Collège Jacques-Prévert", City: "Paris", Department: "075"}}
		if e.Kind != annuaire.Person || e.Name != "Claire MARTIN" || e.Address != "claire.martin@"+domain || !slices.Equal(e.Functions, []annuaire.Function{want}) {
			f.t.Errorf("%+v", e)
		}
		if got, want := e.Guarantee.Sentence(), "Identité garantie par les services RH (ARR-77001, enregistré le 15/09/2026)"; got != want {
			f.t.Errorf("guarantee %q, want %q", got, want)
		}
		if got, want := e.Guarantee.English(), "Identity guaranteed by human resources (ARR-77001, registered on 15/09/2026)"; got != want {
			f.t.Errorf("guarantee %q, want %q", got, want)
		}
		// The name at birth, further forenames, the login, the id_rh, the birth date.
		for _, text := range []string{"petit", "anne", "cmartin", "77001", "1982", "06/05/1982", "arr"} {
			f.wants(text)
		}
	})
}

// A deadname, a divorce: the address still receives, and the directory does not know it.
func TestAFormerNameIsNeitherShownNorFound(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "PETIT", usage: "LEGRAND", forenames: "Paul"})
		f.wants("paul.legrand", "Paul LEGRAND")
		f.clock.Add(48 * time.Hour)
		f.imports(person{id: "1", surname: "PETIT", forenames: "Paule"})
		f.wants("paule", "Paule PETIT")
		f.wants("legrand")
		f.wants("paul.legrand")
		f.wants("paul petit", "Paule PETIT") // as the beginning of Paule
		if e := f.entry(stranger(), "petit"); e.Address != "paule.petit@"+domain || e.Guarantee.Since != (directory.Date{Year: 2026, Month: 9, Day: 17}) {
			f.t.Errorf("%+v", e)
		}
	})
}

func TestWhoIsShownFromAppointmentToDeparture(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		agent := person{id: "1", surname: "ROUX", forenames: "Guy", to: "31/12/2026"}
		f.imports(agent)
		f.wants("roux", "Guy ROUX") // appointed, and nobody has logged in yet
		id := f.account("groux")
		service, err := identity.New(f.t.Context(), identity.Options{DB: f.db, Log: discard(), Pepper: pepper(f.t)})
		f.check(err)
		f.check(service.Suspend(f.t.Context(), by(), id))
		f.check(f.CatchUp(f.t.Context()))
		f.wants("roux", "Guy ROUX") // a suspension is no colleague's business
		f.check(service.Resume(f.t.Context(), by(), id))

		f.clock.Set(time.Date(2027, 1, 5, 10, 0, 0, 0, time.UTC))
		f.settle()
		if e := f.entry(stranger(), "roux"); len(e.Functions) != 0 || e.Address != "guy.roux@"+domain {
			f.t.Errorf("in grace: %+v", e)
		}
		f.wants("roux prevert")
		f.clock.Set(time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC))
		f.settle()
		f.wants("roux") // departed
		f.clock.Set(time.Date(2027, 9, 1, 10, 0, 0, 0, time.UTC))
		f.settle()
		f.wants("roux") // closed
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy", from: "01/09/2027"})
		f.wants("roux prevert", "Guy ROUX") // and back
	})
}

func TestTheDeadAreNotShownThoughTheirAccountIsSuspendedAndNotDeparted(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy"})
		f.check(f.life.Died(f.t.Context(), by(), f.account("groux"), directory.Date{Year: 2026, Month: 9, Day: 14}, "ACTE-1"))
		f.check(f.CatchUp(f.t.Context()))
		f.wants("roux")
	})
}

func TestWhatBeginsLaterIsShownOfThoseWhoHaveNothingToday(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy", from: "01/11/2026"},
			person{id: "2", surname: "NOËL", forenames: "Ève"}, person{id: "2", surname: "NOËL", forenames: "Ève", uai: lycee, from: "01/11/2026"})
		e := f.entry(stranger(), "roux")
		if len(e.Functions) != 1 || e.Functions[0].From != (directory.Date{Year: 2026, Month: 11, Day: 1}) {
			f.t.Errorf("appointed: %+v", e)
		}
		f.wants("noel bobigny") // the directory does not announce a move
		f.clock.Set(time.Date(2026, 11, 1, 0, 0, 1, 0, time.UTC))
		f.check(f.CatchUp(f.t.Context()))
		f.wants("noel bobigny", "Ève NOËL")
		if e := f.entry(stranger(), "roux"); !e.Functions[0].From.IsZero() {
			f.t.Errorf("on the day: %+v", e)
		}
	})
}

func TestAProvisionalPersonIsMarkedUntilTheHRLineComes(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		head := person{id: "1", surname: "ARNAUD", forenames: "Luc", function: "DIR"}
		f.imports(head)
		_, err := f.hr.Sponsor(f.t.Context(), by(), roster.Sponsorship{Sponsor: "larnaud", UAI: college,
			Person: directory.Person{BirthName: "NEUF", Forenames: "Ida", Birth: directory.Date{Year: 1982, Month: 5, Day: 6}}})
		f.check(err)
		f.check(f.CatchUp(f.t.Context()))
		e := f.entry(stranger(), "neuf prevert")
		if e.Guarantee.Verified || e.Guarantee.Sentence() != "Identité non vérifiée (compte provisoire)" || e.Guarantee.English() == "" {
			f.t.Errorf("provisional: %+v", e.Guarantee)
		}
		f.imports(head, person{id: "9", surname: "NEUF", forenames: "Ida"})
		if e := f.entry(stranger(), "neuf"); !e.Guarantee.Verified || e.Guarantee.Document != "ARR-9" {
			f.t.Errorf("known to HR: %+v", e.Guarantee)
		}
	})
}

func TestBoxesAreFoundUnderTheNameTheirEstablishmentHasNow(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy"})
		page, err := f.Search(f.t.Context(), stranger(), annuaire.Query{Text: "ce.0759001b"})
		f.check(err)
		e := page.Entries[0] // the school's people follow
		if e.Kind != annuaire.Box || e.Name != "Collège Jacques-Prévert" || e.Address != "ce.0759001b@"+domain || e.Guarantee.Sentence() != "" {
			f.t.Errorf("%+v", e)
		}
		f.check(f.hr.PutEstablishments(f.t.Context(), []directory.Establishment{{UAI: college, Name: "Collège Simone-Veil", Nature: directory.NatureCollege, City: "Paris"}}))
		f.check(f.CatchUp(f.t.Context()))
		f.wants("simone veil", "Collège Simone-Veil", "Guy ROUX")
		f.wants("prevert")
	})
}

func TestGetGivesEntriesByNumberAndLeavesOutWhatIsNotShown(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy"}, person{id: "2", surname: "NOËL", forenames: "Ève", uai: lycee})
		guy, eve := f.account("groux"), f.account("enoel")
		got, err := f.Get(f.t.Context(), f.as("groux"), eve, 424242, guy)
		f.check(err)
		if len(got) != 2 || got[0].Name != "Ève NOËL" || got[0].Colleague || got[1].Name != "Guy ROUX" || !got[1].Colleague {
			f.t.Errorf("%+v", got)
		}
		f.check(f.Hide(f.t.Context(), by(), eve))
		got, err = f.Get(f.t.Context(), f.as("groux"), eve, guy)
		f.check(err)
		if len(got) != 1 || got[0].Account != guy {
			f.t.Errorf("with a hidden one: %+v", got)
		}
	})
}

func TestPagesAreOneAnswerAndAForeignCursorIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		var people []person
		for i := range 25 {
			people = append(people, person{id: string(rune('A' + i)), surname: "MARTIN", forenames: strings.Repeat(string(rune('A'+i)), 3)})
		}
		f.imports(people...)
		q := annuaire.Query{Text: "martin", Limit: 7}
		var all []string
		for range 10 {
			page, err := f.Search(f.t.Context(), stranger(), q)
			f.check(err)
			for _, e := range page.Entries {
				all = append(all, e.Name)
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if whole := f.finds(stranger(), annuaire.Query{Text: "martin", Limit: 50}); len(all) != 25 || !slices.Equal(all, whole) {
			f.t.Errorf("in pages %q, at once %q", all, whole)
		}
		q.After = "Zm9v"
		if _, err := f.Search(f.t.Context(), stranger(), q); err == nil {
			f.t.Error("a foreign cursor was taken")
		}
	})
}

func TestDistributionListsAreNotInTheDirectory(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.check(f.db.Write(f.t.Context(), store.Bulk, func(tx *store.Tx) error {
			for _, q := range []string{`INSERT INTO account (account_id, person_id, kind, login, state, display_name, auth_epoch, created_at, updated_at)
					VALUES (9000, NULL, 'list', 'profs', 'active', 'Enseignants', 1, 0, 0)`,
				`INSERT INTO address (address, account_id, kind, issued_at, reference) VALUES ('profs@ac-paris.example', 9000, 'primary', 0, '')`} {
				if _, err := tx.Exec(f.t.Context(), q); err != nil {
					return err
				}
			}
			return nil
		}))
		f.imports(person{id: "1", surname: "ROUX", forenames: "Guy", corps: "Enseignants"})
		f.wants("enseignants", "Guy ROUX")
	})
}
