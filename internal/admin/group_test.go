package admin_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/admin"
	"navette/internal/box"
	"navette/internal/failure"
	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/reach"
	"navette/internal/testkit/house"
	"navette/internal/testkit/school"
	"navette/internal/testkit/stores"
)

// groupRecorder keeps the act that came through the socket.
type groupRecorder struct {
	admin.Operations
	by  identity.By
	act admin.GroupAct
}

func (r *groupRecorder) Group(_ context.Context, by identity.By, act admin.GroupAct) ([]string, error) {
	r.by, r.act = by, act
	return []string{"une", "deux"}, nil
}

func TestAnActOnGroupsGoesThroughTheSocket(t *testing.T) {
	t.Parallel()
	r := &groupRecorder{}
	by := identity.By{Actor: "cli:durand", Reason: "convention ENT"}
	act := admin.GroupAct{Act: admin.ENTAdd, UAI: "0759001B", Format: group.CSV, Number: 7,
		ENT: reach.ENT{Name: "ent", Sender: "ent.example", Networks: []netip.Prefix{netip.MustParsePrefix("2001:db8::/48")}, Schools: []string{"0759001B"}}}
	lines, err := socket(t, r).Group(t.Context(), by, act)
	if err != nil || len(lines) != 2 || r.by != by || !reflect.DeepEqual(r.act, act) {
		t.Errorf("the server got %+v by %+v and answered %q, %v", r.act, r.by, lines, err)
	}
}

type digester struct{}

func (digester) FormerDigest(key string) []byte { return []byte(key) }

// groupsOf does acts on the groups of a school with one family.
func groupsOf(t *testing.T) func(admin.GroupAct) string {
	t.Helper()
	h := house.New(t, stores.SQLite(t))
	now := func() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }
	r := reach.New(reach.Config{DB: h.DB, Former: digester{}, Now: now})
	g := group.New(group.Config{DB: h.DB, Reach: r, Domain: house.Domain, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	s := school.New(t, h, "0759001B")
	lea := s.Class("4E3").Pupil("Léa", "DUPONT")
	lea.Guardian("Anne", "anne@example.net")
	lea.Guardian("Paul", "")
	s.Head("Hélène", "PETIT")
	s.Teacher("Ana", "TZR")
	if _, err := g.Derive(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := &admin.Local{Computed: admin.GroupServices{Groups: g, Reach: r, Domains: []string{house.Domain}},
		Boxes: box.New(box.Config{DB: h.DB, Domain: house.Domain, Now: now, Log: slog.New(slog.DiscardHandler)})}
	return func(act admin.GroupAct) string {
		lines, err := l.Group(t.Context(), identity.By{Actor: "cli:durand", Reason: "essai"}, act)
		if err != nil {
			return failure.TextOf(err, "failed")
		}
		return strings.Join(lines, "\n")
	}
}

func TestWhatOperatorsReadOfGroups(t *testing.T) {
	t.Parallel()
	do := groupsOf(t)
	list := strings.Split(do(admin.GroupAct{Act: admin.GroupList, UAI: "0759001b"}), "\n")
	if len(list) != 10 || !slices.Contains(list, "parents.4e3.0759001b@ac-paris.example\t2, dont 1 sans adresse\tParents de la 4e3") {
		t.Errorf("%q", list)
	}
	for _, c := range []struct {
		act  admin.GroupAct
		want string
	}{
		{admin.GroupAct{Act: admin.GroupShow, Group: "Parents.4E3.0759001B"}, "parents.4e3.0759001b@ac-paris.example : Parents de la 4e3\nmembres : 2, dont 1 sans adresse\n" +
			"envoi : les mêmes que pour l'établissement, enseignants de ces élèves et leurs remplaçants"},
		{admin.GroupAct{Act: admin.GroupMembers, Group: "parents.4e3.0759001b@ac-paris.example"}, "Mme Anne DUPONT\tadresse connue\tLéa DUPONT\nMme Paul DUPONT\tsans adresse\tLéa DUPONT"},
		{admin.GroupAct{Act: admin.GroupMembers, Group: "direction.0759001b"}, "Hélène PETIT\thelene.petit@ac-paris.example"},
		{admin.GroupAct{Act: admin.GroupShow, Group: "parents.5e9.0759001b"}, "aucun groupe n'a l'adresse parents.5e9.0759001b@ac-paris.example"},
		{admin.GroupAct{Act: admin.GroupList, UAI: "0759001A"}, `UAI "0759001A" : clé "B" attendue (0759001B)`},
	} {
		if got := do(c.act); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.act.Act, c.act.Group, got, c.want)
		}
	}
	if out := do(admin.GroupAct{Act: admin.GroupExport, UAI: "0759001B", Format: group.CSV}); strings.Contains(out, "anne@") || !strings.Contains(out, "Mme Anne DUPONT") {
		t.Errorf("the export is\n%s", out)
	}
}

func TestOperatorsDelegateAndRegisterENTs(t *testing.T) {
	t.Parallel()
	do := groupsOf(t)
	give := admin.GroupAct{Act: admin.DelegateGive, UAI: "0759001B", Receiver: "Ana TZR", Division: "4e3", From: "24/11/2026", To: "2026-12-18"}
	ent := reach.ENT{Name: "ent", Sender: "ent.example", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28")}, Schools: []string{"0759001B"}}
	for _, c := range []struct {
		act  admin.GroupAct
		want string
	}{
		{give, "délégation 1"},
		{admin.GroupAct{Act: admin.DelegateList, UAI: "0759001B"}, "1\tAna TZR\tdu 24/11/2026 au 18/12/2026\tpour 4E3\tpar cli:durand"},
		{admin.GroupAct{Act: admin.DelegateWithdraw, Number: 1}, ""},
		{admin.GroupAct{Act: admin.DelegateList, UAI: "0759001B"}, ""},
		{admin.GroupAct{Act: admin.ENTAdd, ENT: ent}, ""},
		{admin.GroupAct{Act: admin.ENTList}, "ent\tent.example\t192.0.2.0/28\t0759001B"},
		{admin.GroupAct{Act: admin.ENTRemove, Name: "ent"}, ""},
		{admin.GroupAct{Act: admin.ENTList}, ""},
	} {
		if got := do(c.act); got != c.want {
			t.Errorf("%s: %q, want %q", c.act.Act, got, c.want)
		}
	}
}
