package box_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"navette/internal/box"
	"navette/internal/directory"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/testkit/house"
)

func TestTheBoxOfASchoolFollowsItsHeads(t *testing.T) {
	t.Parallel()
	academies(t, "20/08/2026", func(a *academie) {
		lines := []string{petit + directs("01/09/2020", "31/08/2026"), roux + seconds("01/09/2022", ""), adam + teaches("01/09/2022", "")}
		a.file(lines...)
		a.opens("in August", "hpetit propriétaire par sa fonction jusqu'au 31/08/2026", "croux membre par sa fonction")

		a.file(append(lines, leroy+directs("28/08/2026", ""))...)
		a.opens("the successor is named, and not there yet", "hpetit propriétaire par sa fonction jusqu'au 31/08/2026", "croux membre par sa fonction")
		a.on("28/08/2026")
		a.opens("both heads are there", "hpetit propriétaire par sa fonction jusqu'au 31/08/2026", "jleroy propriétaire par sa fonction", "croux membre par sa fonction")
		a.clock.Set(morning(a.t, "01/09/2026"))
		a.opens("the first is gone on the day itself, before anything ran", "jleroy propriétaire par sa fonction", "croux membre par sa fonction")
		a.refresh()
		a.opens("and afterwards", "jleroy propriétaire par sa fonction", "croux membre par sa fonction")

		a.on("15/08/2027")
		a.file(roux+seconds("01/09/2022", ""), adam+teaches("01/09/2022", "")) // Jean Leroy is no longer named
		a.opens("vacant in summer", "croux propriétaire par intérim jusqu'au 31/10/2027")
		a.alarms("an interim is an owner")
		a.clock.Set(morning(a.t, "01/11/2027"))
		a.opens("the interim ends by itself", "croux membre par sa fonction")
		a.refresh()
		a.opens("and afterwards", "croux membre par sa fonction")
		a.alarms("after the interim", school+" 01/11/2027")
		a.on("02/11/2027")
		a.alarms("since the first day without", school+" 01/11/2027")

		a.file(petit+directs("02/11/2027", ""), roux+seconds("01/09/2022", ""), adam+teaches("01/09/2022", ""))
		a.opens("a head again", "hpetit propriétaire par sa fonction", "croux membre par sa fonction")
		a.alarms("a head again")
	})
}

func TestRunningItAgainChangesNothing(t *testing.T) {
	t.Parallel()
	academies(t, "20/08/2026", func(a *academie) {
		a.file(petit+directs("01/09/2020", "31/08/2026"), roux+seconds("01/09/2022", ""), adam+teaches("01/09/2022", ""))
		a.set("aadam", box.Reader)
		for _, d := range []string{"20/08/2026", "01/09/2026", "31/10/2026", "01/11/2026"} {
			a.on(d)
			before := a.rows(`SELECT hash FROM journal ORDER BY seq`)
			if r := a.refresh(); r.Made+r.Renamed+r.Altered != 0 {
				t.Errorf("on %s: %+v", d, r)
			}
			if after := a.rows(`SELECT hash FROM journal ORDER BY seq`); !slices.Equal(before, after) {
				t.Errorf("on %s the journal has %d entries more", d, len(after)-len(before))
			}
		}
		a.opens("in November", "croux membre par sa fonction", "aadam membre en lecture seule")
	})
}

func TestEachEstablishmentGetsItsBox(t *testing.T) {
	t.Parallel()
	academies(t, "20/08/2026", func(a *academie) {
		schools := []directory.Establishment{{UAI: "0759002C", Name: "École Marie-Noël", Nature: directory.NatureEcoleElementaire}}
		if err := a.roster.PutEstablishments(t.Context(), schools); err != nil {
			t.Fatal(err)
		}
		wrongKey := "Professeur certifié;ENS2D;ENS;0759001X;01/09/2022;;ARR-1"
		a.file(petit+directs("01/09/2020", ""), roux+wrongKey)
		want := []string{"ce.0759001b Établissement 0759001B ce.0759001b@" + house.Domain, "ce.0759002c École Marie-Noël ce.0759002c@" + house.Domain}
		query := `SELECT a.login || ' ' || a.display_name || ' ' || d.address FROM account a JOIN address d ON d.account_id = a.account_id
			WHERE a.kind = 'functional' ORDER BY a.login`
		if got := a.rows(query); !slices.Equal(got, want) {
			t.Errorf("boxes %q, want %q", got, want)
		}
		schools = []directory.Establishment{{UAI: uai, Name: "Collège Mathilde-Vauquelin", Nature: directory.NatureCollege}}
		if err := a.roster.PutEstablishments(t.Context(), schools); err != nil {
			t.Fatal(err)
		}
		if r := a.refresh(); r.Renamed != 1 || r.Made != 0 {
			t.Errorf("refreshed %+v", r)
		}
		if got := a.rows(query)[0]; !strings.Contains(got, "Collège Mathilde-Vauquelin") {
			t.Errorf("box %q", got)
		}
	})
}

