package roster_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/roster"
	"navette/internal/store"
	"navette/internal/testkit/stores"
)

// told gives the history of somebody as sentences.
func (f *fixture) told(who string) []string {
	f.t.Helper()
	events, err := f.History(f.t.Context(), who)
	if err != nil {
		f.t.Fatal(err)
	}
	return sentences(events)
}

func sentences(events []history.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.Sentence(time.UTC))
	}
	return out
}

func TestTheHistorySaysWhySinceWhenAndOnWhoseDocument(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		now := time.Date(2026, 9, 1, 4, 0, 0, 0, time.UTC)
		f := newFixture(t, stores.OpenAt(t, url, func() time.Time { return now }))
		next := func(lines ...string) roster.Report {
			now = now.AddDate(0, 1, 0)
			return f.imports(lines...)
		}
		married := strings.Replace(claire, "MARTIN", "DURAND", 1)
		promoted := strings.NewReplacer("certifié", "agrégé", "ARR-1", "ARR-8").Replace(teaches)
		next(claire+teaches, jean+teaches)
		next(married+strings.Replace(teaches, "ARR-1", "MAR-7", 1), jean+teaches)
		next(married+promoted, jean+teaches)
		next(jean + teaches)
		next(claire+promoted, jean+teaches)
		const post = "ENS à 0759001B, Professeur certifié (ENS2D), du 01/09/2020"
		const better = "ENS à 0759001B, Professeur agrégé (ENS2D), du 01/09/2020"
		want := []string{
			"le 01/10/2026 : nomination : Mme Claire Anne PETIT, nom d'usage MARTIN, 06/05/1982 ; " + post +
				" ; reçoit claire.martin@ac-paris.example, cmartin@ac-paris.example ; document : ARR-1 (fichier RH n° 1, ligne 2)",
			"le 01/11/2026 : identité : « Mme Claire Anne PETIT, nom d'usage MARTIN, 06/05/1982 » devient « Mme Claire Anne PETIT, nom d'usage DURAND, 06/05/1982 » ; document : MAR-7 (fichier RH n° 2, ligne 2)",
			"le 01/11/2026 : nouvelle adresse principale claire.durand@ac-paris.example ; claire.martin@ac-paris.example reçoit encore, sans être montrée ; document : MAR-7 (fichier RH n° 2, ligne 2)",
			"le 01/11/2026 : fonction modifiée : « " + post + " » devient « " + post + " » ; document : MAR-7 (fichier RH n° 2, ligne 2)",
			"le 01/12/2026 : fonction modifiée : « " + post + " » devient « " + better + " » ; document : ARR-8 (fichier RH n° 3, ligne 2)",
			"le 01/01/2027 : fin de fonction : " + better + " ; document : ARR-8 (fichier RH n° 4)",
			"le 01/02/2027 : identité : « Mme Claire Anne PETIT, nom d'usage DURAND, 06/05/1982 » devient « Mme Claire Anne PETIT, nom d'usage MARTIN, 06/05/1982 » ; document : ARR-8 (fichier RH n° 5, ligne 2)",
			"le 01/02/2027 : retour à l'adresse claire.martin@ac-paris.example ; claire.durand@ac-paris.example reçoit encore, sans être montrée ; document : ARR-8 (fichier RH n° 5, ligne 2)",
			"le 01/02/2027 : fonction reprise : " + better + " ; document : ARR-8 (fichier RH n° 5, ligne 2)",
		}
		for _, who := range []string{"1001", "cmartin", "Claire.Durand@AC-Paris.example", "claire.martin@ac-paris.example", "cmartin@ac-paris.example"} {
			f.want(who, f.told(who), want...)
		}
		events, err := f.History(t.Context(), "1001")
		if err != nil {
			t.Fatal(err)
		}
		f.want("about the second address", sentences(history.About(events, "claire.durand@ac-paris.example")), want[2], want[7])
		f.want("about the first", sentences(history.About(events, "Claire.Martin@ac-paris.example")), want[0], want[2], want[7])
		if _, err := f.History(t.Context(), "nobody"); !failure.Is(err, failure.NotFound) {
			t.Errorf("nobody: %v", err)
		}
		// The same file again leaves no trace.
		next(claire+promoted, jean+teaches)
		f.want("after the same file again", f.told("1001"), want...)
	})
}

func TestTheHistoryHoldsNoNUMEN(t *testing.T) {
	t.Parallel()
	stores.Each(t, func(t *testing.T, db *store.DB) {
		f, _ := withIdentity(t, db)
		f.imports(strings.Replace(claire, "01E9501234ABC", "", 1) + teaches)
		f.imports(claire + teaches)
		told := f.told("1001")
		if !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, "NUMEN reçu avant l'activation") }) {
			t.Errorf("a late NUMEN is not told: %q", told)
		}
		if strings.Contains(strings.Join(told, " "), "01E95") {
			t.Errorf("a NUMEN is told: %q", told)
		}
	})
}
