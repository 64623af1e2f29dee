package list_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/list"
	"navette/internal/testkit/house"
)

func TestWhatCannotBeAListIsRefused(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		f.create(f.static("profs"))
		box := f.agents[1]
		f.write(`UPDATE account SET kind = 'functional' WHERE account_id = $1`, box)
		login := fmt.Sprintf("agent%d", f.agents[0])
		for _, c := range []struct {
			name   string
			change func(*list.List)
			kind   failure.Kind
			text   string
		}{
			{"accents", func(l *list.List) { l.Local = "élèves" }, failure.Policy, "partie locale"},
			{"two dots", func(l *list.List) { l.Local = "a..b" }, failure.Policy, "partie locale"},
			{"too long for its owners' address", func(l *list.List) { l.Local = strings.Repeat("a", 59) }, failure.Policy, "partie locale"},
			{"reserved", func(l *list.List) { l.Local = "Recteur" }, failure.Policy, "réservé"},
			{"an establishment's", func(l *list.List) { l.Local = "ce.0750001u" }, failure.Policy, "réservé"},
			{"the owners of another", func(l *list.List) { l.Local = "profs-owner" }, failure.Policy, "réservé"},
			{"there already", func(l *list.List) { l.Local = "Profs" }, failure.Conflict, "déjà été attribuée"},
			{"an agent's address and login", func(l *list.List) { l.Local = login }, failure.Conflict, "déjà été attribuée"},
			{"no owner", func(l *list.List) { l.Owners = nil }, failure.Policy, "au moins un propriétaire"},
			{"owned by a box", func(l *list.List) { l.Owners = []int64{box} }, failure.Policy, "des personnes"},
			{"owned by nobody we know", func(l *list.List) { l.Owners = []int64{9999} }, failure.NotFound, "9999"},
			{"a member whom nobody knows", func(l *list.List) { l.Members = []list.Member{{Account: 9999}} }, failure.NotFound, "9999"},
			{"an address of ours that is nobody's", func(l *list.List) { l.Members = []list.Member{{Outside: "x@ac-paris.example"}} }, failure.Policy, "notre domaine"},
			{"a member that is no address", func(l *list.List) { l.Members = []list.Member{{Outside: "x"}} }, failure.Policy, "mal formée"},
			{"no kind", func(l *list.List) { l.Kind = "" }, failure.Policy, "genre"},
			{"no posting rule", func(l *list.List) { l.Posting = "" }, failure.Policy, "règle d'envoi"},
			{"a static one with a rule", func(l *list.List) { l.Expression = "tous" }, failure.Policy, "expression"},
			{"a rule without one", func(l *list.List) { l.Kind = list.Rule }, failure.Policy, "expression"},
			{"a rule with members", func(l *list.List) { l.Kind, l.Expression, l.Members = list.Rule, "tous", f.of(0) }, failure.Policy, "sa règle"},
			{"a rule that people leave", func(l *list.List) { l.Kind, l.Expression, l.Leaving = list.Rule, "tous", true }, failure.Policy, "ne quitte pas"},
			{"a rule that cannot be read", func(l *list.List) { l.Kind, l.Expression = list.Rule, "fonctoin = DIR" }, failure.Policy, "colonne 1"},
			{"a name of two lines", func(l *list.List) { l.Display = "a\r\nBcc: x" }, failure.Policy, "plusieurs lignes"},
		} {
			l := f.static("autre")
			c.change(&l)
			_, err := f.Create(f.t.Context(), by, l)
			f.refused(c.name, err, c.kind, c.text)
		}
		if got := f.texts(`SELECT login FROM account WHERE kind = 'list'`); len(got) != 1 {
			f.t.Errorf("there are the lists %q", got)
		}
	})
}

// Two who make a list of the same name at once: one does, and the address leads to that one.
func TestTwoListsOfOneNameAreNotMade(t *testing.T) {
	t.Parallel()
	onEngines(t, 1, func(f *fixture) {
		answers := make(chan error)
		for range 4 {
			go func() {
				_, err := f.Create(f.t.Context(), by, f.static("profs"))
				answers <- err
			}()
		}
		made := 0
		for range 4 {
			switch err := <-answers; {
			case err == nil:
				made++
			case !failure.Is(err, failure.Conflict):
				f.t.Error(err)
			}
		}
		if made != 1 {
			f.t.Errorf("%d lists were made", made)
		}
	})
}

