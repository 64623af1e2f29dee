package roster_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestACardSaysWhoOneIsAndWhoGuaranteesIt(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		if err := f.PutEstablishments(t.Context(), []directory.Establishment{{UAI: "0759001B", Name: "Collège J. Prévert", City: "Paris"}}); err != nil {
			t.Fatal(err)
		}
		f.imports(claire + teaches)
		account := f.account("1001")
		want := roster.Card{Login: "cmartin", Display: "Claire MARTIN", Address: "claire.martin@ac-paris.example",
			Aliases: []string{"cmartin@ac-paris.example"}, Reference: "ARR-1",
			Functions: []roster.CardFunction{{Function: "ENS", Corps: "Professeur certifié", UAI: "0759001B", School: "Collège J. Prévert", City: "Paris",
				Starts: "2020-09-01", Reference: "ARR-1"}}}
		card, err := f.Card(t.Context(), account)
		if diff := cmp.Diff(want, card); diff != "" || err != nil {
			t.Errorf("(-want +got): %v\n%s", err, diff)
		}
		if _, err := f.Card(t.Context(), account+1000); !failure.Is(err, failure.NotFound) {
			t.Errorf("an account that is not there: %v", err)
		}
	})
}
