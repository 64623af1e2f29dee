package demo_test

import (
	"testing"

	"navette/internal/demo"
	"navette/internal/list"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// Every kind of list is in a demo, and each reaches somebody.
func TestADemoHasListsOfEveryKind(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		const agents = 60
		s := services(t, db)
		if err := demo.Build(t.Context(), s.Services, options(t.TempDir(), agents)); err != nil {
			t.Fatal(err)
		}
		lists, err := s.Lists.Lists(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kinds, posting := map[list.Kind]int{}, map[list.Posting]int{}
		for _, l := range lists {
			kinds[l.Kind]++
			posting[l.Posting]++
			accounts, outside, err := s.Lists.Count(t.Context(), l.List)
			switch {
			case err != nil || accounts == 0 || len(l.Owners) != 1:
				t.Errorf("%s: %d members, owners %q, %v", l.Address, accounts, l.Owners, err)
			case l.Address == demo.ListEverybody+"@"+demo.Domain && accounts < agents: // some of the freshly appointed come later
				t.Errorf("%s: %d members of %d", l.Address, accounts, agents)
			case l.Address == demo.ListProject+"@"+demo.Domain && (accounts != 8 || outside != 1):
				t.Errorf("%s: %d members, %d outside", l.Address, accounts, outside)
			}
		}
		if kinds[list.Rule] != 3 || kinds[list.Static] != 1 || posting[list.Moderated] != 1 || posting[list.ByOwners] != 1 {
			t.Errorf("kinds %v, posting %v", kinds, posting)
		}
	})
}
