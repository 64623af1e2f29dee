package admin_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/admin"
	"navette/internal/box"
	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/roster"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/pg"
	"navette/internal/testkit/stores"
)

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// withSchool gives a client of a server whose académie has one school, with a head and two teachers of one name.
func withSchool(t *testing.T, url string) *admin.Client {
	t.Helper()
	now := clock.New(time.Date(2026, time.November, 24, 8, 0, 0, 0, time.UTC)).Now
	db := stores.OpenAt(t, url, now)
	log := slog.New(slog.DiscardHandler)
	l := &admin.Local{Roster: roster.New(roster.Config{DB: db, Log: log, Domain: house.Domain}),
		Boxes: box.New(box.Config{DB: db, Domain: house.Domain, Now: now, Log: log})}
	lines := []string{"1001;;Mme;PETIT;;Hélène;06/05/1972;Personnel de direction;DIEO;DIR;0759001B;01/09/2020;;ARR",
		"1002;;M.;ADAM;;Amine;12/11/1971;Professeur certifié;ENS2D;ENS;0759001B;01/09/2020;;ARR",
		"1003;;M.;ADAM;;Amine;01/02/1990;Professeur certifié;ENS2D;ENS;0759001B;01/09/2020;;ARR"}
	text := roster.Header() + "\n" + strings.Join(lines, "\n") + fmt.Sprintf("\n#FIN;%d\n", len(lines))
	if _, err := l.Roster.Import(t.Context(), strings.NewReader(text), roster.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Boxes.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return socket(t, l)
}

func TestTheDSIKeepsBoxesThroughTheSocket(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		c := withSchool(t, url)
		by := identity.By{Actor: "cli:durand", Reason: "ticket 12"}
		const head = "hpetit\tHélène PETIT\tpropriétaire par sa fonction, depuis le 01/09/2020"
		for _, step := range []struct {
			name    string
			act     admin.BoxAct
			want    []string
			refused string // a part of what the refusal says
		}{
			{"list", admin.BoxAct{Act: admin.BoxList}, []string{"ce.0759001b\thpetit\t1\tÉtablissement 0759001B"}, ""},
			{"add a name of two", admin.BoxAct{Act: admin.BoxAdd, Box: "0759001B", Who: "Amine Adam", Role: box.Member},
				nil, "plusieurs personnes s'appellent \"Amine Adam\" : donnez le nom de compte (aadam, aadam1)"},
			{"add by login", admin.BoxAct{Act: admin.BoxAdd, Box: "0759001B", Who: "aadam1", Role: box.Reader},
				[]string{head, "aadam1\tAmine ADAM\tmembre en lecture seule, depuis le 24/11/2026"}, ""},
			{"add to no box", admin.BoxAct{Act: admin.BoxAdd, Box: "dos3", Who: "aadam", Role: box.Reader}, nil, "aucune boîte fonctionnelle ne s'appelle \"dos3\""},
			{"add nobody", admin.BoxAct{Act: admin.BoxAdd, Box: "0759001B", Who: "personne", Role: box.Reader}, nil, "personne ne porte"},
			{"create", admin.BoxAct{Act: admin.BoxCreate, Who: "aadam", New: box.Box{Local: "DOS3", Aliases: []string{"carte-scolaire"}, Display: "Division"}},
				[]string{"dos3 : Division", "adresses : dos3@ac-paris.example, carte-scolaire@ac-paris.example", "aadam\tAmine ADAM\tpropriétaire, depuis le 24/11/2026"}, ""},
			{"create for an owner who is not there", admin.BoxAct{Act: admin.BoxCreate, Who: "personne", New: box.Box{Local: "dos4", Display: "Division"}},
				nil, "personne ne porte"},
			{"create again", admin.BoxAct{Act: admin.BoxCreate, New: box.Box{Local: "dos3", Display: "Division"}}, nil, "la boîte dos3 existe déjà"},
			{"create under a wrong UAI", admin.BoxAct{Act: admin.BoxCreate, New: box.Box{Local: "ce.0759003A", Display: "Lycée"}}, nil, "UAI"},
			{"remove", admin.BoxAct{Act: admin.BoxRemove, Box: "dos3@ac-paris.example", Who: "aadam"}, []string{"Personne n'ouvre cette boîte."}, ""},
			{"orphans", admin.BoxAct{Act: admin.BoxOrphans}, []string{"dos3\tdepuis le 24/11/2026\t0\tDivision"}, ""},
			{"members", admin.BoxAct{Act: admin.BoxMembers, Box: "ce.0759001b"}, []string{head, "aadam1\tAmine ADAM\tmembre en lecture seule, depuis le 24/11/2026"}, ""},
			{"show", admin.BoxAct{Act: admin.BoxShow, Box: "carte-scolaire@ac-paris.example"}, []string{"dos3 : Division",
				"adresses : dos3@ac-paris.example, carte-scolaire@ac-paris.example", "SANS PROPRIÉTAIRE depuis le 24/11/2026", "Personne n'ouvre cette boîte."}, ""},
			{"list again", admin.BoxAct{Act: admin.BoxList}, []string{"ce.0759001b\thpetit\t2\tÉtablissement 0759001B", "dos3\tSANS PROPRIÉTAIRE\t0\tDivision"}, ""},
			{"nonsense", admin.BoxAct{Act: "burn", Box: "dos3"}, nil, "no such operation"},
		} {
			got, err := c.Box(t.Context(), by, step.act)
			switch {
			case step.refused != "" && (err == nil || !strings.Contains(err.Error(), step.refused)):
				t.Errorf("%s: %q, %v, want a refusal: %s", step.name, got, err, step.refused)
			case step.refused == "" && (err != nil || !slices.Equal(got, step.want)):
				t.Errorf("%s: %q, %v, want %q", step.name, got, err, step.want)
			}
		}
	})
}