func TestEveryActIsInTheHistoryAndTheJournal(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		ctx := f.t.Context()
		l := f.static("profs")
		l.Reference, l.Posting = "Note 12", list.Moderated
		id := f.create(l)
		added, err := f.AddMembers(ctx, f.asOwner(), id, append(f.of(1, 2, 1), list.Member{Outside: "Maire@mairie.example"}))
		if added != 3 || err != nil {
			f.t.Errorf("%d added, %v", added, err)
		}
		for owner := range 2 { // the second changes nothing
			removed, err := f.RemoveMembers(ctx, f.as(owner), id, append(f.of(2), list.Member{Outside: "MAIRE@mairie.example"}))
			f.done("remove", err)
			if removed != 0 && removed != 2 {
				f.t.Errorf("%d removed", removed)
			}
			f.done("add an owner", f.AddOwner(ctx, f.as(owner), id, f.agents[1]))
			f.done("remove an owner", f.RemoveOwner(ctx, list.AsOperator(by), id, f.agents[0]))
			f.done("change", f.Change(ctx, list.AsOperator(by), id, func(s *list.Settings) { s.Archive, s.Display = true, "Professeurs" }))
		}
		f.refused("a former owner changes", ignore(f.AddMembers(ctx, f.asOwner(), id, f.of(2))), failure.Denied, "propriétaires")
		f.agent(2, at("profs"))
		f.agent(2, at("profs"))
		f.done("approve", f.Approve(ctx, f.as(1), id, 1))
		f.done("reject", f.Reject(ctx, f.as(1), id, 2))

		events, err := history.Of(ctx, f.DB, at("profs"))
		f.done("history", err)
		var told []string
		for _, e := range events {
			told = append(told, e.Row.Sentence())
		}
		name := func(i int) string { return fmt.Sprintf("agent%d (agent%d)", f.agents[i], f.agents[i]) }
		owner, operator := fmt.Sprintf(" (par agent%d)", f.agents[0]), " (par cli:durand)"
		want := []string{
			"liste de diffusion « Liste profs (envoi : tous, après accord d'un propriétaire) » ; reçoit profs@ac-paris.example, profs-owner@ac-paris.example ; document : Note 12" + operator,
			name(1) + " : membre" + owner, name(2) + " : membre" + owner, "maire@mairie.example : membre" + owner,
			name(2) + " : n'est plus membre" + owner, "maire@mairie.example : n'est plus membre" + owner,
			name(1) + " : propriétaire" + owner, name(0) + " : n'est plus propriétaire" + operator,
			"liste modifiée : « Liste profs (envoi : tous, après accord d'un propriétaire) » devient « Professeurs (envoi : tous, après accord d'un propriétaire ; archivée) »" + operator,
		}
		if diff := cmp.Diff(want, told); diff != "" {
			f.t.Errorf("history (-want +got)\n%s", diff)
		}
		got := f.texts(`SELECT action || ' ' || reason FROM journal WHERE subject = $1 ORDER BY seq`, fmt.Sprintf("account:%d", id))
		wantActs := []string{"list.create demande du service", "list.add-members propriétaire", "list.remove-members propriétaire", "list.add-owner propriétaire",
			"list.remove-owner demande du service", "list.change demande du service", "list.approve propriétaire", "list.reject propriétaire"}
		if diff := cmp.Diff(wantActs, got); diff != "" {
			f.t.Errorf("journal (-want +got)\n%s", diff)
		}
	})
}

func TestAListKeepsItsLastOwner(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		ctx := f.t.Context()
		l := f.static("profs")
		l.Owners = f.agents[:2]
		id := f.create(l)
		f.write(`UPDATE account SET state = 'departed' WHERE account_id = $1`, f.agents[1]) // counts for none
		f.refused("the last one", f.RemoveOwner(ctx, list.AsOperator(by), id, f.agents[0]), failure.Policy, "au moins un propriétaire")
		f.done("the one who left", f.RemoveOwner(ctx, list.AsOperator(by), id, f.agents[1]))
		if orphans, err := f.Orphans(ctx); len(orphans) != 0 || err != nil {
			f.t.Errorf("orphans %v, %v", orphans, err)
		}
		f.write(`UPDATE account SET state = 'departed' WHERE account_id = $1`, f.agents[0])
		f.done("upkeep", f.Upkeep(ctx))
		orphans, err := f.Orphans(ctx)
		if len(orphans) != 1 || orphans[0].Address != at("profs") || f.OrphanCount() != 1 || err != nil {
			f.t.Errorf("orphans %v, %v, the metric says %d", orphans, err, f.OrphanCount())
		}
		f.done("another owner", f.AddOwner(ctx, list.AsOperator(by), id, f.agents[2]))
		if orphans, err := f.Orphans(ctx); len(orphans) != 0 || f.OrphanCount() != 0 || err != nil {
			f.t.Errorf("orphans %v, %v", orphans, err)
		}
	})
}

