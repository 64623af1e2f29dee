package box_test

import (
	"slices"
	"strings"
	"testing"

	"navette/internal/box"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/testkit/house"
)

// peopled is the school with a head, a deputy and a teacher.
func peopled(a *academie) {
	a.t.Helper()
	a.file(petit+directs("01/09/2020", ""), roux+seconds("01/09/2022", ""), adam+teaches("01/09/2022", ""), leroy+teaches("01/09/2022", ""))
}

func TestOnlyAnOwnerOrTheDSIChangesMembers(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		id, head, deputy, adam, leroy := a.box(school), a.person("hpetit"), a.person("croux"), a.person("aadam"), a.person("jleroy")
		a.set("aadam", box.Reader)
		why := "rentrée"
		for _, c := range []struct {
			name string
			by   box.Actor
			kind failure.Kind
		}{
			{"the head", box.AsOwner(head, why), 0},
			{"a deputy", box.AsOwner(deputy, why), failure.Policy},
			{"a reader", box.AsOwner(adam, why), failure.Policy},
			{"a stranger", box.AsOwner(leroy, why), failure.Policy},
			{"the box itself", box.AsOwner(id, why), failure.Policy},
			{"nobody", box.AsOwner(0, why), 0xff},
			{"the DSI", dsi(), 0},
		} {
			err := a.SetMember(t.Context(), c.by, id, leroy, box.Member)
			if err == nil {
				err = a.RemoveMember(t.Context(), c.by, id, leroy)
			} else if again := a.RemoveMember(t.Context(), c.by, id, adam); failure.KindOf(again) != failure.KindOf(err) {
				t.Errorf("%s may add: %v, remove: %v", c.name, err, again)
			}
			if c.kind == 0xff && err != nil {
				continue
			}
			if failure.KindOf(err) != c.kind {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		a.opens("after all that was refused", "hpetit propriétaire par sa fonction", "croux membre par sa fonction", "aadam membre en lecture seule")
		acts := a.rows(`SELECT actor || ' ' || action || ' ' || reason FROM journal WHERE actor = 'hpetit' ORDER BY seq`)
		if !slices.Equal(acts, []string{"hpetit box.add rentrée", "hpetit box.remove rentrée"}) {
			t.Errorf("journal of the head: %q", acts)
		}
	})
}

func TestWhatIsRefusedAboutMembers(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		id, head, deputy := a.box(school), a.person("hpetit"), a.person("croux")
		gone := a.person("jleroy")
		a.exec(`UPDATE account SET state = 'departed' WHERE account_id = $1`, gone)
		other := newBox(a, box.Box{Local: "division", Display: "Division"})
		set := func(id, who int64, role box.Role) error { return a.SetMember(t.Context(), dsi(), id, who, role) }
		for name, c := range map[string]struct {
			err  error
			kind failure.Kind
			text string
		}{
			"a box in a box":                      {set(id, other, box.Reader), failure.Policy, "nominatif"},
			"who has left":                        {set(id, gone, box.Reader), failure.Policy, "a quitté l'académie"},
			"an account that is none":             {set(id, 999_999, box.Reader), failure.NotFound, "n'existe pas"},
			"a role that is none":                 {set(id, deputy, "admin"), failure.Permanent, "owner, member, reader"},
			"a person's mailbox":                  {set(deputy, head, box.Reader), failure.NotFound, "pas une boîte fonctionnelle"},
			"a head made reader":                  {set(id, head, box.Reader), failure.Policy, "par sa fonction"},
			"a head taken off":                    {a.RemoveMember(t.Context(), dsi(), id, head), failure.Policy, "par sa fonction"},
			"a stranger taken off":                {a.RemoveMember(t.Context(), dsi(), id, a.person("aadam")), failure.NotFound, "n'est pas membre"},
			"an operator without a name":          {a.SetMember(t.Context(), box.AsOperator(identity.By{}), id, a.person("aadam"), box.Reader), 0, "actor"},
			"the last owner by hand goes, by own": {lastOwner(a, other), failure.Policy, "plus de propriétaire"},
		} {
			if c.err == nil || failure.KindOf(c.err) != c.kind || !strings.Contains(c.err.Error(), c.text) {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		a.opens("nothing came of it", "hpetit propriétaire par sa fonction", "croux membre par sa fonction")
		if err := set(id, deputy, box.Owner); err != nil {
			t.Errorf("a deputy made owner by hand: %v", err)
		}
		a.opens("a deputy made owner by hand", "croux propriétaire", "hpetit propriétaire par sa fonction")
	})
}

