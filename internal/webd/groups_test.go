package webd_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/reach"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/webd"
)

// groupsDesk is a browser in which the teacher of the 4e3 is signed in; the other class's parents are not hers.
func groupsDesk(a *agents.Agents) *browser {
	a.Helper()
	s := school.New(a, a.House, "0759001B")
	class := s.Class("4E3")
	lea := class.Pupil("Léa", "DUPONT")
	lea.Guardian("Anne", anne)
	lea.Guardian("Paul", "")
	s.Class("3B").Pupil("Zoé", "DUPONT").Guardian("Inès", hidden)
	teacher := s.Teacher("Claire", "MARTIN", class)
	teacher.Becomes(directory.StateAppointed)
	if err := a.Identity.Activate(a.Context(), identity.By{Actor: "test"}, teacher.Account, agents.Password); err != nil {
		a.Fatal(err)
	}
	r := reach.New(reach.Config{DB: a.DB, Former: noFormer{}, Now: a.Now})
	groups := group.New(group.Config{DB: a.DB, Reach: r, Domain: house.Domain, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if _, err := groups.Derive(a.Context()); err != nil {
		a.Fatal(err)
	}
	d := newDoor(a.T, func(c *webd.Config) {
		c.Now = a.Now
		c.People = &webd.People{Sessions: a.Sessions, SignIn: a.Signin, Activations: a.Activation, Factors: a.Factors, Secrets: a.Identity, Groups: groups}
	})
	return &browser{d, a, map[string]string{}}
}

func TestAnAgentFindsWhomTheyMayWriteToAndNoAddressOfAFamily(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		b := groupsDesk(a)
		for _, path := range []string{"groups", "pupils?q=dupont", "groups/1/people"} {
			b.want("without a session", b.call("GET", path, nil), 401, "signed-out")
		}
		b.signIn()
		var pupils []webd.PupilLine
		answered(b, "pupils?q=DUPONT", &pupils)
		if len(pupils) != 1 || pupils[0].Label != "Responsables de Léa D. (4e3) — 2 personnes" || pupils[0].Pupil != "Léa DUPONT" ||
			!strings.HasPrefix(pupils[0].Group.Address, "responsables.") || pupils[0].Group.Without != 1 || pupils[0].Group.Holds != "guardians" {
			a.Errorf("pupils: %+v", pupils)
		}
		var groups []webd.GroupLine
		answered(b, "groups?q=parents", &groups)
		if len(groups) != 1 || groups[0].Name != "Parents de la 4e3" || groups[0].Address != "parents.4e3.0759001b@"+house.Domain || groups[0].Members != 2 {
			a.Fatalf("groups: %+v", groups)
		}
		var people []webd.GroupPerson
		answered(b, fmt.Sprintf("groups/%d/people", groups[0].ID), &people)
		if len(people) != 2 || people[0].Name != "Mme Anne DUPONT" || !people[0].Reached || people[0].Address != "" || people[1].Reached {
			a.Errorf("people: %+v", people)
		}
		var others []webd.GroupLine
		answered(b, "groups?q=3b", &others)
		for _, g := range others {
			if g.Holds != "staff" {
				a.Errorf("she is shown %+v", g)
			}
		}
		b.want("a group that is not hers", b.call("GET", fmt.Sprintf("groups/%d/people", groupID(a, "parents.3b.0759001b")), nil), 403, "denied")
		b.want("no group", b.call("GET", "groups/x/people", nil), 404, "not-found")
	})
}

func groupID(a *agents.Agents, local string) int64 {
	a.Helper()
	return a.Count(`SELECT group_id FROM school_group WHERE local = $1`, local)
}

// answered reads an answer, which must hold no address of a family.
func answered[T any](b *browser, path string, into *T) {
	b.Agents.Helper()
	got := b.call("GET", path, nil)
	if strings.Contains(got.body, anne) || strings.Contains(got.body, hidden) {
		b.Agents.Errorf("%s shows an address: %s", path, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), into); err != nil || got.StatusCode != 200 {
		b.Agents.Fatalf("%s: %d %s: %v", path, got.StatusCode, got.body, err)
	}
}