func TestTheHistoryOfABoxTellsWhoCouldOpenItWhen(t *testing.T) {
	t.Parallel()
	academies(t, "20/08/2026", func(a *academie) {
		a.file(petit+directs("01/09/2020", "31/08/2026"), adam+teaches("01/09/2022", ""))
		a.set("Amine Adam", box.Member)
		a.set("aadam", box.Reader)
		a.on("01/09/2026")
		a.on("01/11/2026")
		want := []string{
			"le 20/08/2026 : boîte fonctionnelle « Établissement 0759001B » ; reçoit ce.0759001b@ac-paris.example ; document : établissement 0759001B (par box)",
			"le 20/08/2026 : Hélène PETIT (hpetit) : propriétaire par sa fonction jusqu'au 31/08/2026 (par box)",
			"le 20/08/2026 : Amine ADAM (aadam) : membre (par cli:dsi)",
			"le 20/08/2026 : Amine ADAM (aadam) : membre devient membre en lecture seule (par cli:dsi)",
			"le 01/09/2026 : Hélène PETIT (hpetit) : n'est plus propriétaire par sa fonction (par box)",
			"le 01/09/2026 : Hélène PETIT (hpetit) : propriétaire par intérim jusqu'au 31/10/2026 (par box)",
			"le 01/11/2026 : Hélène PETIT (hpetit) : n'est plus propriétaire par intérim (par box)",
		}
		if got := a.tells(school); !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		acts := a.rows(`SELECT action || ' ' || actor || ' ' || reason FROM journal WHERE action LIKE 'box.%' ORDER BY seq`)
		wantActs := []string{"box.create box fonctions de direction", "box.roles box fonctions de direction", "box.add cli:dsi demande du rectorat",
			"box.add cli:dsi demande du rectorat", "box.roles box fonctions de direction", "box.roles box fonctions de direction"}
		if !slices.Equal(acts, wantActs) {
			t.Errorf("journal %q", acts)
		}
	})
}