// newBox makes a box and gives its account.
func newBox(a *academie, n box.Box) int64 {
	a.t.Helper()
	if made, err := a.Create(a.t.Context(), identity.By{Actor: "cli:dsi", Reason: "demande"}, []box.Box{n}); err != nil || made != 1 {
		a.t.Fatalf("made %d: %v", made, err)
	}
	return a.box(n.Local)
}

// lastOwner has the one owner of a box make themself a member.
func lastOwner(a *academie, id int64) error {
	adam := a.person("aadam")
	if err := a.SetMember(a.t.Context(), dsi(), id, adam, box.Owner); err != nil {
		return err
	}
	return a.SetMember(a.t.Context(), box.AsOwner(adam, "congé"), id, adam, box.Member)
}

func TestMembersAreNamedAsPeopleNameThem(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		a.file(petit+directs("01/09/2020", ""), adam+teaches("01/09/2022", ""),
			"2001;;M.;ADAM;;Amine;03/04/1991;"+teaches("01/09/2022", ""), "2002;;Mme;ADAM-LOPEZ;;Amine;03/04/1991;"+teaches("01/09/2022", ""),
			"2003;;Mme;DE LA TOUR;;Marie Claire;03/04/1991;"+teaches("01/09/2022", ""))
		for name, want := range map[string]string{
			"hpetit":                                "hpetit",
			"HPETIT":                                "hpetit",
			"helene.petit@" + house.Domain:          "hpetit",
			"hpetit@" + house.Domain:                "hpetit",
			"Hélène Petit":                          "hpetit",
			"  helene   PETIT ":                     "hpetit",
			"Amine Adam-Lopez":                      "aadam-lopez",
			"Marie Claire":                          "? aucun",
			"Hélène":                                "? aucun",
			"Petit Hélène":                          "? aucun",
			"Hélène Peti":                           "? aucun",
			"amine.adam1@" + house.Domain:           "aadam1",
			"Amine Adam":                            "? aadam, aadam1",
			"Personne Inconnue":                     "? aucun",
			"":                                      "? aucun",
			"%":                                     "? aucun",
			"Hélène Petit' OR '1'='1":               "? aucun",
			"inconnu@" + house.Domain:               "? aucun",
			"quelque chose qui ne se termine pas 1": "? aucun",
		} {
			id, err := a.FindMember(t.Context(), name)
			got := "? aucun"
			switch {
			case err == nil:
				got = a.rows(`SELECT login FROM account WHERE account_id = $1`, id)[0]
			case failure.Is(err, failure.Conflict):
				_, logins, _ := strings.Cut(err.Error(), "(")
				got = "? " + strings.TrimSuffix(logins, ")")
			case !failure.Is(err, failure.NotFound):
				t.Errorf("%q: %v", name, err)
			}
			if got != want {
				t.Errorf("%q is %q, want %q", name, got, want)
			}
		}
		for _, name := range []string{school, uai, strings.ToLower(uai), "CE.0759001B@" + house.Domain} {
			if id, err := a.Find(t.Context(), name); err != nil || id != a.box(school) {
				t.Errorf("box %q: %d, %v", name, id, err)
			}
		}
		if _, err := a.Find(t.Context(), "hpetit"); !failure.Is(err, failure.NotFound) {
			t.Errorf("a person's mailbox as a box: %v", err)
		}
	})
}

func TestBoxesAreNobodysAndMadeOnce(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		boxes := []box.Box{{Local: "ce.0759001B", Display: "Collège"}, {Local: "dsi", Aliases: []string{"postmaster", "Abuse"}, Display: "DSI"}}
		for _, want := range []int{2, 0} {
			if n, err := a.Create(t.Context(), identity.By{Actor: "cli:dsi"}, boxes); n != want || err != nil {
				t.Fatalf("Create = %d, %v, want %d", n, err, want)
			}
		}
		for _, c := range []struct {
			query string
			want  []string
		}{
			{`SELECT login || ' ' || kind || ' ' || state || ' ' || display_name FROM account WHERE person_id IS NULL ORDER BY login`,
				[]string{"ce.0759001b functional active Collège", "dsi functional active DSI"}},
			{`SELECT d.address || ' ' || d.kind || ' ' || a.login FROM address d JOIN account a ON a.account_id = d.account_id ORDER BY d.address`,
				[]string{"abuse@ac-paris.example alias dsi", "ce.0759001b@ac-paris.example primary ce.0759001b",
					"dsi@ac-paris.example primary dsi", "postmaster@ac-paris.example alias dsi"}},
			{`SELECT name FROM mailbox WHERE mailbox_id = 1`, []string{"INBOX", "INBOX"}},
			{`SELECT detail FROM journal WHERE action = 'box.create'`, []string{`["ce.0759001b","dsi"]`}},
		} {
			if got := a.rows(c.query); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q", c.query, got)
			}
		}
	})
}

