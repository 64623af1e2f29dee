package demo

import (
	"context"
	"strings"

	lists "navette/internal/list"
)

// The lists of every demo, beside the one of a school's teachers (profs-<uai>).
const (
	ListEverybody = "tous-les-agents"     // a rule; only the communication office writes
	ListHeads     = "chefs-etablissement" // a rule over the académie; hidden
	ListProject   = "projet-numerique"    // people, one of them outside; moderated
)

// lists makes a few, each of another kind. A demo too small for the owner of one does without it.
func (b *builder) lists(ctx context.Context) error {
	for _, l := range b.academie.lists(func(a Agent) int64 { return b.of(a).Account }) {
		if _, err := b.Lists.Create(ctx, by(), l); err != nil {
			return err
		}
	}
	return nil
}

// lists says which; account gives that of an agent.
func (a *Academie) lists(account func(Agent) int64) (out []lists.List) {
	const why = "création de l'académie fictive"
	if office, ok := a.first(RoleLetters); ok {
		out = append(out,
			lists.List{Local: ListEverybody, Kind: lists.Rule, Owners: []int64{account(office)}, Reference: why, Settings: lists.Settings{
				Display: "Tous les agents de l'académie", Expression: "tous", Posting: lists.ByOwners, Hidden: true}},
			lists.List{Local: ListHeads, Kind: lists.Rule, Owners: []int64{account(office)}, Reference: why, Settings: lists.Settings{
				Display: "Chefs d'établissement et directeurs", Expression: "fonction dans (DIR, D0010, DEC, DIO)", Posting: lists.ByMembers, Hidden: true, Archive: true}})
	}
	if head, ok := a.first(RoleHead); ok {
		school := a.Schools[head.School]
		out = append(out, lists.List{Local: "profs-" + strings.ToLower(school.UAI), Kind: lists.Rule, Owners: []int64{account(head)}, Reference: why, Settings: lists.Settings{
			Display: "Enseignants, " + school.Name, Expression: "fonction = ENS et établissement = " + school.UAI, Posting: lists.ByAgents, Archive: true}})
	}
	if admin, ok := a.first(RoleAdmin); ok {
		l := lists.List{Local: ListProject, Kind: lists.Static, Owners: []int64{account(admin)}, Reference: why, Members: []lists.Member{{Outside: "projet@theatre-passerelle.example"}},
			Settings: lists.Settings{Display: "Groupe de travail « Projet numérique »", Posting: lists.Moderated, Archive: true, Leaving: true}}
		for _, agent := range a.Agents[:min(len(a.Agents), 8)] {
			l.Members = append(l.Members, lists.Member{Account: account(agent)})
		}
		out = append(out, l)
	}
	return out
}

// first gives the first agent of a role.
func (a *Academie) first(r Role) (Agent, bool) {
	for _, agent := range a.Agents {
		if agent.Role == r {
			return agent, true
		}
	}
	return Agent{}, false
}