func TestAnEstablishmentIsDescribedThroughTheSocket(t *testing.T) {
	t.Parallel()
	c := withSchool(t, stores.SQLiteURL(t))
	by := identity.By{Actor: "cli:durand", Reason: "ticket 13"}
	if err := c.SetEstablishment(t.Context(), by, directory.Establishment{UAI: "0759001A", Name: "Collège", Nature: "340"}); !failure.Is(err, failure.Policy) {
		t.Errorf("a wrong key: %v", err)
	}
	if err := c.SetEstablishment(t.Context(), by, directory.Establishment{UAI: "0759001B", Name: "Collège Vauquelin", Nature: "340", City: "Paris"}); err != nil {
		t.Fatal(err)
	}
	lines, err := c.Establishments(t.Context())
	if want := []string{"0759001B\t340 Collège\tParis\tCollège Vauquelin"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
	lines, err = c.Box(t.Context(), by, admin.BoxAct{Act: admin.BoxShow, Box: "0759001B"})
	if err != nil || lines[0] != "ce.0759001b : Collège Vauquelin" || lines[2] != "établissement : 0759001B Collège Vauquelin" {
		t.Errorf("the box is %q, %v", lines, err)
	}
}

// HR had two people under one id_rh, and the other one is the head.
func TestTheBoxFollowsWhenRecordsAreSplit(t *testing.T) {
	t.Parallel()
	c := withSchool(t, stores.SQLiteURL(t))
	by := identity.By{Actor: "cli:durand", Reason: "deux personnes"}
	split := admin.PersonAct{Act: admin.PersonSplit, A: "1001", Functions: []int64{1}, Reference: "NOTE-4",
		Person: directory.Person{HRID: "1009", BirthName: "LEROY", Forenames: "Jean", Birth: directory.Date{Year: 1970, Month: 1, Day: 2}}}
	if _, err := c.Person(t.Context(), by, split); err != nil {
		t.Fatal(err)
	}
	lines, err := c.Box(t.Context(), by, admin.BoxAct{Act: admin.BoxMembers, Box: "0759001B"})
	if want := []string{"jleroy\tJean LEROY\tpropriétaire par sa fonction, depuis le 01/09/2020"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
}