func TestABoxWithoutAnOwnerIsToldOnceToItsMembersAndToTheLog(t *testing.T) {
	t.Parallel()
	academies(t, "20/01/2027", func(a *academie) {
		upkeep := func() {
			t.Helper()
			if err := a.Upkeep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		a.file(petit+directs("01/09/2020", "31/01/2027"), roux+seconds("01/09/2022", ""))
		upkeep()
		if n := len(a.inbox(a.box(school))); n != 0 || a.OrphanCount() != 0 {
			t.Errorf("%d notices, %d alarms while there is a head", n, a.OrphanCount())
		}
		a.clock.Set(morning(t, "01/02/2027"))
		upkeep()
		upkeep()
		told := a.inbox(a.box(school))
		if len(told) != 1 || a.OrphanCount() != 1 {
			t.Fatalf("%d notices, %d alarms", len(told), a.OrphanCount())
		}
		facts, err := told[0].Message.Facts()
		if err != nil || facts.SubjectText != "Boîte sans propriétaire" {
			t.Errorf("notice %q, %v", facts.SubjectText, err)
		}
		if n := strings.Count(a.log.String(), "boxes without an owner"); n != 1 {
			t.Errorf("the log tells it %d times: %s", n, a.log)
		}
		a.set("croux", box.Owner)
		a.alarms("the deputy was made owner")
		if err := a.RemoveMember(t.Context(), dsi(), a.box(school), a.person("croux")); err != nil {
			t.Fatal(err)
		}
		a.alarms("and is not any more", school+" 01/02/2027")
		upkeep()
		if n := len(a.inbox(a.box(school))); n != 2 {
			t.Errorf("%d notices after the second loss", n)
		}
		late := newBox(a, box.Box{Local: "dos3", Display: "Division"})
		upkeep()
		if first, second := len(a.inbox(a.box(school))), len(a.inbox(late)); first != 2 || second != 1 {
			t.Errorf("%d notices here and %d in a box without an owner that came later", first, second)
		}
	})
}

func TestWhoHasLeftOpensNothing(t *testing.T) {
	t.Parallel()
	academies(t, "01/02/2027", func(a *academie) {
		a.file(petit+directs("01/09/2020", ""), leroy+teaches("01/09/2020", ""), adam+teaches("01/09/2022", ""))
		a.set("jleroy", box.Member)
		a.set("aadam", box.Owner)
		a.exec(`UPDATE account SET state = 'suspended' WHERE login = 'aadam'`)
		a.exec(`INSERT INTO suspension (account_id, resumes) SELECT account_id, 'active' FROM account WHERE login = 'aadam'`)
		a.exec(`UPDATE account SET state = 'departed' WHERE login = 'jleroy'`)
		a.opens("one suspended, one departed", "hpetit propriétaire par sa fonction")
		for login, want := range map[string]string{"aadam": "[]", "jleroy": "[]"} {
			id := a.rows(`SELECT account_id FROM account WHERE login = $1`, login)
			boxes, err := a.AccessOf(t.Context(), number(t, id[0]))
			if err != nil || len(boxes) != 0 {
				t.Errorf("%s opens %v (%v), want %s", login, boxes, err, want)
			}
		}
		a.refresh()
		a.exec(`UPDATE account SET state = 'active' WHERE login IN ('aadam', 'jleroy')`)
		a.exec(`DELETE FROM suspension`)
		a.opens("the suspension is over; who departed was taken off", "aadam propriétaire", "hpetit propriétaire par sa fonction")
		a.exec(`UPDATE account SET state = 'suspended' WHERE login = $1`, school)
		a.opens("the box itself is suspended")
	})
}

func TestStaffOfTheLocalAuthorityAreMembersLikeOthers(t *testing.T) {
	t.Parallel()
	academies(t, "01/10/2026", func(a *academie) {
		a.file(petit+directs("01/09/2020", ""), roux+serves("01/09/2024", ""))
		sponsored, err := a.roster.Sponsor(t.Context(), identity.By{Actor: "hpetit", Reason: "cuisine"}, roster.Sponsorship{Sponsor: "hpetit", UAI: uai,
			Person: directory.Person{Civility: "M.", BirthName: "BLANC", Forenames: "Luc", Birth: directory.Date{Year: 1985, Month: 5, Day: 5}}})
		if err != nil {
			t.Fatal(err)
		}
		owner := box.AsOwner(a.person("hpetit"), "équipe d'intendance")
		for _, who := range []string{"Claire Roux", sponsored.Login} {
			if err := a.SetMember(t.Context(), owner, a.box(school), a.person(who), box.Member); err != nil {
				t.Errorf("%s: %v", who, err)
			}
		}
		a.opens("one of the HR file, one whom the head vouches for", "hpetit propriétaire par sa fonction", "croux membre", "lblanc membre")
	})
}

// Two records were one person, and each was a member somewhere.
func TestAMergedRecordKeepsWhatWasGivenByHand(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		other := newBox(a, box.Box{Local: "dos3", Display: "Division"})
		a.set("jleroy", box.Member)
		a.set("aadam", box.Reader)
		list := []box.Appointment{{Box: other, Member: a.person("aadam"), Role: box.Owner}}
		if err := a.Appoint(t.Context(), identity.By{Actor: "cli:dsi", Reason: "reprise"}, list); err != nil {
			t.Fatal(err)
		}
		if err := a.career.Merge(t.Context(), identity.By{Actor: "cli:dsi", Reason: "même personne"}, "1002", "1004", "NOTE-7"); err != nil {
			t.Fatal(err)
		}
		a.refresh()
		a.opens("their own role is not lessened", "hpetit propriétaire par sa fonction", "croux membre par sa fonction", "jleroy membre")
		boxes, err := a.AccessOf(t.Context(), a.person("jleroy"))
		if err != nil || len(boxes) != 2 || boxes[1].Role != box.Owner {
			t.Errorf("the account that stays opens %+v, %v", boxes, err)
		}
		if r := a.refresh(); r.Altered != 0 {
			t.Errorf("again %+v", r)
		}
	})
}

func TestAnOwnerSeesWhichMembersHaveNoFunctionHere(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		a.set("aadam", box.Member)
		a.set("jleroy", box.Member)
		elsewhere := strings.Replace(teaches("01/11/2026", ""), uai, "0759002C", 1)
		a.file(petit+directs("01/09/2020", ""), roux+seconds("01/09/2022", ""), leroy+teaches("01/09/2022", ""), adam+elsewhere)
		list, err := a.Members(t.Context(), a.box(school))
		if err != nil {
			t.Fatal(err)
		}
		var gone []string
		for _, m := range list {
			if m.Elsewhere {
				gone = append(gone, m.Login)
			}
		}
		if len(list) != 4 || !slices.Equal(gone, []string{"aadam"}) {
			t.Errorf("of %+v, %v have no function here", list, gone)
		}
	})
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