func TestABoxTakesNobodysAddressAndAPersonNoBoxs(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		a.file(petit + teaches("01/09/2020", ""))
		by := identity.By{Actor: "cli:dsi"}
		before := a.rows(`SELECT login FROM account ORDER BY login`)
		if _, err := a.Create(t.Context(), by, []box.Box{{Local: "free"}, {Local: "hpetit"}}); !failure.Is(err, failure.Conflict) {
			t.Errorf("a person's address: %v", err)
		}
		if got := a.rows(`SELECT login FROM account ORDER BY login`); !slices.Equal(got, before) {
			t.Errorf("accounts %q", got)
		}
		newBox(a, box.Box{Local: "jleroy", Display: "Journal Leroy"})
		a.file(petit+teaches("01/09/2020", ""), leroy+teaches("01/09/2020", ""))
		if got := a.rows(`SELECT a.login FROM account a JOIN person p ON p.person_id = a.person_id WHERE p.id_rh = '1002'`); got[0] != "jleroy1" {
			t.Errorf("Jean Leroy got %q", got)
		}
	})
}

func TestWhatCannotBeABoxIsRefused(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		for local, uai := range map[string]string{
			"": "", "é": "", "a b": "", "a@b": "", "a+b": "", ".a": "", "a.": "", "a..b": "", strings.Repeat("a", 65): "",
			"ce.0759001x": "", "ce.": "", "ce.college": "", "division": "0759001X", "bureau": "7",
		} {
			if _, err := a.Create(t.Context(), identity.By{Actor: "cli:dsi"}, []box.Box{{Local: local, UAI: uai}}); !failure.Is(err, failure.Policy) {
				t.Errorf("%q of %q: %v", local, uai, err)
			}
		}
	})
}

func TestTheHeadOfAServiceOwnsAllItsBoxes(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		newBox(a, box.Box{Local: "dos3", Display: "Division de l'organisation scolaire", UAI: uai})
		if a.refresh().Altered == 0 {
			t.Error("nothing follows the head")
		}
		boxes, err := a.AccessOf(t.Context(), a.person("hpetit"))
		var got []string
		for _, b := range boxes {
			got = append(got, b.Login+" "+string(b.Role))
		}
		if want := []string{school + " owner", "dos3 owner"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v", got, err)
		}
		list, err := a.List(t.Context())
		if err != nil || len(list) != 2 || !slices.Equal(list[1].Owners, []string{"hpetit"}) || list[1].Members != 2 {
			t.Errorf("list %+v, %v", list, err)
		}
		d, err := a.Show(t.Context(), a.box("dos3"))
		if err != nil || d.UAI != uai || !slices.Equal(d.Addresses, []string{"dos3@" + house.Domain}) {
			t.Errorf("details %+v, %v", d, err)
		}
	})
}

func TestManyMembersAreAppointedAtOnce(t *testing.T) {
	t.Parallel()
	academies(t, "24/11/2026", func(a *academie) {
		peopled(a)
		id, by := a.box(school), identity.By{Actor: "cli:dsi", Reason: "reprise"}
		list := []box.Appointment{{Box: id, Member: a.person("aadam"), Role: box.Reader}, {Box: id, Member: a.person("jleroy"), Role: box.Member}}
		for range 2 {
			if err := a.Appoint(t.Context(), by, list); err != nil {
				t.Fatal(err)
			}
		}
		a.opens("appointed", "hpetit propriétaire par sa fonction", "croux membre par sa fonction", "jleroy membre", "aadam membre en lecture seule")
		if n := len(a.rows(`SELECT reason FROM journal WHERE action = 'box.appoint'`)); n != 1 {
			t.Errorf("%d entries in the journal", n)
		}
		list[0] = box.Appointment{Box: id, Member: id, Role: box.Reader}
		if err := a.Appoint(t.Context(), by, list); !failure.Is(err, failure.Policy) {
			t.Errorf("a box appointed: %v", err)
		}
	})
}
