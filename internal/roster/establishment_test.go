package roster_test

import (
	"strings"
	"testing"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/identity"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

func TestAnEstablishmentIsDescribedByHandUnderARightUAI(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f := newFixture(t, db)
		by := identity.By{Actor: "cli:dsi", Reason: "ouverture"}
		for _, c := range []struct {
			name string
			e    directory.Establishment
			text string // of the refusal
		}{
			{"a wrong key", directory.Establishment{UAI: "0759003A", Name: "Lycée", Nature: "306"}, `clé "D" attendue`},
			{"no UAI", directory.Establishment{UAI: "59003D", Name: "Lycée", Nature: "306"}, "7 chiffres et une lettre"},
			{"no name", directory.Establishment{UAI: "0759003D", Name: " ", Nature: "306"}, "nom"},
			{"a nature that is none", directory.Establishment{UAI: "0759003D", Name: "Lycée", Nature: "999"}, "nature"},
			{"no nature", directory.Establishment{UAI: "0759003D", Name: "Lycée"}, "nature"},
		} {
			if err := f.SetEstablishment(t.Context(), by, c.e); !failure.Is(err, failure.Policy) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		f.want("nothing was written", f.query(`SELECT count(*) FROM journal WHERE action = 'establishment.set'`), "0")
		for _, e := range []directory.Establishment{{UAI: "0759003d", Name: " Lycée ", Nature: "306", City: "Paris 5"}, {UAI: "0759001B", Name: "Collège Vauquelin", Nature: "340"}} {
			if err := f.SetEstablishment(t.Context(), by, e); err != nil {
				t.Error(err)
			}
		}
		list, err := f.Establishments(t.Context())
		want := []directory.Establishment{{UAI: "0759001B", Name: "Collège Vauquelin", Nature: "340", Department: "075"},
			{UAI: "0759002C", Name: "École", Nature: "151"}, {UAI: "0759003D", Name: "Lycée", Nature: "306", Department: "075", City: "Paris 5"}}
		if err != nil || len(list) != len(want) {
			t.Fatalf("%+v, %v", list, err)
		}
		for i := range want {
			if list[i] != want[i] {
				t.Errorf("%+v, want %+v", list[i], want[i])
			}
		}
		f.want("journal", f.query(`SELECT actor, action, subject, reason FROM journal WHERE action = 'establishment.set' ORDER BY seq`),
			"cli:dsi establishment.set uai:0759003D ouverture", "cli:dsi establishment.set uai:0759001B ouverture")
	})
}
