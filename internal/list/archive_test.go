package list_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"navette/internal/list"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// reads gives the archives that an agent may read: « login » of one who sees the posts, « login* » of an owner.
func (f *fixture) reads(agent int) string {
	f.t.Helper()
	archives, err := f.ArchivesOf(f.t.Context(), f.agents[agent])
	f.done("read archives", err)
	var out []string
	for _, a := range archives {
		if a.Owner {
			a.Login += "*"
		}
		out = append(out, a.Login)
	}
	return strings.Join(out, " ")
}

func TestAnArchiveIsReadByItsOwnersAndItsMembersOfTheMoment(t *testing.T) {
	t.Parallel()
	onEngines(t, 6, func(f *fixture) {
		archived := func(l list.List) int64 {
			l.Archive = true
			return f.create(l)
		}
		direct := archived(f.static("direct", f.of(1, 2)...))
		f.create(f.static("unkept", f.of(1)...))
		archived(f.static("outer", list.Member{Account: direct}))
		archived(f.rule("anglais", "discipline = anglais"))
		f.holds(f.agents[3], 1, "ENS2D", "", "ENS", "0750001U", "2020-09-01", "2026-11-24")
		f.write(`UPDATE function SET discipline = 'ANGLAIS' WHERE person_id = $1`, f.agents[3])
		demand := func(when string, want ...string) {
			f.t.Helper()
			for agent, archives := range want {
				if got := f.reads(agent); got != archives {
					f.t.Errorf("%s: agent %d reads %q, expected %q", when, agent, got, archives)
				}
			}
		}
		demand("at first", "anglais* direct* outer* unkept*", "direct outer", "direct outer", "anglais", "")
		if a, may, err := f.ArchiveOf(f.t.Context(), f.agents[1], direct); err != nil || !may || a.Owner {
			f.t.Errorf("a member: %+v, %v, %v", a, may, err)
		}
		if _, may, err := f.ArchiveOf(f.t.Context(), f.agents[4], direct); err != nil || may {
			f.t.Errorf("a stranger may: %v, %v", may, err)
		}
		_, err := f.RemoveMembers(f.t.Context(), f.asOwner(), direct, f.of(1))
		f.done("take a member out", err)
		f.now = f.now.AddDate(0, 0, 1)
		demand("when one was taken out, and a function has ended", "anglais* direct* outer* unkept*", "", "direct outer", "")
		f.write(`UPDATE account SET state = 'departed' WHERE account_id = $1`, f.agents[2])
		f.write(`UPDATE account SET state = 'suspended' WHERE account_id = $1`, f.agents[0])
		demand("when one has departed, and the owner is suspended", "", "", "")
	})
}

// Whom a list reaches is computed from the list, which archives somebody reads from the account: they agree.
func TestWhoReadsAnArchiveIsWhomTheListReaches(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		const people, lists = 5, 5
		f := newFixture(t, db, people+1) // the first owns, and is in none
		var accounts []int64
		for i := range lists {
			l := f.static(fmt.Sprint("l", i))
			if i == lists-1 {
				l = f.rule("par-regle", "catégorie = AESH")
			}
			l.Archive = true
			accounts = append(accounts, f.create(l))
		}
		for _, agent := range f.agents[1:] {
			f.holds(agent, 1, "", "", "", "", "2020-09-01", "")
		}
		rapid.Check(t, func(rt *rapid.T) {
			f.write(`DELETE FROM list_member`)
			for _, within := range accounts[:lists-1] {
				for _, m := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Concat(f.agents[1:], accounts)), 0, 3, rapid.ID).Draw(rt, "members") {
					f.write(`INSERT INTO list_member (account_id, member_id) VALUES ($1, $2)`, within, m)
				}
			}
			for _, agent := range f.agents[1:] {
				f.write(`UPDATE function SET category = $2 WHERE person_id = $1`, agent, rapid.SampledFrom([]string{"AESH", "ATSS"}).Draw(rt, "category"))
			}
			for _, agent := range f.agents[1:] {
				for _, l := range accounts {
					_, reads, err := f.ArchiveOf(f.t.Context(), agent, l)
					if err != nil {
						rt.Fatal(err)
					}
					members, _, err := f.Reached(f.t.Context(), l)
					if err != nil {
						rt.Fatal(err)
					}
					if slices.Contains(members, agent) != reads {
						rt.Fatalf("agent %d reads the archive of %d: %v; its members are %v", agent, l, reads, members)
					}
				}
			}
		})
	})
}