func TestWhoSeesTheMembers(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		ctx := f.t.Context()
		l := f.static("profs", append(f.of(1), list.Member{Outside: "maire@mairie.example"})...)
		id := f.create(l)
		l.Local, l.Hidden = "cachee", true
		hidden := f.create(l)
		inner := list.Listed{Display: fmt.Sprintf("agent%d", f.agents[1]), Address: house.Address(f.agents[1])}
		all := []list.Listed{inner, {Address: "maire@mairie.example"}}
		for _, c := range []struct {
			name  string
			actor list.Actor
			list  int64
			want  []list.Listed // nil: refused
		}{
			{"an operator", list.AsOperator(by), hidden, all}, {"an owner", f.asOwner(), hidden, all}, {"a member of a hidden list", f.as(1), hidden, nil},
			{"an owner of an open one", f.asOwner(), id, all}, {"a member of an open one", f.as(1), id, all[:1]}, {"a colleague", f.as(2), id, all[:1]},
		} {
			got, err := f.Members(ctx, c.actor, c.list)
			if diff := cmp.Diff(c.want, got); diff != "" || (err != nil) != (c.want == nil) {
				f.t.Errorf("%s: %v\n%s", c.name, err, diff)
			}
		}
		// What is hidden elsewhere stays hidden: in a hidden list that is another's, and on the liste rouge.
		outer := f.static("tous", append(f.of(2), list.Member{Account: hidden})...)
		outer.Owners = f.agents[2:]
		around := f.create(outer)
		f.write(`INSERT INTO annuaire_hidden (account_id) VALUES ($1)`, f.agents[2])
		shows := func(actor list.Actor, of int64, want ...string) {
			f.t.Helper()
			got, err := f.Members(ctx, actor, of)
			var addresses []string
			for _, m := range got {
				addresses = append(addresses, m.Address)
			}
			if diff := cmp.Diff(want, addresses); diff != "" || err != nil {
				f.t.Errorf("%v\n%s", err, diff)
			}
		}
		shows(f.as(2), around)
		shows(f.asOwner(), around, inner.Address) // who owns the hidden one
		shows(list.AsOperator(by), around, inner.Address, house.Address(f.agents[2]), "maire@mairie.example")
		if accounts, outside, err := f.Count(ctx, hidden); accounts != 1 || outside != 1 || err != nil {
			f.t.Errorf("%d and %d members, %v", accounts, outside, err)
		}
	})
}

func TestAMemberLeavesWhereTheListLetsThem(t *testing.T) {
	t.Parallel()
	onEngines(t, 3, func(f *fixture) {
		ctx := f.t.Context()
		id := f.create(f.static("profs", f.of(1)...))
		f.refused("not here", f.Leave(ctx, f.as(1), id), failure.Policy, "ne quitte pas")
		f.done("change", f.Change(ctx, f.asOwner(), id, func(s *list.Settings) { s.Leaving = true }))
		f.refused("no member", f.Leave(ctx, f.as(2), id), failure.Policy, "pas membre")
		f.done("leave", f.Leave(ctx, f.as(1), id))
		if accounts, _, err := f.Count(ctx, id); accounts != 0 || err != nil {
			f.t.Errorf("%d members, %v", accounts, err)
		}
	})
}

func TestAnAgentPutsOnlyTheirOwnListsIntoAList(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		ctx := f.t.Context()
		own := f.create(f.static("a"))
		foreign := f.static("b", f.of(0)...)
		foreign.Owners, foreign.Posting = f.agents[1:], list.ByOwners
		theirs := f.create(foreign)
		f.refused("somebody else's list", ignore(f.AddMembers(ctx, f.asOwner(), own, []list.Member{{Account: theirs}})), failure.Denied, "propriétaires")
		f.done("become owner of it", f.AddOwner(ctx, f.as(1), theirs, f.agents[0]))
		f.done("their own list", ignore(f.AddMembers(ctx, f.asOwner(), own, []list.Member{{Account: theirs}})))
	})
}

func TestListsAndMembersAreFoundByEveryName(t *testing.T) {
	t.Parallel()
	onEngines(t, 2, func(f *fixture) {
		ctx := f.t.Context()
		id := f.create(f.static("profs"))
		for _, name := range []string{"profs", "Profs@AC-paris.example", "profs-owner@ac-paris.example", " profs "} {
			if got, err := f.Find(ctx, name); got != id || err != nil {
				f.t.Errorf("%q: %d, %v", name, got, err)
			}
		}
		_, err := f.Find(ctx, house.Address(f.agents[0]))
		f.refused("an agent", err, failure.NotFound, "aucune liste")
		for name, want := range map[string]list.Member{house.Address(f.agents[1]): {Account: f.agents[1]}, fmt.Sprintf("Agent%d", f.agents[1]): {Account: f.agents[1]},
			at("profs"): {Account: id}, "Maire+ecole@Mairie.example": {Outside: "maire+ecole@mairie.example"}} {
			if got, err := f.FindMember(ctx, name); got != want || err != nil {
				f.t.Errorf("%q: %+v, %v", name, got, err)
			}
		}
		_, err = f.FindMember(ctx, "personne")
		f.refused("nobody", err, failure.NotFound, "personne")
		all, err := f.Lists(ctx)
		if len(all) != 1 || all[0].Address != at("profs") || !slices.Equal(all[0].Owners, []string{fmt.Sprintf("agent%d", f.agents[0])}) || err != nil {
			f.t.Errorf("lists %+v, %v", all, err)
		}
	})
}
